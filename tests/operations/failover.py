"""Eight clients at work while the primary dies and its standby takes over; what they were told, and whether it is so.

`python -m tests.operations.failover [--synchronous] [--rounds N]` measures what was acknowledged and lost.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import signal
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import psycopg

from clients.api import Api, ApiError, ConnectionLost
from tests.db.steps import BOARD, RESULTS
from tests.db.test_meetings import BROKEN_HISTORY
from tests.operations.pair import ENOUGH_S, Pair, pair, wait_until

AGENTS = ("client_manager", "pcb_designer", "kicad", "pcb_tester")
LEASE_S = 5.0
POLL_S = 1.0
LOST = (ConnectionLost, psycopg.OperationalError)


@dataclass
class Told:
    """What clients were told is so, and when: nothing of it may be lost."""

    tasks: dict[str, tuple[int, float]] = field(default_factory=dict)  # key → task, time
    designs: dict[str, tuple[int, float]] = field(default_factory=dict)  # key → design, time
    completed: dict[int, tuple[uuid.UUID, float]] = field(default_factory=dict)  # task → its token, time

    def count(self) -> int:
        """How many answers there were."""
        return len(self.tasks) + len(self.designs) + len(self.completed)


class Line:
    """A client's connection: what got no answer is said again, on a new one."""

    def __init__(self, on: Pair, role: str) -> None:
        self._on, self._role = on, role
        self._api: Api | None = None
        self.lost_at: float | None = None
        self.away_s = 0.0

    def ask(self, call: str, *words: Any, **named: Any) -> Any:
        """The answer to a call."""
        while True:
            try:
                self._api = self._api or self._on.api(self._role)
                answer = getattr(self._api, call)(*words, **named)
            except LOST:
                self.close()
                self.lost_at = self.lost_at or monotonic()
                assert monotonic() - self.lost_at < ENOUGH_S, (
                    f"{self._role} has got no answer for {ENOUGH_S} s"
                )
            else:
                if self.lost_at:
                    self.away_s, self.lost_at = max(self.away_s, monotonic() - self.lost_at), None
                return answer

    def close(self) -> None:
        """Hang up."""
        if self._api:
            self._api.close()
        self._api = None


class Clients:
    """Two that enqueue, two that begin designs, and a worker of each agent; each says again what got no answer."""

    def __init__(self, on: Pair) -> None:
        self._on = on
        self._closing, self._ended = threading.Event(), threading.Event()
        self.told = Told()
        self.died_at = math.inf
        self.faults: list[BaseException] = []
        people: list[tuple[Callable[[Line, Any], None], str, Any]] = [
            (self._enqueue, "admin", 0),
            (self._enqueue, "admin", 1),
            (self._begin, "terminal", 2),
            (self._begin, "terminal", 3),
        ]
        self.lines: list[Line] = []
        self._people = [self._thread(*words) for words in people]
        self._workers = [self._thread(self._serve, agent, agent) for agent in AGENTS]

    def _thread(self, work: Callable[[Line, Any], None], role: str, what: Any) -> threading.Thread:
        line = Line(self._on, role)
        self.lines.append(line)

        def guarded() -> None:
            try:
                work(line, what)
            except BaseException as error:  # the test's thread raises it
                self.faults.append(error)
            finally:
                line.close()

        return threading.Thread(target=guarded)

    def __enter__(self) -> Clients:
        for thread in (*self._people, *self._workers):
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._ended.set()
        for thread in (*self._people, *self._workers):
            thread.join()

    def more(self, count: int) -> None:
        """Wait for so many more answers."""
        goal = self.told.count() + count
        wait_until(lambda: bool(self.faults) or self.told.count() >= goal, f"{count} answers")
        assert not self.faults, self.faults

    def close(self) -> None:
        """No new work; what was begun is finished."""
        self._closing.set()
        for thread in self._people:
            thread.join()

    def _enqueue(self, line: Line, number: int) -> None:
        for n in itertools.count():
            if self._closing.is_set():
                return
            key = f"{number}-{n}"
            words = {"p_agent": "pcb_tester", "p_payload": f'{{"key": "{key}"}}', "p_key": key}
            self.told.tasks[key] = (line.ask("_one", "enqueue_task", **words), monotonic())

    def _begin(self, line: Line, number: int) -> None:
        for n in itertools.count():
            if self._closing.is_set():
                return
            key = f"{number}-{n}"
            words = (f"account {key}", "me", "a blinker", key, None, False)
            self.told.designs[key] = (line.ask("receive_message", *words), monotonic())

    def _serve(self, line: Line, agent: str) -> None:
        while not self._ended.is_set():
            task = line.ask("claim_task", LEASE_S) or line.ask(
                "sleep_until_task", LEASE_S, POLL_S, self._ended
            )
            if task is None:
                continue
            result = {"key": task.payload["key"]} if "key" in task.payload else RESULTS[agent]
            try:
                if agent == "kicad":
                    line.ask("store_board", task, BOARD)
                line.ask("complete_task", task, result)
            except ApiError as refused:
                if not refused.lease_lost:
                    raise
            else:
                self.told.completed[task.task_id] = (task.lease_token, monotonic())


def lost(on: Pair, told: Told, until: float = math.inf) -> dict[str, list[float]]:
    """When each answer before that time was given that is not so any more, by what it was."""
    ask = on.standby.ask
    keys = dict(ask("select key, task_id from core.task_keys where agent = 'pcb_tester'"))
    designs = {number for (number,) in ask("select state_id from core.design_states")}
    ends = dict(ask("select task_id, lease_token from core.task_history where outcome = 'done'"))
    gone = {
        "tasks": [at for key, (task, at) in told.tasks.copy().items() if keys.get(key) != task],
        "designs": [at for design, at in told.designs.copy().values() if design not in designs],
        "completions": [at for task, (token, at) in told.completed.copy().items() if ends.get(task) != token],
    }
    return {what: [at for at in times if at < until] for what, times in gone.items()}


def hold(on: Pair, told: Told) -> None:
    """The oracle of the fault matrix, when all work is done."""
    ask = on.standby.ask
    missing = {what: len(times) for what, times in lost(on, told).items() if times}
    assert not missing, f"acknowledged and lost: {missing}"
    numbers = [task for task, _ in told.tasks.values()]
    assert len(set(numbers)) == len(numbers), "two keys have one task"
    ends = ask(
        "select task_id, count(*) from core.task_history group by 1 having count(*) > 1 or bool_or(outcome <> 'done')"
    )
    assert ends == [], "a task has ended twice, or in vain"
    assert {task for (task,) in ask("select task_id from core.task_history")} >= set(numbers)
    assert len({design for design, _ in told.designs.values()}) == len(told.designs), (
        "two keys have one design"
    )
    assert ask("select state, count(*) from core.design_states group by 1") == [
        ("resolved", len(told.designs))
    ]
    assert ask(BROKEN_HISTORY) == []


def fail_over(on: Pair, clients: Clients, behind: bool) -> float:
    """Kill the primary in the middle of the load and promote the standby; seconds that the promotion took.

    `behind`: the standby is stopped from receiving first, until a client waits for it (or 200 were told yes without it).
    """
    if behind:
        ((receiver,),) = on.standby.ask("select pid from pg_stat_wal_receiver")
        os.kill(int(str(receiver)), signal.SIGSTOP)
        goal = clients.told.count() + 200
        waiting = "select count(*) > 0 from pg_stat_activity where wait_event = 'SyncRep'"
        wait_until(
            lambda: clients.told.count() >= goal or on.primary.ask(waiting) == [(True,)], "somebody waits"
        )
    on.primary.kill()
    clients.died_at = monotonic()
    if behind:
        os.kill(int(str(receiver)), signal.SIGCONT)
    return on.standby.promote()


def measure(synchronous: bool) -> dict[str, float]:
    """One failover: answers given before it, those that were lost, and for how long back."""
    with pair(synchronous) as on, Clients(on) as clients:
        clients.more(1500)
        before = clients.told.count()
        promoted = fail_over(on, clients, behind=False)
        gone = lost(on, clients.told, clients.died_at)
        clients.more(500)
        clients.close()
    times = [at for some in gone.values() for at in some]
    window = clients.died_at - min(times) if times else 0.0
    counts: dict[str, float] = {what: len(some) for what, some in gone.items()}
    return counts | {
        "before": before,
        "ms": 1000 * window,
        "promoted_s": promoted,
        "away_s": max(line.away_s for line in clients.lines),
    }


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--synchronous", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    for _ in range(given.rounds):
        print({name: round(value, 2) for name, value in measure(given.synchronous).items()}, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
