# 50 GB allocation
# ends: refused
# ruff: noqa
held = bytearray(50 << 30)
