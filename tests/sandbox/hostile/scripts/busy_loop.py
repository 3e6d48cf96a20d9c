# busy loop
# ends: timeout
# ruff: noqa
while True:
    pass
