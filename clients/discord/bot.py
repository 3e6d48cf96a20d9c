"""The bot: a client of Discord whose events go into the database and whose words come out of it."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from clients.discord.buttons import Pressable, command_of, parsed, words_in
from clients.discord.commands import add_commands, register
from clients.discord.database import Database, Listener
from clients.discord.hearing import Hearing
from clients.discord.pace import Pace
from clients.discord.sending import Sending
from clients.discord.sessions import Sessions
from clients.log import log_of, told

LOG = log_of("discord_bot")

THREADS = 3  # connections for what comes in, and as many for what goes out
GUILDS_S = 0.5  # without a word about another guild, those that were announced are all there


def intents() -> discord.Intents:
    """What Discord is asked to tell: guilds, messages everywhere, and what stands in them."""
    return discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)


class Bot(commands.Bot):
    """Holds no state of a talk; what it has in memory is what is on its way."""

    def __init__(self, dsn: str, worker: str) -> None:
        self.pace = Pace()
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=discord.app_commands.AppCommandContext(guild=True, dm_channel=True),
            allowed_installs=discord.app_commands.AppInstallationType(guild=True, user=False),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            guild_ready_timeout=GUILDS_S,
            http_trace=self.pace.trace(),
        )
        self._dsn = dsn
        self.inward, self.outward = Database(dsn, THREADS), Database(dsn, THREADS)
        self.hearing = Hearing(self, self.inward)
        self.sessions = Sessions(self, self.inward)
        self.sending = Sending(self, self.outward, worker)
        self.online = asyncio.Event()
        self.adopted: set[int] = set()
        self._listener: Listener | None = None
        self._claiming: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._others: list[asyncio.Task[None]] = []
        add_commands(self.tree)
        self.tree.error(self._on_command_error)
        self.add_dynamic_items(Pressable)

    async def setup_hook(self) -> None:
        """Begin to work; what is to be sent waits until Discord has told what there is."""
        loop = asyncio.get_running_loop()
        self._listener = Listener(self._dsn, lambda: loop.call_soon_threadsafe(self.sending.wake))
        self._listener.start()
        self._claiming = asyncio.create_task(self.sending.run())
        self._claiming.add_done_callback(self._stopped_claiming)
        self._others = [
            asyncio.create_task(self.sessions.keep_cursor()),
            asyncio.create_task(self._register()),
        ]

    def _stopped_claiming(self, task: asyncio.Task[None]) -> None:
        """Whoever cannot claim is of no use: better to be started again."""
        if not task.cancelled() and (error := task.exception()):
            LOG.warning(f"nothing is claimed any more: {type(error).__name__}")
            self._ending = asyncio.create_task(self.close())

    async def close(self) -> None:
        """Claim nothing more, finish what was heard and is being sent, and go."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        await asyncio.shield(self._ending)

    async def __aexit__(self, *_: object) -> None:
        await self.close()  # all of it: discord.py's own waits for its part only

    async def _end(self) -> None:
        for task in (self._claiming, *self._others):
            if task is not None:
                task.cancel()
        if self._listener is not None:
            self._listener.stop()
        await asyncio.gather(self.hearing.finish(), self.sending.finish(), return_exceptions=True)
        await super().close()
        await self.sessions.close()
        for database in (self.inward, self.outward):
            await asyncio.to_thread(database.close)

    async def _register(self) -> None:
        try:
            await register(self.tree)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            LOG.warning(f"the commands could not be registered: {type(error).__name__}")

    # ------------------------------------------------------------------ what Discord says

    def is_ours(self, channel: object) -> bool:
        """Whether it is a thread that we opened, or one in which we talk although somebody else opened it."""
        if not isinstance(channel, discord.Thread) or self.user is None:
            return False
        return channel.owner_id == self.user.id or channel.id in self.adopted

    async def on_ready(self) -> None:
        """A new session: what was said before it is told to nobody, so it is read."""
        self.online.set()
        self.sessions.catch_up()

    async def on_resumed(self) -> None:
        """The old session goes on, and Discord repeats what was missed."""
        self.online.set()

    async def on_disconnect(self) -> None:
        """Nothing is claimed while Discord is away: every try counts."""
        self.online.clear()

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A guild that comes later than the others."""
        if self.is_ready():
            self.sessions.catch_up()

    async def on_message(self, message: discord.Message, /) -> None:
        """Somebody has written somewhere; commands are slash commands."""
        await self.hearing.message(message)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """A form has come back; commands and buttons are heard elsewhere."""
        data: Any = interaction.data or {}
        pressed = parsed(data.get("custom_id", ""))
        if interaction.type is discord.InteractionType.modal_submit and pressed:
            text = words_in(data.get("components", []))
            await self.hearing.interaction(interaction, text=text, **command_of(pressed))

    async def _on_command_error(
        self, interaction: discord.Interaction[Any], error: discord.app_commands.AppCommandError
    ) -> None:
        LOG.warning(f"a command failed: {type(error.__cause__ or error).__name__}")

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """What goes wrong with one event is no other's business; the words of users are in no log."""
        LOG.warning(f"{event_method}: {told(sys.exception())}")
