"""PgQueuer, as its documentation and its benchmark drive it: asyncpg, a connection a manager, uvloop."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import uvloop
from line import PAYLOAD, Line, Wakes, repeat, serve
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

BYTES = json.dumps(PAYLOAD).encode()


@contextlib.asynccontextmanager
async def _producers(count: int) -> AsyncIterator[list[Queries]]:
    connections = [await asyncpg.connect() for _ in range(count)]
    try:
        yield [Queries(AsyncpgDriver(connection)) for connection in connections]
    finally:
        for connection in connections:
            await connection.close()


@contextlib.asynccontextmanager
async def _managers(count: int, handle: Callable[[], None]) -> AsyncIterator[list[PgQueuer]]:
    connections = [await asyncpg.connect() for _ in range(count)]
    managers = [PgQueuer(AsyncpgDriver(connection)) for connection in connections]
    for manager in managers:

        @manager.entrypoint("task")
        async def task(_: Any) -> None:
            handle()

    try:
        yield managers
    finally:
        for connection in connections:
            await connection.close()


@contextlib.asynccontextmanager
async def _running(managers: list[PgQueuer], batch: int) -> AsyncIterator[None]:
    runs = [asyncio.create_task(manager.run(batch_size=batch)) for manager in managers]
    try:
        yield
    finally:
        for manager in managers:
            manager.shutdown.set()
        await asyncio.gather(*runs)


async def install(_: dict[str, Any], line: Line) -> None:
    async with _producers(1) as (queries,):
        await line.ready()
        await queries.install()
        await queries.optimize_autovacuum()  # first on its checklist for performance
        await line.done({})


async def fill(request: dict[str, Any], line: Line) -> None:
    async with _producers(1) as (queries,):
        await line.ready()
        for _ in range(request["count"] // 1000):
            await queries.enqueue(["task"] * 1000, [BYTES] * 1000, [0] * 1000)
        await line.done({})


async def _enqueue(request: dict[str, Any], line: Line, batch: int | None) -> None:
    async with _producers(request["workers"]) as free:

        async def once() -> None:
            queries = free.pop()  # a connection for each lane
            if batch is None:
                await queries.enqueue("task", BYTES)
            else:
                await queries.enqueue(["task"] * batch, [BYTES] * batch, [0] * batch)
            free.append(queries)

        await line.ready()
        count, seconds = await repeat(once, request["seconds"], request["workers"])
        await line.done({"tasks": count * (batch or 1), "seconds": seconds})


async def enqueue(request: dict[str, Any], line: Line) -> None:
    await _enqueue(request, line, None)


async def enqueue_batches(request: dict[str, Any], line: Line) -> None:
    await _enqueue(request, line, request["batch"])


async def work(request: dict[str, Any], line: Line) -> None:
    async with _managers(request["workers"], line.mark) as managers:
        await line.ready()
        async with _running(managers, request["batch"]):
            await line.done(await line.work_for(request["seconds"]))


async def wakeup(request: dict[str, Any], line: Line) -> None:
    wakes = Wakes(request["pause_s"])
    async with (
        _managers(1, wakes.handled) as managers,
        _producers(1) as (queries,),
        _running(managers, request["batch"]),
    ):
        await line.ready()
        await wakes.sample(lambda: queries.enqueue("task", BYTES), request["count"])
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
        },
        uvloop.run,
    )
