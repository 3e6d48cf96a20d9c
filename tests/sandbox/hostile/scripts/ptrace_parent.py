# the process above it traced, read and written
# ends: refused
# ruff: noqa
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
for pid in (1, os.getppid()):
    print("BROKEN" if libc.ptrace(16, pid, 0, 0) == 0 else "refused", ctypes.get_errno())
    print("BROKEN" if libc.process_vm_readv(pid, None, 0, None, 0, 0) == 0 else "refused", ctypes.get_errno())
    try:
        open(f"/proc/{1}/mem", "r+b")
        print("BROKEN: mem")
    except OSError as error:
        print(error)
