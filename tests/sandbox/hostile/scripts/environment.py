# its environment and every other in /proc
# ends: refused
# ruff: noqa
import os

print(dict(os.environ))
for name in os.listdir("/proc"):
    for file in ("environ", "cmdline", "maps", "mountinfo"):
        try:
            print(open(f"/proc/{name}/{file}", errors="replace").read()[:2000])
        except OSError:
            pass
