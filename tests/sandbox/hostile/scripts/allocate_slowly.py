# memory taken and touched step by step
# ends: memory
# ruff: noqa
held = []
while True:
    held.append(bytearray(b"x") * (4 << 20))
