"""The lease of a task in hand: heartbeats while an agent works, and what interrupts the work."""

from __future__ import annotations

import threading
from collections.abc import Callable

from clients.api import Api, ApiError, ConnectionLost, Task
from clients.log import about, log_of

LEASE_S = 15.0  # a silent worker's task is free again after this
HEARTBEAT_S = LEASE_S / 3
RECONNECT_S = 0.2


class Interrupted(KeyboardInterrupt):
    """Work on a task has to end now; psycopg cancels its query cleanly on a KeyboardInterrupt only."""


class HandBack(Interrupted):
    """SIGTERM: the task goes back to the queue and no attempt is burned."""


class LeaseGone(Interrupted):
    """The task was cancelled, or its lease went to another worker: the result would be refused."""


class Lease(threading.Thread):
    """Heartbeats on a connection of their own: the worker's own is busy, or waits for a model."""

    def __init__(self, task: Task, connect: Callable[[], Api], on_lost: Callable[[], None]) -> None:
        super().__init__(daemon=True, name=f"lease of task {task.task_id}")
        self._task, self._connect, self._on_lost = task, connect, on_lost
        self._text: str | None = None
        self._wake = threading.Event()
        self._ended = threading.Event()

    def say(self, text: str) -> None:
        """Send this progress with a heartbeat at once."""
        self._text = text
        self._wake.set()

    def stop(self) -> None:
        """End the thread; returns when no heartbeat can come any more."""
        self._ended.set()
        self._wake.set()
        self.join()

    def run(self) -> None:
        """Beat until stopped; reconnect while the lease lasts."""
        with about(self._task):
            while not self._ended.is_set():
                try:
                    with self._connect() as db:
                        self._beat(db)
                except ConnectionLost:
                    self._ended.wait(RECONNECT_S)

    def _beat(self, db: Api) -> None:
        while not self._ended.is_set():
            self._wake.wait(HEARTBEAT_S)
            self._wake.clear()
            if self._ended.is_set():
                return
            text = self._text
            try:
                verdict = db.heartbeat_task(self._task, LEASE_S, text)
            except ApiError as error:
                if not error.lease_lost:  # the words, or a deadlock: the lease itself is still ours
                    log_of(db.role).warning("%s", error)
                    self._text = None if self._text is text else self._text
                    continue
                verdict = "lost"
            if verdict != "continue":
                self._ended.set()
                self._on_lost()
