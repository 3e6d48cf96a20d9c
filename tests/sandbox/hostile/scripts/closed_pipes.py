# close every pipe and stay
# ends: timeout
# ruff: noqa
import os, time

os.closerange(0, 64)
time.sleep(1e6)
