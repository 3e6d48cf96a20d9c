# other processes' roots, folders, descriptors and memory
# ends: refused
# ruff: noqa
import os

for pid in filter(str.isdigit, os.listdir("/proc")):
    for way in ("root" + HOME, "cwd" + HOME, "root/etc/passwd"):
        print("BROKEN" if os.path.exists(f"/proc/{pid}/{way}") else "nothing at", pid, way)
    for way in ("fd", "map_files"):
        try:
            for name in os.listdir(f"/proc/{pid}/{way}"):
                print(pid, way, os.readlink(f"/proc/{pid}/{way}/{name}"))
        except OSError as error:
            print(error)
