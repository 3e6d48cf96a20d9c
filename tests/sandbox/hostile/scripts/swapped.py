# a result swapped again and again while it is read
# ends: ok crashed refused output timeout
# ruff: noqa
import os

os.makedirs("/scratch/a")
if os.fork() == 0:
    while True:
        for make in (
            lambda: open("/scratch/a/x", "w").write("{}"),
            lambda: os.symlink("/usr/bin/python3", "/scratch/a/x"),
            lambda: os.mkfifo("/scratch/a/x"),
        ):
            make()
            os.rename("/scratch/a/x", "/scratch/out/intent.json")
import time

time.sleep(0.2)
os._exit(0)
