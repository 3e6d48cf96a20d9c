"""How the bench talks to the program that drives a queue: a JSON object a line, on standard input and output.

A request names what to do; the program connects and says ready, waits for a line, works, says what it did
while it is still connected, waits for a line, closes its connections and says closed.  So no start is in a
figure.

install: the queue's own schema.   fill: `count` tasks in its queue, by thousands.   enqueue: one by one for
`seconds` in `workers` lanes.   enqueue batches: the same by `batch`.   work: `workers` claim and complete for
`seconds`, `batch` at a time.   wakeup: `count` samples of one idle worker, `pause_s` apart.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

PAYLOAD: dict[str, Any] = {
    "design": 4711,
    "step": "test",
    "files": ["board.kicad_pcb", "netlist.json"],
    "note": "as it is",
}
WARM_TASKS = 50
Handlers = dict[str, Callable[[dict[str, Any], "Line"], Awaitable[dict[str, Any]]]]


class Line:
    """The program's end, inside one request."""

    def __init__(self) -> None:
        self._marks = 0
        self._first: float | None = None
        self._begun = asyncio.Event()

    async def ready(self) -> None:
        """Connected; returns when the work is to begin."""
        say({"ready": True})
        await asyncio.to_thread(sys.stdin.readline)

    async def done(self, result: dict[str, Any]) -> None:
        """Tell the result; returns when the connections are to be closed."""
        say(result)
        await asyncio.to_thread(sys.stdin.readline)

    def mark(self) -> None:
        """A worker has a task in hand; the time runs once plans are made and caches filled."""
        self._marks += 1
        if self._marks > WARM_TASKS and self._first is None:
            self._first = time.perf_counter()
            self._begun.set()

    async def work_for(self, seconds: float) -> dict[str, Any]:
        """Let the workers work; returns the seconds, and the tasks before them that do not count."""
        await self._begun.wait()
        await asyncio.sleep(seconds)
        assert self._first is not None
        return {"seconds": time.perf_counter() - self._first, "skipped": WARM_TASKS}


async def repeat(call: Callable[[], Awaitable[Any]], seconds: float, lanes: int) -> tuple[int, float]:
    """Call again and again in so many lanes; returns how often, and the seconds it took."""
    began = time.perf_counter()

    async def lane() -> int:
        count = 0
        while time.perf_counter() - began < seconds:
            await call()
            count += 1
        return count

    counts = await asyncio.gather(*(lane() for _ in range(lanes)))
    return sum(counts), time.perf_counter() - began


class Wakes:
    """Samples of a worker that is woken by one task at a time."""

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s
        self._handled = asyncio.Event()
        self._at = 0.0
        self.samples: list[tuple[float, float]] = []

    def handled(self) -> None:
        """The worker has the task."""
        self._at = time.perf_counter()
        self._handled.set()

    async def sample(self, enqueue: Callable[[], Awaitable[Any]], count: int) -> None:
        """Samples in ms: of the enqueue, and from its commit to the worker, which falls asleep in between."""
        for _ in range(count):
            await asyncio.sleep(self._pause_s)
            self._handled.clear()
            began = time.perf_counter()
            await enqueue()
            committed = time.perf_counter()
            await self._handled.wait()
            self.samples.append(((committed - began) * 1e3, (self._at - committed) * 1e3))


def say(message: dict[str, Any]) -> None:
    """One line out."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def serve(handlers: Handlers, run: Callable[[Any], Any] = asyncio.run) -> None:
    """Answer requests until standard input ends."""
    while text := sys.stdin.readline():
        request = json.loads(text)
        os.environ.update(request["environment"])
        line = Line()

        async def answer(request: dict[str, Any] = request, line: Line = line) -> None:
            await handlers[request["do"]](request, line)

        run(answer())
        say({"closed": True})
