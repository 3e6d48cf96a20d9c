"""Hearing people: everything that they do is one event for the database, and a sign of life at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from clients.api import ApiError
from clients.discord.database import Database
from clients.discord.files import Files
from clients.discord.places import Heard, heard_in, is_said
from clients.front_end.commands import parse
from clients.log import log_of

if TYPE_CHECKING:
    from clients.discord.bot import Bot

LOG = log_of("discord_bot")

MOST_WAITING = 1000  # events in memory while the database is away; what is dropped is read again later
TYPING_S = 5.0  # how long a channel shows that we type
LATE_S = 8.0  # a sign of life that comes later than this only holds up what there is to say
DEFER_S = 0.5  # a command is acknowledged when it is stored, after this long at the latest; Discord waits 3 s
FINISH_S = 3.0  # for what was heard when we are to end


class Hearing:
    """Turns what Discord says into events of the database."""

    def __init__(self, bot: Bot, database: Database) -> None:
        self._bot, self._database = bot, database
        self._files = Files(database)
        self._waiting = 0
        self._idle = asyncio.Event()
        self._typed: dict[int, float] = {}
        self._deferring: dict[str, asyncio.Event] = {}

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
            said = parse(heard.text)
            about = {"text": said.text, "design": said.design}
            taking = self._take(heard, message, said.name, about, message.attachments)
            with cursor.hearing(message.id):
                await asyncio.gather(self._type(message.channel), taking)

    async def interaction(
        self,
        interaction: discord.Interaction[Any],
        command: str,
        text: str = "",
        design: int | None = None,
        message: int | None = None,
        files: Sequence[discord.Attachment] = (),
    ) -> None:
        """Somebody has given a command or pressed a button; answered privately by a delivery.

        It is stored before it is acknowledged, unless that takes long: so whoever sees us think is answered,
        even if we are killed meanwhile.
        """
        if interaction.channel_id is None:
            return
        heard = Heard.of(interaction.channel, interaction.channel_id, interaction.guild_id)
        about = {"text": text, "design": design, "message": message, "reply_token": interaction.token}
        deferred = self._deferring[interaction.token] = asyncio.Event()
        try:
            taking = asyncio.ensure_future(self._take(heard, interaction, command, about, files))
            await asyncio.wait((taking,), timeout=DEFER_S)
            await self._defer(interaction)
            deferred.set()
            await taking
        finally:
            deferred.set()
            del self._deferring[interaction.token]

    async def acknowledged(self, token: str) -> None:
        """Wait until Discord knows that an answer will follow, if that is being said."""
        if token in self._deferring:
            await self._deferring[token].wait()

    async def ask(self, interaction: discord.Interaction[Any], form: discord.ui.Modal) -> None:
        """Ask for words before it is an event."""
        try:
            await interaction.response.send_modal(form)
        except discord.HTTPException as error:
            _warn("a form", error)

    async def finish(self) -> None:
        """Let what was heard be stored."""
        if self._waiting:
            self._idle.clear()
            async with asyncio.timeout(FINISH_S):
                await self._idle.wait()

    async def _take(
        self,
        heard: Heard,
        event: discord.Message | discord.Interaction[Any],
        command: str,
        about: dict[str, Any],
        files: Sequence[discord.Attachment],
    ) -> None:
        self._waiting += 1
        author = event.author if isinstance(event, discord.Message) else event.user
        who, key = (str(author.id), _sayable(author.name)), str(event.id)
        try:
            announced = await self._files.attach(heard, who, key, files)
            said = heard.place_arguments() | about | {"text": _sayable(about["text"]), "files": announced}
            await self._database.insist(lambda api: api.receive_event(*who, key, command, **said))
        except ApiError as error:
            LOG.warning(f"an event was refused: {error.code}")
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._idle.set()

    async def _defer(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await interaction.response.defer(ephemeral=True, thinking=True)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _warn("a command", error)

    async def _type(self, channel: discord.abc.Messageable) -> None:
        """Show at once that somebody is there; several people in one channel see the same."""
        number, now = getattr(channel, "id", 0), time.monotonic()
        late = self._bot.pace.behind_s > LATE_S
        if late or now - self._typed.get(number, -TYPING_S) < TYPING_S:
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
    LOG.warning(f"{what} could not be acknowledged: {type(error).__name__} {code}")
