# sockets by bare system calls, in this and in the other calling conventions
# ends: refused
# ruff: noqa
import ctypes, os, platform

libc = ctypes.CDLL(None, use_errno=True)
number = {"x86_64": 41, "aarch64": 198}[platform.machine()]
for family in (1, 2, 10, 16, 17, 40):  # unix, inet, inet6, netlink, packet, vsock
    print("BROKEN" if libc.syscall(number, family, 1, 0) >= 0 else "refused", family, ctypes.get_errno())
print(
    "BROKEN"
    if libc.syscall({"x86_64": 53, "aarch64": 199}[platform.machine()], 1, 1, 0, (ctypes.c_int * 2)()) >= 0
    else "refused"
)
