"""The pace of requests: never too many in a second, signs of life first, and no turn is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import aiohttp
from aiohttp import web

from clients.discord.pace import Pace

MOST, PER_S = 3, 0.2


class Counting:
    """A server that notes what arrived when, and a client that keeps the pace."""

    def __init__(self, url: str, client: aiohttp.ClientSession) -> None:
        self._url, self._client = url, client
        self.arrived: list[tuple[str, float]] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Answer at once; `/cut` is not answered."""
        self.arrived.append((request.path, asyncio.get_running_loop().time()))
        if request.path == "/cut" and request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def ask(self, path: str) -> None:
        """Ask for a path; an answer that does not come is no error."""
        try:
            await (await self._client.post(self._url + path)).read()
        except aiohttp.ClientError:
            return


@asynccontextmanager
async def counting(pace: Pace) -> AsyncIterator[Counting]:
    """The server and its client."""
    async with aiohttp.ClientSession(trace_configs=[pace.trace()]) as client:
        there = Counting("", client)
        app = web.Application()
        app.router.add_post("/{path:.*}", there.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        there._url = f"http://{host}:{port}"
        yield there
        await runner.cleanup()


def asked(paths: list[str]) -> list[tuple[str, float]]:
    """What arrives when all these are asked for at once, in this order."""

    async def ask() -> list[tuple[str, float]]:
        async with counting(Pace(MOST, PER_S)) as there:
            await asyncio.gather(*(there.ask(path) for path in paths))
            return there.arrived

    return asyncio.run(ask())


def test_no_second_has_too_many() -> None:
    times = [time for _, time in asked([*["/messages"] * 6, "/cut", *["/messages"] * 5])]
    assert len(times) == 12
    assert all(later - earlier >= PER_S for earlier, later in zip(times, times[MOST:], strict=False))
    assert all(earlier <= later for earlier, later in pairwise(times))


def test_signs_of_life_overtake_and_interactions_do_not_wait() -> None:
    paths = [f"/messages/{n}" for n in range(8)]
    order = [path for path, _ in asked([*paths, "/7/typing", "/interactions/1/token/callback"])]
    assert set(order[:4]) == {*paths[:3], "/interactions/1/token/callback"}
    assert order[4] == "/7/typing"
    assert order[5:] == paths[3:]


def test_whoever_is_gone_takes_no_turn() -> None:
    async def ask() -> list[str]:
        pace = Pace(1, PER_S)
        async with counting(pace) as there:
            await there.ask("/first")
            gone = [asyncio.create_task(there.ask(f"/gone/{n}")) for n in range(3)]
            last = asyncio.create_task(there.ask("/last"))
            while len(pace._others) < 4:
                await asyncio.sleep(0)
            for task in gone:
                task.cancel()
            await last
            await there.ask("/after")
            return [path for path, _ in there.arrived]

    assert asyncio.run(ask()) == ["/first", "/last", "/after"]
