# a sparse file as large as may be as a result
# ends: output
# ruff: noqa
import os

with open("/scratch/out/intent.json", "wb") as file:
    file.truncate(16 << 20)
os._exit(0)
