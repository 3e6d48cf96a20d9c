"""What an evaluation comes to: a row a brief, a row a grade."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from clients.screen import shown

FIGURES = ("attempts", "calls", "tokens_in", "tokens_out", "cost_usd", "wall_s")


def grades(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each grade's pass rate and means, then all of them."""
    names = list(dict.fromkeys(row["grade"] for row in rows))
    groups = [(name, [row for row in rows if row["grade"] == name]) for name in names]
    if len(groups) > 1:
        groups.append(("all", rows))
    return [
        {"grade": name, "briefs": len(group), "passed": sum(row["state"] == "resolved" for row in group)}
        | {figure: round(sum(row[figure] for row in group) / len(group), 4) for figure in FIGURES}
        for name, group in groups
    ]


def by_grade(rows: list[dict[str, Any]]) -> Table:
    """The table of grades."""
    table = Table(
        "grade", "passed", "attempts", "calls", "tokens in", "out", "USD", "s", title="means a brief"
    )
    for row in grades(rows):
        rate = f"{row['passed']} of {row['briefs']} ({100 * row['passed'] / row['briefs']:.0f} %)"
        table.add_row(shown(row["grade"]), rate, *(f"{row[figure]:.6g}" for figure in FIGURES))
    return table


def by_brief(rows: list[dict[str, Any]]) -> Table:
    """The table of briefs."""
    table = Table("brief", "grade", "state", "attempts", "calls", "tokens in", "out", "USD", "s", "why")
    for row in rows:
        figures = (f"{row[figure]:.6g}" for figure in FIGURES)
        words = (row["id"], row["grade"], row["state"], *figures, row["error"] or "")
        table.add_row(*map(shown, words))
    return table
