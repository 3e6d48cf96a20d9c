# thread bomb
# ends: refused
# ruff: noqa
import threading, time

for _ in range(100_000):
    threading.Thread(target=time.sleep, args=(1e6,), daemon=True).start()
