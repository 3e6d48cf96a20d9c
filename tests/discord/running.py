"""A discord.py client of this process, on a thread and a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from discord.ext import commands

SOON_S = 20.0
B = TypeVar("B", bound=commands.Bot)


class Running(Generic[B]):
    """A running bot; `do` has it do something, `stop` ends it.  `error` is what it ended with."""

    def __init__(self, make: Callable[[], B], token: str) -> None:
        self._make, self._token = make, token
        self._loop = asyncio.new_event_loop()
        self._made = threading.Event()
        self.bot: B
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name="bot", daemon=True)
        self.thread.start()
        assert self._made.wait(SOON_S)

    def _run(self) -> None:
        try:
            with asyncio.Runner(
                loop_factory=lambda: self._loop
            ) as runner:  # it ends what the bot left running
                runner.run(self._main())
        except BaseException as error:  # whoever looks at it decides
            self.error = error

    async def _main(self) -> None:
        self.bot = self._make()
        self._made.set()
        async with self.bot:
            await self.bot.start(self._token)

    def do(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Await `work()` on the bot's loop."""

        async def worked() -> Any:
            return await work()

        return asyncio.run_coroutine_threadsafe(worked(), self._loop).result(SOON_S)

    def stop(self) -> None:
        """Close the bot, and wait until it has ended."""
        if not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self.bot.close(), self._loop)
        self.thread.join(SOON_S)
        assert not self.thread.is_alive(), "the bot does not end"
