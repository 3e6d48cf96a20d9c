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
pid, master = pty.fork()
if (
    pid == 0
):  # here standard input is a controlling terminal of its own, to which an old kernel would let it type
    for request in (0x5412, 0x1_0000_5412, 0x541C):
        try:
            fcntl.ioctl(0, request & 0xFFFFFFFF, b"x")
            print("BROKEN: a terminal takes the request", flush=True)
        except OSError as error:
            print(error, flush=True)
    os._exit(0)
try:
    while said := os.read(master, 1000):
        print(said.decode())
except OSError:
    pass
