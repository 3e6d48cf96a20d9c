"""Sessions, outages and restarts: everything that was said is heard once, and everything is said once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from psycopg import sql

from clients.fleet import Fleet
from tests.conftest import Database
from tests.discord.bot_process import BotProcess
from tests.discord.conftest import Start
from tests.discord.person import Person
from tests.discord.server import DiscordServer
from tests.discord.talk import BRIEF, SAID_S, become, counted, is_proposal, is_status, of_bot, says, statuses
from tests.discord.world import Channel

WORDS = "core.chat_messages where sender = 'user'"
SEND = "POST /channels/{channel}/messages"


@contextmanager
def unreachable(database: Database) -> Iterator[None]:
    """Nobody gets into the database, and who is in is thrown out."""
    with Database("postgres", database.server).connect() as admin:
        name = sql.Identifier(database.name)
        admin.execute(sql.SQL("alter database {} allow_connections false").format(name))
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (database.name,)
        )
        yield
        admin.execute(sql.SQL("alter database {} allow_connections true").format(name))


def talk(discord: DiscordServer, name: str = "anna") -> tuple[Person, Channel]:
    """A person, and the thread of the design that she has asked for."""
    person = discord.person(name)
    thread = person.thread_of(person.mentions_bot(discord.channel, BRIEF))
    person.waits_for(is_status, place=thread)
    return person, thread


# ---------------------------------------------------------------------------- sessions


def test_a_resumed_session_hears_what_it_missed_once(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    anna, thread = talk(discord)
    for number in range(3):
        discord.drop_connections()
        anna.says(thread, f"one more thing: {number}")
        discord.until(lambda count=number: discord.gateway.resumed == count + 1, 30, "the session is resumed")
    become(own_database, WORDS, 4)
    anna.says(thread, "and a last one")
    become(own_database, WORDS, 5)
    assert len(discord.gateway.identified) == 1
    assert len(statuses(thread)) == 1


def test_a_new_session_reads_what_was_missed(
    discord: DiscordServer, start: Start, own_database: Database
) -> None:
    bot = start()
    anna, thread = talk(discord)
    bert = discord.person("bert")
    bert.dm("LED power indicator for 5 V")
    bert.waits_for(is_status)
    assert bot.stop() == 0
    anna.says(thread, "make it red")
    bert.dm("make it green")
    asked = discord.person("carla").mentions_bot(discord.channel, BRIEF)
    discord.person("dora").dm(BRIEF)  # nobody knows yet that she talks to the bot
    discord.person("carla").says(discord.channel, "is anybody there?")
    start()
    carlas = discord.person("carla").thread_of(asked, 30)
    discord.person("carla").waits_for(is_status, place=carlas)
    become(own_database, WORDS, 5)
    assert counted(own_database, "core.design_states") == 3


def test_a_session_that_became_invalid_reads_what_was_missed(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    anna, thread = talk(discord)
    discord.invalidate_sessions()
    anna.says(thread, "make it red")
    discord.until(lambda: len(discord.gateway.identified) == 2, 30, "a new session")
    become(own_database, WORDS, 2)
    assert len(statuses(thread)) == 1


def test_an_archived_thread_is_read_too(discord: DiscordServer, start: Start, own_database: Database) -> None:
    bot = start()
    anna, thread = talk(discord)
    bot.kill()
    anna.says(thread, "make it red")
    discord.do(discord.world.change_thread, thread, archived=True)
    start()
    become(own_database, WORDS, 2)


def test_the_first_session_ever_reads_nothing(
    discord: DiscordServer, start: Start, own_database: Database
) -> None:
    discord.person("anna").mentions_bot(discord.channel, "long ago")
    bot = start()
    anna, _ = talk(discord)
    assert bot.stop() == 0
    start()
    anna.dm(BRIEF)
    anna.waits_for(is_status, place=anna.direct)
    assert counted(own_database, "core.design_states") == 2


# ---------------------------------------------------------------------------- two, and killed


def test_two_bots_at_once_answer_once(
    discord: DiscordServer, start: Start, talker: Fleet, own_database: Database
) -> None:
    start("one")
    start("two")
    talks = [talk(discord, name) for name in ("anna", "bert", "carla")]
    for person, thread in talks:
        proposal = person.waits_for(is_proposal, SAID_S, place=thread)
        assert person.clicks(proposal, "Approve").answer().text == "Approved."
        changed = person.slash("status", thread).answer()
        assert "Design" in changed.text
    for _, thread in talks:
        said = Counter(message.text or str(message.embeds) for message in of_bot(thread))
        assert set(said.values()) == {1}, said
    assert counted(own_database, "core.design_states") == 3
    assert counted(own_database, "core.chat_messages where text = 'Yes, build it.'") == 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_bot_that_is_killed_while_it_sends_says_it_once(
    discord: DiscordServer, start: Start, talker: Fleet, when: str
) -> None:
    bot = start()
    anna, thread = talk(discord)
    anna.waits_for(is_proposal, SAID_S, place=thread)
    killed = discord.kill_at(bot.running.pid, 1, when, lambda call: str(call) == SEND)
    anna.says(thread, "make it 2 Hz")
    killed.result(SAID_S)
    bot.wait()
    start()
    second = anna.waits_for(
        lambda message: is_proposal(message) and "2 Hz" in message.text, SAID_S, place=thread
    )
    anna.says(thread, "make it 3 Hz")
    anna.waits_for(lambda message: is_proposal(message) and "3 Hz" in message.text, SAID_S, place=thread)
    assert [message.text for message in of_bot(thread)].count(second.text) == 1


def test_what_was_sent_and_not_recorded_is_found_when_its_nonce_is_forgotten(
    discord: DiscordServer, start: Start, talker: Fleet
) -> None:
    bot = start()
    anna, thread = talk(discord)
    proposal = anna.waits_for(is_proposal, SAID_S, place=thread)
    killed = discord.kill_at(bot.running.pid, 1, "after", lambda call: str(call) == SEND)
    anna.says(thread, "make it 2 Hz")
    killed.result(SAID_S)
    bot.wait()
    discord.passes(3600)
    start()
    second = anna.waits_for(is_proposal, SAID_S, place=thread, after=proposal)
    assert anna.clicks(second, "Approve").answer().text == "Approved."
    assert [message.text for message in of_bot(thread)].count(second.text) == 1


# ---------------------------------------------------------------------------- outages


def test_what_is_said_while_the_database_is_away_waits(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    anna, thread = talk(discord)
    bert = discord.person("bert")
    with unreachable(own_database):
        anna.says(thread, "make it red")
        asked = bert.slash("design", bert.direct, brief=BRIEF)
        assert asked.acknowledged() < 3
        bot.writes("what is said waits")
    assert asked.answer(30).text == "Design 2 is at work."
    become(own_database, WORDS, 3)
    assert bot.stop() == 0
    assert all("what is said waits" in line for line in bot.complaints)


def test_it_begins_while_the_database_is_away(discord: DiscordServer, own_database: Database) -> None:
    anna = discord.person("anna")
    with BotProcess(discord) as bot:
        with unreachable(own_database):
            bot.start()
            bot.writes("what is said waits")
            anna.dm(BRIEF)
        anna.waits_for(is_status, 30)
        assert bot.stop() == 0


def test_limits_of_discord_are_waited_for(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    discord.limits.set(SEND, 1, 1.0)
    people = [discord.person(name) for name in ("anna", "bert", "carla")]
    for person in people:
        person.slash("design", discord.channel, brief=BRIEF)
    for person in people:
        person.waits_for(is_status, 30)
    discord.limits.clear()
    assert discord.limits.violations == 0
    assert counted(own_database, "core.outbox where attempt > 1 or state = 'dead'") == 0


def test_failures_of_discord_are_tried_again(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    discord.disturb(SEND, 503, times=2)
    anna = discord.person("anna")
    anna.slash("design", discord.channel, brief=BRIEF)
    status = anna.waits_for(is_status, 30)
    assert len(statuses(status.channel)) == 1
    assert "503" in bot.log
    assert "555" not in bot.log


def test_a_status_that_was_deleted_comes_again_once(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    anna, thread = talk(discord)
    (first,) = statuses(thread)
    discord.do(discord.world.delete, first)
    anna.slash("cancel", thread).answer()
    second = anna.waits_for(is_status, 30, place=thread)
    assert "cancelled" in str(second.embeds)
    assert second.id != first.id


def test_a_thread_that_may_not_be_opened_is_said_in_its_channel(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    discord.permit(discord.channel, ["view_channel", "send_messages", "read_message_history"])
    anna = discord.person("anna")
    anna.mentions_bot(discord.channel, BRIEF)
    told = anna.waits_for(says("cancelled"), 30, place=discord.channel)
    assert "Create Public Threads" in told.text
    become(own_database, "core.design_states where state = 'cancelled'", 1)


def test_it_finishes_what_it_is_sending(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    anna = discord.person("anna")
    discord.limits.set(SEND, 1, 2.0)
    for _ in range(3):
        anna.slash("design", anna.direct, brief=BRIEF)
        anna.slash("cancel", anna.direct)
    anna.waits_for(is_status)
    assert bot.stop() == 0
    assert counted(own_database, "core.outbox where state = 'claimed'") == 0
