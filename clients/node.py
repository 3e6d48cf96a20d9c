"""Node: the body of every agent, and the loop that feeds it from the database.

An agent holds no state between tasks.  It claims a task, calls itself with what the database knows of
it, and says how it ended; which agent comes next is the database's business.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from clients.api import Api, ApiError, ConnectionLost, Task
from clients.server import find_server

LEASE_S = 15.0  # a silent worker's task is free again after this
HEARTBEAT_S = LEASE_S / 3
POLL_S = 1.0  # the backstop behind the doorbell: a lost ring costs this much
RECONNECT_S = (0.2, 5.0)  # first and longest wait, doubled and jittered


class Interrupted(KeyboardInterrupt):
    """Work on a task has to end now; psycopg cancels its query cleanly on a KeyboardInterrupt only."""


class HandBack(Interrupted):
    """SIGTERM: the task goes back to the queue and no attempt is burned."""


class LeaseGone(Interrupted):
    """The task was cancelled, or its lease went to another worker: the result would be refused."""


class Node:
    """An agent: a callable `(state) -> dict` that can also run as a process of its own."""

    name: str

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._interrupt: type[Interrupted] | None = None
        self._busy = False
        self._lease: _Lease | None = None
        self._db: Api | None = None
        self._task: Task | None = None

    # ------------------------------------------------------------------ what an agent is

    def __call__(self, state: dict[str, Any]) -> dict[str, Any]:
        """Work on one task: `state` is the database's context of it, the result moves the design on."""
        return self.process(state)

    def process(self, state: dict[str, Any]) -> dict[str, Any]:
        """The agent's work; every agent has its own."""
        raise NotImplementedError(f"{type(self).__name__} has no process()")

    def progress(self, text: str) -> None:
        """Tell whoever waits for the design what is being done, in a few words."""
        if self._lease is not None:
            self._lease.say(text)

    def read_file(self, name: str) -> bytes:
        """A file that an earlier agent left for this attempt; `ApiError` when there is none."""
        assert self._db is not None, "files belong to a task in hand"
        assert self._task is not None
        return self._db.read_artifact(self._task, name)

    # ------------------------------------------------------------------ the loop

    def run(self, connect: Callable[[], Api]) -> None:
        """Serve tasks until `stop` is called; a lost connection is made anew."""
        wait, born = RECONNECT_S[0], False
        while not self._stop.is_set():
            try:
                with connect() as db:
                    wait = RECONNECT_S[0]
                    born = born or db.start_worker() >= 0
                    self._serve(db, connect)
            except ConnectionLost as lost:
                sys.stderr.write(f"{self.name}: {lost}; connecting again\n")
                self._stop.wait(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter is no secret
                wait = min(2 * wait, RECONNECT_S[1])

    def _serve(self, db: Api, connect: Callable[[], Api]) -> None:
        while not self._stop.is_set():
            task = db.claim_task(LEASE_S) or db.sleep_until_task(LEASE_S, POLL_S, self._stop)
            if task is not None:
                self._work(db, task, connect)

    def _work(self, db: Api, task: Task, connect: Callable[[], Api]) -> None:
        try:
            with self._holding(db, task, connect):
                result = self(db.task_context(task))
                self._store(db, task, result)
            db.complete_task(task, result)  # safe to say twice
        except HandBack:
            db.release_task(task)
        except LeaseGone:
            pass  # somebody else has it, or nobody wants it any more
        except ConnectionLost:
            raise
        except ApiError as error:
            if not error.lease_lost:
                db.fail_task(task, str(error), retry=True)
        except Exception as error:  # an agent must outlive whatever one task does to it
            db.fail_task(
                task, f"{type(error).__name__}: {error}", retry=not getattr(error, "permanent", False)
            )

    def _store(self, db: Api, task: Task, result: dict[str, Any]) -> None:
        """What is too large for a result goes first; all of it is fenced by the task's lease."""
        for name, content in result.pop("files", {}).items():
            db.store_artifact(task, name, content)
        if "board" in result:
            db.store_board(task, result.pop("board"))

    @contextmanager
    def _holding(self, db: Api, task: Task, connect: Callable[[], Api]) -> Iterator[None]:
        """Keep the lease alive while the body works, and let signals interrupt it."""
        self._db, self._task = db, task
        self._lease = _Lease(task, connect, self._lose_lease)
        self._lease.start()
        try:
            self._busy = True
            if self._stop.is_set():
                raise HandBack
            yield
        finally:
            self._busy = False
            self._lease.stop()
            self._lease = self._task = self._db = None

    # ------------------------------------------------------------------ signals

    def stop(self, *_: object) -> None:
        """Take no more work and hand back what is in hand (the handler of SIGTERM and SIGINT)."""
        self._stop.set()
        if self._busy:
            self._busy = False  # once: a second signal must not tear the hand-back apart
            raise HandBack

    def _lose_lease(self) -> None:
        """Called by the heartbeat's thread; the signal brings it into the main thread."""
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    def _on_lease_lost(self, *_: object) -> None:
        if self._busy:
            self._busy = False
            raise LeaseGone

    @classmethod
    def main(cls) -> None:
        """Run the agent as a process under its own role until SIGTERM."""
        node = cls()
        signal.signal(signal.SIGTERM, node.stop)
        signal.signal(signal.SIGINT, node.stop)
        signal.signal(signal.SIGUSR1, node._on_lease_lost)
        if os.environ.get("MAS_PARENT_PIPE"):
            threading.Thread(target=_end_with_parent, daemon=True).start()
        dsn = find_server().dsn(cls.name)
        node.run(lambda: Api.connect(dsn))


def _end_with_parent() -> None:
    """The fleet holds the other end of our standard input: when it is gone, so are we."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


class _Lease(threading.Thread):
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
        while not self._ended.is_set():
            try:
                with self._connect() as db:
                    self._beat(db)
            except ConnectionLost:
                self._ended.wait(RECONNECT_S[0])

    def _beat(self, db: Api) -> None:
        while not self._ended.is_set():
            self._wake.wait(HEARTBEAT_S)
            self._wake.clear()
            if self._ended.is_set():
                return
            try:
                verdict = db.heartbeat_task(self._task, LEASE_S, self._text)
            except ApiError as error:
                if not error.lease_lost:
                    raise
                verdict = "lost"
            if verdict != "continue":
                self._ended.set()
                self._on_lost()
