"""A large queue against a small one: what waits, is scheduled or blocked must not slow down who claims."""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from typing import Any

from db.bench import ours
from db.bench.cluster import DISK, Database
from db.bench.contest import Bench, Contender, Goal, Load, at_least, figures

SMALL = 20_000
LARGE = 1_000_000
LARGE_QUICK = 20_000
PRIORITIES = (0, 5, 10)
KEYS = 1_000  # FIFO keys that the blocked tasks wait for
PAIRS = 10  # a round: the goal is within noise of one, so many short turns
GOAL = 0.98


def measure_backlog(bench: Bench) -> tuple[list[Goal], dict[str, Any]]:
    """Claim and complete with much waiting, as much scheduled, as much blocked and three priorities."""
    many = LARGE_QUICK if bench.plan.quick else LARGE
    sources = {
        "small": ours.full_queue(bench, SMALL),
        "large": bench.cluster.template("large", lambda database: fill(database, many)),
    }
    contender = ours.by_pgbench("claim + complete", ours.CLAIM_COMPLETE, ours.AGENT)
    loads: dict[str, list[Load]] = {name: [] for name in sources}
    with ExitStack() as stack:
        databases = {
            name: stack.enter_context(bench.cluster.fresh(DISK, source)) for name, source in sources.items()
        }
        for turn in range(bench.plan.rounds * (1 if bench.plan.quick else PAIRS)):
            for name in ("small", "large") if turn % 2 else ("large", "small"):
                loads[name].append(_turn(bench, databases[name], contender))
        waiting = {name: _waiting(database) for name, database in databases.items()}
    ratio = statistics.median(
        large.rate / small.rate for small, large in zip(loads["small"], loads["large"], strict=True)
    )
    what = f"claim + complete with {many:,} waiting, {many:,} scheduled, {many:,} blocked"
    goals = [at_least(f"{what}, {DISK}: by {SMALL:,} waiting", GOAL, ratio, "×")]
    return goals, {DISK: figures(loads), "tasks at the end": waiting}


def fill(database: Database, many: int) -> None:
    """So many tasks of each kind.  Rows are written directly, as enqueue_task would leave them."""
    with database.connect(ours.PRODUCER) as connection:
        for priority in PRIORITIES:  # so that the agent knows them
            connection.execute("select api.enqueue_task(%s, '{}', p_priority => %s)", (ours.AGENT, priority))
    each = (
        "insert into core.tasks (agent, payload, priority, state, run_at, fifo_key)"
        f" select '{ours.AGENT}', {ours.LITERAL}"
    )
    of_three = f"(array{list(PRIORITIES)})[1 + i % {len(PRIORITIES)}]"
    database.run(f"{each}, {of_three}, 'ready', now(), null from generate_series(1, {many}) i")
    # the first of each key is scheduled, the blocked ones are behind it
    database.run(
        f"{each}, {of_three}, 'scheduled', now() + interval '1 day' + i * interval '1 ms',"
        f" case when i <= {KEYS} then 'key ' || i end from generate_series(1, {many}) i"
    )
    database.run(
        f"{each}, {of_three}, 'blocked', now(), 'key ' || 1 + i % {KEYS} from generate_series(1, {many}) i"
    )


def _turn(bench: Bench, database: Database, contender: Contender) -> Load:
    load = contender.drive(bench, database, bench.plan.seconds)
    ours.prefill(database, load.tasks)
    return load


def _waiting(database: Database) -> dict[str, int]:
    with database.connect() as connection:
        found = connection.execute("select state::text, count(*) from core.tasks group by 1").fetchall()
    return dict(found)
