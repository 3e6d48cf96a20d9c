"""Two hundred people who write at the same moment: each sees at once that somebody is there, and is answered once.

`./mas test tests/discord/test_crowd.py -rP` shows the figures.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from clients.discord.pace import MOST, PER_S
from clients.fleet import Fleet
from tests.conftest import Database
from tests.discord.bot_process import BotProcess
from tests.discord.conftest import TALKS, Start
from tests.discord.person import Asked, Person
from tests.discord.server import DiscordServer
from tests.discord.talk import BRIEF, become, counted, is_proposal, is_status, of_bot
from tests.discord.world import Channel, Message

PEOPLE, CHANNELS, REPLICAS, CROWDS, TIMES = 200, 8, 4, 4, 3
FIRST_S = 2.0  # within which somebody sees that she was heard
ALL_S = 240.0  # within which everybody is answered, on a machine that does much else
MOST_MB = 5.0  # that the bot may grow by after the first two crowds


class Member:
    """One of the crowd: she mentions the bot, writes to it directly or uses a command."""

    def __init__(self, discord: DiscordServer, number: int, channel: Channel) -> None:
        self._discord, self.number, self.channel = discord, number, channel
        self.person: Person = discord.person(f"person {number}")
        self.way = ("mention", "command", "direct", "mention", "command")[number % 5]
        self.brief = f"{BRIEF}, for number {number}"
        self.said: Message | None = None
        self.asked: Asked | None = None
        self.times = 0

    def begins(self) -> None:
        """Her first words."""
        self.times += 1
        if self.way == "command":
            self.asked = self.person.slash("design", self.channel, brief=self.brief)
        elif self.way == "mention":
            self.said = self.person.mentions_bot(self.channel, self.brief)
        else:
            self.channel = self.person.direct
            self.said = self.person.dm(self.brief)

    def goes_on(self, words: str) -> None:
        """More words, where she is answered."""
        self.times += 1
        self.said = self.person.says(self.place, words)

    @property
    def place(self) -> Channel:
        """Where she talks with the bot: the one place where there is a status of hers."""
        if self.way == "direct":
            return self.person.direct
        (place,) = [one for one in self.person.user.sees if one.is_thread]
        return place

    def first_sign(self) -> float | None:
        """The seconds until she saw that she was heard: a command acknowledged, typing, a thread or words of the bot's."""
        if self.said is None:
            assert self.asked is not None
            asked = self.asked.interaction
            return asked.answered_at - asked.asked_at if asked.answered_at else None
        where, at, thread = self.said.channel, self.said.at, self.said.thread
        signs = [*where.typing, *(one.at for one in of_bot(where)), *([thread.opened_at] if thread else [])]
        return min((sign - at for sign in signs if sign >= at), default=None)


class Crowds:
    """One crowd after the other, and the bot that hears them."""

    def __init__(self, discord: DiscordServer, database: Database, bot: BotProcess) -> None:
        self.discord, self.database, self.bot = discord, database, bot
        self.channels = [discord.add_channel(f"boards {number}") for number in range(CHANNELS)]
        self.members: list[Member] = []
        self.signs: list[list[float]] = []  # of each time that a crowd spoke, the fastest first
        self.resident_mb: list[float] = []

    def come(self) -> None:
        """Two hundred more come, begin a design all at once, and are answered."""
        first = len(self.members)
        numbers = range(first, first + PEOPLE)
        self.members += [Member(self.discord, n, self.channels[n % CHANNELS]) for n in numbers]
        self._speak([member.begins for member in self.members[first:]])

    def go_on(self, words: str) -> None:
        """Those who came last all say one thing more, and are answered."""
        self._speak([partial(member.goes_on, words) for member in self.members[-PEOPLE:]])

    def _speak(self, acts: list[Callable[[], None]]) -> None:
        self.discord.do(lambda: [act() for act in acts])
        signs = [member.first_sign for member in self.members[-PEOPLE:]]
        self.discord.until(lambda: all(sign() is not None for sign in signs), ALL_S, "signs of life")
        self.signs.append(sorted(self.discord.do(sign) or 0.0 for sign in signs))
        answered = "core.outbox where kind = 'proposal' and state = 'sent'"
        become(self.database, answered, sum(member.times for member in self.members), ALL_S)
        become(self.database, "core.outbox where state in ('waiting', 'claimed')", 0, ALL_S)
        self.resident_mb.append(resident_mb(self.bot.running.pid))

    def all_is_well(self) -> None:
        """Each has one design, one place, one status, and one answer to whatever she said."""
        for member in self.members:
            said = self.discord.do(of_bot, member.place)
            assert len([one for one in said if is_proposal(one)]) == member.times, member.number
            assert len([one for one in said if is_status(one)]) == 1, member.number
            seen = Counter(message.text or str(message.embeds) for message in said)
            assert set(seen.values()) == {1}, seen
            if member.asked is not None:
                assert member.asked.interaction.followed == []
                assert member.place.mention in member.asked.answer().text
        assert counted(self.database, "core.design_states") == len(self.members)
        words = sum(member.times for member in self.members)
        assert counted(self.database, "core.chat_messages where sender = 'user'") == words
        assert counted(self.database, "core.outbox where state <> 'sent'") == 0
        assert self.discord.limits.violations == 0

    def table(self) -> str:
        """What can be cited."""
        rows = [
            f"{n}: first sign of life: median {statistics.median(signs):.3f} s, p99 {signs[-len(signs) // 100]:.3f} s, "
            f"max {signs[-1]:.3f} s; resident afterwards {mb:.1f} MB"
            for n, (signs, mb) in enumerate(zip(self.signs, self.resident_mb, strict=True), 1)
        ]
        limits = self.discord.limits
        asked = f"{len(self.discord.calls)} requests, {limits.refusals} refused by limits, {limits.violations} violations"
        return "\n".join([f"{PEOPLE} people at once", *rows, asked])


def resident_mb(pid: int) -> float:
    """What a process has in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kilobytes,) = [int(line.split()[1]) for line in lines if line.startswith("VmRSS")]
    return kilobytes / 1024


@pytest.fixture
def managers(own_database: Database) -> Iterator[Fleet]:
    """The agent that talks, as the real processes."""
    with Fleet(TALKS, replicas=REPLICAS) as fleet:
        yield fleet


@pytest.fixture
def crowds(discord: DiscordServer, start: Start, own_database: Database, managers: Fleet) -> Iterator[Crowds]:
    """The bot and its agents, before anybody has come."""
    bot = start()
    become(own_database, "core.front_ends where cursor is not null", 1)
    everybody = Crowds(discord, own_database, bot)
    yield everybody
    print(everybody.table())  # noqa: T201


@pytest.mark.timeout(900)
def test_two_hundred_people_at_once(crowds: Crowds) -> None:
    for _ in range(CROWDS):
        crowds.come()
    assert max(signs[-1] for signs in crowds.signs) < FIRST_S
    for hertz in range(2, TIMES + 2):
        crowds.go_on(f"make it {hertz} Hz")
    slowest = max(signs[-1] for signs in crowds.signs[CROWDS:])
    assert slowest < FIRST_S + PEOPLE * PER_S / MOST  # each at a place of her own: so many requests
    crowds.all_is_well()
    before, *later = crowds.resident_mb[1:]  # the first two open what is kept open, the others their threads
    assert max(later) - before < MOST_MB
    assert crowds.bot.stop() == 0
    assert crowds.bot.complaints == []


@pytest.mark.timeout(900)
def test_two_hundred_people_at_once_within_the_limits_of_discord(crowds: Crowds) -> None:
    crowds.discord.limits.be_realistic()
    crowds.come()
    assert crowds.signs[0][-1] < FIRST_S
    crowds.all_is_well()
    assert crowds.bot.stop() == 0
