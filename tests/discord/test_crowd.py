"""Two hundred people who write at the same moment: each sees at once that somebody is there, and is answered once.

`./mas test tests/discord/test_crowd.py -rP` shows the figures.
"""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

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
SHOWN_S = 8.0  # how long a client shows that somebody types; Discord says ten
ALL_S = 240.0  # within which everybody is answered, on a machine that does much else
MOST_MB = 4.0  # that the bot may grow by after its first rounds


class Member:
    """One of the crowd: she mentions the bot, writes to it directly or uses a command."""

    def __init__(self, discord: DiscordServer, number: int, channel: Channel) -> None:
        self._discord, self.number, self.channel = discord, number, channel
        self.person: Person = discord.person(f"person {number}")
        self.way = ("mention", "command", "direct", "mention", "direct")[number % 5]
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
        """The seconds until she saw that she was heard: an acknowledged command, somebody who types, or a thread."""
        if self.asked is not None:
            asked = self.asked.interaction
            return asked.answered_at - asked.asked_at if asked.answered_at else None
        assert self.said is not None
        where, at = self.said.channel, self.said.at
        signs = [max(typed - at, 0.0) for typed in where.typing if typed > at - SHOWN_S]
        if self.said.thread is not None:
            signs.append(self.said.thread.opened_at - at)
        return min(signs, default=None)

    def answers(self) -> list[Message]:
        """What an agent has said to her."""
        return [message for message in of_bot(self.place) if is_proposal(message)]


class Crowd:
    """Everybody, and the bot that hears them."""

    def __init__(self, discord: DiscordServer, database: Database, bot: BotProcess) -> None:
        self.discord, self.database, self.bot = discord, database, bot
        channels = [discord.add_channel(f"boards {number}") for number in range(CHANNELS)]
        self.members = [Member(discord, n, channels[n % CHANNELS]) for n in range(PEOPLE)]
        self.signs: list[float] = []
        self.resident_mb: list[float] = []

    def round(self, number: int) -> None:
        """All speak at once, and all are answered; round 0 begins their designs."""
        before = list(self.signs)
        acts = [m.begins if number == 0 else lambda m=m: m.goes_on(f"make it {number + 1} Hz") for m in self.members]
        self.discord.do(lambda: [act() for act in acts])
        self.discord.until(lambda: all(m.first_sign() is not None for m in self.members), ALL_S, "signs of life")
        if number == 0 or self.members[0].said is not None:
            self.signs = before + [sign for m in self.members if (sign := self.discord.do(m.first_sign)) is not None]
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
            said = Counter(message.text or str(message.embeds) for message in discord.do(of_bot, member.place))
            assert set(said.values()) == {1}, said
            assert len([one for one in of_bot(member.place) if is_status(one)]) == 1
            if member.asked is not None:
                assert member.asked.interaction.followed == []
                assert member.place.mention in member.asked.answer().text
        assert counted(self.database, "core.design_states") == PEOPLE
        assert counted(self.database, "core.chat_messages where sender = 'user'") == PEOPLE * rounds
        assert counted(self.database, "core.outbox where state <> 'sent'") == 0
        assert discord.limits.violations == 0

    def figures(self) -> str:
        """What can be cited."""
        ordered = sorted(self.signs)
        p99 = ordered[int(len(ordered) * 0.99)]
        return (
            f"{len(ordered)} first signs of life: median {statistics.median(ordered):.3f} s, p99 {p99:.3f} s, "
            f"max {ordered[-1]:.3f} s; resident after each round: {', '.join(f'{mb:.1f}' for mb in self.resident_mb)} MB; "
            f"{self.discord.limits.refusals} refusals by limits, {self.discord.limits.violations} violations, "
            f"{len(self.discord.calls)} requests"
        )


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


@pytest.mark.timeout(900)
def test_two_hundred_people_at_once(
    discord: DiscordServer, start: Start, own_database: Database, managers: Fleet
) -> None:
    bot = start()
    become(own_database, "core.front_ends where cursor is not null", 1)
    crowd = Crowd(discord, own_database, bot)
    for number in range(ROUNDS):
        crowd.round(number)
        print(crowd.figures(), flush=True)  # noqa: T201
    crowd.all_is_well(ROUNDS)
    assert max(crowd.signs) < FIRST_S
    assert max(later - earlier for earlier, later in itertools.pairwise(crowd.resident_mb[1:])) < MOST_MB
    assert bot.stop() == 0
    assert bot.log == ""
