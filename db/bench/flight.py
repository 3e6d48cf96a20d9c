"""Many designs in flight: how long a design waits between two agents, and what the database needs for it.

Agents are simulated: a replica takes whatever comes and has each task in hand for a random time, as one that
waits for a language model has, with a heartbeat as our agents send it; what it delivers has the shape and
about the size of the real thing.  Every fifth verdict is a rejection, so that designs go round again.  A
design that ends is replaced by a new one.

A hand-over is timed from the call that completes a task (its commit included) to the moment in which a
replica of the next agent has the next task in hand.
"""

from __future__ import annotations

import heapq
import itertools
import multiprocessing
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any

from clients.api import Api, Task
from clients.lease import HEARTBEAT_S, LEASE_S
from db.bench.asleep import pass_on
from db.bench.cluster import DISK, BenchError, Database
from db.bench.contest import Bench, Goal, at_most, below
from db.bench.handover import FRONT_END, RESULT
from db.bench.wakeup import percentiles

REPLICAS = 3  # of each agent: one connection that claims, one that holds
POLL_S = 1.0
STOP_S = 60.0
REJECTED = 0.2
P50_GOAL_MS = 5.0
P99_GOAL_MS = 50.0
CORES_GOAL = 0.5
FORK = multiprocessing.get_context("fork")
CHECKS = [
    {
        "code": f"CHECK_{i}",
        "stage": "drc",
        "title": "a check",
        "passed": True,
        "measured": "0",
        "required": "0",
    }
    for i in range(40)
]
SCRIPT = "board.resistor('R1', '1k')\n" * 150  # 4 kB
BOARD: dict[str, Any] = {
    "footprints": [
        {"ref": f"R{i}", "value": "1k", "footprint": "R", "symbol": "Device:R", "part": None, "at": [i, 2]}
        | {"rotation": 0, "side": "front"}
        for i in range(20)
    ],
    "pads": [
        {"ref": f"R{i}", "number": pad, "net": f"N{i}", "kind": "smd", "at": [i, 2], "drill_mm": 0}
        for i in range(20)
        for pad in "12"
    ],
    "tracks": [
        {"net": f"N{i % 20}", "layer": "front", "width_mm": 0.25, "start": [i, 2], "end": [i + 1, 2]}
        for i in range(100)
    ],
    "vias": [{"net": f"N{i}", "at": [i, 2], "diameter_mm": 0.6, "drill_mm": 0.3} for i in range(10)],
}
DELIVERED: dict[str, dict[str, Any]] = {
    "client_manager": RESULT,
    "pcb_designer": {"outcome": "scripted", "script": SCRIPT, "notes": []},
    "kicad": {"outcome": "built", "summary": {}},
    "pcb_tester": {"outcome": "passed", "checks": CHECKS},
}
FINDING = {"code": "LED_REVERSED", "place": "D1", "cause": "reversed", "fix": "turn it"}
REFUSED = {
    "outcome": "rejected",
    "checks": [
        CHECKS[0] | {"passed": False, "measured": "", "required": "", "cause": "", "fix": "", "place": "D1"}
    ],
    "feedback": "LED_REVERSED D1",
    "errors": [FINDING | {"measured": "", "required": ""}],
}


@dataclass(frozen=True)
class Flight:
    """How many designs, how long an agent has a task in hand, and for how long it is measured."""

    designs: int
    work_s: tuple[float, float]
    seconds: float


FULL = Flight(1_000, (5.0, 30.0), 120.0)
QUICK = Flight(50, (0.25, 1.5), 4.0)


@dataclass(frozen=True)
class Hand:
    """One task in a replica's hands: when it had it, when it began to complete it, and when that was done."""

    design: int
    claimed: float
    completing: float
    completed: float


def measure_flight(bench: Bench) -> tuple[list[Goal], dict[str, Any]]:
    """The designs are let in one by one; when all are under way, a while is measured."""
    plan = QUICK if bench.plan.quick else FULL
    with bench.cluster.fresh(DISK) as database, _replicas(database, plan.work_s) as (ended, ask):
        with Api.connect(database.dsn(FRONT_END)) as terminal:
            fed = _feed(terminal, ended, 0, plan.designs, sum(plan.work_s) / 2)
            bench.say(f"flight: {plan.designs:,} designs under way")
            began, cpu_s = time.perf_counter(), bench.cluster.cpu_now_s()
            fed = _feed(terminal, ended, fed, plan.designs, plan.seconds)
            until, cores = time.perf_counter(), bench.cluster.cpu_now_s() - cpu_s
        cores /= until - began
        hands = ask()
    waits = list(_waits(hands, began, until))
    whole = percentiles([(got - completing) * 1e3 for completing, _, got in waits])
    what = f"{plan.designs:,} designs in flight"
    goals = [
        at_most(f"{what}: hand-over p50", P50_GOAL_MS, whole["p50"], "ms"),
        at_most(f"{what}: hand-over p99", P99_GOAL_MS, whole["p99"], "ms"),
        below(f"{what}: the server's CPU", CORES_GOAL, cores, "cores"),
    ]
    return goals, {
        "seconds": round(until - began, 1),
        "designs begun": fed,
        "hand-overs": len(waits),
        "hand_over_ms": whole,
        "after_the_commit_ms": percentiles([(got - committed) * 1e3 for _, committed, got in waits]),
        "cores": round(cores, 3),
    }


def _feed(terminal: Api, ended: Any, fed: int, designs: int, seconds: float) -> int:
    """Let designs in until so many are under way, spread over so many seconds, and replace what ends."""
    began, first = time.perf_counter(), fed
    while (passed := time.perf_counter() - began) < seconds:
        wanted = designs + ended.value if first else int(designs * passed / seconds)
        while fed < wanted:
            key = str(uuid.uuid4())
            terminal.receive_message(f"bench:{fed % 100}", "bench", "a blinker", key, None, interactive=False)
            fed += 1
        time.sleep(0.005)
    return fed


def _waits(hands: list[Hand], began: float, until: float) -> Iterator[tuple[float, float, float]]:
    """(completing, completed, next in hand) of each hand-over that was begun within the time."""
    by_design = sorted(hands, key=lambda hand: (hand.design, hand.claimed))
    for one, next_ in itertools.pairwise(by_design):
        if one.design == next_.design and began <= one.completing < until:
            yield one.completing, one.completed, next_.claimed


# ---------------------------------------------------------------------- simulated agents


@contextmanager
def _replicas(database: Database, work_s: tuple[float, float]) -> Iterator[tuple[Any, Any]]:
    """Replicas of all agents, each in a process of its own.

    Gives the count of designs that have ended, and what stops the replicas and returns what they did.
    """
    stop, ended = FORK.Event(), FORK.Value("q", 0)
    running, pipes = [], []
    for agent, _ in itertools.product(DELIVERED, range(REPLICAS)):
        mine, theirs = FORK.Pipe()
        replica = FORK.Process(
            target=_replica, args=(database.dsn(agent), agent, work_s, stop, ended, theirs), daemon=True
        )
        replica.start()
        theirs.close()
        running.append(replica)
        pipes.append(mine)

    def ask() -> list[Hand]:
        stop.set()
        told = [pipe.recv() for pipe in pipes if pipe.poll(STOP_S)]
        if len(told) < len(pipes):
            raise BenchError("a simulated agent did not end")
        return [Hand(*hand) for hands in told for hand in hands]

    try:
        yield ended, ask
    finally:
        stop.set()
        for replica in running:
            replica.join(STOP_S)


def _replica(
    dsn: str, agent: str, work_s: tuple[float, float], stop: Event, ended: Any, told: Connection
) -> None:
    """One connection claims whatever comes, the other has it in hand."""
    quit_, hands = threading.Event(), _Hands(agent, work_s, ended)
    holder = threading.Thread(target=hands.hold, args=(dsn, quit_), daemon=True)
    holder.start()
    threading.Thread(target=pass_on, args=(stop, quit_), daemon=True).start()
    with Api.connect(dsn) as db:
        while not quit_.is_set():
            task = db.claim_task(LEASE_S) or db.sleep_until_task(LEASE_S, POLL_S, quit_)
            if task is not None:
                hands.take(task)
    holder.join()
    told.send(hands.done)


class _Hands:
    """The tasks that a replica has in hand, by when the next thing is to be done with each."""

    def __init__(self, agent: str, work_s: tuple[float, float], ended: Any) -> None:
        self._agent, self._work_s, self._ended = agent, work_s, ended
        self._due: list[tuple[float, int, float, float, Task]] = []
        self._changed = threading.Condition()
        self._count = itertools.count()
        self._chance = random.Random()  # noqa: S311 - no secret
        self.done: list[tuple[int, float, float, float]] = []

    def take(self, task: Task) -> None:
        """A task was claimed now."""
        now = time.perf_counter()
        with self._changed:
            # at once: the agent asks for the context before it goes to work
            heapq.heappush(
                self._due, (now, next(self._count), now, now + self._chance.uniform(*self._work_s), task)
            )
            self._changed.notify()

    def hold(self, dsn: str, quit_: threading.Event) -> None:
        """Context, heartbeats and completion of every task, each in its time."""
        with Api.connect(dsn) as db:
            while not quit_.is_set():
                with self._changed:
                    wait_s = self._due[0][0] - time.perf_counter() if self._due else POLL_S
                    if wait_s > 0:
                        self._changed.wait(min(wait_s, POLL_S))
                        continue
                    _, number, claimed, finish, task = heapq.heappop(self._due)
                self._do(db, number, claimed, finish, task)

    def _do(self, db: Api, number: int, claimed: float, finish: float, task: Task) -> None:
        now = time.perf_counter()
        if now >= finish:
            self._finish(db, claimed, task)
            return
        if now - claimed < HEARTBEAT_S:
            db.task_context(task)
        else:
            db.heartbeat_task(task, LEASE_S, None)
        with self._changed:
            heapq.heappush(self._due, (min(now + HEARTBEAT_S, finish), number, claimed, finish, task))

    def _finish(self, db: Api, claimed: float, task: Task) -> None:
        if self._agent == "kicad":
            db.store_board(task, BOARD)
        rejected = self._agent == "pcb_tester" and self._chance.random() < REJECTED
        result = REFUSED if rejected else DELIVERED[self._agent]
        completing = time.perf_counter()
        db.complete_task(task, dict(result))
        self.done.append((task.payload["design"], claimed, completing, time.perf_counter()))
        if self._agent == "pcb_tester" and not rejected:
            with self._ended.get_lock():
                self._ended.value += 1
