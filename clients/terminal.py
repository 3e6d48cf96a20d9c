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

from clients.api import NOT_YOURS, Api, ApiError, Delivery
from clients.command import BAD_INPUT, Stop
from clients.front_end.checks import rows_of
from clients.front_end.commands import SAY, Command, parse
from clients.front_end.names import slug
from clients.front_end.post import Post
from clients.front_end.render import render
from clients.front_end.words import counted, took
from clients.local_files import lay_down, read_files
from clients.screen import Screen

WAIT_S = 1.0  # how long to wait for a ring before looking anyway
NO_LIMIT = 2**31  # bytes: files go to a folder, and not through a wire
ATTACH = "attach"  # the one command that is the terminal's own: files lie on its machine
TYPED = {"forget": "/forget yes does it"}  # for a button that no words of the talk stand for
NEWS = 2**63  # what is no message was not recalled
ENTER = "yes"  # an empty line takes what was offered


class Terminal:
    """One person at one terminal, or a pipe, and one design."""

    def __init__(
        self, db: Api, interactive: bool = True, quiet: bool = False, out: Path | None = None
    ) -> None:
        """`out`: where files that are handed out are laid down; None leaves them in the database."""
        self.db = db
        self.screen = Screen(interactive, quiet)
        self._out = out
        self._user = f"terminal:{getpass.getuser()}"
        self._place: str | None = None
        self._design = 0
        self._recalled = 0
        self._table_shown = False
        self._laid: list[Path] | None = None

    def start(self, brief: str, key: str | None = None, files: Mapping[str, bytes] | None = None) -> int:
        """Hand the brief in, with files by name; returns the design's number.

        The same `key` twice is the same design.  Raises `Stop` for a file that is not taken.
        """
        self._place = key or str(uuid.uuid4())
        for name, content in (files or {}).items():
            if problem := self._attach(self._place, name, content):
                raise Stop(problem, BAD_INPUT)
        self._design = self._tell(Command("design", brief), self._place, files or {})["design"] or 0
        if not self._design:
            self._carry()  # the reason
            raise Stop("nothing was begun", BAD_INPUT)
        return self._design

    def resume(self, design: int) -> None:
        """Go on with a design after showing what was said before."""
        self._design = design
        self._place = self.db.design_status(design)["place"]
        self._recall()

    def run(self, brief: str) -> dict[str, Any]:
        """Hand the brief in and follow the design to its end; returns its last status."""
        return self.follow(self.start(brief))

    def follow(self, design: int) -> dict[str, Any]:
        """Talk and show progress until the design has ended; returns its last status.

        A status that is not `finished` is that of a design which waits for a person who has left.
        """
        self._design = design
        self.db.start_front_end(self._worker)
        with self.screen.working():
            while True:
                status = self._status()
                if self._place is None:
                    self._recall()  # it was not begun here, and nobody is written to
                self._carry()  # after the status: what led to it is shown before it counts
                if status["finished"]:
                    return status
                if status["state"] == "awaiting_user" and not self._hear():
                    return status
                self.screen.tick(took(status["elapsed_s"]))
                self.db.wait_for_ring(WAIT_S)

    def conclude(self, status: Mapping[str, Any]) -> list[Path]:
        """Show the table and lay the files down if this life of the terminal has not; returns their paths."""
        if status["checks"] and not self._table_shown:
            self.screen.table(rows_of(status["checks"]))
        if self._laid is None:
            names = [file["name"] for file in self.db.design_files(self._design)]
            self._laid = self._lay_down(self._design, names)
        return self._laid

    def folder(self, design: int) -> Path | None:
        """Where the files of a design go."""
        if self._out is None:
            return None
        return self._out / f"{design}-{slug(self.db.design_status(design)['title'])}"

    # ------------------------------------------------------------------ in

    def _hear(self) -> bool:
        """Take a line from the person and pass it on; False when nobody is there."""
        line = self.screen.ask() if self.screen.interactive else None
        if line is None:
            return False
        command = parse(line.strip() or ENTER)
        try:
            if command.name == ATTACH:
                self._send_files([Path(name).expanduser() for name in shlex.split(command.text)])
            else:
                self._tell(command)
        except (Stop, ValueError) as trouble:  # a file that cannot be read; a quote that is not closed
            self.screen.say(str(trouble))
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
            design=command.design or self._design or None,
            files=[{"name": name, "bytes": len(content)} for name, content in (files or {}).items()],
            interactive=self.screen.interactive,
        )

    # ------------------------------------------------------------------ out

    @property
    def _worker(self) -> str:
        """Whose claims these are: the next life of this terminal takes them up at once."""
        return f"design {self._design}" if self._design else f"terminal {self._place}"

    def _claim(self) -> list[Delivery]:
        return self.db.claim_deliveries(self._worker, design=self._design or None, place=self._place)

    def _carry(self) -> None:
        """Show all that is due; what was shown is recorded."""
        while deliveries := self._claim():
            for delivery in deliveries:
                try:
                    self._deliver(delivery)
                except ApiError as error:
                    if not error.lease_lost:  # another terminal has it
                        self.db.fail_delivery(delivery, str(error), gone=True)

    def _deliver(self, delivery: Delivery) -> None:
        if delivery.kind == "files":
            self._hand_out(delivery)
        elif delivery.content.get("message", NEWS) > self._recalled:
            self._show(render(self.db, delivery, NO_LIMIT), delivery)
        self.db.record_delivery(delivery, delivery.nonce)

    def _status(self) -> dict[str, Any]:
        """Where the design stands; its owner may have had it deleted from here."""
        try:
            return self.db.design_status(self._design)
        except ApiError as error:
            if error.code != NOT_YOURS:
                raise
            self._carry()
            raise Stop(f"design {self._design} is gone") from error

    def _recall(self) -> None:
        """Show what has been said, whoever was told; it is shown once."""
        for message in self.db.design_messages(self._design, self._recalled):
            self._recalled = message["message_id"]
            self.screen.say(message["text"], "you" if message["sender"] == "user" else message["sender"])

    def _show(self, post: Post, delivery: Delivery) -> None:
        if post.kind == "status":
            self.screen.progress(post.text, post.elapsed)
            return
        if post.text:
            self.screen.say(post.text, post.sender)
        if post.rows:
            self.screen.table(post.rows)
            self._table_shown = self._table_shown or delivery.design == self._design
        for button in post.buttons:
            if button.action in TYPED and self.screen.interactive:
                self.screen.say(f"  ({TYPED[button.action]})")

    def _hand_out(self, delivery: Delivery) -> None:
        assert delivery.design is not None, "files belong to a design"
        paths = self._lay_down(delivery.design, delivery.content["names"])
        if delivery.design == self._design:
            self._laid = [*(self._laid or ()), *paths]
        elif paths:
            self.screen.say(
                f"{counted(len(paths), 'file')} of design {delivery.design} in {paths[0].parent}/"
            )

    def _lay_down(self, design: int, names: list[str]) -> list[Path]:
        folder = self.folder(design)
        return lay_down(self.db, design, names, folder) if folder and names else []
