"""A delivery as it is shown, before any transport has had a say: plain text, rows, files and buttons."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A row of the table of checks; several that passed alike stand in one."""

    title: str
    place: str
    measured: str
    required: str
    passed: bool


@dataclass(frozen=True)
class Button:
    """What a person may press: a command of `receive_event`, with the design and message that it is about."""

    action: str  # approve, change, cancel, retry, forget
    label: str
    design: int | None
    message: int | None = None


@dataclass(frozen=True)
class Post:
    """One message to a person.

    `kind` is the delivery's.  `text` is plain: no markup, and nothing that a transport may obey.  `source`
    is the message to reply to, `member` whom to add to a thread.  `colour` is 0xRRGGBB by how it stands.
    """

    kind: str
    text: str = ""
    title: str = ""
    sender: str = ""
    elapsed: str = ""  # of a status: how long the design has taken, "12.3 s" or "4 min 5 s"
    rows: tuple[Row, ...] = ()
    picture: tuple[str, bytes] | None = None  # its name and PNG
    files: tuple[tuple[str, bytes], ...] = ()  # names and contents
    buttons: tuple[Button, ...] = ()
    source: str | None = None
    member: str | None = None
    colour: int | None = None
    ended: bool = False  # of a status: nothing will follow
