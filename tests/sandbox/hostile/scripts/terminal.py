# words typed into the terminal it was started from (TIOCSTI)
# ends: refused
# ruff: noqa
import fcntl, os, pty

for name in ("/dev/tty", "/dev/console", "/dev/pts/0", "/dev/tty1"):
    try:
        fcntl.ioctl(os.open(name, os.O_RDWR), 0x5412, b"x")
        print("BROKEN")
    except OSError as error:
        print(error)
master, slave = pty.openpty()
for request in (0x5412, 0x1_0000_5412, 0x541C):
    try:
        fcntl.ioctl(slave, request & 0xFFFFFFFF, b"x")
        print("BROKEN: its own terminal takes the request")
    except OSError as error:
        print(error)
