"""What tests look for in a talk with the bot."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg

from tests.conftest import Database
from tests.discord.world import DEFAULT, REPLY, Channel, Message

BRIEF = "555 LED blinker about 1 Hz from 9 V, 40x30 mm"
BOT = "mas"
SAID_S = 40.0  # within which an agent has answered, on a machine that does much else


def is_status(message: Message) -> bool:
    """The one message that shows how far a design is."""
    return any("status of design" in embed.get("footer", {}).get("text", "") for embed in message.embeds)


def is_proposal(message: Message) -> bool:
    """A requirement that waits for a yes."""
    return "mas:approve:" in str(message.components)


def is_result(message: Message) -> bool:
    """The end of a design, with its checks."""
    return any("result of design" in embed.get("footer", {}).get("text", "") for embed in message.embeds)


def says(words: str) -> Callable[[Message], bool]:
    """A message with these words, in its text or in an embed."""
    return lambda message: words in message.text or words in str(message.embeds)


def status_says(words: str) -> Callable[[Message], bool]:
    """The status, with these words."""
    return lambda message: is_status(message) and words in str(message.embeds)


def of_bot(place: Channel) -> list[Message]:
    """What the bot has said at a place and not taken back."""
    said = (message for message in place.messages.values() if message.kind in (DEFAULT, REPLY))
    return [message for message in said if message.author.name == BOT and not message.deleted]


def statuses(place: Channel) -> list[Message]:
    """The status messages at a place."""
    return [message for message in of_bot(place) if is_status(message)]


def counted(database: Database, query: str) -> int:
    """How many rows there are."""
    with database.connect() as owner:
        return _count(owner, query)


def become(database: Database, query: str, count: int, within_s: float = SAID_S) -> None:
    """Wait until there are so many rows; the database rings whenever a design has changed."""
    with database.connect() as owner:
        owner.execute("listen design_updates")
        until = time.monotonic() + within_s
        while (found := _count(owner, query)) != count:
            assert time.monotonic() < until, f"{found} {query}, not {count}"
            for _ in owner.notifies(timeout=1.0, stop_after=1):
                pass


def _count(owner: psycopg.Connection, query: str) -> int:
    ((count,),) = owner.execute(f"select count(*) from {query}").fetchall()
    return int(count)
