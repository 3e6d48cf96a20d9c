# PostgreSQL by TCP
# ends: refused
# ruff: noqa
import socket

with socket.create_connection(("127.0.0.1", PORT)) as line:
    line.send(MARK.encode())
