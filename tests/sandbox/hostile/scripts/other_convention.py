# a socket through the x32 calling convention
# ends: killed refused
# ruff: noqa
import ctypes

print("BROKEN" if ctypes.CDLL(None).syscall(0x40000000 | 41, 2, 1, 0) >= 0 else "refused")
