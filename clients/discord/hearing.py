"""Hearing people: everything that they do is one event for the database, and a sign of life at once."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from clients.api import ApiError
from clients.discord.database import Database
from clients.discord.files import Files
from clients.discord.places import Heard, heard_in, is_said

if TYPE_CHECKING:
    from clients.discord.bot import Bot

MOST_WAITING = 1000  # events in memory while the database is away; what is dropped is read again later
TYPING_S = 5.0  # how long a channel shows that we type


class Hearing:
    """Turns what Discord says into events of the database."""

    def __init__(self, bot: Bot, database: Database) -> None:
        self._bot, self._database = bot, database
        self.files = Files(database)
        self._waiting = 0
        self._typed: dict[int, float] = {}

    async def message(self, message: discord.Message) -> None:
        """Somebody has written; what is not for us is passed over."""
        cursor = self._bot.sessions.cursor
        heard = await heard_in(self._bot, message) if is_said(message) else None
        if heard is None:
            cursor.note(message.id)
        elif self._waiting >= MOST_WAITING:
            cursor.lose(message.id)
            self._bot.sessions.catch_up()
        else:
            with cursor.hearing(message.id):
                await asyncio.gather(
                    self._type(message.channel),
                    self._take(heard, str(message.id), message.author, "say", files=message.attachments),
                )

    async def interaction(
        self,
        interaction: discord.Interaction[Any],
        command: str,
        text: str = "",
        design: int | None = None,
        message: int | None = None,
        files: Sequence[discord.Attachment] = (),
    ) -> None:
        """Somebody has given a command or pressed a button; answered privately by a delivery."""
        if interaction.channel_id is None:
            return
        heard = Heard.of(interaction.channel, interaction.channel_id, interaction.guild_id)
        about = {"text": text, "design": design, "message": message, "reply_token": interaction.token}
        await asyncio.gather(
            self._defer(interaction),
            self._take(heard, str(interaction.id), interaction.user, command, files=files, **about),
        )

    async def ask(self, interaction: discord.Interaction[Any], form: discord.ui.Modal) -> None:
        """Ask for words before it is an event."""
        try:
            await interaction.response.send_modal(form)
        except discord.HTTPException as error:
            _warn("a form", error)

    async def _take(
        self,
        heard: Heard,
        key: str,
        author: discord.abc.User,
        command: str,
        files: Sequence[discord.Attachment] = (),
        **about: Any,
    ) -> None:
        self._waiting += 1
        try:
            who = (str(author.id), _sayable(author.name))
            announced = await self.files.attach(heard, who, key, files)
            about["text"] = _sayable(about.get("text") or heard.text)
            said = heard.place_arguments() | about | {"files": announced}
            await self._database.insist(lambda api: api.receive_event(*who, key, command, **said))
        except ApiError as error:
            sys.stderr.write(f"discord_bot: an event was refused: {error.code}\n")
        finally:
            self._waiting -= 1

    async def _defer(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await interaction.response.defer(ephemeral=True, thinking=True)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _warn("a command", error)

    async def _type(self, channel: discord.abc.Messageable) -> None:
        """Show at once that somebody is there; several people in one channel see the same."""
        number, now = getattr(channel, "id", 0), time.monotonic()
        if now - self._typed.get(number, -TYPING_S) < TYPING_S:
            return
        self._typed = {place: at for place, at in self._typed.items() if now - at < TYPING_S}
        self._typed[number] = now
        try:
            await channel.typing()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _warn("typing", error)


def _sayable(text: str) -> str:
    """What any database takes: no NUL and no half of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _warn(what: str, error: Exception) -> None:
    code = getattr(error, "code", "")
    sys.stderr.write(f"discord_bot: {what} could not be acknowledged: {type(error).__name__} {code}\n")
