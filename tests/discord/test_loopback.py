"""The loopback Discord, held to the real discord.py client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from typing import Any

import discord
import pytest
from discord.ext import commands

from tests.discord.server import DiscordServer

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)
SOON_S = 20.0


class Running:
    """A bot on a thread and a loop of its own; `do` runs a coroutine there."""

    def __init__(self, bot: commands.Bot, token: str) -> None:
        self.bot, self._token = bot, token
        self.loop = asyncio.new_event_loop()
        self.ended: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="bot", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        async def main() -> None:
            async with self.bot:
                await self.bot.start(self._token)

        try:
            self.loop.run_until_complete(main())
        except BaseException as error:
            self.ended = error
        finally:
            self.loop.close()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SOON_S)

    def stop(self) -> None:
        if self._thread.is_alive() and not self.loop.is_closed():
            asyncio.run_coroutine_threadsafe(self.bot.close(), self.loop)
        self._thread.join(SOON_S)
        assert not self._thread.is_alive()


class Bot(commands.Bot):
    """A small bot: it notes what it hears, and answers a few words."""

    def __init__(self, intents: discord.Intents = INTENTS) -> None:
        super().__init__(command_prefix="!", intents=intents)
        self._connection.guild_ready_timeout = 0.1
        self.heard: list[str] = []
        self._heard = threading.Condition()
        self.ready = threading.Event()

    def note(self, text: str) -> None:
        with self._heard:
            self.heard.append(text)
            self._heard.notify_all()

    def has_heard(self, count: int) -> list[str]:
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.heard) >= count, SOON_S), self.heard
            return list(self.heard)

    async def on_ready(self) -> None:
        self.ready.set()

    async def on_message(self, message: discord.Message) -> None:
        if message.author == self.user:
            return
        self.note(message.content)
        if message.content.endswith("thread"):
            thread = await message.create_thread(name="Board 1")
            await thread.send(f"Let us talk here, {message.author.display_name}.")


@pytest.fixture
def server() -> Iterator[DiscordServer]:
    with DiscordServer() as server, server.point_here():
        yield server


@pytest.fixture
def start(server: DiscordServer) -> Iterator[Callable[..., Running]]:
    with ExitStack() as stack:

        def started(bot: commands.Bot | None = None) -> Running:
            running = Running(bot or Bot(), server.token)
            stack.callback(running.stop)
            if isinstance(running.bot, Bot):
                assert running.bot.ready.wait(SOON_S)
            return running

        yield started
        assert server.unknown == []


def test_the_client_logs_in_and_sees_the_guild(server: DiscordServer, start: Callable[..., Running]) -> None:
    bot = start().bot
    guild = bot.get_guild(server.guild.id)
    assert guild is not None
    assert [channel.name for channel in guild.text_channels] == ["boards"]
    assert guild.me.guild_permissions.send_messages_in_threads
    assert not guild.me.guild_permissions.manage_messages


def test_a_mention_is_answered_in_a_thread(server: DiscordServer, start: Callable[..., Running]) -> None:
    start()
    anna = server.person("anna")
    asked = anna.mentions_bot(server.channel, "open a thread")
    thread = anna.thread_of(asked)
    assert thread.id == asked.id
    answer = anna.waits_for(lambda message: message.text, place=thread)
    assert answer.text == "Let us talk here, Anna."


def test_after_a_broken_connection_what_was_missed_is_heard_once(
    server: DiscordServer, start: Callable[..., Running]
) -> None:
    running = start()
    anna = server.person("anna")
    anna.says(server.channel, "one")
    running.bot.has_heard(1)
    server.drop_connections()
    anna.says(server.channel, "two")
    server.until(lambda: server.gateway.resumed == 1)
    anna.says(server.channel, "three")
    assert running.bot.has_heard(3) == ["one", "two", "three"]
