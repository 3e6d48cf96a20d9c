"""Rates of our queue by pgbench: enqueue by a plain INSERT, claim and complete by the bare floor."""

from __future__ import annotations

from typing import Any

from db.bench import ours
from db.bench.asleep import asleep_and_idle, asleep_and_working
from db.bench.cluster import DELAY, DISK, REGIMES
from db.bench.contest import (
    Bench,
    Contender,
    Goal,
    at_least,
    at_most,
    cpu_us,
    figures,
    rate,
    ratio,
)

ENQUEUE_GOALS = (  # against, regime, at least
    ("without the bell", DISK, 0.95),
    ("without the bell", DELAY, 0.95),
    ("plain INSERT", DISK, 0.85),
    ("plain INSERT", DELAY, 0.95),
)
INSERT_GOALS = {  # of a plain INSERT
    "with a key": 0.7,
    "one replica asleep": 0.6,
    "one replica woken by each ring": 0.6,
}
FLOOR_GOALS = {  # regime: claim + complete, complete_and_claim
    DISK: (0.65, 0.8),
    DELAY: (1.5, 1.8),
}
CPU_GOAL_US = 250.0
BATCH_GOAL = 80_000.0


def measure_enqueue(bench: Bench) -> tuple[list[Goal], dict[str, Any]]:
    """Enqueue by eight producers."""
    silent = bench.cluster.template("silent", ours.silence)
    contenders = [
        ours.by_pgbench("enqueue_task", ours.ENQUEUE, ours.PRODUCER),
        ours.by_pgbench("without the bell", ours.ENQUEUE, ours.PRODUCER, silent),
        ours.by_pgbench("plain INSERT", ours.INSERT, None),
        ours.by_pgbench("with a key", ours.ENQUEUE_KEY, ours.PRODUCER),
        Contender("one replica asleep", asleep_and_idle),
        Contender("one replica woken by each ring", asleep_and_working),
    ]
    results = {DISK: bench.contest(DISK, contenders)}
    # quick: only what has a goal of its own there
    results[DELAY] = bench.contest(DELAY, contenders[:3] if bench.plan.quick else contenders)
    goals = [
        at_least(f"enqueue, {regime}: by {other}", goal, ratio(results[regime], "enqueue_task", other), "×")
        for other, regime, goal in ENQUEUE_GOALS
    ]
    goals += [
        at_least(f"enqueue {name}, {regime}: by plain INSERT", goal, ratio(found, name, "plain INSERT"), "×")
        for name, goal in INSERT_GOALS.items()
        for regime, found in results.items()
        if name in found
    ]
    return goals, {regime: figures(found) for regime, found in results.items()}


def measure_work(bench: Bench) -> tuple[list[Goal], dict[str, Any]]:
    """Drain a filled queue by eight workers: bare tasks, which belong to no design."""
    full = ours.full_queue(bench, bench.plan.waiting)
    contenders = [
        ours.by_pgbench("claim + complete", ours.CLAIM_COMPLETE, ours.AGENT, full, careful=True),
        ours.by_pgbench("floor", ours.FLOOR, None, ours.floor_table(bench)),
        ours.by_pgbench("complete_and_claim", ours.COMPLETE_AND_CLAIM, ours.AGENT, full),
    ]
    results = {regime: bench.contest(regime, contenders) for regime in REGIMES}
    goals: list[Goal] = []
    for regime, found in results.items():
        for name, goal in zip(("claim + complete", "complete_and_claim"), FLOOR_GOALS[regime], strict=True):
            goals.append(at_least(f"{name}, {regime}: by the floor", goal, ratio(found, name, "floor"), "×"))
    for regime, found in results.items():
        used = cpu_us(found, "claim + complete")
        goals.append(at_most(f"claim + complete, {regime}: server CPU", CPU_GOAL_US, used, "µs a task"))
    return goals, {regime: figures(found) for regime, found in results.items()}


def measure_batches(bench: Bench) -> tuple[list[Goal], dict[str, Any]]:
    """Batches of 100: claim_tasks + complete_tasks count, with history; enqueue_tasks stands beside them."""
    full = ours.full_queue(bench, bench.plan.waiting_for_batches)
    contenders = [
        ours.by_pgbench(
            "claim_tasks + complete_tasks", ours.CLAIM_COMPLETE_BATCH, ours.AGENT, full, ours.BATCH
        ),
        ours.by_pgbench("enqueue_tasks", ours.ENQUEUE_BATCH, ours.PRODUCER, per_transaction=ours.BATCH),
    ]
    results = {DISK: bench.contest(DISK, contenders)}
    name = "claim_tasks + complete_tasks"
    goals = [at_least(f"{name} of 100, {DISK}", BATCH_GOAL, rate(results[DISK], name), "tasks/s")]
    return goals, {regime: figures(found) for regime, found in results.items()}
