# 10 million files
# ends: output
# ruff: noqa
for number in range(10_000_000):
    open(f"/tmp/{number}", "wb").close()
