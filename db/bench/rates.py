"""Rates of single tasks: enqueue against a plain INSERT, claim and complete against the bare floor."""

from __future__ import annotations

from functools import partial
from typing import Any

from db.bench import ours
from db.bench.cluster import DELAY, DISK, REGIMES, Cluster, Database
from db.bench.contest import Contender, Goal, Load, Plan, at_least, at_most, contest, cpu_us, figures, ratio
from db.bench.pgbench import drive

ENQUEUE_GOALS = (  # against, regime, at least
    ("without the bell", DISK, 0.95),
    ("without the bell", DELAY, 0.95),
    ("plain INSERT", DISK, 0.85),
    ("plain INSERT", DELAY, 0.95),
)
KEY_GOAL = 0.7
FLOOR_GOALS = {  # regime: claim + complete, complete_and_claim
    DISK: (0.65, 0.8),
    DELAY: (1.5, 1.8),
}
CPU_GOAL_US = 250.0


def measure_enqueue(cluster: Cluster, plan: Plan) -> tuple[list[Goal], dict[str, Any]]:
    """Enqueue by eight producers, nobody asleep."""
    contenders = [
        Contender("enqueue_task", partial(_pgbench, script=ours.ENQUEUE, role=ours.PRODUCER)),
        Contender("without the bell", _without_the_bell),
        Contender("plain INSERT", partial(_pgbench, script=ours.INSERT, role=None)),
        Contender("with a key", partial(_pgbench, script=ours.ENQUEUE_KEY, role=ours.PRODUCER)),
    ]
    results = {regime: contest(cluster, regime, contenders, plan) for regime in REGIMES}
    goals = [
        at_least(f"enqueue, {regime}: by {other}", goal, ratio(results[regime], "enqueue_task", other), "×")
        for other, regime, goal in ENQUEUE_GOALS
    ]
    goals += [
        at_least(
            f"enqueue with a key, {regime}: by plain INSERT",
            KEY_GOAL,
            ratio(found, "with a key", "plain INSERT"),
            "×",
        )
        for regime, found in results.items()
    ]
    return goals, {regime: figures(found) for regime, found in results.items()}


def measure_work(cluster: Cluster, plan: Plan) -> tuple[list[Goal], dict[str, Any]]:
    """Drain a filled queue by eight workers: bare tasks, which belong to no design."""
    full = cluster.template("full", lambda database: ours.prefill(database, plan.waiting))
    floor = cluster.template("floor", lambda database: database.run(ours.FLOOR_TABLE), "template1")
    contenders = [
        Contender("claim + complete", partial(_pgbench, script=ours.CLAIM_COMPLETE, role=ours.AGENT), full),
        Contender("floor", partial(_pgbench, script=ours.FLOOR, role=None), floor),
        Contender("complete_and_claim", _complete_and_claim, full),
    ]
    results = {regime: contest(cluster, regime, contenders, plan) for regime in REGIMES}
    goals: list[Goal] = []
    for regime, found in results.items():
        for name, goal in zip(("claim + complete", "complete_and_claim"), FLOOR_GOALS[regime], strict=True):
            goals.append(at_least(f"{name}, {regime}: by the floor", goal, ratio(found, name, "floor"), "×"))
    for regime, found in results.items():
        goals.append(
            at_most(
                f"claim + complete, {regime}: server CPU",
                CPU_GOAL_US,
                cpu_us(found, "claim + complete"),
                "µs",
            )
        )
    return goals, {regime: figures(found) for regime, found in results.items()}


def _pgbench(cluster: Cluster, database: Database, seconds: float, script: str, role: str | None) -> Load:
    return drive(cluster, database, script, seconds, role)


def _without_the_bell(cluster: Cluster, database: Database, seconds: float) -> Load:
    ours.silence(database)
    return drive(cluster, database, ours.ENQUEUE, seconds, ours.PRODUCER)


def _complete_and_claim(cluster: Cluster, database: Database, seconds: float) -> Load:
    return drive(cluster, database, ours.COMPLETE_AND_CLAIM, seconds, ours.AGENT, variables={"held": 0})
