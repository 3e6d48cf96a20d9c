# every byte of the scratch directory
# ends: refused crashed
# ruff: noqa
for number in range(100_000):
    with open(f"/scratch/{number}", "wb") as file:
        file.write(bytes(4 << 20))
