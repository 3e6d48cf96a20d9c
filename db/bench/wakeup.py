"""Wake-up from idle: from the enqueue's commit to the worker that has the task in hand."""

from __future__ import annotations

import statistics
from typing import Any

from db.bench import ours
from db.bench.clients import peers, template
from db.bench.cluster import DELAY, DISK
from db.bench.contest import Bench, Goal, at_most

PAUSE_S = 0.01  # long enough for every worker to go back to sleep
SAMPLES = 2_000
SAMPLES_QUICK = 90
P50_GOAL_MS = 2.0
P99_GOAL_MS = 5.0
Samples = list[tuple[float, float]]  # ms of the enqueue with its commit, and ms from there to the worker


def measure_wakeup(bench: Bench) -> tuple[list[Goal], dict[str, Any]]:
    """One idle worker, one producer; in the full run the other queues in turn, and the slow disk, too."""
    others = [] if bench.plan.quick else peers(bench)
    names = ["ours", *(peer.name for peer in others)]
    raw = {}
    for regime in (DISK,) if bench.plan.quick else (DISK, DELAY):
        samples: dict[str, Samples] = {name: [] for name in names}
        count = (SAMPLES_QUICK if bench.plan.quick else SAMPLES) // bench.plan.rounds + 1
        for turn in range(bench.plan.rounds):
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                samples[name] += _sample(bench, regime, name, count)
        raw[regime] = {name: _figures(each) for name, each in samples.items()}
    wake = {name: figures["wake_ms"] for name, figures in raw[DISK].items()}
    goals = [
        at_most(f"wake-up from idle, {DISK}: p50", P50_GOAL_MS, wake["ours"]["p50"], "ms"),
        at_most(f"wake-up from idle, {DISK}: p99", P99_GOAL_MS, wake["ours"]["p99"], "ms"),
    ]
    for which in ("p50", "p99") if others else ():
        best = min((peer.name for peer in others), key=lambda name: wake[name][which])
        slower = wake["ours"][which] / wake[best][which]
        goals.append(
            at_most(f"wake-up from idle, {DISK}: {which} by the best peer, {best}", 1.0, slower, "×")
        )
    return goals, raw


def _sample(bench: Bench, regime: str, name: str, count: int) -> Samples:
    programs = bench.programs[name]
    wanted: dict[str, Any] = {"count": count, "pause_s": PAUSE_S}
    if name == "ours":
        with bench.cluster.fresh(regime) as database:
            wanted["producer"] = database.dsn(ours.PRODUCER)
            told = programs.request(database, ours.AGENT, "wakeup", **wanted)
    else:
        (peer,) = (peer for peer in peers(bench) if peer.name == name)
        with bench.cluster.fresh(regime, template(bench, peer, 0)) as database:
            told = programs.request(database, None, "wakeup", batch=1, **wanted)
    return [(enqueue_ms, wake_ms) for enqueue_ms, wake_ms in told["samples"]]


def _figures(samples: Samples) -> dict[str, Any]:
    return {
        "samples": len(samples),
        "wake_ms": percentiles([wake for _, wake in samples]),
        "enqueue_ms": percentiles([enqueue for enqueue, _ in samples]),
        "both_ms": percentiles([enqueue + wake for enqueue, wake in samples]),
    }


def percentiles(values: list[float]) -> dict[str, float]:
    """p50, p99 and the highest, in the unit of the values."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "highest": round(max(values), 3)}
