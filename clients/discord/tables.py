"""Tables of checks as Discord can show them: in a block of code of a narrow screen's width."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from clients.discord.words import cell, cut, fenced
from clients.front_end.post import Row

COUNTED = "each passed"  # what a row says that stands for several
MEASURED_WIDTH = 22
TITLE_WIDTH, VALUE_WIDTH = 70, 60  # characters of a line that a phone still shows in two
FENCE = len(fenced(""))


def table(rows: Sequence[Row], most: int) -> str:
    """The rows in at most `most` characters: two lines each, what was measured below what was checked.

    Rows that are left out for want of room are counted: first those that stand for several, then others
    that passed.  Empty for no rows.
    """
    if not rows:
        return ""
    kept = list(rows)
    for row in chain(_droppable(rows), reversed(rows)):
        if len(_text(kept, len(rows))) <= most - FENCE:
            break
        if row in kept:
            kept.remove(row)
    return fenced(_text(kept, len(rows)))


def _droppable(rows: Sequence[Row]) -> list[Row]:
    passed = [row for row in reversed(rows) if row.passed]
    return sorted(passed, key=lambda row: row.measured != COUNTED)


def _text(rows: Sequence[Row], of: int) -> str:
    lines = [f"  {'measured':{MEASURED_WIDTH}} required"] if rows else []
    lines += chain.from_iterable(map(_lines, rows))
    if len(rows) < of:
        lines.append(f"… and {of - len(rows)} more")
    return "\n".join(lines)


def _lines(row: Row) -> list[str]:
    what = f"{row.title}, {row.place}" if row.place else row.title
    measured, required = cut(cell(row.measured), VALUE_WIDTH), cut(cell(row.required), VALUE_WIDTH)
    return [
        f"{'✓' if row.passed else '✗'} {cut(cell(what), TITLE_WIDTH)}",
        f"  {measured:{MEASURED_WIDTH}} {required}".rstrip(),
    ]
