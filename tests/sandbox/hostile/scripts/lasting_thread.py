# a thread that outlives the script
# ends: timeout
# ruff: noqa
import threading, time

threading.Thread(target=time.sleep, args=(1e6,)).start()
