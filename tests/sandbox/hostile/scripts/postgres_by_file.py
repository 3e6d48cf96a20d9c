# PostgreSQL by its Unix socket
# ends: refused
# ruff: noqa
import socket

with socket.socket(socket.AF_UNIX) as line:
    line.connect(UNIX)
    line.send(MARK.encode())
