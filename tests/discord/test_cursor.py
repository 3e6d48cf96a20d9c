"""The cursor never passes what is not stored."""

from __future__ import annotations

import contextlib

import pytest

from clients.discord.cursor import Cursor


def test_it_follows_what_is_stored() -> None:
    cursor = Cursor()
    assert cursor.safe() == 0
    cursor.note(5)
    with cursor.hearing(7):
        assert cursor.safe() == 5
    assert cursor.safe() == 7


def test_what_is_at_work_holds_it_back() -> None:
    cursor = Cursor()
    with cursor.hearing(7):
        with cursor.hearing(9):
            pass
        assert cursor.safe() == 6
    assert cursor.safe() == 9


def test_what_failed_holds_it_back_until_it_is_read_again() -> None:
    cursor = Cursor()
    cursor.note(3)
    with contextlib.suppress(RuntimeError), cursor.hearing(7):
        raise RuntimeError
    cursor.note(20)
    assert cursor.safe() == 6
    cursor.reading_from(6)
    with cursor.hearing(7):
        pass
    assert cursor.safe() == 6
    cursor.has_read()
    assert cursor.safe() == 20


@pytest.mark.parametrize("live_first", [True, False])
def test_a_message_that_is_heard_twice_at_once_is_stored_by_the_first(live_first: bool) -> None:
    cursor = Cursor()
    live, read = cursor.hearing(7), cursor.hearing(7)
    live.__enter__()
    read.__enter__()
    for each in (live, read) if live_first else (read, live):
        each.__exit__(None, None, None)
    assert cursor.safe() == 7
