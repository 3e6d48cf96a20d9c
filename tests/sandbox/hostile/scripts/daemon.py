# double fork and setsid
# ends: refused
# ruff: noqa
import os, time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 64)
        time.sleep(1e6)
    os._exit(0)
