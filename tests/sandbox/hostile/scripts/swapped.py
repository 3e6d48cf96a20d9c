# a result swapped again and again while it is read
# ends: ok crashed output timeout
# ruff: noqa
import os, time

os.makedirs("/scratch/a")
if os.fork() == 0:
    while True:
        with open("/scratch/a/x", "w") as file:
            file.write("{}")
        os.rename("/scratch/a/x", "/scratch/out/intent.json")
        os.symlink(HOME + "/.pgpass", "/scratch/a/x")
        os.rename("/scratch/a/x", "/scratch/out/intent.json")
time.sleep(0.2)
os._exit(0)
