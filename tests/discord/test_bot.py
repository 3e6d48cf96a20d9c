"""The bot over the real wire: what people do reaches the database once, and what it says reaches them once."""

from __future__ import annotations

import re

import pytest

from clients.fleet import Fleet
from tests.conftest import Database
from tests.discord.bot_process import BotProcess
from tests.discord.server import DiscordServer
from tests.discord.world import Channel, Message

BRIEF = "555 LED blinker about 1 Hz from 9 V, 40x30 mm"
SAID = 30.0  # seconds within which an agent has answered, on a machine that does much else


def has(words: str):
    return lambda message: re.search(words, message.text + str(message.embeds))


def is_status(message: Message) -> bool:
    return any("status of design" in str(embed.get("footer")) for embed in message.embeds)


def is_proposal(message: Message) -> bool:
    return "mas:approve:" in str(message.components)


def statuses(place: Channel) -> list[Message]:
    return [message for message in place.messages.values() if is_status(message)]


def test_a_mention_opens_a_thread_in_which_a_requirement_is_agreed_upon(
    discord: DiscordServer, bot: BotProcess, talker: Fleet, own_database: Database
) -> None:
    anna = discord.person("anna")
    asked = anna.mentions_bot(discord.channel, "a blinker, please")
    thread = anna.thread_of(asked)
    discord.until(lambda: anna.id in thread.members, what="anna is added")
    question = anna.waits_for(lambda message: "-#" in message.text, SAID, place=thread)
    anna.says(thread, BRIEF)
    proposal = anna.waits_for(is_proposal, SAID, place=thread, after=question)
    anna.says(thread, "make it 2 Hz")
    second = anna.waits_for(is_proposal, SAID, place=thread, after=proposal)
    assert "2 Hz" in second.text
    anna.says(thread, "yes")
    anna.waits_for(
        lambda message: is_status(message) and "design script" in str(message.embeds), SAID, place=thread
    )
    assert len(statuses(thread)) == 1
    assert bot.stop() == 0
    assert bot.log == ""


def states(database: Database) -> list[str]:
    with database.connect() as owner:
        return [state for (state,) in owner.execute("select state from core.design_states order by state_id")]
