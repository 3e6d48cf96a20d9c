# busy loops in children, which no CPU limit of one process ends
# ends: timeout
# ruff: noqa
import os

for _ in range(4):
    if os.fork() == 0:
        while True:
            pass
while True:
    os.wait()
