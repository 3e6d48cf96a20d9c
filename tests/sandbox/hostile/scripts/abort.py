# abort, with a core to dump
# ends: crashed
# ruff: noqa
import os

os.abort()
