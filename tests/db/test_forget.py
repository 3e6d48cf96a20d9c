"""A person is forgotten: no word of theirs is anywhere, everybody else's are, and the figures add up."""

from __future__ import annotations

import pytest

from tests.conftest import Database
from tests.db.test_design_control import call, replay
from tests.db.traces import Person, columns_of_words, columns_with, in_dump, rows, tables_with

WORD, OTHER = "xqzschnabeltier", "wvyameisenigel"
FORGET = "select forget_user('discord_bot', %s)"


def test_no_word_is_left_in_any_column_and_everybody_elses_are_untouched(database: Database) -> None:
    with database.connect() as owner:
        other, me = Person(database, OTHER), Person(database, WORD)
        other.leave()
        before = rows(owner)
        designs = me.leave()
        theirs = {table: before[table] & them for table, them in rows(owner).items()}
        left_out = columns_of_words(owner) - columns_with(owner, WORD)
        assert left_out == set(), "test_forget plants no word there"
        assert columns_with(owner, WORD) - columns_of_words(owner) - {"core.examples.search"} == set()
        assert in_dump(database, WORD)

        erased = call(database, FORGET, WORD, role="admin")
        assert tables_with(owner, WORD) == set()
        assert not in_dump(database, WORD)
        assert (erased["designs"], erased["cancelled"]) == (len(designs), 3)
        after = rows(owner)
        assert {table: gone for table, them in theirs.items() if (gone := them - after[table])} == {}
