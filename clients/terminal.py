"""The terminal front end: talks with the user, shows progress, and lays the files down at the end."""

from __future__ import annotations

import getpass
import sys
import unicodedata
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clients.api import Api

PASS, FAIL = Text("pass", "green"), Text("FAIL", "red")
MOST_ALIKE = 2  # rows of one kind before they are counted instead of listed
TABLE_WIDTH = 140  # at least: a pipe has no width of its own
WAIT_S = 1.0  # how long to wait for a ring before looking anyway
STAGES = {
    "briefing": "reading the brief",
    "awaiting_user": "waiting for your answer",
    "designing": "writing the design script",
    "comparing": "trying candidates",
    "building": "building the board",
    "testing": "testing the board",
    "resolved": "passed",
    "failed": "failed",
    "refused": "out of scope",
    "cancelled": "cancelled",
}


def shown(text: object) -> Text:
    """Words of users, models and servers as they are: no markup, and nothing that a terminal obeys."""
    kept = (char for char in str(text) if char == "\n" or unicodedata.category(char)[0] != "C")
    return Text("".join(kept))


class Terminal:
    """One person at one terminal, or a pipe, and one design."""

    def __init__(self, db: Api, interactive: bool = True, quiet: bool = False) -> None:
        self.db = db
        self.console = Console(highlight=False, soft_wrap=True, quiet=quiet)
        self.interactive = interactive and sys.stdin.isatty() and self.console.is_terminal
        self._user = f"terminal:{getpass.getuser()}"
        self._last_message = 0
        self._last_line = ""

    def start(self, brief: str, key: str | None = None, files: Mapping[str, bytes] | None = None) -> int:
        """Hand the brief in, with files by name; returns the design's number.

        The same `key` twice is the same design.
        """
        key = key or str(uuid.uuid4())
        for name, content in (files or {}).items():
            self.db.attach_file(self._user, getpass.getuser(), key, name, content)
        return self._send(brief, None, key)

    def run(self, brief: str) -> dict[str, Any]:
        """Hand the brief in and follow the design to its end; returns its last status."""
        return self.follow(self.start(brief))

    def follow(self, design: int) -> dict[str, Any]:
        """Talk and show progress until the design has ended; returns its last status."""
        with self.console.status("") as spinner:
            while True:
                status = self.db.design_status(design)
                self._show_messages(design)
                if status["finished"]:
                    return status
                if status["state"] == "awaiting_user" and self.interactive:
                    spinner.stop()
                    self._send(self._ask(), design)
                    spinner.start()
                self._show_progress(status, spinner)
                self.db.wait_for_ring(WAIT_S)

    def save_files(self, design: int, folder: Path) -> list[Path]:
        """Write the design's files into `folder`; returns their paths."""
        paths = []
        for file in self.db.design_files(design):
            path = folder / file["name"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.db.read_file(design, file["name"]))
            paths.append(path)
        return paths

    def show_checks(self, checks: list[dict[str, Any]]) -> None:
        """The table of what was measured against what was required; what passed alike stands in one row."""
        table = Table("check", "place", "measured", "required", "", header_style="bold", box=SIMPLE_HEAD)
        alike: dict[str, list[dict[str, Any]]] = {}
        for check in checks:
            of_netlist = check["stage"] == "intent" and check["passed"]
            alike.setdefault("rules on the netlist" if of_netlist else check["title"], []).append(check)
        for title, rows in alike.items():
            if len(rows) > MOST_ALIKE and all(row["passed"] for row in rows):
                table.add_row(shown(title), f"{len(rows)} places", "each passed", "", PASS)
                continue
            for row in rows:
                mark = PASS if row["passed"] else FAIL
                words = (title, row["place"], row["measured"], row["required"])
                table.add_row(*map(shown, words), mark)
        wide = Console(highlight=False, width=max(self.console.width, TABLE_WIDTH), quiet=self.console.quiet)
        wide.print(table)

    def _send(self, text: str, design: int | None, key: str | None = None) -> int:
        name, key = getpass.getuser(), key or str(uuid.uuid4())
        return self.db.receive_message(self._user, name, text, key, design, self.interactive)

    def _ask(self) -> str:
        try:
            return self.console.input("[bold]you>[/] ")
        except EOFError:
            self.interactive = False
            return ""

    def _show_messages(self, design: int) -> None:
        for message in self.db.design_messages(design, self._last_message):
            self._last_message = message["message_id"]
            if message["sender"] != "user":
                sender = Text(f"{message['sender']}> ", "bold cyan")
                self.console.print(sender + shown(message["text"]))

    def _show_progress(self, status: dict[str, Any], spinner: Any) -> None:
        attempt = f", attempt {status['attempt']} of {status['attempt_limit']}" if status["attempt"] else ""
        what = STAGES.get(status["state"], status["state"]) + attempt
        if status["progress"]:
            what += f": {status['progress']}"
        elapsed = f"{status['elapsed_s']:5.1f} s"
        if self.console.is_terminal:
            spinner.update(shown(f"{elapsed}  {what}"))
        elif what != self._last_line:
            self.console.print(shown(f"{elapsed}  {what}"))
        self._last_line = what
