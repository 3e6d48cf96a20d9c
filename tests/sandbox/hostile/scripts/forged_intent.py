# an intent of its own making, 200,000 deep
# ends: ok
# ruff: noqa
import os

with open("/scratch/out/intent.json", "w") as file:
    file.write("[" * 200_000 + "]" * 200_000)
os._exit(0)
