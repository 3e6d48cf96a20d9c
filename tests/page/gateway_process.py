"""The gateway as a process of its own, as `./mas gateway` starts it, with tokens for whoever the test needs."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Self

from clients.gateway.tokens import Tokens

LISTENS = re.compile(r"listens on (http://127\.0\.0\.1:(\d+))")
HOUR_S = 3600
BEGUN_S, ENDED_S = 60.0, 20.0


class GatewayProcess:
    """A gateway that can be started and ended; the second life has the port of the first.

    `folder` gets the key by which tokens are made; `log` is all that it wrote.
    """

    def __init__(self, folder: Path) -> None:
        self._key_file = folder / "jwt_key"
        self._key_file.write_text(secrets.token_hex(32))
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._port = "0"
        self.url = self.log = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        sys.stderr.write(self.log)  # shown when the test fails

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "clients.gateway"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ
            | {
                "MAS_GATEWAY_PORT": self._port,
                "MAS_JWT_KEY_FILE": str(self._key_file),
                "MAS_LOG": "json",
                "MAS_PARENT_PIPE": "1",
            },
            text=True,
        )
        begun = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self._process.stderr, begun), daemon=True)
        self._reader.start()
        assert begun.wait(BEGUN_S), "the gateway did not start in time"
        assert self.url, f"the gateway did not start: {self.log}"

    def _read(self, lines: IO[str], begun: threading.Event) -> None:
        """Keep what it says; it has begun, or ended, once the event is set."""
        for line in lines:
            self.log += line
            if found := LISTENS.search(line):
                self.url, self._port = found.groups()
                begun.set()
        begun.set()

    def stop(self) -> None:
        """End it by SIGTERM, and wait until it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        code = process.wait(ENDED_S)
        assert self._reader is not None
        self._reader.join()
        for pipe in (process.stdin, process.stderr):
            if pipe is not None:
                pipe.close()
        assert code == 0, self.log

    def token(self, account: str, name: str | None = None, seconds: float = HOUR_S) -> str:
        """A token that holds for so long; a negative time has expired."""
        return Tokens(self._key_file, "hardware_mas").make(account, seconds / 3600, name)
