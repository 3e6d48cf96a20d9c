"""Keeping below Discord's limit of all requests together, of which no answer says how much is left.

A request counts from when it goes until a second after it was answered: so in no second, wherever Discord
lets it begin, more than `MOST` arrive, however long they were on their way.
"""

from __future__ import annotations

import asyncio
from collections import deque
from types import SimpleNamespace

import aiohttp

MOST, PER_S = 48, 1.0  # Discord takes 50 a second
NOT_COUNTED = {"interactions", "webhooks"}


class Pace:
    """Lets requests go when they may: signs of life before all others, else in the order of their coming."""

    def __init__(self, most: int = MOST, per_s: float = PER_S) -> None:
        self._most, self._per_s = most, per_s
        self._left = most
        self._signs: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()

    @property
    def behind_s(self) -> float:
        """How long a sign of life that comes now has to wait, about."""
        return len(self._signs) / self._most * self._per_s

    def trace(self) -> aiohttp.TraceConfig:
        """What makes a client of aiohttp keep it; each repetition of a request is one more."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._begin)
        config.on_request_end.append(self._end)
        config.on_request_exception.append(self._end)
        return config

    async def _begin(
        self, _: object, request: SimpleNamespace, about: aiohttp.TraceRequestStartParams
    ) -> None:
        request.counted = NOT_COUNTED.isdisjoint(about.url.parts)
        if request.counted:
            await self._wait(self._signs if about.url.name == "typing" else self._others)

    async def _end(self, _: object, request: SimpleNamespace, __: object) -> None:
        if request.counted:
            asyncio.get_running_loop().call_later(self._per_s, self._free)

    async def _wait(self, line: deque[asyncio.Future[None]]) -> None:
        if self._left and not self._signs and not self._others:
            self._left -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._free()  # it was our turn: it is another's
            raise

    def _free(self) -> None:
        """One more may go."""
        for line in (self._signs, self._others):
            while line:
                turn = line.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._left += 1
