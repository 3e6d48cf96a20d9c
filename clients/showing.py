"""What comes out of the outbox, or is recalled, on a person's screen and in their folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clients.api import Api, Delivery
from clients.front_end.checks import rows_of
from clients.front_end.post import Post
from clients.front_end.render import render
from clients.front_end.words import counted
from clients.local_files import Folders
from clients.screen import Screen

NO_LIMIT = 2**31  # bytes: files go to a folder, and not through a wire
NEWS = 2**63  # what is no message was not recalled
TYPED = {"forget": "/forget yes does it"}  # for a button that no words of the talk stand for


class Showing:
    """One screen, on which each message is shown once; `design` is the one that is talked about."""

    def __init__(self, db: Api, screen: Screen, folders: Folders) -> None:
        self._db, self._screen, self._folders = db, screen, folders
        self.design = 0
        self._recalled = 0
        self._has_table = False

    def recall(self) -> None:
        """Show what has been said so far, whoever was told."""
        for message in self._db.design_messages(self.design, self._recalled):
            self._recalled = message["message_id"]
            self._screen.say(message["text"], "you" if message["sender"] == "user" else message["sender"])

    def show(self, delivery: Delivery) -> None:
        """Show a delivery, or lay its files down."""
        if delivery.kind == "files":
            self._hand_out(delivery)
        elif delivery.content.get("message", NEWS) > self._recalled:
            self._show(render(self._db, delivery, NO_LIMIT), delivery.design)

    def conclude(self, status: Mapping[str, Any]) -> list[Path]:
        """Show the table and lay the files down if no delivery has brought them here; returns their paths."""
        if status["checks"] and not self._has_table:
            self._screen.table(rows_of(status["checks"]))
        if self.design not in self._folders.laid:
            self._folders.lay_down(self.design)
        return self._folders.laid[self.design]

    def _show(self, post: Post, design: int | None) -> None:
        if post.kind == "status":
            if not post.ended:  # how it ended is said
                self._screen.progress(post.text, post.elapsed)
            return
        if post.text:
            self._screen.say(post.text, post.sender)
        if post.rows:
            self._screen.table(post.rows)
            self._has_table = self._has_table or design == self.design
        for button in post.buttons:
            if button.action in TYPED and self._screen.interactive:
                self._screen.say(f"  ({TYPED[button.action]})")

    def _hand_out(self, delivery: Delivery) -> None:
        assert delivery.design is not None, "files belong to a design"
        paths = self._folders.lay_down(delivery.design, delivery.content["names"])
        if paths and delivery.design != self.design:
            where = f"{counted(len(paths), 'file')} of design {delivery.design} in {paths[0].parent}/"
            self._screen.say(where)
