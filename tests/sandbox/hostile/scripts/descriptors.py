# 100,000 descriptors
# ends: refused
# ruff: noqa
held = [open("/dev/null") for _ in range(100_000)]
