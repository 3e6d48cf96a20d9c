"""A file of briefs run through the whole pipeline: the table that shows what the project can do."""

from __future__ import annotations

import json
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from clients.api import Api
from clients.fleet import Fleet
from clients.screen import shown
from clients.terminal import Terminal

QUICK = 3  # briefs of a quick run: the first wording of three families
AT_ONCE = 2  # designs under way together


def run_briefs(server: Any, file: Path, quick: bool) -> dict[str, Any]:
    """Design every brief of `file` (a JSON list of `{"id", "text"}`) with defaults taken.

    Returns goals (each brief passes) and the raw statuses with their checks.
    """
    chosen = json.loads(file.read_text())
    if quick:
        families = {brief["family"]: brief for brief in reversed(chosen)}
        chosen = list(families.values())[:QUICK]
    console = Console(highlight=False)
    with Fleet(replicas=AT_ONCE), ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(lambda brief: _design(server, brief, console), chosen))
    console.print(_table(rows))
    goals = [goal(row["id"], row["status"]["state"]) for row in rows]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"goals": goals, "raw": {"designs": rows, "peak_child_MB": peak}}


def goal(name: str, state: str, wanted: str = "resolved") -> dict[str, Any]:
    """Whether a brief ended as it should, as commands that measure say it."""
    return {"name": name, "goal": wanted, "measured": state, "unit": "", "met": state == wanted}


def _design(server: Any, brief: dict[str, Any], console: Console) -> dict[str, Any]:
    began = time.monotonic()
    with Api.connect(server.dsn("terminal")) as db:
        status = Terminal(db, interactive=False, quiet=True).run(brief["text"])
    wall = time.monotonic() - began
    console.print(f"{brief['id']}: {status['state']} in {wall:.1f} s, attempt {status['attempt']}")
    return {"id": brief["id"], "text": brief["text"], "wall_s": round(wall, 1), "status": status}


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("brief", "state", "attempts", "s", "checks", "measured", header_style="bold")
    for row in rows:
        checks = row["status"]["checks"] or []
        failed = [check["code"] for check in checks if not check["passed"]]
        figures = [f"{c['title']}: {c['measured']}" for c in checks if c["stage"] in ("spice", "heat")]
        table.add_row(
            shown(f"{row['id']}\n{row['text']}"),
            row["status"]["state"],
            str(row["status"]["attempt"]),
            f"{row['wall_s']:.1f}",
            ", ".join(failed) or f"{len(checks)} of {len(checks)}",
            shown("\n".join(figures)),
        )
    return table
