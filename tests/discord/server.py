"""A loopback Discord that speaks the real protocol: REST v10, the gateway v10 and the CDN, all under one address.

    with DiscordServer() as server:
        bot = subprocess.Popen(command, env=os.environ | server.environment)   # or: with server.point_here():
        anna = server.person("anna")
        asked = anna.mentions_bot(server.channel, "an LED, please")
        thread = anna.thread_of(asked)
        proposal = anna.waits_for(lambda message: "Approve" in message.buttons, place=thread)
        anna.clicks(proposal, "Approve").answer()

What it does not know it answers with 501 and records in `server.unknown`, so that nothing is silently faked: voice,
stickers, polls, select menus, autocompletion, private threads and forums, roles of people, shards.  People may do in a
guild what they like; permissions are those of the bot.  In a test in which discord.py begins a second session, it waits
5 s before (`Bot.before_identify_hook`), and 2 s at each start (`bot._connection.guild_ready_timeout`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Any, Self, TypeVar

import yarl
from aiohttp import web

from tests.discord import routes  # noqa: F401  (they register themselves)
from tests.discord.gateway import CONTENT, FLAGS, MEMBERS, Gateway
from tests.discord.interactions import Interactions
from tests.discord.limits import Limits
from tests.discord.payloads import Payloads
from tests.discord.permissions import LEAST
from tests.discord.person import Person
from tests.discord.rest import API, Call, Disturb, Hook, Rest
from tests.discord.transcript import transcribe
from tests.discord.world import MIB, Channel, Clock, Guild, Message, Watch, World

TOKEN = "token-of-a-loopback-bot"
NONCE_LIVES_S = 300.0  # "a few minutes"
T = TypeVar("T")


class DiscordServer:
    """The server, on a thread of its own.  `intents` are the privileged ones that are switched on in the portal."""

    def __init__(self, intents: int = CONTENT, token: str = TOKEN) -> None:
        self.token = token
        self.clock = Clock()
        self.world = World(self.clock)
        self.payloads = Payloads(self.world, sum(flag for bit, flag in FLAGS.items() if intents & bit))
        self.gateway = Gateway(self.world, self.payloads, token, intents)
        self.interactions = Interactions(self)
        self.limits = Limits()
        self.rest = Rest(self)
        self.unknown: list[str] = []
        self.gateway.unknown = self.unknown
        self.errors: list[Exception] = []  # of this server itself
        self.nonce_lives_s = NONCE_LIVES_S
        self.direct_file_limit = 10 * MIB
        self._nonces: dict[str, Message] = {}
        self._people: dict[str, Person] = {}
        self.url = self.api_url = self.gateway_url = ""
        self._loop = asyncio.new_event_loop()
        self._ready, self._ended = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="Discord server", daemon=True)
        self.guild = self.world.add_guild("Workshop")
        self.channel = self.world.add_channel(self.guild, "boards")

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        if self.errors and kind is None:
            raise self.errors[0]

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        app = web.Application(client_max_size=512 * MIB)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        self.rest.add_routes(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = self.payloads.url = f"http://{host}:{port}"
        self.api_url = f"{self.url}{API}"
        self.gateway_url = self.gateway.url = f"ws://{host}:{port}/gateway"
        self._ready.set()
        await self._ended.wait()
        self.gateway.drop()
        await runner.cleanup()

    # ------------------------------------------------------------------ how a bot gets here

    @property
    def environment(self) -> dict[str, str]:
        """What a bot in a process of its own needs to know."""
        return {
            "DISCORD_TOKEN": self.token,
            "DISCORD_API_URL": self.api_url,
            "DISCORD_GATEWAY_URL": self.gateway_url,
        }

    @contextlib.contextmanager
    def point_here(self) -> Iterator[None]:
        """Let the discord.py of this process come here."""
        from discord.gateway import DiscordWebSocket
        from discord.http import Route

        before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self.api_url, yarl.URL(self.gateway_url)
        try:
            yield
        finally:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before

    # ------------------------------------------------------------------ from any thread

    def do(self, action: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Do something on the server's thread, where alone the world may be touched, and return its value."""
        if threading.current_thread() is self._thread or not self._thread.is_alive():
            return action(*arguments, **named)
        done: Future[T] = Future()

        def act() -> None:
            try:
                done.set_result(action(*arguments, **named))
            except BaseException as error:  # whoever asked hears of it
                done.set_exception(error)

        self._loop.call_soon_threadsafe(act)
        return done.result()

    def watch(
        self,
        watches: list[Watch],
        look: Callable[[Any], T],
        subjects: Iterable[Any],
        timeout: float,
        what: Callable[[], str],
    ) -> T:
        """Wait until `look` finds something in one of the subjects, now or after a change of which `watches` hear.

        `what` says, when it has not come in time, what was waited for.
        """
        watch = Watch(look)

        def begin() -> None:
            if not any(watch.check(subject) for subject in subjects):
                watches.append(watch)

        self.do(begin)
        try:
            return watch.found.result(timeout)
        except TimeoutError:
            self.do(lambda: watch in watches and watches.remove(watch))
            raise AssertionError(f"{self.do(what)}: not within {timeout} s") from None

    def until(self, look: Callable[[], T], timeout: float = 10.0, what: str = "what was waited for") -> T:
        """Wait until something holds of the server; asked after every change of the world and every request."""
        return self.watch(self.world.watches, lambda _: look(), [None], timeout, lambda: what)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something on the server's thread after a while."""
        if self._thread.is_alive():
            self._loop.call_later(seconds, action)

    def passes(self, seconds: float) -> None:
        """Let the world's time pass: addresses and tokens expire, answers come too late."""

        def act() -> None:
            self.clock.ahead_s += seconds
            self.interactions.pass_time()

        self.do(act)

    # ------------------------------------------------------------------ people and places

    def person(self, name: str, guild: Guild | None = None) -> Person:
        """Somebody by this name, in the guild; the same one each time."""
        if name not in self._people:
            user = self.do(self.world.add_user, name)
            self._people[name] = Person(self, user)
        person = self._people[name]
        if guild is not None or not self.world.is_somewhere(person.user):
            self.do(self.world.join, guild or self.guild, person.user)
        return person

    def other_bot(self, name: str) -> Person:
        """A bot that is not ours, but writes."""
        user = self.do(self.world.add_user, name, bot=True)
        self.do(self.world.join, self.guild, user)
        return Person(self, user)

    def webhook(self, name: str) -> Person:
        """A webhook that writes."""
        return Person(self, self.do(self.world.add_user, name, webhook=True))

    def add_guild(self, name: str, permissions: Iterable[str] | int = LEAST) -> Guild:
        """Another guild that has invited the bot with these permissions."""
        return self.do(self.world.add_guild, name, permissions)

    def add_channel(self, name: str, guild: Guild | None = None) -> Channel:
        """Another channel."""
        return self.do(self.world.add_channel, guild or self.guild, name)

    def permit(self, channel: Channel, permissions: Iterable[str] | int) -> None:
        """Let the bot have exactly these permissions in a channel."""
        self.do(self.world.permit, channel, permissions)

    def delete_channel(self, channel: Channel) -> None:
        """Somebody deletes a channel or a thread."""
        self.do(self.world.delete_channel, channel)

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """Somebody archives a thread, or locks it too."""
        self.do(self.world.change_thread, thread, archived=True, locked=locked)

    def throw_out(self, guild: Guild) -> None:
        """The bot is thrown out of a guild."""
        self.do(self.world.remove_guild, guild)

    def file_limit(self, channel: Channel) -> int:
        """The most bytes of a file there."""
        return channel.guild.file_limit if channel.guild else self.direct_file_limit

    @property
    def transcript(self) -> list[dict[str, Any]]:
        """What people saw and did, in order, as plain data (see transcript.py)."""
        return self.do(transcribe, self.world)

    # ------------------------------------------------------------------ what the portal says

    @property
    def reads_contents(self) -> bool:
        """Whether REST shows the contents of messages."""
        return bool(self.gateway.allowed & CONTENT)

    @property
    def reads_members(self) -> bool:
        """Whether REST lists members."""
        return bool(self.gateway.allowed & MEMBERS)

    # ------------------------------------------------------------------ nonces

    def sent_before(self, nonce: str | int) -> Message | None:
        """The message that was sent with this nonce a few minutes ago at most."""
        message = self._nonces.get(str(nonce))
        if message is None or self.clock.now() > message.at + self.nonce_lives_s:
            return None
        return message

    def remember(self, nonce: str | int, message: Message) -> None:
        """This nonce is taken for a while."""
        self._nonces[str(nonce)] = message

    # ------------------------------------------------------------------ faults

    @property
    def calls(self) -> list[Call]:
        """Every request of a known route, in the order of arrival."""
        return self.rest.calls

    def on_request(self, hook: Hook) -> None:
        """Ask `hook(call, when)` about each request, "before" and "after" it has taken effect, on the server's thread.

        What it returns disturbs the request: `Disturb(502)` answers that, `Disturb()` cuts the connection unanswered.
        """
        self.do(self.rest.hooks.append, hook)

    def disturb(self, route: str, status: int = 0, when: str = "before", times: int = 1) -> None:
        """Disturb the next requests of a route (`POST /channels/{channel}/messages`)."""
        left = iter(range(times))

        def hook(call: Call, now: str) -> Disturb | None:
            hit = now == when and str(call) == route and next(left, None) is not None
            return Disturb(status) if hit else None

        self.on_request(hook)

    def kill_at(
        self, pid: int, number: int, when: str = "before", counts: Callable[[Call], bool] = lambda _: True
    ) -> Future[Call]:
        """Kill a process at the n-th request from now on, before or after it takes effect; either way unanswered.

        `counts` says which requests count.  The future has the request at which it happened.
        """
        left, hit = iter(range(number - 1)), Future[Call]()

        def hook(call: Call, now: str) -> Disturb | None:
            if now != when or hit.done() or not counts(call) or next(left, None) is not None:
                return None
            os.kill(pid, signal.SIGKILL)
            hit.set_result(call)
            return Disturb()

        self.on_request(hook)
        return hit

    def drop_connections(self, code: int | None = None) -> None:
        """Cut all gateway connections (or close them with a code); their sessions can be resumed."""
        self.do(self.gateway.drop, code)

    def ask_to_reconnect(self) -> None:
        """Ask all clients to connect again and resume."""
        self.do(self.gateway.ask_to_reconnect)

    def forget_sessions(self) -> None:
        """Forget all sessions and cut their connections: whoever resumes must identify anew."""

        def act() -> None:
            self.gateway.forget()
            self.gateway.drop()

        self.do(act)

    def invalidate_sessions(self) -> None:
        """Tell all sessions that they are invalid: each identifies anew and hears nothing of what it missed."""
        self.do(self.gateway.invalidate)
