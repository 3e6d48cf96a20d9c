"""How the bot begins and ends: tokens, intents, signals, and what it may never write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import discord
import pytest

from clients.cli import main
from clients.discord_bot import examine_token, invite_link
from tests.conftest import Database
from tests.discord.bot_process import BotProcess
from tests.discord.server import TOKEN, DiscordServer

pytestmark = pytest.mark.usefixtures("own_database")
SWITCH = ["Developer Portal", "Bot", "Privileged Gateway Intents", "Message Content Intent"]


@pytest.fixture
def own_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("MAS_DATABASE", database.name)
    return database


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def started(stack: ExitStack, server: DiscordServer, **environment: str) -> BotProcess:
    bot = stack.enter_context(BotProcess(server, environment=environment))
    bot.start(ready=False)
    return bot


def test_it_ends_by_sigterm_and_with_its_parent(stack: ExitStack) -> None:
    server = stack.enter_context(DiscordServer())
    bot = stack.enter_context(BotProcess(server))
    bot.start()
    assert bot.stop() == 0
    assert bot.log == ""
    child = stack.enter_context(BotProcess(server, environment={"MAS_PARENT_PIPE": "1"}))
    child.start()
    child.close_stdin()
    assert child.wait() == 0
    assert server.unknown == []


def test_it_ends_while_discord_cannot_be_reached(stack: ExitStack) -> None:
    server = stack.enter_context(DiscordServer())
    bot = started(stack, server, DISCORD_API_URL="http://127.0.0.1:9/api/v10")
    bot.writes("trying again")
    assert bot.stop() == 0


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"DISCORD_TOKEN": ""}, "DISCORD_TOKEN_FILE"),
        ({"DISCORD_TOKEN": " \n"}, "DISCORD_TOKEN_FILE"),
        ({"DISCORD_TOKEN": "", "DISCORD_TOKEN_FILE": "/not/there"}, "DISCORD_TOKEN_FILE cannot be read"),
        ({"DISCORD_TOKEN": "a.wrong.token"}, "Reset Token"),
    ],
)
def test_a_token_that_will_not_do_is_one_sentence(
    stack: ExitStack, environment: dict[str, str], says: str
) -> None:
    bot = started(stack, stack.enter_context(DiscordServer()), **environment)
    assert bot.wait() == 2
    assert says in bot.log
    assert bot.log.count("\n") == 1
    assert "a.wrong.token" not in bot.log


def test_a_token_comes_from_a_file(stack: ExitStack, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    server = stack.enter_context(DiscordServer())
    file = {"DISCORD_TOKEN": "", "DISCORD_TOKEN_FILE": str(tmp_path / "token")}
    bot = stack.enter_context(BotProcess(server, environment=file))
    bot.start()
    assert bot.stop() == 0


def test_a_missing_intent_is_said_with_what_to_switch_on(stack: ExitStack, own_database: Database) -> None:
    server = stack.enter_context(DiscordServer(intents=0))
    bot = started(stack, server)
    assert bot.wait() == 3
    assert server.gateway.identified == []
    assert bot.log.count("\n") == 1
    for words in SWITCH:
        assert words in bot.log
    with own_database.connect() as owner:
        logged = "select log_level, message from core.system_logs where component = 'discord_bot'"
        ((level, message),) = owner.execute(logged).fetchall()
    assert level == "ERROR"
    assert message in bot.log


def test_an_intent_that_is_taken_away_while_it_connects_is_said_too(stack: ExitStack) -> None:
    server = stack.enter_context(DiscordServer())
    server.gateway.allowed = 0  # the portal's flags still say otherwise
    bot = started(stack, server)
    assert bot.wait() == 3
    assert server.gateway.closed_with == [4014]
    for words in SWITCH:
        assert words in bot.log


def test_the_doctor_examines_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with DiscordServer() as server, server.point_here():
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        assert [well for well, _ in examine_token()] == [True, True]
        assert "client_id=" in examine_token()[1][1]
        monkeypatch.setenv("DISCORD_TOKEN", "a.wrong.token")
        ((well, line),) = examine_token()
        assert not well
        assert "Reset Token" in line
    with DiscordServer(intents=0) as server, server.point_here():
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        ((well, line),) = examine_token()
        assert not well
        assert "Message Content Intent" in line


def test_the_command_prints_the_invitation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with DiscordServer() as server, server.point_here():
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        assert main(["discord", "invite"]) == 0
        assert f"client_id={server.world.bot.id}" in capsys.readouterr().out
    monkeypatch.setenv("DISCORD_TOKEN", "")
    assert main(["discord", "invite"]) == 2
    assert "DISCORD_TOKEN_FILE" in capsys.readouterr().err


def test_the_invite_asks_for_the_least() -> None:
    link = invite_link(1234)
    assert link.startswith("https://discord.com/oauth2/authorize?client_id=1234")
    assert "scope=bot+applications.commands" in link
    permissions = discord.Permissions(int(link.partition("permissions=")[2].partition("&")[0]))
    assert {name for name, given in permissions if given} == {
        "view_channel", "read_messages", "send_messages", "send_messages_in_threads", "create_public_threads",
        "embed_links", "attach_files", "read_message_history",
    } - ({"view_channel"} if "view_channel" not in dict(permissions) else set())  # fmt: skip
