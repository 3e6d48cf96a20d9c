# password files, ~/.pgpass, ~/.ssh and a planted file
# ends: refused
# ruff: noqa
import glob

places = [
    "/etc/passwd",
    "/etc/shadow",
    "/root/.pgpass",
    "/root/.ssh/*",
    "/home/*/.pgpass",
    "/home/*/.ssh/*",
    HOME + "/**",
]
for place in places:
    for name in glob.glob(place, recursive=True, include_hidden=True) or [place]:
        try:
            print("BROKEN: read", name, open(name).read())
        except OSError as error:
            print(error)
print("BROKEN: the home is seen" if glob.glob(HOME) else "no home")
