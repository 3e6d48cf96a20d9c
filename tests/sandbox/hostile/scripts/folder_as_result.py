# a folder as a result, and the folder of results a link
# ends: crashed
# ruff: noqa
import os

os.rename("/scratch/out", "/scratch/gone")
os.symlink("/usr", "/scratch/out")
os._exit(0)
