"""What a person at a terminal, or a pipe, sees: words, progress, tables; and what they type."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from clients.front_end.post import Row
from clients.front_end.words import plain

PASS, FAIL = Text("pass", "green"), Text("FAIL", "red")
TABLE_WIDTH = 140  # at least: a pipe has no width of its own


def shown(text: object) -> Text:
    """Words of users, models and servers as they are: no markup, and nothing that a terminal obeys."""
    return Text(plain(text))


class Screen:
    """A terminal with a line at its end that tells how far the work is; a pipe gets each such line once."""

    def __init__(self, interactive: bool = True, quiet: bool = False) -> None:
        self.console = Console(highlight=False, soft_wrap=True, quiet=quiet)
        self.interactive = interactive and sys.stdin.isatty() and self.console.is_terminal
        self._spinner: Status | None = None
        self._what = ""

    @contextmanager
    def working(self) -> Iterator[None]:
        """Show that something is being done while the body runs."""
        with self.console.status("") as spinner:
            self._spinner = spinner
            yield
        self._spinner = None

    def say(self, text: str, sender: str = "") -> None:
        """Words, and whose they are."""
        self.console.print(Text(f"{sender}> ", "bold cyan") + shown(text) if sender else shown(text))

    def progress(self, what: str, elapsed: str) -> None:
        """How far the work is, and for how long it has gone on."""
        if not self.console.is_terminal and what != self._what:
            self.console.print(shown(f"{elapsed:>7}  {what}"))
        self._what = what
        self.tick(elapsed)

    def tick(self, elapsed: str) -> None:
        """The same work goes on."""
        if self._spinner is not None and self.console.is_terminal:
            self._spinner.update(shown(f"{elapsed:>7}  {self._what}"))

    def table(self, rows: Iterable[Row]) -> None:
        """What was measured against what was required."""
        table = Table("check", "place", "measured", "required", "", header_style="bold", box=SIMPLE_HEAD)
        for row in rows:
            words = map(shown, (row.title, row.place, row.measured, row.required))
            table.add_row(*words, PASS if row.passed else FAIL)
        wide = Console(highlight=False, width=max(self.console.width, TABLE_WIDTH), quiet=self.console.quiet)
        wide.print(table)

    def ask(self) -> str | None:
        """A line from the person; None when there will be no more."""
        if self._spinner is not None:
            self._spinner.stop()
        try:
            return self.console.input("[bold]you>[/] ")
        except EOFError:
            return None
        finally:
            if self._spinner is not None:
                self._spinner.start()
