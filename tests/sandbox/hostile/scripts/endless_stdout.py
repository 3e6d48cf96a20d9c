# endless stdout
# ends: output
# ruff: noqa
while True:
    print("x" * 4096)
