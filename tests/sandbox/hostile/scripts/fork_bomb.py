# fork bomb
# ends: timeout killed memory
# ruff: noqa
import os

while True:
    try:
        os.fork()
    except OSError:
        pass
