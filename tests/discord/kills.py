"""Kills of a running bot at a chosen point of its work; its next life begins at once, as the fleet has it.

A point is a request to Discord, before or after it takes effect, or a call of the database, which is made to wait for a
lock and then either ends with the bot or takes effect though nobody hears of it.  Nothing is timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from tests.conftest import Database
from tests.discord.bot_process import BotProcess
from tests.discord.conftest import Start
from tests.discord.person import Asked
from tests.discord.rest import Call
from tests.discord.server import DiscordServer
from tests.discord.talk import SAID_S
from tests.discord.world import Message

DEFER = "POST /interactions/{interaction}/{token}/callback"
REPLY = "PATCH /webhooks/{webhook}/{token}/messages/@original"
SEND = "POST /channels/{channel}/messages"
EDIT = "PATCH /channels/{channel}/messages/{message}"
THREAD = "POST /channels/{channel}/messages/{message}/threads"
MEMBER = "PUT /channels/{channel}/thread-members/{user}"
TYPING = "POST /channels/{channel}/typing"
HISTORY = "GET /channels/{channel}/messages"
DOWNLOAD = "GET /attachments/{channel}/{file}/{name}"

LOCKS = {  # what makes a call wait, and hardly another
    "receive_event": "lock table core.inbox in share row exclusive mode",
    "attach_file": "lock table core.attachments in share row exclusive mode",
    "read_file": "lock table core.artifact_contents in access exclusive mode",
    "start_front_end": "lock table core.outbox in exclusive mode",
    "move_cursor": "lock table core.front_ends in access exclusive mode",
    "list_places": "lock table core.places in access exclusive mode",
}
WAITING = """
    select pid from pg_stat_activity
     where datname = current_database() and usename = 'discord_bot' and wait_event_type = 'Lock' and position(%s in query) > 0"""


@dataclass(frozen=True)
class Request:
    """A point at a request to Discord: of a route, of which `counts` may want more."""

    what: str
    route: str
    when: str  # before or after it takes effect
    counts: Callable[[Call], bool] = lambda _: True

    def __str__(self) -> str:
        return f"{self.when} {self.what}"


@dataclass(frozen=True)
class InDatabase:
    """A point at a call of the database: the call is `lost` with the bot, or takes effect unheard."""

    function: str
    lost: bool
    what: str = ""

    def __str__(self) -> str:
        ends = "before it is committed" if self.lost else "committed, not heard of"
        return f"{self.what or self.function}, {ends}"


@dataclass(frozen=True)
class Recording:
    """A point after a request has taken effect, at the call that records it."""

    request: Request
    lost: bool

    def __str__(self) -> str:
        ends = "before it is committed" if self.lost else "committed, not heard of"
        return f"record_delivery of {self.request.what}, {ends}"


Point = Request | InDatabase | Recording


def around(what: str, route: str, counts: Callable[[Call], bool] = lambda _: True) -> list[Point]:
    """The two points at a request."""
    return [Request(what, route, when, counts) for when in ("before", "after")]


def with_record(what: str, route: str, counts: Callable[[Call], bool] = lambda _: True) -> list[Point]:
    """The points at a request and at the recording of it."""
    points = around(what, route, counts)
    assert isinstance(points[1], Request)
    return [*points, Recording(points[1], True), Recording(points[1], False)]


def both(function: str, what: str = "") -> list[Point]:
    """The two points at a call of the database."""
    return [InDatabase(function, lost, what) for lost in (True, False)]


@dataclass
class Kills:
    """A bot that is killed again and again; `hit` is where."""

    discord: DiscordServer
    database: Database
    start: Start
    bot: BotProcess
    hit: list[tuple[str, str]] = field(default_factory=list)

    @contextmanager
    def at(self, point: Point, during: str = "") -> Iterator[None]:
        """Kill the bot at a point that what is done within leads to, and start it again."""
        kill = {Request: self._request, InDatabase: self._call, Recording: self._record}[type(point)]
        with kill(point):
            yield
        self.bot.wait()
        self.hit.append((during, str(point)))
        self.again()

    def again(self, ready: bool = True) -> None:
        """Its next life."""
        self.bot = self.start(ready=ready)

    @contextmanager
    def _request(self, point: Request) -> Iterator[None]:
        hit = self.discord.kill_at(
            self.bot.running.pid, 1, point.when, lambda call: str(call) == point.route and point.counts(call)
        )
        yield
        hit.result(SAID_S)

    @contextmanager
    def _call(self, point: InDatabase) -> Iterator[None]:
        with self.database.connect() as owner, owner.transaction():
            owner.execute(sql.SQL(LOCKS[point.function]))
            yield
            self._kill_waiting(point.function, point.lost)

    @contextmanager
    def _record(self, point: Recording) -> Iterator[None]:
        with self.database.connect() as owner, owner.transaction():
            locked: list[Call] = []

            def hook(call: Call, when: str) -> None:
                request = point.request
                if when == "after" and not locked and str(call) == request.route and request.counts(call):
                    owner.execute("select from core.outbox where state = 'claimed' for update")
                    locked.append(call)

            self.discord.on_request(hook)
            yield
            self.discord.until(lambda: locked, SAID_S, f"{point}")
            self._kill_waiting("record_delivery", point.lost)

    def _kill_waiting(self, function: str, lost: bool) -> None:
        """Kill the bot when a call of its waits for a lock of ours; the lock goes with our transaction."""
        until = time.monotonic() + SAID_S
        with self.database.connect() as watcher:  # a transaction would see the same activity for ever
            while not (pids := watcher.execute(WAITING, (f'"{function}"',)).fetchall()):
                assert time.monotonic() < until, f"{function} is not called"
            self.bot.running.kill()
            for (pid,) in pids if lost else ():
                watcher.execute("select pg_terminate_backend(%s, 10000)", (pid,))

    # ------------------------------------------------------------------ what people do, and what is told at the end

    def answer(self, asked: Asked, ask: Callable[[], Asked]) -> Message:
        """The answer to what was asked; what Discord says has failed, or what was forgotten, is asked again."""
        while not self._answered(asked):
            asked = ask()
        return asked.answer()

    def _answered(self, asked: Asked) -> bool:
        one = asked.interaction
        arrived = f"core.inbox where event_key = '{one.id}'"
        with self.database.connect() as owner:
            if one.answered_as is not None and not _there(owner, arrived):
                return False  # it thinks for 15 minutes, and then that is said to have failed
        look = lambda: one.failed or (one.original is not None and not one.original.thinking)  # noqa: E731
        self.discord.until(look, SAID_S, f"an answer to {one.data}")
        return not one.failed

    def table(self) -> str:
        """The points that were hit."""
        rows = [f"{n:3}  {during:20} {point}" for n, (during, point) in enumerate(self.hit, 1)]
        return "\n".join([f"{len(rows)} kills", *rows])


def _there(owner: psycopg.Connection, query: str) -> bool:
    return owner.execute(f"select exists (select from {query})".encode()).fetchone() == (True,)
