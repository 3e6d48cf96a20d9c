"""The table of what was measured against what was required."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clients.front_end.post import Row
from clients.front_end.words import plain

MOST_ALIKE = 2  # rows of one kind before they are counted instead of listed


def rows_of(checks: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """The table's rows, in the order of the checks; what passed alike stands in one row."""
    alike: dict[str, list[Mapping[str, Any]]] = {}
    for check in checks:
        of_netlist = check["stage"] == "intent" and check["passed"]
        alike.setdefault("rules on the netlist" if of_netlist else check["title"], []).append(check)
    rows: list[Row] = []
    for title, same in alike.items():
        if len(same) > MOST_ALIKE and all(check["passed"] for check in same):
            rows.append(Row(plain(title), f"{len(same)} places", "each passed", "", True))
        else:
            rows += [_row(title, check) for check in same]
    return tuple(rows)


def failed_rows(failed: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """What the last attempt failed by, as a status names it: by its code."""
    return tuple(_row(each["code"], {**each, "passed": False}) for each in failed)


def _row(title: str, check: Mapping[str, Any]) -> Row:
    place, measured, required = (plain(check.get(name) or "") for name in ("place", "measured", "required"))
    return Row(plain(title), place, measured, required, bool(check["passed"]))
