"""Our queue through psycopg against other queues through their own clients, one by one and in batches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from db.bench import ours
from db.bench.cluster import DISK, REGIMES, TEMPLATE, Database
from db.bench.contest import Bench, Contender, Goal, Load, Results, at_least, figures, rate, ratio
from db.bench.programs import PEERS, WORKERS, Peer

PEER_GOAL = 1.3
BATCH_GOAL = 1.5
BY_ITSELF = ", deleting finished tasks"  # beside the goals, which are for queues that all keep them
LARGER_BATCHES = {"Graphile Worker": 500}  # what a peer's documentation calls its fastest


def measure_clients(bench: Bench) -> tuple[list[Goal], dict[str, Any]]:
    """Claim and complete one by one, eight workers; the slow disk, and enqueue, in the full run."""
    full = ours.full_queue(bench, bench.plan.waiting)
    contenders = [
        _ours("claim + complete", "work", ours.AGENT, full),
        *(_peer(bench, peer, "work", bench.plan.waiting, 1) for peer in peers(bench)),
        *(_by_itself(bench, peer, bench.plan.waiting, 1) for peer in peers(bench) if peer.keeper),
    ]
    if not bench.plan.quick:
        contenders.append(_ours("complete_and_claim", "complete and claim", ours.AGENT, full))
    regimes = (DISK,) if bench.plan.quick else tuple(REGIMES)
    results = {regime: bench.contest(regime, contenders) for regime in regimes}
    goals = [
        goal
        for regime, found in results.items()
        for goal in against_best(f"claim + complete, {regime}", found, "claim + complete", PEER_GOAL)
    ]
    raw: dict[str, Any] = {regime: figures(found) for regime, found in results.items()}
    if not bench.plan.quick:
        producers = [
            _ours("enqueue_task", "enqueue", ours.PRODUCER),
            *(_peer(bench, peer, "enqueue", 0, 1) for peer in peers(bench)),
        ]
        raw["enqueue"] = {regime: figures(bench.contest(regime, producers)) for regime in REGIMES}
    return goals, raw | {"how": _how(bench)}


def measure_client_batches(bench: Bench) -> tuple[list[Goal], dict[str, Any]]:
    """Claim and complete in batches of 100; enqueue in batches of 100 in the full run."""
    filled = bench.plan.waiting_for_batches
    contenders = [
        _ours("claim_tasks + complete_tasks", "work batches", ours.AGENT, ours.full_queue(bench, filled)),
        *(_peer(bench, peer, "work", filled, ours.BATCH) for peer in peers(bench) if peer.batch_processes),
    ]
    for peer in peers(bench):
        if peer.keeper:
            contenders.append(_by_itself(bench, peer, filled, ours.BATCH))
        if peer.name in LARGER_BATCHES:  # beside the goal, which is for batches of 100
            size = LARGER_BATCHES[peer.name]
            larger = _peer(bench, peer, "work", filled, size)
            contenders.append(replace(larger, name=f"{peer.name}, {size} at a time"))
    results = bench.contest(DISK, contenders)
    goals = against_best(
        f"claim + complete in batches of 100, {DISK}", results, "claim_tasks + complete_tasks", BATCH_GOAL
    )
    raw: dict[str, Any] = {DISK: figures(results)}
    if not bench.plan.quick:
        producers = [
            _ours("enqueue_tasks", "enqueue batches", ours.PRODUCER),
            *(_peer(bench, peer, "enqueue batches", 0, ours.BATCH) for peer in peers(bench)),
        ]
        raw["enqueue"] = {DISK: figures(bench.contest(DISK, producers))}
    return goals, raw | {"how": _how(bench)}


def peers(bench: Bench) -> list[Peer]:
    """The other queues that take part."""
    return [peer for peer in PEERS if peer.name in bench.programs]


def against_best(what: str, results: Results, name: str, goal: float) -> list[Goal]:
    """The goal against the fastest of the other queues; none without them."""
    others = [peer.name for peer in PEERS if peer.name in results]
    if not others:
        return []
    best = max(others, key=lambda other: rate(results, other))
    return [at_least(f"{what}: by the best peer, {best}", goal, ratio(results, name, best), "×")]


def template(bench: Bench, peer: Peer, filled: int) -> str:
    """A database with the peer installed, and so many tasks in its queue."""

    def fill(database: Database) -> None:
        programs = bench.programs[peer.name]
        programs.request(database, None, "install")
        if filled:
            programs.request(database, None, "fill", count=filled)
        if peer.keeper:
            database.run(peer.keeper)

    kept = "kept_" if peer.keeper else ""
    return bench.cluster.template(f"{peer.program.partition('.')[0]}_{kept}{filled}", fill, "template1")


def _how(bench: Bench) -> dict[str, Any]:
    """How each queue was driven, for the report."""
    return {
        peer.name: {
            "one by one": f"{peer.one_by_one}; {peer.processes} processes",
            "in batches": f"{peer.in_batches}; {peer.batch_processes or peer.processes} processes",
            "finished tasks": peer.keeps,
        }
        for peer in peers(bench)
    } | {
        "ours": {
            "one by one": f"psycopg, a process with one connection for each of {WORKERS} workers",
            "in batches": f"the same, {ours.BATCH} at a time",
            "finished tasks": "kept whole in core.task_history, its only way",
        }
    }


def _by_itself(bench: Bench, peer: Peer, filled: int, batch: int) -> Contender:
    """A peer as it is, without what has it keep finished tasks."""
    contender = _peer(bench, replace(peer, keeper=""), "work", filled, batch)
    return replace(contender, name=f"{peer.name}{BY_ITSELF}")


def _peer(bench: Bench, peer: Peer, do: str, filled: int, batch: int) -> Contender:
    processes = peer.processes if batch == 1 else peer.batch_processes or peer.processes
    finished = peer.finished.format(filled=filled) if do == "work" else None

    def run(bench: Bench, database: Database, seconds: float) -> Load:
        return bench.programs[peer.name].drive(
            bench.cluster,
            database,
            None,
            do,
            finished,
            processes,
            filled,
            seconds=seconds,
            workers=WORKERS // processes,
            batch=batch,
        )

    return Contender(peer.name, run, template(bench, peer, filled))


def _ours(name: str, do: str, role: str, source: str = TEMPLATE, workers: int = WORKERS) -> Contender:
    def run(bench: Bench, database: Database, seconds: float) -> Load:
        return bench.programs["ours"].drive(
            bench.cluster, database, role, do, None, 1, seconds=seconds, workers=workers, batch=ours.BATCH
        )

    return Contender(name, run, source)
