# devices as results
# ends: crashed
# ruff: noqa
import os, stat

try:
    os.mknod("/scratch/out/intent.json", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    print("BROKEN")
except OSError:
    os.symlink("/dev/zero", "/scratch/out/intent.json")
os._exit(0)
