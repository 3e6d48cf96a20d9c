"""The measures by name, and the run of those that are wanted."""

from __future__ import annotations

import datetime
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import psycopg

from db.bench.backlog import measure_backlog
from db.bench.clients import measure_client_batches, measure_clients
from db.bench.cluster import BenchError, cluster
from db.bench.contest import Bench, Goal, Plan
from db.bench.flight import measure_flight
from db.bench.handover import measure_handover
from db.bench.held import measure_held
from db.bench.profile import profiles
from db.bench.rates import measure_batches, measure_enqueue, measure_work
from db.bench.wakeup import measure_wakeup
from db.bench.wakeups import measure_wakeups

Measured = tuple[list[Goal], dict[str, Any]]
Measure = Callable[[Bench], Measured]


MEASURES: Mapping[str, Measure] = {
    "enqueue": measure_enqueue,
    "work": measure_work,
    "batches": measure_batches,
    "clients": measure_clients,
    "client-batches": measure_client_batches,
    "wakeup": measure_wakeup,
    "backlog": measure_backlog,
    "held": measure_held,
    "handover": measure_handover,
    "flight": measure_flight,
    "wakeups": measure_wakeups,  # last: what else the machine does meanwhile does not matter for it
}

QUICK = ("enqueue", "work", "batches", "clients", "wakeup", "backlog", "held")  # what fits into 50 s


def bench(plan: Plan, only: Sequence[str] = (), say: Callable[[str], None] = print) -> dict[str, Any]:
    """Run the measures and judge them: {"goals": […], "raw": {measure: figures}}.

    Those named, or all of them, or as many as fit into a quick run.
    """
    goals: list[Goal] = []
    raw: dict[str, Any] = {}
    with cluster() as running, ExitStack() as ends:
        it = Bench(running, plan, say, ends)
        raw["machine"] = {
            "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "rounds": plan.rounds,
            "quick": plan.quick,
            **running.facts(),
        }
        for name in only or (QUICK if plan.quick else MEASURES):
            began = time.monotonic()
            try:
                found, figures = MEASURES[name](it)
            except (BenchError, psycopg.Error) as error:  # the others' figures are not lost with it
                found, figures = [_not_measured(name)], {"error": str(error)}
                say(f"{name} could not be measured: {error}")
            goals += found
            raw[name] = figures | {"took_s": round(time.monotonic() - began, 1)}
            say(f"{name}: {raw[name]['took_s']:.0f} s")
        raw["profiles of what missed its goal"] = profiles(it, goals)
    return {"goals": goals, "raw": raw}


def _not_measured(name: str) -> Goal:
    return {
        "name": f"{name} is measured",
        "goal": 1,
        "measured": 0,
        "unit": "measure",
        "met": False,
        "bound": "≥",
    }
