"""Where people talk to the bot: its own threads, threads of others, channels, direct messages, guilds that come later."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clients.api import Api, Task
from clients.discord_bot import make_bot
from tests.conftest import Database
from tests.discord.bot_process import BotProcess
from tests.discord.conftest import Start
from tests.discord.person import Person
from tests.discord.rest import Call
from tests.discord.running import Running
from tests.discord.server import DiscordServer
from tests.discord.talk import BRIEF, become, counted, is_status, of_bot, says, statuses
from tests.discord.world import Channel

OPEN = "POST /channels/{channel}/messages/{message}/threads"
CALLBACK = "POST /interactions/{interaction}/{token}/callback"
WORDS = "core.chat_messages where sender = 'user'"


def opened_by(discord: DiscordServer, name: str, words: str) -> tuple[Person, Channel]:
    """A thread that a person has opened from words of hers."""
    person = discord.person(name)
    said = person.says(discord.channel, words)
    return person, discord.do(discord.world.open_thread, said, "Talk", person.user)


def test_a_mention_in_a_thread_of_others_opens_a_thread_of_our_own(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    anna, theirs = opened_by(discord, "anna", "let us talk about boards")
    anna.says(theirs, "nobody is meant")
    anna.mentions_bot(theirs, BRIEF)
    status = anna.waits_for(is_status)
    assert status.channel is not theirs
    assert status.channel.parent is discord.channel
    assert of_bot(theirs) == []
    assert counted(own_database, "core.inbox") == 1


def test_a_thread_that_somebody_opened_before_us_is_talked_in(
    discord: DiscordServer, start: Start, own_database: Database
) -> None:
    bot = start()
    anna = discord.person("anna")

    def is_faster(call: Call, when: str) -> None:
        if (str(call), when) == (OPEN, "before"):
            discord.world.open_thread(discord.channel.messages[call.id("message")], "Mine", anna.user)

    discord.on_request(is_faster)
    asked = anna.mentions_bot(discord.channel, BRIEF)
    thread = anna.thread_of(asked)
    anna.waits_for(is_status, place=thread)
    anna.says(thread, "make it red")
    become(own_database, WORDS, 2)
    bot.kill()
    anna.says(thread, "make it green")
    start()
    become(own_database, WORDS, 3)
    anna.says(thread, "make it blue")
    become(own_database, WORDS, 4)


def test_a_guild_that_invites_us_later_is_served(discord: DiscordServer, bot: BotProcess) -> None:
    later = discord.add_guild("Later")
    channel = discord.add_channel("boards", later)
    anna = discord.person("anna", later)
    thread = anna.thread_of(anna.mentions_bot(channel, BRIEF))
    anna.waits_for(is_status, place=thread)


def test_commands_may_be_typed_too(discord: DiscordServer, bot: BotProcess) -> None:
    anna = discord.person("anna")
    anna.dm("/help")
    anna.waits_for(says("/forget"), place=anna.direct)
    anna.dm(f"/design {BRIEF}")
    anna.waits_for(is_status, place=anna.direct)
    anna.dm("/cancel 1")
    anna.waits_for(says("is cancelled"), place=anna.direct)


def test_two_files_of_one_name_both_arrive(
    discord: DiscordServer, bot: BotProcess, claim: Callable[[str], tuple[Api, Task]]
) -> None:
    anna = discord.person("anna")
    anna.dm(BRIEF, {"my notes?.txt": b"one", "my notes!.txt": b"two"})
    anna.waits_for(is_status)
    api, task = claim("client_manager")
    names = [file["name"] for file in api.task_context(task)["attachments"]]
    assert sorted(api.read_attachment(task, name) for name in names) == [b"one", b"two"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_command_that_was_acknowledged_is_never_lost(
    discord: DiscordServer, start: Start, own_database: Database, when: str
) -> None:
    bot = start()
    anna = discord.person("anna")
    killed = discord.kill_at(bot.running.pid, 1, when, lambda call: str(call) == CALLBACK)
    asked = anna.slash("design", discord.channel, brief=BRIEF)
    killed.result(20)
    bot.wait()
    start()
    status = anna.waits_for(is_status, 30)
    assert counted(own_database, "core.design_states") == 1
    if when == "after":
        assert asked.answer().text == f"Design 1 is at work: <#{status.channel.id}>"


def test_it_runs_in_a_process_of_others(discord: DiscordServer, own_database: Database) -> None:
    with discord.point_here():
        running = Running(lambda: make_bot(own_database.dsn("discord_bot"), "in a test"), discord.token)
        anna = discord.person("anna")
        anna.looks_at(discord.channel)
        discord.until(lambda: discord.gateway.identified, 20, "the bot identifies")
        thread = anna.thread_of(anna.mentions_bot(discord.channel, BRIEF))
        anna.waits_for(is_status, place=thread)
        assert len(statuses(thread)) == 1
        running.stop()
    assert running.error is None
