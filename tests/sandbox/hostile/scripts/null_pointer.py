# a null pointer read through ctypes
# ends: crashed
# ruff: noqa
import ctypes

ctypes.string_at(0)
