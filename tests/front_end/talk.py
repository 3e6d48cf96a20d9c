"""A terminal on one database as a process: begins or resumes a design, and can be killed at one of its calls.

`python -m tests.front_end.talk start KEY BRIEF` or `… resume N`.  KILL_AT=n kills it as by SIGKILL before its
nth call of the database is sent, KILL_AFTER=n when that call has been answered.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from clients.api import Api
from clients.command import Stop
from clients.server import find_server
from clients.terminal import Terminal


class MortalApi(Api):
    """Calls as ever, up to the one at which the process dies."""

    calls = 0

    def _rows(self, function: str, **arguments: Any) -> list[dict[str, Any]]:
        self.calls += function not in ("require_version", "design_status")  # these two change nothing
        self._die("KILL_AT")
        rows = super()._rows(function, **arguments)
        self._die("KILL_AFTER")
        return rows

    def _die(self, when: str) -> None:
        if self.calls == int(os.environ.get(when, "-1")):
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    with MortalApi.connect(find_server().dsn("terminal")) as db:
        terminal = Terminal(db, out=Path(os.environ["OUT"]))
        try:
            if sys.argv[1] == "start":
                number = terminal.start(sys.argv[3], sys.argv[2])
            else:
                number = int(sys.argv[2])
                terminal.resume(number)
            status = terminal.follow(number)
            terminal.conclude(status)
            sys.stdout.write(f"it is {status['state']}\n")
        except Stop as stop:
            sys.exit(str(stop))
