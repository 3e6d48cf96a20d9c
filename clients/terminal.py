"""The terminal front end: carries what a person types into the inbox, and what the outbox has to the screen.

It keeps nothing: killed anywhere and started again with the same key, or by the design's number, it goes on
where it was.
"""

from __future__ import annotations

import getpass
import shlex
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clients.api import NOT_YOURS, Api, ApiError
from clients.command import BAD_INPUT, Stop
from clients.front_end.commands import SAY, Command, parse
from clients.front_end.words import took
from clients.local_files import Folders, read_files
from clients.screen import Screen
from clients.showing import Showing

WAIT_S = 1.0  # how long to wait for a ring before looking anyway
ATTACH = "attach"  # the one command that is the terminal's own: files lie on its machine
ENTER = "yes"  # an empty line takes what was offered


class Terminal:
    """One person at one terminal, or a pipe, and one design."""

    def __init__(
        self, db: Api, interactive: bool = True, quiet: bool = False, out: Path | None = None
    ) -> None:
        """`out`: where files that are handed out are laid down; None leaves them in the database."""
        self.db = db
        self.folders = Folders(db, out)
        self._screen = Screen(interactive, quiet)
        self._showing = Showing(db, self._screen, self.folders)
        self._user = f"terminal:{getpass.getuser()}"
        self._place: str | None = None
        self._design: int | None = None

    def start(self, brief: str, key: str | None = None, files: Mapping[str, bytes] | None = None) -> int:
        """Hand the brief in, with files by name; returns the design's number.

        The same `key` twice is the same design.  Raises `Stop` for a file that is not taken.
        """
        self._place = key or str(uuid.uuid4())
        for name, content in (files or {}).items():
            if problem := self._attach(self._place, name, content):
                raise Stop(problem, BAD_INPUT)
        self._design = self._tell(Command("design", brief), self._place, files)["design"]
        if self._design is None:
            self._carry()  # the reason
            raise Stop("nothing was begun", BAD_INPUT)
        return self._design

    def resume(self, design: int) -> None:
        """Go on with a design after showing what was said before."""
        self._place = self.db.design_status(design)["place"]
        self._showing.design = design
        self._showing.recall()

    def run(self, brief: str) -> dict[str, Any]:
        """Hand the brief in and follow the design to its end; returns its last status."""
        return self.follow(self.start(brief))

    def follow(self, design: int) -> dict[str, Any]:
        """Talk and show progress until the design has ended; returns its last status.

        A status that is not `finished` is that of a design which waits for a person who has left.
        """
        self._design = self._showing.design = design
        self.db.start_front_end(self._worker)
        with self._screen.working():
            while True:
                status = self._status()
                if self._place is None:
                    self._showing.recall()  # it was not begun at a place, and nobody is written to
                self._carry()  # after the status: what led to it is shown before it counts
                if status["finished"]:
                    return status
                if status["state"] == "awaiting_user" and not self._hear():
                    return status
                self._screen.tick(took(status["elapsed_s"]))
                self.db.wait_for_ring(WAIT_S)

    def conclude(self, status: Mapping[str, Any]) -> list[Path]:
        """Show and lay down what has not been in this life of the terminal; returns the files' paths."""
        return self._showing.conclude(status)

    # ------------------------------------------------------------------ in

    def _hear(self) -> bool:
        """Take a line from the person and pass it on; False when nobody is there."""
        line = self._screen.ask() if self._screen.interactive else None
        if line is None:
            return False
        command = parse(line.strip() or ENTER)
        try:
            if command.name == ATTACH:
                self._send_files([Path(name).expanduser() for name in shlex.split(command.text)])
            else:
                self._tell(command)
        except (Stop, ValueError) as trouble:  # a file that cannot be read; a quote that is not closed
            self._screen.say(str(trouble))
        return True

    def _send_files(self, paths: list[Path]) -> None:
        """Files in the middle of the talk; those that are not taken are named in an answer."""
        if not paths:
            raise Stop(f"/{ATTACH} FILE… sends files")
        key, files = str(uuid.uuid4()), read_files(paths)
        for name, content in files.items():
            self._attach(key, name, content)
        self._tell(Command(SAY), key, files)

    def _attach(self, key: str, name: str, content: bytes) -> str | None:
        """Store a file for the message that has this key; returns why it is not taken."""
        problem = self.db.attachment_problem(name, len(content), place=self._place)
        if problem is None:
            self.db.attach_file(self._user, getpass.getuser(), key, name, content)
        return problem

    def _tell(
        self, command: Command, key: str | None = None, files: Mapping[str, bytes] | None = None
    ) -> dict[str, Any]:
        self._place = self._place or str(uuid.uuid4())
        return self.db.receive_event(
            self._user,
            getpass.getuser(),
            key or str(uuid.uuid4()),
            command.name,
            command.text,
            place=self._place,
            design=command.design or self._design,
            files=[{"name": name, "bytes": len(content)} for name, content in (files or {}).items()],
            interactive=self._screen.interactive,
        )

    # ------------------------------------------------------------------ out

    @property
    def _worker(self) -> str:
        """Whose claims these are: the next life of this terminal takes them up at once."""
        return f"design {self._design or self._place}"

    def _status(self) -> dict[str, Any]:
        """Where the design stands; its owner may have had it deleted from here."""
        assert self._design is not None, "it was not begun"
        try:
            return self.db.design_status(self._design)
        except ApiError as error:
            if error.code != NOT_YOURS:
                raise
            self._carry()
            raise Stop(f"design {self._design} is gone") from error

    def _carry(self) -> None:
        """Show all that is due; what was shown is recorded."""
        while deliveries := self.db.claim_deliveries(self._worker, design=self._design, place=self._place):
            for delivery in deliveries:
                try:
                    self._showing.show(delivery)
                    self.db.record_delivery(delivery, delivery.nonce)
                except ApiError as error:
                    if not error.lease_lost:  # another terminal has it
                        self.db.fail_delivery(delivery, str(error), gone=True)
