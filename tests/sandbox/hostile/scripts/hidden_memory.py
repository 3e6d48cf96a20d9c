# memory that no resident size shows: memfd, System V and message queues
# ends: refused
# ruff: noqa
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
try:
    fd = os.memfd_create("x")
except OSError as error:
    print("memfd refused", error)
else:
    print("BROKEN: memfd_create")
for name, args in {"shmget": (0, 1 << 30, 0o1666), "msgget": (0, 0o1666), "semget": (0, 9, 0o1666)}.items():
    print(name, "refused" if getattr(libc, name)(*args) < 0 else "BROKEN")
