"""The gateway, v10: sessions that identify, hear what concerns them, and resume where their connection was lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from tests.discord.payloads import Payloads
from tests.discord.permissions import may
from tests.discord.world import Channel, Guild, Message, World

SENDS_A_MINUTE = 120
SESSION_LIVES_S = 180.0  # without a connection
KEPT_EVENTS = 20_000  # of a session, for a RESUME
ACKNOWLEDGED_S = 0.05  # a heartbeat, as from afar: discord.py notes that it has sent one a little later
GUILDS, MEMBERS, PRESENCES, CONTENT = 1 << 0, 1 << 1, 1 << 8, 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | CONTENT
KNOWN_INTENTS = (1 << 26) - 1
IN_GUILDS = {"MESSAGE": 1 << 9, "REACTION": 1 << 10, "TYPING": 1 << 11}
DIRECT = {"MESSAGE": 1 << 12, "REACTION": 1 << 13, "TYPING": 1 << 14}

# The application's flags for a privileged intent of an application in fewer than 100 guilds.
FLAGS = {MEMBERS: 1 << 15, PRESENCES: 1 << 13, CONTENT: 1 << 19}


def compressor(kind: str | None) -> Callable[[str], str | bytes]:
    """What turns a payload into what is sent: one stream for a whole connection."""
    if kind == "zlib-stream":
        stream = zlib.compressobj()
        return lambda text: stream.compress(text.encode()) + stream.flush(zlib.Z_SYNC_FLUSH)
    if kind == "zstd-stream":
        import zstandard

        zstd = zstandard.ZstdCompressor().compressobj()
        flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return lambda text: zstd.compress(text.encode()) + zstd.flush(flush)
    return lambda text: text


class Session:
    """A session: what it wants to hear, what it was sent, and its connection while it has one."""

    def __init__(self, intents: int) -> None:
        self.id = uuid.uuid4().hex
        self.intents = intents
        self.sequence = 0
        self.sent: deque[tuple[int, str]] = deque(maxlen=KEPT_EVENTS)
        self.connection: Connection | None = None
        self.lost_at = 0.0  # the world's time, when its connection was
        self.presence: dict[str, Any] | None = None

    def say(self, event: str, body: str) -> None:
        """Send an event, or keep it until the session is resumed."""
        self.sequence += 1
        text = f'{{"op":0,"t":"{event}","s":{self.sequence},"d":{body}}}'
        self.sent.append((self.sequence, text))
        if self.connection is not None:
            self.connection.put(text)


class Connection:
    """A websocket: what is put is written in order by a task of its own."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, kind: str | None) -> None:
        self.socket = socket
        self.session: Session | None = None
        self._request = request
        self._compress = compressor(kind)
        self._waiting: deque[str | int] = deque()
        self._some = asyncio.Event()
        self._heard_at: deque[float] = deque()
        self.closed = False

    def put(self, text: str | int) -> None:
        """Send a payload; a number closes the connection with that code once all before it is sent."""
        self._waiting.append(text)
        self._some.set()

    def op(self, number: int, data: Any = None) -> None:
        """Send anything but an event."""
        self.put(json.dumps({"op": number, "d": data, "s": None, "t": None}))

    def is_flooded(self) -> bool:
        """Count what the client sends: more than 120 in a minute is too much."""
        now = time.monotonic()
        self._heard_at.append(now)
        while self._heard_at[0] < now - 60:
            self._heard_at.popleft()
        return len(self._heard_at) > SENDS_A_MINUTE

    def abort(self) -> None:
        """Cut the connection, as a broken network does."""
        self.closed = True
        if self._request.transport is not None:
            self._request.transport.abort()

    async def write(self) -> None:
        """Write what was put until the connection ends."""
        with contextlib.suppress(ConnectionError):
            while True:
                while self._waiting:
                    item = self._waiting.popleft()
                    if isinstance(item, int):
                        self.closed = True
                        await self.socket.close(code=item)
                        return
                    data = self._compress(item)
                    send = self.socket.send_str if isinstance(data, str) else self.socket.send_bytes
                    await send(data)
                self._some.clear()
                await self._some.wait()


class Gateway:
    """All sessions.  `allowed` are the privileged intents that are switched on in the portal."""

    def __init__(self, world: World, payloads: Payloads, token: str, allowed: int) -> None:
        self._world, self._payloads, self._token = world, payloads, token
        self.allowed = allowed
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.identified: list[dict[str, Any]] = []
        self.resumed = 0
        self.closed_with: list[int] = []  # codes with which connections were refused
        self.unknown: list[str] = []
        self.open = True  # or every new connection is refused, as in an outage
        self.heartbeat_ms = 41250
        world.tell = self.tell

    # ------------------------------------------------------------------ what happens in the world

    def tell(self, event: str, place: Channel | Guild | None, data: Any) -> None:
        """Tell every session of an event that it wants and may hear."""
        if not self.sessions:
            return
        channel = place if isinstance(place, Channel) else None
        hidden = channel is not None and channel.guild is not None and not may(channel, "view_channel")
        if hidden and not event.startswith("CHANNEL"):
            return
        needed = self._intent(event, channel)
        bodies: dict[bool, str | None] = {}
        for session in self.sessions.values():
            if needed and not session.intents & needed:
                continue
            bare = isinstance(data, Message) and self.is_bare(data, bool(session.intents & CONTENT))
            if bare not in bodies:
                body = self._body(event, place, data, bare)
                bodies[bare] = None if body is None else json.dumps(body, separators=(",", ":"))
            if (text := bodies[bare]) is not None:
                session.say(event, text)

    @staticmethod
    def _intent(event: str, channel: Channel | None) -> int:
        if event == "INTERACTION_CREATE":
            return 0
        if event == "GUILD_MEMBER_ADD":
            return MEMBERS
        kind = "REACTION" if "REACTION" in event else event.partition("_")[0]
        table = DIRECT if channel is not None and channel.guild is None else IN_GUILDS
        return table.get(kind, GUILDS)

    def is_bare(self, message: Message, reads: bool) -> bool:
        """Whether a message's contents are kept from an application that may not read them."""
        bot = self._world.bot
        concerns = message.author is bot or message.channel.guild is None or bot in message.mentions
        return not (reads or concerns)

    def _body(self, event: str, place: Channel | Guild | None, data: Any, bare: bool) -> Any:
        guild = place if isinstance(place, Guild) else place.guild if place is not None else None
        where = {"guild_id": str(guild.id)} if guild is not None else {}
        if event in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            return self._message(data, bare, where)
        if event == "MESSAGE_DELETE":
            return {"id": str(data.id), "channel_id": str(data.channel.id)} | where
        if event.startswith("MESSAGE_REACTION"):
            return self._reaction(event, data, where)
        if event == "THREAD_CREATE" and isinstance(data, tuple):
            return self._payloads.channel(data[0])
        if event == "GUILD_DELETE":
            return {"id": str(data.id)}
        if event == "THREAD_MEMBERS_UPDATE":
            return self._members(*data, where)
        if event == "THREAD_LIST_SYNC":
            return self._list(data) | where
        if event in ("CHANNEL_DELETE", "THREAD_DELETE"):
            parent = {"parent_id": str(data.parent.id)} if data.parent else {}
            body = {} if parent else self._payloads.channel(data)
            return body | parent | {"id": str(data.id), "type": data.kind} | where
        if event.startswith(("THREAD", "CHANNEL")):
            new = {"newly_created": True} if event == "THREAD_CREATE" else {}
            return self._payloads.channel(data) | new
        if event == "GUILD_CREATE":
            body = self._payloads.whole_guild(data)
            del body["unavailable"]
            return body
        if event == "GUILD_MEMBER_ADD":
            return self._payloads.member(data, guild) | where if guild else None
        return data

    def _message(self, message: Message, bare: bool, where: dict[str, str]) -> dict[str, Any]:
        body = self._payloads.message(message, bare=bare) | where
        if (guild := message.channel.guild) is not None and not message.author.webhook:
            body["member"] = self._payloads.member(message.author, guild, whole=False)
            for mentioned, user in zip(body["mentions"], message.mentions, strict=True):
                mentioned["member"] = self._payloads.member(user, guild, whole=False)
        return body

    def _reaction(self, event: str, data: Any, where: dict[str, str]) -> dict[str, Any]:
        message, user, emoji = data
        body = {
            "user_id": str(user.id),
            "channel_id": str(message.channel.id),
            "message_id": str(message.id),
            "message_author_id": str(message.author.id),
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
        } | where
        if event.endswith("ADD") and message.channel.guild is not None:
            body["member"] = self._payloads.member(user, message.channel.guild)
        return body

    def _members(self, thread: Channel, added: list[Any], removed: list[Any], where: dict[str, str]) -> Any:
        """Only what concerns the bot itself, as for an application without the members intent."""
        bot = self._world.bot
        if bot not in added and bot not in removed:
            return None
        members = [self._payloads.thread_member(thread, user) for user in added if user is bot]
        gone = [str(user.id) for user in removed if user is bot]
        body = {"id": str(thread.id), "member_count": min(50, len(thread.members)), "added_members": members}
        return body | {"removed_member_ids": gone} | where

    def _list(self, channel: Channel) -> dict[str, Any]:
        assert channel.guild is not None
        threads = [thread for thread in channel.guild.threads.values() if thread.parent is channel]
        bot = self._world.bot
        within = [thread for thread in threads if bot.id in thread.members]
        members = [self._payloads.thread_member(thread, bot) for thread in within]
        shown = [self._payloads.channel(thread) for thread in threads]
        return {"channel_ids": [str(channel.id)], "threads": shown, "members": members}

    # ------------------------------------------------------------------ faults

    def drop(self, code: int | None = None) -> None:
        """Cut every connection, or close it with a code; its session can be resumed."""
        for connection in list(self.connections):
            self._leave(connection)
            if code is None:
                connection.abort()
            else:
                connection.put(code)

    def ask_to_reconnect(self) -> None:
        """Opcode 7: the client is to connect again and resume."""
        for connection in self.connections:
            connection.op(7)

    def forget(self) -> None:
        """Forget all sessions: whoever resumes is told that its session is invalid."""
        self.sessions.clear()

    def invalidate(self) -> None:
        """Opcode 9 to everybody: each must identify anew, and is told nothing of what it missed."""
        self.forget()
        for connection in self.connections:
            connection.session = None
            connection.op(9, False)

    # ------------------------------------------------------------------ the protocol

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """A client connects."""
        if not self.open:
            return web.Response(status=503)
        query = request.query
        socket = web.WebSocketResponse(max_msg_size=1 << 16, autoping=True)
        await socket.prepare(request)
        connection = Connection(socket, request, query.get("compress"))
        self.connections.add(connection)
        writer = asyncio.create_task(connection.write())
        try:
            if query.get("v") != "10" or query.get("encoding") != "json":
                self._refuse(connection, 4012)
            connection.op(10, {"heartbeat_interval": self.heartbeat_ms, "_trace": []})
            async for message in socket:
                self._hear(connection, message)
        except ConnectionError:
            pass
        finally:
            self.connections.discard(connection)
            self._end(connection)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            self._world.changed()
        return socket

    def _leave(self, connection: Connection) -> None:
        if connection.session is not None and connection.session.connection is connection:
            connection.session.connection = None
            connection.session.lost_at = self._world.clock.now()

    def _end(self, connection: Connection) -> None:
        """A connection has ended; one that the client closed for good takes its session with it."""
        self._leave(connection)
        for_good = connection.socket.close_code in (WSCloseCode.OK, WSCloseCode.GOING_AWAY)
        if for_good and not connection.closed and connection.session is not None:
            self.sessions.pop(connection.session.id, None)

    def _refuse(self, connection: Connection, code: int) -> None:
        self.closed_with.append(code)
        connection.put(code)

    def _hear(self, connection: Connection, message: Any) -> None:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        try:
            said = json.loads(message.data)
            number, data = said["op"], said.get("d")
        except (ValueError, KeyError, TypeError):
            self._refuse(connection, 4002)
            return
        if connection.is_flooded():
            self._refuse(connection, 4008)
        elif number == 1:
            asyncio.get_running_loop().call_later(ACKNOWLEDGED_S, connection.op, 11)
        elif number == 2:
            self._identify(connection, data)
        elif number == 6:
            self._resume(connection, data)
        elif connection.session is None:
            self._refuse(connection, 4003)
        elif number == 3:
            connection.session.presence = data
        elif number == 8:
            self._members_asked(connection.session, data)
        else:
            self.unknown.append(f"gateway opcode {number}")
            self._refuse(connection, 4001)
        self._world.changed()

    def _identify(self, connection: Connection, data: dict[str, Any]) -> None:
        intents = data.get("intents")
        if connection.session is not None:
            self._refuse(connection, 4005)
        elif data.get("token") != self._token:
            self._refuse(connection, 4004)
        elif data.get("shard", [0, 1]) != [0, 1]:
            self._refuse(connection, 4010)
        elif not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            self._refuse(connection, 4013)
        elif intents & PRIVILEGED & ~self.allowed:
            self._refuse(connection, 4014)
        else:
            self.identified.append(data)
            self._begin(connection, intents)

    def _begin(self, connection: Connection, intents: int) -> None:
        self._forget_lost()
        session = Session(intents)
        session.connection, connection.session = connection, session
        self.sessions[session.id] = session
        mine = {"verified": True, "mfa_enabled": False, "email": None, "flags": 0}
        ready = {
            "v": 10,
            "user": self._payloads.user(self._world.bot) | mine,
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in self._world.guilds.values()],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": [0, 1],
            "private_channels": [],
            "session_type": "normal",
            "application": {"id": str(self._world.bot.id), "flags": self._payloads.application_flags},
        }
        session.say("READY", json.dumps(ready))
        if intents & GUILDS:
            for guild in self._world.guilds.values():
                session.say("GUILD_CREATE", json.dumps(self._payloads.whole_guild(guild)))

    def _forget_lost(self) -> None:
        """A session that nobody came back for in a few minutes is gone."""
        latest = self._world.clock.now() - SESSION_LIVES_S
        lost = [one.id for one in self.sessions.values() if one.connection is None and one.lost_at < latest]
        for number in lost:
            del self.sessions[number]

    def _resume(self, connection: Connection, data: dict[str, Any]) -> None:
        self._forget_lost()
        session = self.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if data.get("token") != self._token:
            self._refuse(connection, 4004)
        elif session is None or not isinstance(sequence, int):
            connection.op(9, False)
        elif sequence > session.sequence:
            self._refuse(connection, 4007)
        elif session.sent and session.sent[0][0] > sequence + 1:  # too long ago: no longer kept
            connection.op(9, False)
        else:
            if session.connection is not None:
                session.connection.put(4000)
            session.connection, connection.session = connection, session
            self.resumed += 1
            for number, text in session.sent:
                if number > sequence:
                    connection.put(text)
            session.say("RESUMED", json.dumps({"_trace": []}))

    def _members_asked(self, session: Session, data: dict[str, Any]) -> None:
        """Opcode 8: some members of a guild, by number or by the beginning of their name."""
        guild = self._world.guilds[int(data["guild_id"])]
        asked = data.get("user_ids", [])
        numbers = {int(number) for number in (asked if isinstance(asked, list) else [asked])}
        query, limit = data.get("query"), data.get("limit") or 100
        if query is not None:
            found = [user for user in guild.members.values() if user.name.startswith(query)][:limit]
        else:
            found = [user for number, user in guild.members.items() if number in numbers]
        body = {
            "guild_id": str(guild.id),
            "members": [self._payloads.member(user, guild) for user in found],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [str(number) for number in numbers - guild.members.keys()],
        } | ({"nonce": data["nonce"]} if data.get("nonce") else {})
        session.say("GUILD_MEMBERS_CHUNK", json.dumps(body))
