"""Sessions whose steps are run in every order, as PostgreSQL's own isolation tester does it.

A step that waits for a lock is seen to wait (PostgreSQL says so itself) and the other sessions go on; nothing is timed.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

Step = Callable[[psycopg.Connection], Any]
PATIENCE_S = 20.0  # a step that neither ends nor waits for a lock by then hangs


@dataclass
class Session:
    """A connection whose steps run in a thread of its own, one after the other."""

    name: str
    connection: psycopg.Connection
    results: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pid = self.connection.info.backend_pid
        self._steps: queue.Queue[tuple[str, Step] | None] = queue.Queue()
        self._open = 0
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True, name=self.name)
        self._thread.start()

    @property
    def idle(self) -> bool:
        """Whether every step that was given has ended."""
        with self._changed:
            return self._open == 0

    def give(self, name: str, step: Step) -> None:
        """Run a step after those given before."""
        with self._changed:
            self._open += 1
        self._steps.put((name, step))

    def wait(self, seconds: float) -> bool:
        """Wait until it is idle; returns whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, seconds)

    def close(self) -> None:
        """End the thread; the connection stays its owner's."""
        self._steps.put(None)
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        while (item := self._steps.get()) is not None:
            name, step = item
            try:
                self.results[name] = step(self.connection)
            except psycopg.Error as error:
                self.results[name] = error.sqlstate or type(error).__name__
            with self._changed:
                self._open -= 1
                self._changed.notify_all()


def interleavings(lengths: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every order in which sessions of so many steps can take turns, as indices of sessions."""
    if not any(lengths):
        yield ()
    for index, left in enumerate(lengths):
        if left:
            rest = [n - (i == index) for i, n in enumerate(lengths)]
            yield from ((index, *order) for order in interleavings(rest))


def run_in_order(
    observer: psycopg.Connection,
    sessions: Sequence[Session],
    scripts: Sequence[Sequence[tuple[str, Step]]],
    order: Sequence[int],
) -> dict[str, Any]:
    """Run the scripts' steps in one order; returns what each step gave, or its SQLSTATE.

    A session that waits for another's lock gets its next steps all the same and runs them once it is let go.
    """
    todo = [iter(script) for script in scripts]
    for session in sessions:
        session.results.clear()
    for index in order:
        sessions[index].give(*next(todo[index]))
        _settle(observer, sessions)
    for session in sessions:
        assert session.wait(PATIENCE_S), f"{session.name} hangs in order {order}"
    return {name: value for session in sessions for name, value in session.results.items()}


def _settle(observer: psycopg.Connection, sessions: Sequence[Session]) -> None:
    """Return once every session is idle or waits for a lock of another."""
    pids = [session.pid for session in sessions]
    until = time.monotonic() + PATIENCE_S
    for session in sessions:
        while not session.wait(0.002):
            assert time.monotonic() < until, f"{session.name} neither ends nor waits for another"
            query = "select pg_isolation_test_session_is_blocked(%s, %s)"
            if observer.execute(query, (session.pid, pids)).fetchone() == (True,):
                break
