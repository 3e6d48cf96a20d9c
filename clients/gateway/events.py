"""GET /events: a stream of what has changed of the caller's, as server-sent events."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from aiohttp import web

from clients.gateway.answers import OWN
from clients.gateway.bell import Bell
from clients.gateway.calls import FAILURES, PERSON, Calls
from clients.gateway.database import Database
from clients.gateway.errors import Refusal
from clients.gateway.tokens import Person

MOST_OF_ONE, MOST = 5, 500  # streams of an account, and of the process
HEARTBEAT_S = 15.0  # a silent stream says that it lives, and looks for what was not heard
GATHER_S = 0.2  # rings that come together are one look
QUEUE_S = 1.0
OVERLAP = timedelta(seconds=5)  # a change is stamped before it is committed
LOOK = "select now(), array(select design from api.my_designs where updated_at > %s order by updated_at)"
QUEUE = "select coalesce(json_agg(q), '[]')::text from api.queue_load q"
HEAD = OWN | {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}


class Events:
    """The streams that are open."""

    def __init__(self, database: Database, bell: Bell, calls: Calls, patience_s: float) -> None:
        self._database, self._bell, self._calls, self._patience_s = database, bell, calls, patience_s
        self._open: Counter[str] = Counter()
        self._queue: tuple[float, str] = (0.0, "[]")
        self._ending = asyncio.Event()

    @property
    def open(self) -> int:
        """How many there are."""
        return self._open.total()

    def end(self) -> None:
        """End all of them: the process ends."""
        self._ending.set()
        self._bell.ring(None)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """The handler: runs until the client goes, the token expires, or the database does."""
        person = request[PERSON]
        await self._calls.catalogue()  # whose registry says what a refusal is
        if self._open[person.account] >= MOST_OF_ONE or self.open >= MOST:
            raise Refusal(429, f"{MOST_OF_ONE} streams of one account are enough", retry_s=HEARTBEAT_S)
        self._open[person.account] += 1
        ear = Ear()
        self._bell.hearers.add(ear)
        try:
            since = await self._look(person, ear, None)
            response = web.StreamResponse(headers=HEAD)
            await response.prepare(request)
            await self._tell(response, ": here\n\n")
            await self._follow(response, person, ear, since)
            return response
        except FAILURES as error:
            raise self._calls.refusal(error) from error
        finally:
            self._bell.hearers.discard(ear)
            self._open[person.account] -= 1
            self._open += Counter()  # drops who has none

    async def _follow(self, response: web.StreamResponse, person: Person, ear: Ear, since: datetime) -> None:
        told_queue = 0.0
        while not self._ending.is_set() and (left := person.expires - time.time()) > 0:
            await ear.wait(min(left, HEARTBEAT_S))
            try:
                if ear.unsure:
                    since = await self._look(person, ear, since)
                said = [_event("design", json.dumps({"design": design})) for design in ear.take()]
                if ear.queue and time.monotonic() - told_queue >= QUEUE_S:
                    ear.queue, told_queue = False, time.monotonic()
                    said.append(_event("queue", await self._queue_load(person)))
                await self._tell(response, "".join(said) or ": still here\n\n")
            except (*FAILURES, TimeoutError, ConnectionError):
                return  # what was sent cannot be taken back: the stream ends, and its client comes again

    async def _look(self, person: Person, ear: Ear, since: datetime | None) -> datetime:
        """What of theirs has changed since then; returns the time of the database.  At first all is known."""
        async with self._database.as_person(person) as connection:
            before = datetime.min.replace(tzinfo=UTC) if since is None else since - OVERLAP
            row = await (await connection.execute(LOOK, (before,))).fetchone()
        now, designs = row if row is not None else (datetime.now(UTC), [])
        ear.learn(designs, changed=since is not None)
        known: datetime = now
        return known

    async def _queue_load(self, person: Person) -> str:
        """The rows of queue_load, read once a second for everybody."""
        read_at, rows = self._queue
        if time.monotonic() - read_at >= QUEUE_S:
            async with self._database.as_person(person) as connection:
                row = await (await connection.execute(QUEUE)).fetchone()
            rows = row[0] if row else "[]"
            self._queue = (time.monotonic(), rows)
        return rows

    async def _tell(self, response: web.StreamResponse, text: str) -> None:
        async with asyncio.timeout(self._patience_s):
            await response.write(text.encode())


class Ear:
    """What one stream has heard and not yet told."""

    def __init__(self) -> None:
        self._mine: set[int] = set()
        self._newest = 0
        self._changed: dict[int, None] = {}
        self._woken = asyncio.Event()
        self.unsure = True  # whether the database is to be asked
        self.queue = True

    def ring(self, design: int | None) -> None:
        """Told at once where it is known to be theirs; looked for where it may be."""
        self.queue = True
        if design in self._mine:
            self._changed[design] = None
        elif design is None or design > self._newest:
            self._newest = max(self._newest, design or 0)
            self.unsure = True
        self._woken.set()

    def learn(self, designs: list[int], changed: bool) -> None:
        """These are theirs."""
        self.unsure = False
        self._mine.update(designs)
        self._newest = max(self._newest, *designs, 0)
        if changed:
            self._changed |= dict.fromkeys(designs)

    def take(self) -> list[int]:
        """What is to be told, oldest first."""
        changed, self._changed = list(self._changed), {}
        return changed

    async def wait(self, seconds: float) -> None:
        """Until something rings, and whatever rings with it; else look."""
        try:
            async with asyncio.timeout(QUEUE_S if self.queue else seconds):
                await self._woken.wait()
            await asyncio.sleep(GATHER_S)
        except TimeoutError:
            self.unsure = self.unsure or not self.queue
        self._woken.clear()


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {' '.join(data.split())}\n\n"
