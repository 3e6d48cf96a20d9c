"""Sessions: what was said while nobody listened is read when a new one begins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import discord

from clients.api import Api, ApiError
from clients.discord.cursor import Cursor
from clients.discord.database import Database
from clients.discord.troubles import verdict
from clients.log import log_of

if TYPE_CHECKING:
    from clients.discord.bot import Bot

LOG = log_of("discord_bot")

MOVE_S = 10.0
END_S = 2.0  # for the last move: a message that is heard twice is stored once
AGAIN_S = 30.0  # after a place could not be read
MARGIN = 60_000 << 22  # a minute, in numbers of messages: they may come a little out of order


class Sessions:
    """Keeps the cursor, and reads what is behind it."""

    def __init__(self, bot: Bot, database: Database) -> None:
        self._bot, self._database = bot, database
        self.cursor = Cursor()
        self._moved = 0
        self._wanted = False
        self._reading: asyncio.Task[None] | None = None

    async def keep_cursor(self) -> None:
        """Move the stored cursor along, for ever."""
        while True:
            await asyncio.sleep(MOVE_S)
            await self.move_cursor()

    async def move_cursor(self) -> None:
        """Store how far nothing is missing."""
        if (safe := self.cursor.safe()) > self._moved:
            try:
                await self._database.insist(lambda api: api.move_cursor(str(safe)))
            except ApiError as error:
                LOG.warning(f"the cursor was refused: {error.code}")
            self._moved = safe

    def catch_up(self) -> None:
        """Read what was missed, in the background."""
        self._wanted = True
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._catch_up())

    async def close(self) -> None:
        """Stop reading, and store how far it came."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                await self.move_cursor()

    async def _catch_up(self) -> None:
        while self._wanted:
            self._wanted = False
            try:
                await self._read_missed()
            except Exception as error:  # read again, whatever it was: nothing may be missing
                LOG.warning(f"what was missed could not be read: {verdict(error).reason}")
                self._wanted = True
                await asyncio.sleep(AGAIN_S)

    async def _read_missed(self) -> None:
        stored = await self._database.insist(lambda api: api.move_cursor())
        if (
            stored is None
        ):  # the first session there ever was: nothing was missed, not within the margin either
            begin = str(self._newest() + MARGIN)
            await self._database.insist(lambda api: api.move_cursor(begin))
            return
        self.cursor.reading_from(int(stored))
        places = await self._database.insist(Api.list_places)
        self._bot.adopted |= {int(row["place"]) for row in places if row["parent"] is not None}
        after = discord.Object(max(int(stored) - MARGIN, 0))
        read = set()
        for channel in self._channels(after.id):
            read.add(channel.id)
            await self._read(channel, after)
        for row in places:
            if int(row["place"]) not in read:
                await self._read_place(int(row["place"]), direct=row["parent"] is None, after=after)
        self.cursor.has_read()

    def _newest(self) -> int:
        """The last message that can be seen; before the first one, the day on which we were made."""
        assert self._bot.user is not None, "a session comes after the login"
        return max((channel.last_message_id or 0 for channel in self._all()), default=0) or self._bot.user.id

    def _channels(self, after: int) -> Iterator[discord.TextChannel | discord.Thread]:
        return (channel for channel in self._all() if (channel.last_message_id or 0) > after)

    def _all(self) -> list[discord.TextChannel | discord.Thread]:
        guilds = self._bot.guilds
        return [*(c for g in guilds for c in g.text_channels), *(t for g in guilds for t in g.threads)]

    async def _read_place(self, number: int, direct: bool, after: discord.Object) -> None:
        try:
            place = self._bot.get_partial_messageable(number) if direct else None
            channel = place or await self._bot.fetch_channel(number)
        except (discord.Forbidden, discord.NotFound, discord.InvalidData):
            return
        if isinstance(channel, discord.abc.Messageable):
            await self._read(channel, after)

    async def _read(self, channel: discord.abc.Messageable, after: discord.Object) -> None:
        try:
            async for message in channel.history(limit=None, after=after, oldest_first=True):
                await self._bot.hearing.message(message)
        except (discord.Forbidden, discord.NotFound):
            return  # what may not be read was not missed
