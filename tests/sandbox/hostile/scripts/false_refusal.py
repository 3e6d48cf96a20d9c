# an exit that says refused, without a reason
# ends: crashed
# ruff: noqa
import os

os._exit(3)
