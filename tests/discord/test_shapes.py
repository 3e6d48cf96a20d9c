"""How posts look on Discord: within its limits, and no word of others does more than stand there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from clients.discord.shapes import CONTENT, DESCRIPTION, file_name, shaped, thread_name
from clients.discord.tables import table
from clients.discord.words import quoted
from clients.front_end.post import Post, Row

HOSTILE = [
    "@everyone and @here",
    "<@123456789012345678> <@!123456789012345678> <@&123456789012345678>",
    "[your bank](https://evil.example)",
    "![](https://evil.example/?data=secret)",
    "**bold** __under__ ~~gone~~ ||hidden|| `code` *a* _b_",
    "```\n@everyone\n```",
    "# heading\n> quote\n-# small\n>>> all",
    "<t:0:R> <:smile:123> </design:123>",
    "a \\ before *stars\\*",
]
MARKS = re.compile(r"(?<!\\)(?:\\\\)*([*_~`|\[\]]|<(?!#))")  # what no backslash stands before
CALLS = re.compile(r"@(everyone|here)|<@[!&]?[0-9]")


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_others_neither_call_nor_format(text: str) -> None:
    shown = quoted(text)
    assert not MARKS.search(shown), shown
    assert not CALLS.search(shown)
    assert not re.search(r"^\s*(#|>|-#)", shown, re.MULTILINE)
    assert discord.utils.escape_mentions(shown) == shown


def test_a_channel_may_be_named() -> None:
    assert quoted("Design 12 is at work: <#123>") == "Design 12 is at work: <#123>"


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_others_stay_within_a_block_of_code(text: str) -> None:
    shown = table([Row(text, text, text, text, False)], DESCRIPTION)
    assert shown.startswith("```\n")
    assert shown.endswith("\n```")
    assert "`" not in shown[3:-3]
    assert shown.count("\n") == 4  # two fences, a head, and the row's two lines


def rows(count: int, passed: bool = True) -> list[Row]:
    return [Row(f"check {n} of something or other", "U1.8", "1.2 mm", "≤ 5 mm", passed) for n in range(count)]


def test_a_table_that_fits_has_every_row() -> None:
    shown = table(rows(10), DESCRIPTION)
    assert [f"✓ check {n} " in shown for n in range(10)] == [True] * 10
    assert "more" not in shown


def test_a_table_that_does_not_fit_says_how_much_is_missing() -> None:
    counted = Row("rules on the netlist", "28 places", "each passed", "", True)
    failed = Row("design rules", "", "3 errors", "0 errors", False)
    shown = table([counted, *rows(100), failed], 2000)
    assert len(shown) <= 2000
    assert "✗ design rules" in shown
    assert "rules on the netlist" not in shown
    kept = shown.count("✓") + shown.count("✗")
    assert f"… and {102 - kept} more" in shown
    assert "✓ check 0 " in shown
    assert "check 99 " not in shown


def test_a_table_of_failures_alone_is_cut_too() -> None:
    assert len(table(rows(300, passed=False), 1500)) <= 1500
    assert table([], 1000) == ""


@pytest.mark.parametrize("kind", ["message", "proposal", "answer", "reply", "opening"])
def test_long_words_go_into_an_embed(kind: str) -> None:
    short = shaped(Post(kind, "a" * 1900, sender="client_manager"), 1)
    assert short.embed is None
    assert short.content is not None
    assert len(short.content) <= CONTENT
    long = shaped(Post(kind, "*" * 1900, sender="client_manager"), 1)
    assert long.embed is not None
    assert long.embed.description == "\\*" * 1900
    endless = shaped(Post(kind, "*" * 5000), 1)
    assert endless.embed is not None
    assert len(endless.embed.description or "") <= DESCRIPTION


def test_a_status_is_known_again_whatever_it_says() -> None:
    first = shaped(Post("status", "reading the brief", title="Design 12: board", elapsed="0.1 s"), 12)
    later = shaped(Post("status", "testing the board", title="Design 12: blinker", elapsed="9 s"), 12)
    other = shaped(Post("status", "reading the brief", title="Design 1: board", elapsed="0.1 s"), 1)
    assert first.embed is not None
    assert first.looks_like(said(embeds=[later.embed]))
    assert not first.looks_like(said(embeds=[other.embed]))
    assert not first.looks_like(said(content="reading the brief"))


def test_words_and_files_are_known_again() -> None:
    shape = shaped(Post("files", "12 files of design 1 in board.zip.", files=(("board.zip", b"x"),)), 1)
    assert shape.looks_like(said(content="12 files of design 1 in board.zip.", files=["board.zip"]))
    assert not shape.looks_like(said(content="12 files of design 1 in board.zip."))
    assert not shape.looks_like(said(content="others", files=["board.zip"]))


def test_names_fit() -> None:
    assert thread_name("  a \n b ") == "a b"
    assert thread_name("") == "board"
    assert len(thread_name("x" * 500)) == 100
    assert file_name("pictures/top view.png") == "top_view.png"


def said(content: str = "", embeds: Sequence[discord.Embed | None] = (), files: Sequence[str] = ()) -> Any:
    """As much of a message of discord.py's as is looked at."""
    attachments = [SimpleNamespace(filename=name) for name in files]
    return SimpleNamespace(content=content, embeds=embeds, attachments=attachments)
