# an abstract socket, and Docker's
# ends: refused
# ruff: noqa
import socket

for address in ("\0" + ABSTRACT, "/var/run/docker.sock", "/run/docker.sock"):
    try:
        socket.socket(socket.AF_UNIX).connect(address)
        print("BROKEN: connected")
    except OSError as error:
        print(error)
