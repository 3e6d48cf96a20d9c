# a hard link to the read-only script as a result
# ends: crashed refused ok
# ruff: noqa
import os

os.link("/scratch/design.py", "/scratch/out/intent.json")
os._exit(0)
