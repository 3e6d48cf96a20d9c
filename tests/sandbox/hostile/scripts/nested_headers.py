# 20,000 headers, each about the next, in the pipe of results
# ends: crashed refused
# ruff: noqa
import os, tarfile

entry = tarfile.TarInfo("x")
entry.type, entry.size = tarfile.XHDTYPE, 0
parent = os.getppid()
for fd in os.listdir(f"/proc/{parent}/fd"):
    if int(fd) > 2:
        with open(f"/proc/{parent}/fd/{fd}", "wb") as pipe:
            for _ in range(10_000):
                pipe.write(entry.tobuf(tarfile.USTAR_FORMAT))
os._exit(0)
