"""Our queue through psycopg: a process with one connection for each worker, as our agents run.

Speaks what peers/line.py speaks, so that our figures and the peers' come about in the same way.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from clients.api import Api
from db.bench.ours import AGENT
from db.bench.peers.line import PAYLOAD

LEASE_S = 60.0
POLL_S = 1.0
WARM_STEPS = 6  # that do not count: after five, plans are generic
FORK = multiprocessing.get_context("fork")  # psycopg is imported once
Cursor = psycopg.Cursor[tuple[Any, ...]]
Step = Callable[[Cursor, int], int]  # one round with a batch size; returns how many tasks it was


def enqueue(cursor: Cursor, _: int) -> int:
    """One task."""
    cursor.execute("select api.enqueue_task(%s, %s)", (AGENT, Jsonb(PAYLOAD)))
    return 1


def enqueue_batch(cursor: Cursor, batch: int) -> int:
    """Many tasks in one call."""
    cursor.execute("select count(*) from api.enqueue_tasks(%s, %s)", (AGENT, [Jsonb(PAYLOAD)] * batch))
    return batch


def work(cursor: Cursor, _: int) -> int:
    """Claim one, complete it."""
    claimed = cursor.execute("select task_id, lease_token, payload from api.claim_task()").fetchone()
    if claimed is None:
        return 0
    cursor.execute("select api.complete_task(%s, %s)", claimed[:2])
    return 1


def work_batch(cursor: Cursor, batch: int) -> int:
    """Claim many, complete them."""
    query = "select task_id, lease_token, payload from api.claim_tasks(%s)"
    claimed = cursor.execute(query, (batch,), binary=True).fetchall()
    if claimed:
        ids, tokens, _ = zip(*claimed, strict=True)
        cursor.execute("select count(*) from api.complete_tasks(%s, %s)", (list(ids), list(tokens)))
    return len(claimed)


class HandOn:
    """Complete one task and claim the next, in one call."""

    def __init__(self) -> None:
        self._held: tuple[Any, ...] | None = None

    def __call__(self, cursor: Cursor, _: int) -> int:
        """One task; the first one is claimed."""
        if self._held is None:
            self._held = cursor.execute(
                "select task_id, lease_token, payload from api.claim_task()"
            ).fetchone()
            return 0
        query = "select task_id, lease_token, payload from api.complete_and_claim(%s, %s)"
        cursor.execute(query, self._held[:2])
        self._held = cursor.fetchone()
        return 1


STEPS: dict[str, Callable[[], Step]] = {
    "enqueue": lambda: enqueue,
    "enqueue batches": lambda: enqueue_batch,
    "work": lambda: work,
    "work batches": lambda: work_batch,
    "complete and claim": HandOn,
}


def lane(request: dict[str, Any], start: Any, end: Any, out: Connection) -> None:
    """One process with one connection: works from `start` for the request's time; tells count and times."""
    step = STEPS[request["do"]]()
    with psycopg.connect("", autocommit=True) as connection, connection.cursor() as cursor:
        for _ in range(WARM_STEPS):
            step(cursor, request.get("batch", 1))
        out.send("ready")
        start.wait()
        first = time.perf_counter()
        done = 0
        while time.perf_counter() - first < request["seconds"]:
            done += step(cursor, request.get("batch", 1))
        out.send((done, first, time.perf_counter()))
        end.wait()


def serve(request: dict[str, Any]) -> None:
    """Answer one request for a rate."""
    start, end = FORK.Event(), FORK.Event()
    pipes = []
    for _ in range(request["workers"]):
        mine, theirs = FORK.Pipe()
        FORK.Process(target=lane, args=(request, start, end, theirs), daemon=True).start()
        theirs.close()
        pipes.append(mine)
    for pipe in pipes:
        pipe.recv()
    _say({"ready": True})
    sys.stdin.readline()
    start.set()
    told = [pipe.recv() for pipe in pipes]
    seconds = max(last for _, _, last in told) - min(first for _, first, _ in told)
    _say({"tasks": sum(done for done, _, _ in told), "seconds": seconds})
    sys.stdin.readline()
    end.set()
    for child in FORK.active_children():
        child.join()


def wakeup(request: dict[str, Any]) -> None:
    """Samples of an agent's own loop, woken by one task at a time."""
    handled = threading.Event()
    at = [0.0]
    stop = threading.Event()

    def sleeper() -> None:
        with Api.connect("") as db:
            while not stop.is_set():
                task = db.claim_task(LEASE_S) or db.sleep_until_task(LEASE_S, POLL_S, stop)
                if task is not None:
                    at[0] = time.perf_counter()
                    handled.set()
                    db.complete_task(task, {})

    thread = threading.Thread(target=sleeper, daemon=True)
    thread.start()
    samples = []
    with psycopg.connect(request["producer"], autocommit=True) as connection, connection.cursor() as cursor:
        _say({"ready": True})
        sys.stdin.readline()
        for _ in range(request["count"]):
            time.sleep(request["pause_s"])
            handled.clear()
            began = time.perf_counter()
            enqueue(cursor, 1)
            committed = time.perf_counter()
            handled.wait()
            samples.append(((committed - began) * 1e3, (at[0] - committed) * 1e3))
        _say({"samples": samples})
        sys.stdin.readline()
    stop.set()
    thread.join()


def main() -> None:
    """Answer requests until standard input ends."""
    while text := sys.stdin.readline():
        request = json.loads(text)
        os.environ.update(request["environment"])
        (wakeup if request["do"] == "wakeup" else serve)(request)
        _say({"closed": True})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
