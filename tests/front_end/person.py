"""A person at a terminal: a process on a pseudo-terminal, whose screen is read and to which lines are typed."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from types import TracebackType
from typing import Self

PROMPT = "you> "
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Person:
    """Types and sees; the process dies with it."""

    def __init__(self, *words: str, **environment: str) -> None:
        self._master, slave = pty.openpty()
        self._raw = b""
        self._from = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", *words],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env=os.environ | {"TERM": "xterm", "COLUMNS": "200"} | environment,
        )  # fmt: skip
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        os.close(self._master)

    @property
    def screen(self) -> str:
        """All that was on it, without what moves the cursor."""
        return CONTROL.sub("", self._raw.decode("utf-8", "replace"))

    def sees(self, text: str) -> None:
        """Wait until `text` is on the screen, after what was seen last."""
        while (at := self.screen.find(text, self._from)) < 0:
            assert self._read(), f"it ended without {text!r}:\n{self.screen}"
        self._from = at + len(text)

    def is_asked(self) -> bool:
        """Wait for the prompt; False when the process ends instead."""
        while not self.screen.endswith(PROMPT):
            if not self._read():
                return False
        return True

    def types(self, line: str) -> None:
        """A line and Enter; only who is asked types."""
        assert self.is_asked(), f"nothing was asked:\n{self.screen}"
        self._from = len(self.screen)
        os.write(self._master, line.encode() + b"\n")
        while self.screen.endswith(PROMPT):  # its echo
            assert self._read()

    def sees_the_end(self) -> int:
        """Wait for the process to end; returns its exit code."""
        while self._read():
            pass
        return self.process.wait()

    def kill(self) -> None:
        """SIGKILL, whatever it does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def _read(self) -> bool:
        try:
            read = os.read(self._master, 65536)
        except OSError:  # Linux says EIO when nobody has the other end any more
            return False
        self._raw += read
        return bool(read)
