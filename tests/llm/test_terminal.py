"""What a terminal is shown of the words of users, models and servers."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from clients import cli
from clients.front_end.checks import rows_of
from clients.scores import by_brief, by_grade
from clients.screen import Screen, shown
from tests.db.steps import CHECK

NASTY = "a [/] [red] [link=x] \x1b]0;owned\x07\x1b[2J \u202e\x9b1m \U000e0041b"
PLAIN = "a [/] [red] [link=x] ]0;owned[2J 1m b"


def printed(what: Any) -> str:
    out = io.StringIO()
    Console(file=out, width=1000).print(what)
    return out.getvalue()


def test_words_are_shown_as_they_are_without_what_a_terminal_obeys() -> None:
    assert printed(shown(NASTY)) == PLAIN + "\n"
    assert printed(shown("two\nlines")) == "two\nlines\n"


def test_a_table_has_such_words_too(capsys: pytest.CaptureFixture[str]) -> None:
    words = dict.fromkeys(("title", "place", "measured", "required"), NASTY)
    Screen(interactive=False).table(rows_of([CHECK | words]))
    said = capsys.readouterr().out
    assert "[link=x]" in said
    assert "\x1b]" not in said


def test_scores_have_such_words_too() -> None:
    figures = dict.fromkeys(("attempts", "calls", "tokens_in", "tokens_out", "cost_usd", "wall_s"), 1)
    rows = [{"id": NASTY, "grade": NASTY, "state": "failed", "error": NASTY, **figures}]
    assert printed(by_brief(rows)).count("[link=x]") == 3
    assert "\x1b]" not in printed(by_grade(rows))


def test_a_line_has_such_words_too(capsys: pytest.CaptureFixture[str]) -> None:
    cli.say(NASTY)
    assert capsys.readouterr().out == PLAIN + "\n"
