"""A replica asleep while others enqueue: one that only listens, one that wakes, works and sleeps again."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from typing import Any

import psycopg

from clients.api import Api
from db.bench import ours
from db.bench.cluster import BenchError, Database
from db.bench.contest import Bench, Load
from db.bench.pgbench import drive

LEASE_S = 60.0
POLL_S = 1.0
STOP_S = 20.0
FORK = multiprocessing.get_context("fork")


def asleep_and_idle(bench: Bench, database: Database, seconds: float) -> Load:
    """Enqueue while a replica is asleep and stays so: it hears every ring and never gets up."""
    with _replica(_listen, database):
        return drive(bench.cluster, database, ours.ENQUEUE, seconds, ours.PRODUCER, others=True)


def asleep_and_working(bench: Bench, database: Database, seconds: float) -> Load:
    """Enqueue while a replica is woken, claims and completes what it finds, and goes back to sleep."""
    with _replica(_work, database):
        return drive(bench.cluster, database, ours.ENQUEUE, seconds, ours.PRODUCER, others=True)


@contextmanager
def _replica(body: Any, database: Database) -> Iterator[None]:
    asleep, stop = FORK.Event(), FORK.Event()
    replica = FORK.Process(target=body, args=(database.dsn(ours.AGENT), asleep, stop), daemon=True)
    replica.start()
    try:
        if not asleep.wait(STOP_S):
            raise BenchError("the replica did not fall asleep")
        yield
    finally:
        stop.set()
        replica.join(STOP_S)
        if replica.is_alive():
            replica.kill()
            replica.join()
    if replica.exitcode:
        raise BenchError(f"the replica ended with {replica.exitcode}")


def _listen(dsn: str, asleep: Event, stop: Event) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"listen task_{ours.AGENT}")
        connection.execute("select api.prepare_sleep()")
        asleep.set()
        while not stop.is_set():
            for _ in connection.notifies(timeout=0.1):
                pass


def _work(dsn: str, asleep: Event, stop: Event) -> None:
    """An agent's own loop."""
    quit_ = threading.Event()
    threading.Thread(target=pass_on, args=(stop, quit_), daemon=True).start()
    with Api.connect(dsn) as db:
        db.sleep_until_task(LEASE_S, 0.001, quit_)
        asleep.set()
        while not quit_.is_set():
            task = db.claim_task(LEASE_S) or db.sleep_until_task(LEASE_S, POLL_S, quit_)
            if task is not None:
                db.complete_task(task, {})


def pass_on(stop: Event, quit_: threading.Event) -> None:
    """What a process is told, for its threads."""
    stop.wait()
    quit_.set()
