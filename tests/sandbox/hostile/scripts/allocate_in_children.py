# memory taken by many children, each below the limit of one
# ends: memory
# ruff: noqa
import os, time

for _ in range(20):
    if os.fork() == 0:
        held = bytearray(b"x") * (40 << 20)
        time.sleep(1e6)
time.sleep(1e6)
