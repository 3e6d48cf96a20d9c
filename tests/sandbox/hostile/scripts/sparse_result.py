# a sparse file of 1 TB as a result
# ends: refused
# ruff: noqa
with open("/scratch/out/intent.json", "wb") as file:
    file.truncate(1 << 40)
