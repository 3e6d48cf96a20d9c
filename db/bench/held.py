"""A transaction that somebody holds open: dead rows pile up, and the queue must hardly notice."""

from __future__ import annotations

import statistics
import time
from typing import Any

from db.bench import ours
from db.bench.cluster import DISK, Database
from db.bench.contest import Bench, Goal, Load, below
from db.bench.pgbench import drive

GOALS = {60.0: 1.25, 600.0: 1.5}  # seconds under full load: slower by less than
GOALS_QUICK = {1.0: 1.25}
WAITING = 60_000
TURN_S = 5.0  # workers stay; a session's first claim, which walks every dead row, is told apart
PAIRS = 5
PLAN_CHANGE = 1.5  # scans of a table or an index a task: more than so many times as many is another plan
SCANS = """
select 'every row of ' || relname, seq_scan from pg_stat_user_tables where schemaname = 'core'
union all select indexrelname, idx_scan from pg_stat_user_indexes where schemaname = 'core'"""


def measure_held(bench: Bench) -> tuple[list[Goal], dict[str, Any]]:
    """Eight workers at full speed in two databases; in one of them a transaction is open."""
    goals: list[Goal] = []
    raw: dict[str, Any] = {"series": []}
    source = ours.full_queue(bench, WAITING)
    with (
        bench.cluster.fresh(DISK, source) as free,
        bench.cluster.fresh(DISK, source) as database,
        database.connect() as holder,
    ):
        usual = _scans_a_task(bench, free)
        holder.execute("begin isolation level repeatable read")
        holder.execute("select pg_current_xact_id()")
        loaded_s = 0.0
        for until_s, goal in (GOALS_QUICK if bench.plan.quick else GOALS).items():
            while loaded_s < until_s:
                began = time.monotonic()
                raw["series"].append((round(loaded_s, 1), round(_turn(bench, database), 1)))
                loaded_s += time.monotonic() - began
            pairs = [(_turn(bench, free), _turn(bench, database)) for _ in range(PAIRS)]
            slower = statistics.median(one / other for one, other in pairs)
            changed = _changed(usual, _scans_a_task(bench, database))
            what = f"claim + complete, a transaction held open for {loaded_s:.0f} s of full load"
            goals.append(below(f"{what}: slower by", goal, slower, "×"))
            goals.append(below(f"{what}: plans that changed", 1, len(changed), "plans"))
            raw[f"{loaded_s:.0f} s"] = {
                "free and held": pairs,
                "changed": changed,
                "a session's first claim, ms": (_first_claim(free), _first_claim(database)),
            }
        holder.execute("rollback")
    return goals, raw


def _turn(bench: Bench, database: Database) -> float:
    """Rate of a run; what it took is put back."""
    return _load(bench, database).rate


def _load(bench: Bench, database: Database) -> Load:
    seconds = bench.plan.seconds if bench.plan.quick else TURN_S
    load = drive(
        bench.cluster,
        database,
        ours.CLAIM_COMPLETE,
        seconds,
        ours.AGENT,
        others=True,
        careful=False,
        most=0.7 * WAITING,
    )
    ours.prefill(database, load.tasks)
    return load


def _first_claim(database: Database) -> float:
    """Milliseconds; the task goes back to where it was."""
    with database.connect(ours.AGENT) as connection, connection.transaction(force_rollback=True):
        began = time.monotonic()
        connection.execute("select * from api.claim_task()")
        return round((time.monotonic() - began) * 1e3, 2)


def _scans_a_task(bench: Bench, database: Database) -> dict[str, float]:
    """How often each index and table is scanned for a task: it changes when a plan does."""
    before, done = _scans(database), _load(bench, database).tasks
    return {name: (count - before.get(name, 0)) / done for name, count in _scans(database).items()}


def _scans(database: Database) -> dict[str, int]:
    with database.connect() as connection:
        return dict(connection.execute(SCANS).fetchall())


def _changed(usual: dict[str, float], now: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Indexes and tables that are now scanned for most tasks and were not, or the other way round."""
    pairs = {name: (usual.get(name, 0.0), scans) for name, scans in now.items()}
    return {
        name: (round(before, 3), round(after, 3))
        for name, (before, after) in pairs.items()
        if max(before, after) > 0.1 and max(before, after) > PLAN_CHANGE * min(before, after)
    }
