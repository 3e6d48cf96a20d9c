"""Worker: the loop that feeds an agent from the database: claim, work, complete.

It holds no state between tasks.  A task's context goes in and a result comes out; which agent comes next is
the database's business.
"""

from __future__ import annotations

import logging
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from clients.api import Api, ApiError, ConnectionLost, Task
from clients.lease import LEASE_S, HandBack, Lease, LeaseGone
from clients.llm.asking import TaskOver
from clients.log import about, log_of, note, take_over, told
from clients.parent_pipe import end_with_parent
from clients.server import find_server

POLL_S = 1.0  # the backstop behind the doorbell: a lost ring costs this much
RECONNECT_S = (0.2, 5.0)  # first and longest wait, doubled and jittered
ENDED = {"dead": "dead_lettered", "cancelled": "cancelled"}  # what fail_task says → the outcome it has


class Worker:
    """What stands under an agent; what is done with a task is the agent's `__call__`."""

    name: str
    listen_channels: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._interruptible = False  # a lost lease may interrupt the main thread: the process is ours
        self._busy = False
        self._connect: Callable[[], Api] | None = None
        self._lease: Lease | None = None
        self._db: Api | None = None
        self._task: Task | None = None
        self._state: dict[str, Any] = {}

    def __call__(self, state: dict[str, Any]) -> dict[str, Any]:
        """Work on the task in hand: its context goes in, its result comes out."""
        raise NotImplementedError

    def listen_for_notifications(self) -> int:
        """Handle what has come on `listen_channels`."""
        raise NotImplementedError

    # ------------------------------------------------------------------ the loop

    def connect(self, connect: Callable[[], Api]) -> None:
        """Say how to log in; what follows works on that database."""
        self._connect = connect

    def run(self, connect: Callable[[], Api]) -> None:
        """Serve tasks until `stop` is called; a lost connection is made anew."""
        wait, born, lost_at = RECONNECT_S[0], False, None
        self.connect(connect)
        while not self._stop.is_set():
            try:
                with self._database() as db:
                    wait = RECONNECT_S[0]
                    if lost_at is not None:
                        away_s, lost_at = time.monotonic() - lost_at, None
                        note(db, logging.WARNING, f"had no database for {away_s:.1f} s")
                    born = born or self._begin(db)
                    self._serve(db)
                    note(db, logging.INFO, "stopped")
            except ConnectionLost as lost:
                lost_at = lost_at or time.monotonic()
                log_of(self.name).warning("%s; connecting again", lost)
                self._stop.wait(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter is no secret
                wait = min(2 * wait, RECONNECT_S[1])

    def _begin(self, db: Api) -> bool:
        held = db.start_worker()
        note(db, logging.INFO, f"started; had {held} tasks in an earlier life" if held else "started")
        if trouble := self.trouble():
            note(db, logging.ERROR, trouble)
        return True

    def trouble(self) -> str | None:
        """What is missing on this machine for the agent's work, in a sentence; None when nothing is."""
        return None

    def _serve(self, db: Api) -> None:
        if self.listen_channels:
            db.listen(self.listen_channels)
        while not self._stop.is_set():
            if task := self._next_task(db):
                self._work(db, task)
            elif self.listen_channels:
                self.listen_for_notifications()

    def _next_task(self, db: Api) -> Task | None:
        return db.claim_task(LEASE_S) or db.sleep_until_task(LEASE_S, POLL_S, self._stop)

    @contextmanager
    def _database(self) -> Iterator[Api]:
        """The connection that is open, or one for the while."""
        if self._db is not None:
            yield self._db
            return
        if self._connect is None:
            raise RuntimeError(f"{self.name} was not told how to connect")
        with self._connect() as db:
            self._db = db
            try:
                yield db
            finally:
                self._db = None

    def _in_hand(self) -> tuple[Api, Task]:
        if self._db is None or self._task is None:
            raise RuntimeError(f"{self.name} has no task in hand")
        return self._db, self._task

    def _work(self, db: Api, task: Task) -> str | None:
        """Do a task; returns its outcome, None when it is still to be done or another's."""
        with about(task):
            return self._do(db, task)

    def _do(self, db: Api, task: Task) -> str | None:
        log = log_of(self.name)
        log.info("task begun")
        try:
            with self._holding(db, task):
                result = self(self._state)
                self._store(db, task, result)
            # safe to say twice; the answer is null when nobody wants it any more
            said = db.complete_task(task, result)
            log.info("task done")
            return "cancelled" if said is None else result.get("outcome")
        except HandBack:
            db.release_task(task)
            log.info("task handed back")
        except LeaseGone:
            pass  # somebody else has it, or nobody wants it any more
        except TaskOver as over:  # the database has taken it back already
            return over.outcome
        except ConnectionLost:
            raise
        except ApiError as error:
            if not error.lease_lost:
                return self._fail(db, task, error, str(error))
        except Exception as error:  # an agent must outlive whatever one task does to it
            return self._fail(db, task, error, f"{type(error).__name__}: {error}")
        return None

    def _fail(self, db: Api, task: Task, error: Exception, words: str) -> str | None:
        """`words` are for whoever may see the design, and in no log."""
        said = db.fail_task(task, words, retry=not getattr(error, "permanent", False))
        level = logging.ERROR if said == "dead" else logging.WARNING
        note(db, level, f"task {said}: {told(error)}", task)
        return ENDED.get(said)

    def _store(self, db: Api, task: Task, result: dict[str, Any]) -> None:
        """What is too large for a result goes first; all of it is fenced by the task's lease."""
        for name, content in result.pop("files", {}).items():
            db.store_artifact(task, name, content)
        if "board" in result:
            db.store_board(task, result.pop("board"))

    @contextmanager
    def _holding(self, db: Api, task: Task) -> Iterator[None]:
        """Keep the lease alive while the body works on the task's context, and let signals interrupt it."""
        assert self._connect is not None, "a task comes from a database"
        self._task = task
        self._lease = Lease(task, self._connect, self._lose_lease)
        self._lease.start()
        try:
            self._busy = True
            if self._stop.is_set():
                raise HandBack
            self._state = db.task_context(task)
            yield
        finally:
            self._busy = False
            self._lease.stop()
            self._lease = self._task = None

    # ------------------------------------------------------------------ signals

    def stop(self, *_: object) -> None:
        """Take no more work and hand back what is in hand (the handler of SIGTERM and SIGINT)."""
        self._stop.set()
        if self._busy:
            self._busy = False  # once: a second signal must not tear the hand-back apart
            raise HandBack

    def _lose_lease(self) -> None:
        """Called by the heartbeat's thread; a signal interrupts the main one, whatever that waits for."""
        if self._interruptible:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    def _on_lease_lost(self, *_: object) -> None:
        if self._busy:
            self._busy = False
            raise LeaseGone

    @classmethod
    def main(cls) -> None:
        """Run the agent as a process under its own role until SIGTERM."""
        agent = cls()
        take_over(agent.name)
        signal.signal(signal.SIGTERM, agent.stop)
        signal.signal(signal.SIGINT, agent.stop)
        signal.signal(signal.SIGUSR1, agent._on_lease_lost)
        agent._interruptible = True
        end_with_parent()
        dsn = find_server().dsn(agent.name)
        agent.run(lambda: Api.connect(dsn))
