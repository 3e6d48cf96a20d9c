"""procrastinate, as its documentation drives it: one app, tasks deferred, a worker with concurrency."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import procrastinate
from line import PAYLOAD, Line, Wakes, repeat, serve


@contextlib.asynccontextmanager
async def _app(connections: int, handle: Any = lambda: None) -> AsyncIterator[Any]:
    connector = procrastinate.PsycopgConnector(min_size=connections, max_size=connections)
    app = procrastinate.App(connector=connector)

    @app.task(queue="bench", name="task")
    async def task(**_: Any) -> None:
        handle()

    async with app.open_async():
        yield app


@contextlib.asynccontextmanager
async def _worker(app: Any, concurrency: int) -> AsyncIterator[None]:
    running = asyncio.create_task(
        app.run_worker_async(queues=["bench"], concurrency=concurrency, install_signal_handlers=False)
    )
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def install(_: dict[str, Any], line: Line) -> None:
    async with _app(1) as app:
        await line.ready()
        await app.schema_manager.apply_schema_async()
        await line.done({})


async def fill(request: dict[str, Any], line: Line) -> None:
    async with _app(1) as app:
        await line.ready()
        for _ in range(request["count"] // 1000):
            await app.tasks["task"].batch_defer_async(*[PAYLOAD] * 1000)
        await line.done({})


async def enqueue(request: dict[str, Any], line: Line) -> None:
    async with _app(request["workers"]) as app:
        task = app.tasks["task"]
        await line.ready()
        count, seconds = await repeat(
            lambda: task.defer_async(**PAYLOAD), request["seconds"], request["workers"]
        )
        await line.done({"tasks": count, "seconds": seconds})


async def enqueue_batches(request: dict[str, Any], line: Line) -> None:
    async with _app(request["workers"]) as app:
        task, batch = app.tasks["task"], [PAYLOAD] * request["batch"]
        await line.ready()
        count, seconds = await repeat(
            lambda: task.batch_defer_async(*batch), request["seconds"], request["workers"]
        )
        await line.done({"tasks": count * request["batch"], "seconds": seconds})


async def work(request: dict[str, Any], line: Line) -> None:
    async with _app(request["workers"] + 1, line.mark) as app:
        await line.ready()
        async with _worker(app, request["workers"]):
            await line.done(await line.work_for(request["seconds"]))


async def wakeup(request: dict[str, Any], line: Line) -> None:
    wakes = Wakes(request["pause_s"])
    async with _app(4, wakes.handled) as app, _worker(app, 1):
        await line.ready()
        await wakes.sample(lambda: app.tasks["task"].defer_async(**PAYLOAD), request["count"])
        await line.done({"samples": wakes.samples})


def main() -> None:
    serve(
        {
            "install": install,
            "fill": fill,
            "enqueue": enqueue,
            "enqueue batches": enqueue_batches,
            "work": work,
            "wakeup": wakeup,
        }
    )
