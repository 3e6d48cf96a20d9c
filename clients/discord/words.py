"""Words of others on Discord: they show as they were written, and neither format, link nor call anybody."""

from __future__ import annotations

import re

MARKUP = re.compile(r"([\\*_~`|\[\]]|<(?!#[0-9]+>))")  # a channel may be named: that calls nobody
LINE_MARKUP = re.compile(r"^(\s*)(-?#|>)", re.MULTILINE)  # headings, small print and quotes
CALL = re.compile(r"@(?=everyone|here|[!&]?[0-9])")
ZERO_WIDTH = "\N{ZERO WIDTH SPACE}"


def quoted(text: str) -> str:
    """The text for a message or an embed; up to twice as long when it is nothing but markup."""
    text = LINE_MARKUP.sub(r"\1\\\2", MARKUP.sub(r"\\\1", text))
    return CALL.sub("@" + ZERO_WIDTH, text)


def fenced(lines: str) -> str:
    """A block of code; what stands in it is `cell`s."""
    return f"```\n{lines}\n```"


def cell(text: str) -> str:
    """The text for one line of a block of code, which no word of it can end."""
    return " ".join(text.replace("`", "'").split())


def cut(text: str, most: int) -> str:
    """At most so many characters; what is cut ends in an ellipsis, never in half an escape."""
    return text if len(text) <= most else text[: most - 1].rstrip("\\") + "…"
