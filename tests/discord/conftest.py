"""The bot as a process, on the loopback Discord and on a database of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from clients.fleet import Fleet
from tests.conftest import Database
from tests.discord.bot_process import BOT, BotProcess
from tests.discord.server import DiscordServer

TALKS = {"client_manager": "clients.client_manager"}
Start = Callable[..., BotProcess]


@pytest.fixture
def own_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Every process that this test starts works on its database."""
    monkeypatch.setenv("MAS_DATABASE", database.name)
    return database


@pytest.fixture
def discord() -> Iterator[DiscordServer]:
    """The loopback Discord; a test may ask for nothing that it does not know."""
    with DiscordServer() as server:
        yield server
        assert server.unknown == []


@pytest.fixture
def start(own_database: Database, discord: DiscordServer) -> Iterator[Start]:
    """Start a bot: `start(worker="bot")`."""
    with ExitStack() as stack:
        bots = []

        def started(worker: str = "bot", ready: bool = True, module: str = BOT) -> BotProcess:
            bots.append(stack.enter_context(BotProcess(discord, worker, module=module)))
            bots[-1].start(ready)
            if ready:
                discord.until(
                    lambda: "help" in discord.interactions.commands[0], what="commands are registered"
                )
            return bots[-1]

        yield started
        assert all(discord.token not in bot.log for bot in bots)


@pytest.fixture
def bot(start: Start) -> BotProcess:
    """A bot that runs."""
    return start()


@pytest.fixture
def talker(own_database: Database) -> Iterator[Fleet]:
    """The agent that talks, and no other: designs go no further than their requirement."""
    with Fleet(TALKS) as fleet:
        yield fleet
