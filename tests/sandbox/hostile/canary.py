"""What a hostile script must not reach: secrets planted around it, and ears that hear if it gets out."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "mas-canary-"
ENVIRONMENT = "MAS_CANARY"
_MARKED = (
    "/",
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/etc",
    "/usr",
    "/usr/local/bin",
    "/opt",
    "/home",
    "/root",
    "/proc",
)


@dataclass
class Canary:
    """A secret in a file of the home and in our environment; listeners on every kind of local address."""

    home: Path
    secret: str
    unix: str
    port: int
    abstract: str
    mark: str = field(default_factory=lambda: "mas-mark-" + secrets.token_hex(8))
    listeners: list[socket.socket] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What a script is told: addresses and places, never the secret."""
        told = {
            "HOME": str(self.home),
            "UNIX": self.unix,
            "PORT": self.port,
            "ABSTRACT": self.abstract,
            "MARK": self.mark,
        }
        return "".join(f"{name} = {value!r}\n" for name, value in told.items())

    def contacted(self) -> bool:
        """Whether anybody came to a listener."""
        return bool(select.select(self.listeners, [], [], 0)[0])

    def marks(self) -> list[str]:
        """Files that carry the mark of the script, anywhere on this machine where one might get."""
        return [
            str(found)
            for folder in (*_MARKED, self.home, Path(__file__).parents[3])
            if os.access(folder, os.R_OK)
            for found in Path(folder).glob(f"*{self.mark}*")
        ]


@contextlib.contextmanager
def planted() -> Iterator[Canary]:
    """A canary for as long as it is needed.  The environment's must stand there before we start."""
    secret = os.environ[ENVIRONMENT]
    with contextlib.ExitStack() as stack:
        near = Path.home() if os.access(Path.home(), os.W_OK) else None
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".mas-home-", dir=near)))
        (home / ".ssh").mkdir()
        for name in (".pgpass", ".ssh/id_ed25519", "notes.txt"):
            (home / name).write_text(f"{secret}\n")
            (home / name).chmod(0o644)  # what protects it is not its mode
        home.chmod(0o755)
        unix, abstract = str(home / ".s.PGSQL.5432"), "mas-" + secrets.token_hex(8)
        listeners = [
            _listen(stack, socket.AF_UNIX, unix),
            _listen(stack, socket.AF_UNIX, "\0" + abstract),
            _listen(stack, socket.AF_INET, ("127.0.0.1", 0)),
        ]
        Path(unix).chmod(0o777)
        yield Canary(home, secret, unix, listeners[2].getsockname()[1], abstract, listeners=listeners)


def _listen(stack: contextlib.ExitStack, family: int, address: object) -> socket.socket:
    listener = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
    listener.bind(address)  # type: ignore[arg-type]
    listener.listen()
    return listener
