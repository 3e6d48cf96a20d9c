"""Eight clients at work while the primary dies and its standby takes over; what they were told, and whether it is so.

`python -m tests.operations.failover [--synchronous] [--rounds N]` measures what was acknowledged and lost.
"""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import statistics
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import psycopg

from clients.api import Api, ApiError, ConnectionLost, Task
from tests.db.steps import BOARD, RESULTS
from tests.db.test_meetings import BROKEN_HISTORY
from tests.operations.pair import Pair, pair, wait_until

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
    reconnected: list[float] = field(default_factory=list)  # seconds from the death to the first answer

    def count(self) -> int:
        """How many answers there were."""
        return len(self.tasks) + len(self.designs) + len(self.completed)


class Clients:
    """Two that enqueue, two that begin designs, and a worker of each agent; each says again what got no answer."""

    def __init__(self, on: Pair) -> None:
        self._on = on
        self._closing, self._ended = threading.Event(), threading.Event()
        self.told = Told()
        self.died_at: float | None = None
        self.faults: list[BaseException] = []
        people = [(self._enqueue, 0), (self._enqueue, 1), (self._begin, 2), (self._begin, 3)]
        self._people = [threading.Thread(target=self._guard, args=words) for words in people]
        self._workers = [threading.Thread(target=self._guard, args=(self._serve, agent)) for agent in AGENTS]

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

    def _guard(self, work: Callable[[Any], None], what: Any) -> None:
        try:
            work(what)
        except BaseException as error:  # the test's thread raises it
            self.faults.append(error)

    def _retried(self, role: str, call: Callable[[Api], Any], api: Api | None) -> tuple[Any, Api]:
        """Say it until there is an answer, on a new connection where the old one is gone."""
        until = monotonic() + 60
        while True:
            try:
                api = api or self._on.api(role)
                answer = call(api)
                if self.died_at and len(self.told.reconnected) < 8:
                    self.told.reconnected.append(monotonic() - self.died_at)
                return answer, api
            except LOST:
                if api:
                    api.close()
                api = None
                assert monotonic() < until, f"{role} has got no answer for a minute"

    def _enqueue(self, number: int) -> None:
        api = None
        for n in itertools.count():
            if self._closing.is_set():
                break
            key = f"{number}-{n}"
            words = {"p_agent": "pcb_tester", "p_payload": f'{{"key": "{key}"}}', "p_key": key}
            answer, api = self._retried("admin", lambda db: db._one("enqueue_task", **words), api)  # noqa: B023
            self.told.tasks[key] = (answer, monotonic())
        if api:
            api.close()

    def _begin(self, number: int) -> None:
        api = None
        for n in itertools.count():
            if self._closing.is_set():
                break
            key = f"{number}-{n}"
            say = lambda db: db.receive_message(f"account {key}", "me", "a blinker", key, None, False)  # noqa: B023, E731
            answer, api = self._retried("terminal", say, api)
            self.told.designs[key] = (answer, monotonic())
        if api:
            api.close()

    def _serve(self, agent: str) -> None:
        api: Api | None = None
        while not self._ended.is_set():
            task, api = self._retried(agent, lambda db: db.claim_task(LEASE_S) or db.sleep_until_task(LEASE_S, POLL_S, self._ended), api)
            if task is not None:
                api = self._do(agent, task, api)
        if api:
            api.close()

    def _do(self, agent: str, task: Task, api: Api | None) -> Api | None:
        result = {"key": task.payload["key"]} if "key" in task.payload else RESULTS[agent]

        def finish(db: Api) -> None:
            if agent == "kicad":
                db.store_board(task, BOARD)
            db.complete_task(task, result)

        try:
            _, api = self._retried(agent, finish, api)
            self.told.completed[task.task_id] = (task.lease_token, monotonic())
        except ApiError as refused:
            if not refused.lease_lost:
                raise
            return None
        return api


def lost(on: Pair, told: Told) -> dict[str, list[float]]:
    """When each answer was given that is not so any more, by what it was."""
    ask = on.standby.ask
    keys = dict(ask("select key, task_id from core.task_keys where agent = 'pcb_tester'"))
    designs = {number for (number,) in ask("select state_id from core.design_states")}
    ends = dict(ask("select task_id, lease_token from core.task_history where outcome = 'done'"))
    return {
        "tasks": [at for key, (task, at) in told.tasks.items() if keys.get(key) != task],
        "designs": [at for design, at in told.designs.values() if design not in designs],
        "completions": [at for task, (token, at) in told.completed.items() if ends.get(task) != token],
    }


def hold(on: Pair, told: Told) -> None:
    """The oracle of the fault matrix, when all work is done."""
    ask = on.standby.ask
    missing = {what: len(times) for what, times in lost(on, told).items() if times}
    assert not missing, f"acknowledged and lost: {missing}"
    numbers = [task for task, _ in told.tasks.values()]
    assert len(set(numbers)) == len(numbers), "two keys have one task"
    ends = ask("select task_id, count(*) from core.task_history group by 1 having count(*) > 1 or bool_or(outcome <> 'done')")
    assert ends == [], "a task has ended twice, or in vain"
    assert {task for (task,) in ask("select task_id from core.task_history")} >= set(numbers)
    assert len({design for design, _ in told.designs.values()}) == len(told.designs), "two keys have one design"
    assert ask("select state, count(*) from core.design_states group by 1") == [("resolved", len(told.designs))]
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
        wait_until(lambda: clients.told.count() >= goal or on.primary.ask(waiting) == [(True,)], "somebody waits")
    clients.died_at = monotonic()
    on.primary.kill()
    if behind:
        os.kill(int(str(receiver)), signal.SIGCONT)
    return on.standby.promote()


def measure(synchronous: bool) -> dict[str, float]:
    """One failover: answers given before it, those that were lost, and for how long back."""
    with pair(synchronous) as on:
        with Clients(on) as clients:
            clients.more(1500)
            before = clients.told.count()
            promoted = fail_over(on, clients, behind=False)
            gone = lost(on, clients.told)
            clients.more(500)
            clients.close()
    times = [at for some in gone.values() for at in some]
    window = (clients.died_at or 0) - min(times) if times else 0.0
    counts: dict[str, float] = {what: len(some) for what, some in gone.items()}
    return counts | {"before": before, "ms": 1000 * window, "promoted_s": promoted, "away_s": max(clients.told.reconnected)}


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--synchronous", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    rounds = [measure(given.synchronous) for _ in range(given.rounds)]
    for one in rounds:
        print({name: round(value, 2) for name, value in one.items()}, flush=True)  # noqa: T201
    worst = statistics.median(one["ms"] for one in rounds)
    print(f"median of the window in which answers were lost: {worst:.0f} ms")  # noqa: T201


if __name__ == "__main__":
    main()
