# SIGTERM and every other signal ignored
# ends: timeout
# ruff: noqa
import signal

for number in range(1, 64):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass
