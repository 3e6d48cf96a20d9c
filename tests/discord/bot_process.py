"""The bot as a process of its own, as `./mas up` starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Self

from tests.discord.server import DiscordServer

BOT = "clients.discord_bot"
WITHIN_S = 20.0


class BotProcess:
    """A bot that can be started and ended; it ends with the context at the latest.

    The same `worker` is another life of the same bot.  `log` is all that it wrote.
    """

    def __init__(
        self,
        server: DiscordServer,
        worker: str = "bot",
        environment: Mapping[str, str] | None = None,
        module: str = BOT,
    ) -> None:
        self._server, self._module = server, module
        self._environment = server.environment | {"MAS_WORKER": worker} | (environment or {})
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._written = threading.Condition()
        self.log = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        sys.stderr.write(self.log)  # shown when the test fails

    def start(self, ready: bool = True) -> None:
        """Start it, and wait until it has said to Discord who it is."""
        before = len(self._server.gateway.identified)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DISCORD_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment | self._environment,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process.stderr,), daemon=True)
        self._reader.start()
        if ready:
            identified = self._server.gateway.identified
            self._server.until(lambda: len(identified) > before, WITHIN_S, "the bot identifies")

    def _read(self, lines: IO[str]) -> None:
        for line in lines:
            with self._written:
                self.log += line
                self._written.notify_all()

    @property
    def running(self) -> subprocess.Popen[str]:
        """Its process."""
        assert self._process is not None
        return self._process

    def writes(self, words: str) -> None:
        """Wait until it has written these words."""
        with self._written:
            assert self._written.wait_for(lambda: words in self.log, WITHIN_S), self.log

    def kill(self) -> None:
        """As if the machine had lost power."""
        self.running.send_signal(signal.SIGKILL)
        self.wait()

    @property
    def complaints(self) -> list[str]:
        """What it wrote, but for discord.py's word that the machine is slow."""
        return [line for line in self.log.splitlines() if "Can't keep up" not in line]

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.running.send_signal(signal.SIGTERM)
        return self.wait()

    def close_stdin(self) -> None:
        """As if its parent were gone."""
        assert self.running.stdin is not None
        self.running.stdin.close()

    def wait(self) -> int:
        """Its exit code, once it has ended and all that it wrote is read."""
        code = self.running.wait(WITHIN_S)
        assert self._reader is not None
        self._reader.join()
        for end in (self.running.stdin, self.running.stderr):
            if end is not None:
                end.close()
        return code
