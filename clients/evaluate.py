"""A file of briefs designed under one model, and what came of it: by grade, with what it cost.

A run is named by the numbers of its designs.  Every prompt and answer is in the database
(`model_exchanges`), so that a run can be repeated from there without a model.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from clients.api import Api, ApiError
from clients.briefs import AT_ONCE, QUICK, goal
from clients.fleet import ASKING, Fleet
from clients.scores import by_brief, by_grade, grades
from clients.screen import TABLE_WIDTH

STALLED_S = 1800.0  # without any news: an agent that is paused would be waited for forever
QUICK_S = 45.0
WAIT_S = 1.0
UNGRADED = "–"


class BadBriefs(Exception):
    """There is nothing to run; says why in a sentence."""


@dataclass(frozen=True)
class Brief:
    """What is to be designed; `recorded` is the state in which an earlier run left it."""

    name: str
    grade: str
    text: str
    recorded: str | None = None


def read_briefs(file: Path, quick: bool = False) -> list[Brief]:
    """A JSON or YAML list of `{id, text}` with a `grade` or a `family`; one of three kinds when quick."""
    try:
        rows = yaml.safe_load(file.read_text())  # JSON is YAML
        briefs = [
            Brief(str(row["id"]), str(row.get("grade") or row.get("family") or UNGRADED), row["text"])
            for row in rows
        ]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise BadBriefs(f"{file} is no list of briefs with id and text: {error}") from error
    if quick:
        briefs = list({brief.grade: brief for brief in reversed(briefs)}.values())[::-1][:QUICK]
    return briefs


def recorded_briefs(server: Any, run: str, known: list[Brief]) -> list[Brief]:
    """The briefs of an earlier run (`12-14,16`) from the database; the known ones keep name and grade."""
    by_text = {brief.text: brief for brief in known}
    briefs = []
    with Api.connect(server.dsn("terminal")) as db:
        for design in _numbers(run):
            try:
                talk = db.design_messages(design, 0)
            except ApiError as error:
                raise BadBriefs(str(error)) from error
            text = next(message["text"] for message in talk if message["sender"] == "user")
            named = by_text.get(text, Brief(f"design {design}", UNGRADED, text))
            state = db.design_status(design)["state"]
            briefs.append(Brief(named.name, named.grade, text, state))
    return briefs


def run_evaluation(
    server: Any,
    briefs: list[Brief],
    provider: str,
    model: str | None,
    quick: bool,
    agents: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Design every brief under an account of its own; returns goals and raw figures.

    While it runs, `provider` and `model` are those of the agents that may have one; then their own again.
    """
    console = Console(highlight=False)
    console.width = max(console.width, TABLE_WIDTH)
    run = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    with (
        _models_set(server, {"provider": provider} | ({"model": model} if model else {})),
        Api.connect(server.dsn("terminal")) as db,
    ):
        # all at once, before anybody works: their numbers name the run
        designs = {_begin(db, run, brief): brief for brief in briefs}
        with Fleet(agents, replicas=AT_ONCE):
            _follow(db, list(designs), QUICK_S if quick else math.inf, console)
        rows = [_row(db, design, brief) for design, brief in designs.items()]
    console.print(by_brief(rows), by_grade(rows))
    if any(row["calls"] for row in rows):
        console.print(f"./mas eval --replay {_named(list(designs))} repeats this run without a model")
    goals = [goal(row["id"], row["state"], row["recorded"] or "resolved") for row in rows]
    raw = {"run": _named(list(designs)), "provider": provider, "model": model, "designs": rows}
    return {"goals": goals, "raw": raw | {"grades": grades(rows)}}


# ---------------------------------------------------------------------------- one brief


def _begin(db: Api, run: str, brief: Brief) -> int:
    account = f"eval:{run}:{brief.name}"
    return db.receive_message(account, "eval", brief.text, account, None, False)


def _follow(db: Api, designs: list[int], limit_s: float, console: Console) -> None:
    """Until all have ended; what is left when nothing moves any more, or the time is over, is cancelled."""
    began = moved = time.monotonic()
    seen: dict[int, Any] = {}
    while len(seen) < len(designs) or not all(state["finished"] for state in seen.values()):
        now = {design: db.design_status(design) | {"elapsed_s": None} for design in designs}
        for design, status in now.items():
            if status["finished"] and not seen.get(design, {}).get("finished"):
                console.print(f"design {design}: {status['state']}", markup=False)
        if now != seen:
            seen, moved = now, time.monotonic()
        if time.monotonic() > min(moved + STALLED_S, began + limit_s):
            for design in (design for design, status in now.items() if not status["finished"]):
                with suppress(ApiError):  # it has ended meanwhile
                    db.cancel_design(design)
        db.wait_for_ring(WAIT_S)


def _row(db: Api, design: int, brief: Brief) -> dict[str, Any]:
    """What became of a design, and what it took."""
    status, calls = db.design_status(design), db.model_exchanges(design)
    return {
        "id": brief.name,
        "grade": brief.grade,
        "design": design,
        "state": status["state"],
        "recorded": brief.recorded,
        "error": status["error"],
        "attempts": status["attempt"],
        "calls": len(calls),
        "tokens_in": sum(call["prompt_tokens"] or 0 for call in calls),
        "tokens_out": sum(call["completion_tokens"] or 0 for call in calls),
        "cost_usd": round(float(sum(call["cost"] or 0 for call in calls)), 6),
        "wall_s": round(float(status["elapsed_s"]), 1),
    }


@contextmanager
def _models_set(server: Any, settings: dict[str, Any]) -> Iterator[None]:
    """These settings for the agents that may have a model; theirs again at the end."""
    with Api.connect(server.dsn("admin")) as admin:
        before = {agent["name"]: agent["model"] for agent in admin.list_agents() if agent["name"] in ASKING}
    try:
        _set(server, dict.fromkeys(before, settings))
        yield
    finally:
        _set(server, {name: {key: model.get(key) for key in settings} for name, model in before.items()})


def _set(server: Any, settings: dict[str, dict[str, Any]]) -> None:
    with Api.connect(server.dsn("admin")) as admin:
        for name, model in settings.items():
            admin.set_agent_model(name, model)


# ---------------------------------------------------------------------------- names


def _named(designs: list[int]) -> str:
    """Numbers as ranges, `12-14,16`."""
    ranges: list[list[int]] = []
    for design in sorted(designs):
        if ranges and design == ranges[-1][-1] + 1:
            ranges[-1].append(design)
        else:
            ranges.append([design])
    return ",".join(f"{r[0]}-{r[-1]}" if len(r) > 1 else str(r[0]) for r in ranges)


def _numbers(run: str) -> list[int]:
    try:
        bounds = [[int(word) for word in part.split("-")] for part in run.split(",")]
        return [design for low, *high in bounds for design in range(low, (high or [low])[0] + 1)]
    except ValueError as error:
        raise BadBriefs(f"a run is named by its designs, like 12-14,16; {run} is not") from error
