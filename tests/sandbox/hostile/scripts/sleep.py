# sleep for ever
# ends: timeout
# ruff: noqa
import time

time.sleep(1e6)
