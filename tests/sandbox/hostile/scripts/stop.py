# stop itself
# ends: timeout
# ruff: noqa
import os, signal

os.kill(os.getpid(), signal.SIGSTOP)
