"""A line that a person typed: a command, or words for the design that is talked about."""

from __future__ import annotations

import re
from dataclasses import dataclass

SAY = "say"
NUMBERED = ("status", "cancel", "files", "retry")  # commands that may name a design
COMMAND = re.compile(r"/([A-Za-z_]+)(?:\s+(.*))?", re.DOTALL)
DESIGN = re.compile(r"#?([0-9]{1,18})")


@dataclass(frozen=True)
class Command:
    """What `receive_event` is to be told: a command, its words and the design that it names."""

    name: str
    text: str = ""
    design: int | None = None


def parse(line: str) -> Command:
    """`/status 12` names a command and a design; what does not begin with / is said.

    Whether there is such a command, and such a design, is the database's to answer.
    """
    match = COMMAND.fullmatch(line.strip())
    if match is None:
        return Command(SAY, line)
    name, rest = match[1].lower(), (match[2] or "").strip()
    number = DESIGN.fullmatch(rest)
    if name in NUMBERED and number:
        return Command(name, "", int(number[1]))
    return Command(name, rest)
