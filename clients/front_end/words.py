"""How a design is spoken of, whoever carries the words."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

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
LABELS = {  # of what can be pressed
    "approve": "Approve",
    "change": "Change",
    "cancel": "Cancel",
    "retry": "Retry",
    "forget": "Forget me",
}
WORKING, ASKING, PASSED, FAILED, ENDED = 0x3B82C4, 0xE0A030, 0x2E9E4F, 0xC0392B, 0x808890
COLOURS = {
    "awaiting_user": ASKING,
    "resolved": PASSED,
    "failed": FAILED,
    "refused": ENDED,
    "cancelled": ENDED,
}  # what is not named is at work
MINUTE_S = 60


def plain(text: object) -> str:
    """Words of users, models and servers without what a screen obeys."""
    return "".join(char for char in str(text) if char == "\n" or unicodedata.category(char)[0] != "C")


def stage(status: Mapping[str, Any]) -> str:
    """Where a design stands, in one line: the stage, the attempt and what is being done."""
    words = STAGES.get(status["state"], status["state"])
    if status.get("attempt"):
        words += f", attempt {status['attempt']} of {status['attempt_limit']}"
    if status.get("progress"):
        words += f": {status['progress']}"
    return plain(words)


def took(seconds: float) -> str:
    """A duration for people: tenths below a minute, then minutes and seconds."""
    if seconds < MINUTE_S:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), MINUTE_S)
    return f"{minutes} min {rest} s"


def size(byte_count: int) -> str:
    """A size for people: 12 kB, 3.4 MB."""
    if byte_count < 1_000_000:
        return f"{max(1, round(byte_count / 1000))} kB"
    return f"{byte_count / 1_000_000:.1f} MB"


def counted(number: int, thing: str) -> str:
    """1 file, 2 files."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
