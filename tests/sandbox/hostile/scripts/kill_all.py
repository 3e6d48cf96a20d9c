# every process killed that it may signal
# ends: killed crashed
# ruff: noqa
import os

for pid in (-1, 1):
    os.kill(pid, 9)
