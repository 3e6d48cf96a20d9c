# the process above it killed
# ends: killed crashed
# ruff: noqa
import os

os.kill(os.getppid(), 9)
