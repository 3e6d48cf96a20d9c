"""The bot in simcord's Discord, an independent model of permissions, errors and interactions, in this process.

    with Simulation(database) as sim:
        sim.mentions(sim.anna, "an LED, please")
        sim.passes()
        (status,) = sim.said(sim.thread)

simcord lets time pass only when it is told to, so nothing here waits: what the bot does by the clock, claiming what is
to be sent, it does in `passes`; what the agents do, a test has done before.

It does not model Embed Links, Attach Files, limits of files, nonces, and threads that are there already; of these a test
says by `refuses` what Discord answers.  Files that people attach have no address from which they could be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar
from urllib.parse import unquote

import discord
import simcord
import simcord.http.client as transport

from clients.discord.bot import Bot
from clients.discord.sending import POLL_S
from clients.discord_bot import make_bot
from tests.conftest import Database

SETTLES_S = 8.0  # within which the bot is at rest, on a machine that does much else
SAID = (discord.MessageType.default, discord.MessageType.reply)
T = TypeVar("T")
Place = simcord.ChannelHandle
Who = simcord.MemberActor | simcord.UserHandle


class Simulation:
    """A guild with a channel and two people, whom the bot serves; `forbidden` is what it may not do in the channel."""

    def __init__(self, database: Database, *forbidden: str) -> None:
        self._runner = asyncio.Runner()
        self._path_of = transport._path_of
        self._dsn = database.dsn("discord_bot")
        self.bot = self._made()
        self.env = simcord.Env(self.bot, settle_timeout=SETTLES_S)
        self.guild = self.env.create_guild("Workshop")
        denied = discord.PermissionOverwrite(**dict.fromkeys(forbidden, False))
        self.channel = self.guild.create_text_channel(
            "boards", overwrites={self.guild.roles["TestBot"]: denied}
        )
        self.anna = self.guild.add_member(self.env.create_user("anna"))
        self.bert = self.guild.add_member(self.env.create_user("bert"))
        with database.connect() as owner:
            owner.execute("update core.front_ends set status_every = '0 s' where name = 'discord_bot'")

    def __enter__(self) -> Self:
        # the client that simcord leaves out writes %40original as @original
        transport._path_of = lambda url: unquote(self._path_of(url))
        self.do(self.env.start)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self.do(self.bot.close)
            self.do(self.env.shutdown)
        finally:
            transport._path_of = self._path_of
            self._runner.close()
        if kind is None:
            self.env.raise_errors()

    def _made(self) -> Bot:
        bot = make_bot(self._dsn, "simulated")
        rest = bot.sending._rest

        async def resting() -> None:
            # what ends the wait between two claims comes from without: a ring, or time
            await self.env.external_wait(rest(), reason="something to send")

        bot.sending._rest = resting  # type: ignore[method-assign]
        return bot

    def restart(self) -> None:
        """Another life of the bot, that knows nothing of this one."""
        self.do(self.bot.close)
        self.bot = self._made()
        self.do(self.env.restart_bot, self.bot)

    def do(self, action: Callable[..., Awaitable[T]], *arguments: Any, **named: Any) -> T:
        """Await an action; the bot lives on only meanwhile."""

        async def done() -> T:
            return await action(*arguments, **named)

        return self._runner.run(done())

    def passes(self, seconds: float = 2 * POLL_S) -> None:
        """Let time pass: what is due is sent."""
        self.do(self.env.advance_time, seconds)

    def refuses(self, path: str, code: int, status: int = 403, times: int = 1) -> None:
        """Discord refuses the next posts to a path, which may have `*` in it."""
        self.env.inject_error("POST", path, status=status, code=code, message="refused", times=times)

    # ------------------------------------------------------------------ people

    def mentions(self, who: simcord.MemberActor, text: str, place: Place | None = None) -> discord.Message:
        """Somebody writes to the bot in a channel."""
        return self.do(who.send, place or self.channel, f"{self.me} {text}")

    def slash(self, who: Who, name: str, /, **options: Any) -> simcord.ResponseMessage:
        """Somebody gives a command, in the channel or directly, and is answered."""
        where = () if isinstance(who, simcord.UserHandle) else (self.channel,)
        return self.answer(self.do(who.slash, *where, name, **options))

    def clicks(self, who: Who, message: discord.Message | simcord.ResponseMessage, label: str) -> str:
        """Somebody presses a button; the words of the answer."""
        return self.answer(self.do(who.click, message, label=label)).content

    def fills(self, who: Who, message: discord.Message, label: str, words: str) -> str:
        """Somebody presses a button that shows a form, and fills in its one field; the words of the answer."""
        form = self.do(who.click, message, label=label)
        assert form.modal is not None
        ((field,),) = (row["components"] for row in form.modal["components"])
        return self.answer(self.do(who.submit_modal, form, {field["custom_id"]: words})).content

    def answer(self, asked: simcord.InteractionResult) -> simcord.ResponseMessage:
        """What is answered to whoever asked, and to nobody else."""
        assert asked.acknowledged
        self.passes()
        answer = asked.response
        assert answer is not None
        assert answer.ephemeral
        return answer

    # ------------------------------------------------------------------ what they see

    @property
    def me(self) -> str:
        """How the bot is called."""
        assert self.bot.user is not None
        return self.bot.user.mention

    @property
    def thread(self) -> Place:
        """The one thread."""
        (thread,) = self.channel.threads
        return thread

    def said(self, place: Place, viewer: Who | None = None) -> list[discord.Message]:
        """What the bot has said at a place, as somebody sees it (everybody, unless told)."""
        history = place.history(viewer=viewer)
        own = [message for message in history if message.author.id == self.env.backend.bot_user.id]
        return [message for message in own if message.type in SAID]
