"""Two hundred people who write at the same moment: each sees at once that somebody is there, and is answered once.

`./mas test tests/discord/test_crowd.py -rP` shows the figures.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
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

PEOPLE, CHANNELS, REPLICAS, ROUNDS = 200, 8, 4, 4
FIRST_S = 2.0  # within which somebody sees that she was heard
ALL_S = 240.0  # within which everybody is answered, on a machine that does much else
MOST_MB = 4.0  # that the bot may grow by after its first rounds


class Member:
    """One of the crowd: she mentions the bot, writes to it directly or uses a command."""

    def __init__(self, discord: DiscordServer, number: int, channel: Channel) -> None:
        self._discord, self.number, self.channel = discord, number, channel
        self.person: Person = discord.person(f"person {number}")
        self.way = ("mention", "command", "direct", "mention", "command")[number % 5]
        self.brief = f"{BRIEF}, for number {number}"
        self.said: Message | None = None
        self.asked: Asked | None = None

    def begins(self) -> None:
        """Her first words."""
        if self.way == "command":
            self.asked = self.person.slash("design", self.channel, brief=self.brief)
        elif self.way == "mention":
            self.said = self.person.mentions_bot(self.channel, self.brief)
        else:
            self.channel = self.person.direct
            self.said = self.person.dm(self.brief)

    def goes_on(self, words: str) -> None:
        """More words, where she is answered."""
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

    def answers(self) -> list[Message]:
        """What an agent has said to her."""
        return [message for message in of_bot(self.place) if is_proposal(message)]


class Crowd:
    """Everybody, and the bot that hears them."""

    def __init__(self, discord: DiscordServer, database: Database, bot: BotProcess) -> None:
        self.discord, self.database, self.bot = discord, database, bot
        channels = [discord.add_channel(f"boards {number}") for number in range(CHANNELS)]
        self.members = [Member(discord, n, channels[n % CHANNELS]) for n in range(PEOPLE)]
        self.signs: list[list[float]] = []  # of each round
        self.resident_mb: list[float] = []

    def round(self, number: int) -> None:
        """All speak at once, and all are answered; round 0 begins their designs."""
        acts = [
            m.begins if number == 0 else partial(m.goes_on, f"make it {number + 1} Hz") for m in self.members
        ]
        self.discord.do(lambda: [act() for act in acts])
        signs = [member.first_sign for member in self.members]
        self.discord.until(lambda: all(sign() is not None for sign in signs), ALL_S, "signs of life")
        self.signs.append(sorted(self.discord.do(sign) or 0.0 for sign in signs))
        query = "core.outbox where kind = 'proposal' and state = 'sent'"
        become(self.database, query, PEOPLE * (number + 1), ALL_S)
        become(self.database, "core.outbox where state in ('waiting', 'claimed')", 0, ALL_S)
        self.resident_mb.append(resident_mb(self.bot.running.pid))

    def all_is_well(self, rounds: int) -> None:
        """Each has one design, one place, one status, and one answer to whatever she said."""
        discord = self.discord
        for member in self.members:
            proposals = discord.do(member.answers)
            assert len(proposals) == rounds, (member.way, member.number, [one.text for one in proposals])
            said = Counter(
                message.text or str(message.embeds) for message in discord.do(of_bot, member.place)
            )
            assert set(said.values()) == {1}, said
            assert len([one for one in of_bot(member.place) if is_status(one)]) == 1
            if member.asked is not None:
                assert member.asked.interaction.followed == []
                assert member.place.mention in member.asked.answer().text
        assert counted(self.database, "core.design_states") == PEOPLE
        assert counted(self.database, "core.chat_messages where sender = 'user'") == PEOPLE * rounds
        assert counted(self.database, "core.outbox where state <> 'sent'") == 0
        assert discord.limits.violations == 0

    def table(self) -> str:
        """What can be cited."""
        rows = [
            f"round {n}: first sign of life: median {statistics.median(signs):.3f} s, p99 {signs[-len(signs) // 100]:.3f} s, "
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
def crowd(discord: DiscordServer, start: Start, own_database: Database, managers: Fleet) -> Iterator[Crowd]:
    """Everybody, before anybody has said anything."""
    bot = start()
    become(own_database, "core.front_ends where cursor is not null", 1)
    everybody = Crowd(discord, own_database, bot)
    yield everybody
    print(everybody.table())  # noqa: T201


@pytest.mark.timeout(900)
def test_two_hundred_people_at_once(crowd: Crowd) -> None:
    for number in range(ROUNDS):
        crowd.round(number)
    crowd.all_is_well(ROUNDS)
    first, *later = (signs[-1] for signs in crowd.signs)
    assert first < FIRST_S
    assert (
        max(later) < FIRST_S + PEOPLE * PER_S / MOST
    )  # each at a place of her own: as many requests as people
    first, *later = crowd.resident_mb[1:]  # the first round opens what is kept open
    assert max(later) - first < MOST_MB
    assert crowd.bot.stop() == 0
    assert crowd.bot.log == ""


@pytest.mark.timeout(900)
def test_two_hundred_people_at_once_within_the_limits_of_discord(crowd: Crowd) -> None:
    crowd.discord.limits.be_realistic()
    crowd.round(0)
    crowd.all_is_well(1)
    assert crowd.signs[0][-1] < FIRST_S
    assert crowd.bot.stop() == 0
