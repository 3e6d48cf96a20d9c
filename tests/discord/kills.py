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
from tests.discord.bot_process import BOT, BotProcess
from tests.discord.conftest import Start
from tests.discord.person import Asked
from tests.discord.rest import Call, Disturb
from tests.discord.server import DiscordServer
from tests.discord.talk import SAID_S, become
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
}
WAITING = """
    select pid from pg_stat_activity
     where datname = current_database() and usename = 'discord_bot' and wait_event_type = 'Lock' and position(%s in query) > 0"""
AT_WORK = "core.outbox where state = 'claimed' or state = 'waiting' and kind <> 'status'"


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
    module: str = BOT  # what its next life runs

    @contextmanager
    def at(self, point: Point, during: str = "", within_s: float = SAID_S) -> Iterator[None]:
        """Kill the bot at a point that what is done within leads to, and start it again."""
        become(self.database, AT_WORK, 0)
        kill = {Request: self._request, InDatabase: self._call, Recording: self._record}[type(point)]
        with kill(point, within_s):
            yield
        self.bot.wait()
        self.hit.append((during, str(point)))
        self.again()

    def again(self, ready: bool = True) -> None:
        """Its next life."""
        self.bot = self.start(ready=ready, module=self.module)

    @contextmanager
    def _request(self, point: Request, within_s: float) -> Iterator[None]:
        hit: list[Call] = []

        def hook(call: Call, when: str) -> Disturb | None:
            if hit or when != point.when or str(call) != point.route or not point.counts(call):
                return None
            hit.append(call)
            self.bot.running.kill()
            return Disturb()

        self.discord.on_request(hook)
        yield
        self.discord.until(lambda: hit, within_s, str(point))

    @contextmanager
    def _call(self, point: InDatabase, within_s: float) -> Iterator[None]:
        with self.database.connect() as owner, owner.transaction():
            owner.execute(sql.SQL(LOCKS[point.function]))
            yield
            self._kill_waiting(point.function, point.lost, within_s)

    @contextmanager
    def _record(self, point: Recording, within_s: float) -> Iterator[None]:
        with self.database.connect() as owner, owner.transaction():
            locked: list[Call] = []

            def hook(call: Call, when: str) -> None:
                request = point.request
                if when == "after" and not locked and str(call) == request.route and request.counts(call):
                    owner.execute("select from core.outbox where state = 'claimed' for update")
                    locked.append(call)

            self.discord.on_request(hook)
            yield
            self.discord.until(lambda: locked, within_s, str(point))
            self._kill_waiting("record_delivery", point.lost, within_s)

    def _kill_waiting(self, function: str, lost: bool, within_s: float) -> None:
        """Kill the bot when a call of its waits for a lock of ours; the lock goes with our transaction."""
        until = time.monotonic() + within_s
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
        """The points that were hit, and what was given up: answers to what Discord had told as failed."""
        rows = [f"{n:3}  {during:20} {point}" for n, (during, point) in enumerate(self.hit, 1)]
        dead = "select kind, content ->> 'text', last_error from core.outbox where state = 'dead' order by delivery_id"
        with self.database.connect() as owner:
            gone = [f"given up: {kind} {text!r}: {why}" for kind, text, why in owner.execute(dead).fetchall()]
        return "\n".join([f"{len(rows)} kills", *rows, *gone])


def _there(owner: psycopg.Connection, query: str) -> bool:
    return owner.execute(f"select exists (select from {query})".encode()).fetchone() == (True,)
