"""The gateway as a process of its own, as `./mas gateway` starts it, with tokens for whoever the test needs."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Self

from clients.gateway.tokens import Tokens

LISTENS = re.compile(r"listens on (http://127\.0\.0\.1:(\d+))")
HOUR_S = 3600


class GatewayProcess:
    """A gateway that can be started and ended; the second life has the port of the first.

    `folder` gets the key by which tokens are made, and the log.
    """

    def __init__(self, folder: Path) -> None:
        self._key_file, self.log_file = folder / "jwt_key", folder / "gateway.log"
        self._key_file.write_text(secrets.token_hex(32))
        self._process: subprocess.Popen[str] | None = None
        self._port = "0"
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self.log_file.exists():
            sys.stderr.write(self.log_file.read_text())  # shown when the test fails

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
                "MAS_PARENT_PIPE": "1",
            },
            text=True,
        )
        assert self._process.stderr is not None
        said = ""
        for line in self._process.stderr:
            said += line
            if found := LISTENS.search(line):
                self.url, self._port = found.groups()
                return
        raise AssertionError(f"the gateway did not start: {said}")

    def stop(self) -> None:
        """End it by SIGTERM, and wait until it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        _, said = process.communicate(timeout=20)
        with self.log_file.open("a") as log:
            log.write(said)
        assert process.returncode == 0, said

    def token(self, account: str, name: str | None = None, seconds: float = HOUR_S) -> str:
        """A token that holds for so long; a negative time has expired."""
        return Tokens(self._key_file, "hardware_mas").make(account, seconds / 3600, name)
