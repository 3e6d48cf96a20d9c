# the processes above it traced, read and written
# ends: refused killed crashed
# ruff: noqa
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
for pid in (1, os.getppid()):
    print("BROKEN" if libc.ptrace(16, pid, 0, 0) == 0 else "refused", ctypes.get_errno())
    print("BROKEN" if libc.process_vm_readv(pid, None, 0, None, 0, 0) == 0 else "refused", ctypes.get_errno())
    try:  # one with its own uid and its own filter has no more rights than itself; what it knows is looked at
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            for line in maps:
                if "[stack]" in line or "[heap]" in line:
                    start, end = (int(word, 16) for word in line.split()[0].split("-"))
                    memory.seek(start)
                    held = memory.read(end - start)
                    print("BROKEN: a secret" if b"mas-" + b"canary" in held else "no secret", pid)
                    memory.seek(start)
                    memory.write(bytes(end - start))
    except OSError as error:
        print(error)
