"""Where a task's time goes on the server: reported beside the goals that were not reached."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from db.bench import ours
from db.bench.cluster import DISK, TEMPLATE, Database
from db.bench.contest import Bench, Goal
from db.bench.pgbench import drive

SCRIPTS = {  # by how the names of their goals begin
    "enqueue": (ours.ENQUEUE, ours.PRODUCER, 1),
    "enqueue with a key": (ours.ENQUEUE_KEY, ours.PRODUCER, 1),
    "claim + complete": (ours.CLAIM_COMPLETE, ours.AGENT, 1),
    "complete_and_claim": (ours.COMPLETE_AND_CLAIM, ours.AGENT, 1),
    "claim + complete in batches": (ours.CLAIM_COMPLETE_BATCH, ours.AGENT, ours.BATCH),
    "claim_tasks + complete_tasks": (ours.CLAIM_COMPLETE_BATCH, ours.AGENT, ours.BATCH),
}
SECONDS = 1.0
LEAST_WAITING = 100_000  # for batches: even a short run takes many
FUNCTIONS = """
select schemaname || '.' || funcname, calls, self_time * 1000 from pg_stat_user_functions
 where self_time > 0 order by self_time desc"""
SERVER = """
select w.wal_bytes, w.wal_records, w.wal_fpi, w.wal_sync, d.xact_commit
  from pg_stat_wal w, pg_stat_database d where d.datname = current_database()"""
NAMES = ("wal_bytes", "wal_records", "whole_pages", "syncs", "commits")


def profiles(bench: Bench, goals: Sequence[Goal]) -> dict[str, Any]:
    """A profile for each kind of work that missed a goal."""
    missed = [goal["name"] for goal in goals if not goal["met"]]
    wanted = {
        max((kind for kind in SCRIPTS if name.startswith(kind)), key=len, default=None) for name in missed
    }
    return {kind: _profile(bench, *SCRIPTS[kind]) for kind in SCRIPTS if kind in wanted}


def _profile(bench: Bench, script: str, role: str, batch: int) -> dict[str, Any]:
    """For a task: microseconds within each function, the log that is written, commits and syncs."""
    waiting = bench.plan.waiting if batch == 1 else max(LEAST_WAITING, bench.plan.waiting_for_batches)
    seconds = bench.plan.seconds if bench.plan.quick else SECONDS
    source = ours.full_queue(bench, waiting) if role == ours.AGENT else TEMPLATE
    with bench.cluster.fresh(DISK, source) as database:
        database.run(f"alter database {database.name} set track_functions = 'all'")
        variables = {"held": 0} if ":held" in script else {}
        run = partial(
            drive,
            bench.cluster,
            database,
            script,
            role=role,
            variables=variables,
            per_transaction=batch,
            careful=False,
            most=0.3 * waiting / batch,
        )
        run(seconds)  # what only the first claims in a database do is not to be in it
        database.run("select pg_stat_reset()")
        before = _server(database)
        load = run(seconds)
        after = _server(database)
        with database.connect() as connection:
            functions = connection.execute(FUNCTIONS).fetchall()
    tasks = load.tasks
    return {
        "tasks": tasks,
        "a task": {name: round((after[name] - before[name]) / tasks, 2) for name in NAMES},
        "cpu_us_per_task": round(load.cpu_us, 1),
        "functions": {
            name: {"calls": round(calls / tasks, 3), "self_us": round(self_us / tasks, 2)}
            for name, calls, self_us in functions
        },
    }


def _server(database: Database) -> dict[str, float]:
    with database.connect() as connection:
        row = connection.execute(SERVER).fetchone() or ()
    return dict(zip(NAMES, map(float, row), strict=True))
