"""Keeping below Discord's limit of all requests together, of which no answer says how much is left.

A request counts from when it goes until a second after it was answered: so in no second, wherever Discord
lets it begin, more than `MOST` arrive, however long they were on their way.
"""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import aiohttp

MOST, PER_S = 48, 1.0  # Discord takes 50 a second
NOT_COUNTED = {"interactions", "webhooks"}


class Pace:
    """Lets requests go in the order in which they come, each when it may."""

    def __init__(self, most: int = MOST, per_s: float = PER_S) -> None:
        self._most, self._per_s = most, per_s
        self._room = asyncio.Semaphore(most)
        self._waiting = 0

    @property
    def behind_s(self) -> float:
        """How long a request that comes now has to wait, about."""
        return self._waiting / self._most * self._per_s

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
            self._waiting += 1
            try:
                await self._room.acquire()
            finally:
                self._waiting -= 1

    async def _end(self, _: object, request: SimpleNamespace, __: object) -> None:
        if request.counted:
            asyncio.get_running_loop().call_later(self._per_s, self._room.release)
