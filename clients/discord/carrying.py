"""Carrying one delivery to where it belongs; what it says to Discord may be said twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import discord

from clients.api import Api, ApiError
from clients.discord.database import Database
from clients.discord.shapes import Shape, shaped, thread_name
from clients.discord.troubles import ARCHIVED, THREAD_THERE, TOKEN_OVER, too_large
from clients.front_end.post import Post
from clients.front_end.render import render
from clients.outbox_calls import Delivery

if TYPE_CHECKING:
    from clients.discord.bot import Bot

LEAST_BYTES, HEADROOM = 10 * 1024 * 1024, 64 * 1024  # what every place takes; what a request adds to files
MOST_BYTES = 25 * 1024 * 1024  # of one message, however much a guild takes
HEAVY = ("result", "files")  # kinds that have files
HEAVY_AT_ONCE = 2
SMALLER = (1, 4, 16, 64)  # parts of the limit that are tried when Discord takes less than it said
ARCHIVE_MIN: Literal[1440] = 1440
ORIGINAL: Any = "@original"  # what stands for the number of a deferred answer
RECORDED_ALREADY = "PB004"  # for another delivery that says the same
LOOK_BACK = 200  # messages of a place that are searched for one that was sent already
NOT_YET_S = (0.2, 0.4, 0.8, 1.6)  # a deferred answer may arrive at Discord after what it is edited to


class Carrier:
    """Says deliveries to Discord."""

    def __init__(self, bot: Bot, database: Database) -> None:
        self._bot, self._database = bot, database
        self._room = asyncio.Semaphore(HEAVY_AT_ONCE)

    async def carry(self, delivery: Delivery) -> str:
        """Send or edit it; returns Discord's number of the message or thread.

        Raises what discord.py and `Api` raise.
        """
        if delivery.kind in HEAVY:
            async with self._room:
                return await self._carry_files(delivery)
        return await self._carry(delivery, self._limit(delivery))

    async def _carry_files(self, delivery: Delivery) -> str:
        limit = self._limit(delivery)
        for part in SMALLER[:-1]:
            try:
                return await self._carry(delivery, limit // part)
            except discord.HTTPException as error:
                if not too_large(error):
                    raise
        return await self._carry(delivery, limit // SMALLER[-1])

    async def _carry(self, delivery: Delivery, limit: int) -> str:
        post = await self._database.call(lambda api: render(api, delivery, limit))
        if delivery.kind == "thread":
            return await self._open_thread(delivery, post)
        shape = shaped(post, delivery.design)
        if delivery.reply_token is not None and delivery.kind == "reply":
            return await self._reply(delivery.reply_token, shape)
        if delivery.remote_id is not None:
            return await self._edit(self._place(delivery), int(delivery.remote_id), shape)
        return await self._send(delivery, post, shape)

    def _limit(self, delivery: Delivery) -> int:
        guild = self._bot.get_guild(int(delivery.guild)) if delivery.guild else None
        return min(guild.filesize_limit if guild else LEAST_BYTES, MOST_BYTES) - HEADROOM

    def _place(self, delivery: Delivery) -> discord.PartialMessageable:
        above = delivery.kind in ("opening", "thread")
        number = delivery.parent if above else delivery.place or delivery.parent
        assert number is not None, "a delivery belongs somewhere"
        guild = int(delivery.guild) if delivery.guild else None
        return self._bot.get_partial_messageable(int(number), guild_id=guild)

    # ------------------------------------------------------------------ messages

    async def _send(self, delivery: Delivery, post: Post, shape: Shape) -> str:
        place = self._place(delivery)
        if delivery.again and (found := await self._find(place, delivery, shape)):
            return found
        more = shape.arguments() | {"suppress_embeds": shape.embed is None}
        if post.source:
            more["reference"] = discord.MessageReference(
                message_id=int(post.source), channel_id=place.id, fail_if_not_exists=False
            )
        sent = await place.send(files=shape.opened_files(), nonce=delivery.nonce, **more)
        return str(sent.id)

    async def _find(self, place: discord.PartialMessageable, delivery: Delivery, shape: Shape) -> str | None:
        """What was sent for this delivery before its number could be recorded, if it was; then it is now."""
        async for message in self._said_after(place, delivery.after):
            if not (str(message.nonce) == delivery.nonce or shape.looks_like(message)):
                continue
            if delivery.kind == "status":  # it shows the status of when it was sent
                await self._edit(place, message.id, shape)
            number = str(message.id)
            try:
                await self._database.call(partial(Api.record_delivery, delivery=delivery, remote_id=number))
            except ApiError as error:
                if error.code != RECORDED_ALREADY:
                    raise
            else:
                return number
        return None

    async def _said_after(
        self, place: discord.PartialMessageable, after: str | None
    ) -> AsyncIterator[discord.Message]:
        """What we said at a place after a message."""
        assert self._bot.user is not None, "deliveries come after the login"
        known = discord.Object(int(after)) if after else None
        async for message in place.history(limit=LOOK_BACK, after=known):
            if message.author.id == self._bot.user.id:
                yield message

    async def _edit(self, place: discord.PartialMessageable, number: int, shape: Shape) -> str:
        message = place.get_partial_message(number)
        shown = {"content": None, "embed": None, "view": None} | shape.arguments()
        try:
            await message.edit(**shown)
        except discord.HTTPException as error:
            if error.code != ARCHIVED:
                raise
            thread = await self._bot.fetch_channel(place.id)
            if isinstance(thread, discord.Thread):
                await thread.edit(archived=False)
            await message.edit(**shown)
        return str(number)

    async def _reply(self, token: str, shape: Shape) -> str:
        assert self._bot.application_id is not None, "deliveries come after the login"
        await self._bot.hearing.acknowledged(token)
        webhook = discord.Webhook.partial(self._bot.application_id, token, client=self._bot)
        for wait in (*NOT_YET_S, None):
            try:
                edited = await webhook.edit_message(ORIGINAL, **shape.arguments())
            except discord.NotFound as error:
                if wait is None or error.code == TOKEN_OVER:
                    raise
                await asyncio.sleep(wait)
            else:
                break
        return str(edited.id)

    # ------------------------------------------------------------------ threads

    async def _open_thread(self, delivery: Delivery, post: Post) -> str:
        source = post.source or delivery.place
        assert source is not None, "a thread is opened from a message"
        message = self._place(delivery).get_partial_message(int(source))
        try:
            name = thread_name(post.title)
            thread = await message.create_thread(name=name, auto_archive_duration=ARCHIVE_MIN)
        except discord.HTTPException as error:
            if error.code != THREAD_THERE:
                raise
            there = await self._bot.fetch_channel(int(source))  # a thread has the number of its message
            if not isinstance(there, discord.Thread):
                raise
            thread = there
            self._bot.adopted.add(thread.id)
        if post.member:
            await thread.add_user(discord.Object(int(post.member)))
        return str(thread.id)
