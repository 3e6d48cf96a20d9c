# descriptors left open for it by whoever started it
# ends: refused
# ruff: noqa
import os

for fd in range(3, 1024):
    try:
        print("BROKEN: descriptor", fd, os.fstat(fd), os.readlink(f"/proc/self/fd/{fd}"))
    except OSError:
        pass
