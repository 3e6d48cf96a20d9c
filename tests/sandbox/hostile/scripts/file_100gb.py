# 100 GB file
# ends: refused crashed
# ruff: noqa
with open("/scratch/big", "wb") as file:
    while True:
        file.write(bytes(1 << 20))
