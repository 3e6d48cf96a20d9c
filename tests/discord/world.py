"""The world of the loopback Discord: guilds, channels, threads, direct messages, people and what they have said.

Everything here is touched by the server's thread alone; `World.tell` hands each event to the gateway.
"""

from __future__ import annotations

import concurrent.futures
import re
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from tests.discord.permissions import ALL, LEAST, bits, may

EPOCH_MS = 1420070400000  # snowflakes count from 2015
TEXT, DIRECT, THREAD = 0, 1, 11  # types of channels
DEFAULT, RECIPIENT_ADD, REPLY, COMMAND, THREAD_STARTER = 0, 1, 19, 20, 21  # types of messages
HAS_THREAD, EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 5, 1 << 6, 1 << 7, 1 << 15  # flags of messages
MIB = 1 << 20
MENTION = re.compile(r"<@!?(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)\b")


class Clock:
    """The world's time: the machine's, until a test lets some pass."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.ahead_s


class Watch:
    """Somebody who waits for something: `look` is asked after every change of a subject until it finds a value."""

    def __init__(self, look: Callable[[Any], Any]) -> None:
        self._look = look
        self.found: concurrent.futures.Future[Any] = concurrent.futures.Future()

    def check(self, subject: Any) -> bool:
        """Look at a subject; true when nothing is waited for any more."""
        if not self.found.done():
            try:
                value = self._look(subject)
            except Exception as error:  # whoever waits hears of it
                self.found.set_exception(error)
            else:
                if value:
                    self.found.set_result(value)
        return self.found.done()


def check_all(watches: list[Watch], subject: Any) -> None:
    """Show a subject to all who wait; those who have found something leave the list."""
    if watches:
        watches[:] = [watch for watch in watches if not watch.check(subject)]


@dataclass(eq=False)
class User:
    """A person, a bot or a webhook."""

    id: int
    name: str
    bot: bool = False
    webhook: bool = False
    takes_messages: bool = True  # direct ones
    watches: list[Watch] = field(default_factory=list)
    sees: list[Channel] = field(default_factory=list)  # where she wrote or was added, and her direct messages
    private: list[Message] = field(default_factory=list)  # answers for her alone

    @property
    def mention(self) -> str:
        """How she is mentioned in a text."""
        return f"<@{self.id}>"


@dataclass(eq=False)
class Guild:
    """A guild; `bot_role` is the role that the bot got with the invitation."""

    id: int
    name: str
    bot_role: int
    bot_permissions: int
    file_limit: int = 10 * MIB
    everyone: int = 0
    members: dict[int, User] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    threads: dict[int, Channel] = field(default_factory=dict)  # not archived


@dataclass(eq=False)
class Channel:
    """A text channel, a thread or a direct-message channel; `messages` are in the order of their numbers."""

    id: int
    kind: int
    name: str
    guild: Guild | None = None
    parent: Channel | None = None
    person: User | None = None  # of a direct-message channel
    owner: User | None = None
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)  # role or member: allow, deny
    members: dict[int, float] = field(default_factory=dict)  # of a thread: since when
    archived: bool = False
    locked: bool = False
    archive_after: int = 1440
    opened_at: float = 0.0
    messages: dict[int, Message] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    last_message_id: int | None = None
    sent: int = 0
    typing: list[float] = field(default_factory=list)  # when the bot was seen typing
    followers: dict[int, User] = field(default_factory=dict)

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread."""
        return self.parent is not None

    @property
    def mention(self) -> str:
        """How it is mentioned in a text."""
        return f"<#{self.id}>"


@dataclass(eq=False)
class File:
    """An attachment, exactly as it was uploaded; `title` is the name without its ending, where Discord has changed it."""

    id: int
    name: str
    data: bytes
    channel: int
    description: str | None = None
    title: str | None = None


@dataclass(eq=False)
class Message:
    """A message; `before` has what it said before each edit."""

    id: int
    channel: Channel
    author: User
    text: str = ""
    kind: int = DEFAULT
    flags: int = 0
    embeds: list[dict[str, Any]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    answers: Message | None = None
    reference: dict[str, Any] | None = None
    nonce: str | int | None = None
    allowed_mentions: dict[str, Any] | None = None
    mentions: list[User] = field(default_factory=list)
    mentions_everyone: bool = False
    at: float = 0.0
    edited_at: float | None = None
    thread: Channel | None = None
    reactions: dict[str, list[User]] = field(default_factory=dict)
    interaction: Any = None
    seen_by: User | None = None  # an answer for one person alone
    deleted: bool = False
    before: list[dict[str, Any]] = field(default_factory=list)
    shown_at: float = field(default_factory=time.monotonic)

    @property
    def link(self) -> str:
        """Its address for people."""
        guild = self.channel.guild.id if self.channel.guild else "@me"
        return f"https://discord.com/channels/{guild}/{self.channel.id}/{self.id}"

    @property
    def thinking(self) -> bool:
        """Whether only the dots of a deferred answer are there."""
        return bool(self.flags & LOADING)

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons."""
        return [button.get("label", "") for button in find_components(self.components, {2})]

    @property
    def file(self) -> dict[str, bytes]:
        """Its files by name."""
        return {file.name: file.data for file in self.files}


def find_components(components: Iterable[dict[str, Any]], kinds: set[int]) -> list[dict[str, Any]]:
    """The components of some kinds, however deep they lie."""
    found = []
    for component in components:
        if component["type"] in kinds:
            found.append(component)
        inner = [*component.get("components", ())]
        inner += [component[key] for key in ("component", "accessory") if key in component]
        found += find_components(inner, kinds)
    return found


class World:
    """All there is; `tell(event, channel, data)` hands events on, and `changed` those who wait for anything at all."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._last_id = 0
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.files: dict[int, File] = {}
        self.directs: dict[int, Channel] = {}
        self.log: list[Any] = []  # what happened, in order: messages, and what people did
        self.watches: list[Watch] = []
        self.tell: Callable[[str, Channel | Guild | None, Any], None] = lambda *_: None
        self.bot = self.add_user("mas", bot=True)

    def next_id(self) -> int:
        """A new snowflake: greater than every one before."""
        self._last_id = max(self._last_id + 1, (int(self.clock.now() * 1000) - EPOCH_MS) << 22)
        return self._last_id

    def changed(self) -> None:
        """Something happened: ask those who wait for anything."""
        check_all(self.watches, self)

    # ------------------------------------------------------------------ people and places

    def add_user(self, name: str, *, bot: bool = False, webhook: bool = False) -> User:
        """Somebody new."""
        user = User(self.next_id(), name, bot, webhook)
        if not webhook:
            self.users[user.id] = user
        return user

    def add_guild(self, name: str, permissions: Iterable[str] | int = LEAST) -> Guild:
        """A guild with the bot in it, holding these permissions."""
        guild = Guild(self.next_id(), name, self.next_id(), bits(permissions))
        guild.members[self.bot.id] = self.bot
        self.guilds[guild.id] = guild
        self.tell("GUILD_CREATE", guild, guild)
        return guild

    def join(self, guild: Guild, user: User) -> None:
        """Somebody joins a guild."""
        if user.id not in guild.members:
            guild.members[user.id] = user
            self.tell("GUILD_MEMBER_ADD", guild, user)

    def is_somewhere(self, user: User) -> bool:
        """Whether somebody is in a guild."""
        return any(user.id in guild.members for guild in self.guilds.values())

    def add_channel(self, guild: Guild, name: str) -> Channel:
        """A text channel."""
        channel = Channel(self.next_id(), TEXT, name, guild)
        guild.channels[channel.id] = self.channels[channel.id] = channel
        self.tell("CHANNEL_CREATE", channel, channel)
        return channel

    def permit(self, channel: Channel, permissions: Iterable[str] | int) -> None:
        """Let the bot have exactly these permissions in a channel."""
        sees, held = may(channel, "view_channel"), bits(permissions)
        channel.overwrites[self.bot.id] = (held, ALL & ~held)
        self.tell("CHANNEL_UPDATE", channel, channel)
        if may(channel, "view_channel") and not sees:
            self.tell("THREAD_LIST_SYNC", channel, channel)

    def direct(self, user: User) -> Channel:
        """The direct-message channel of a person and the bot."""
        channel = self.directs.get(user.id)
        if channel is None:
            channel = Channel(self.next_id(), DIRECT, user.name, person=user)
            self.directs[user.id] = self.channels[channel.id] = channel
            self.follow(user, channel)
        return channel

    def remove_guild(self, guild: Guild) -> None:
        """The bot is thrown out of a guild."""
        del self.guilds[guild.id]
        for number in [number for number, one in self.channels.items() if one.guild is guild]:
            del self.channels[number]
        self.tell("GUILD_DELETE", guild, guild)

    def delete_channel(self, channel: Channel) -> None:
        """A channel or a thread is no more; a channel's threads go with it."""
        assert channel.guild is not None
        for thread in [one for one in channel.guild.threads.values() if one.parent is channel]:
            self.delete_channel(thread)
        del self.channels[channel.id]
        channel.guild.channels.pop(channel.id, None)
        channel.guild.threads.pop(channel.id, None)
        self.tell("THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE", channel, channel)

    @staticmethod
    def follow(user: User, channel: Channel) -> None:
        """From now on she hears what is said there."""
        if user.id not in channel.followers:
            channel.followers[user.id] = user
            user.sees.append(channel)

    # ------------------------------------------------------------------ threads

    def open_thread(self, source: Message, name: str, owner: User, archive_after: int = 1440) -> Channel:
        """A thread from a message, with whose number it is known."""
        channel = source.channel
        thread = Channel(
            source.id, THREAD, name, channel.guild, channel, owner=owner, opened_at=self.clock.now()
        )
        thread.archive_after, thread.members[owner.id] = archive_after, self.clock.now()
        self._add_thread(thread)
        source.thread, source.flags = thread, source.flags | HAS_THREAD
        self.show("MESSAGE_UPDATE", source)
        where = {"guild_id": str(thread.guild.id) if thread.guild else None, "channel_id": str(channel.id)}
        reference = where | {"message_id": str(source.id)}
        self.send(owner, thread, kind=THREAD_STARTER, reference=reference, answers=source)
        return thread

    def _add_thread(self, thread: Channel) -> None:
        assert thread.guild is not None
        self.channels[thread.id] = thread.guild.threads[thread.id] = thread
        self.log.append(thread)
        self.tell("THREAD_CREATE", thread, thread)
        for number in thread.members:
            self._tell_of_member(thread, self.users[number])

    def _tell_of_member(self, thread: Channel, user: User) -> None:
        """Whoever comes into a thread is told of the thread too, even if she knows it."""
        self.tell("THREAD_MEMBERS_UPDATE", thread, (thread, [user], []))
        if user is self.bot:
            self.tell("THREAD_CREATE", thread, (thread, user))

    def add_member(self, thread: Channel, user: User, by: User | None = None) -> None:
        """Somebody comes into a thread, by herself or added by another."""
        if user.id in thread.members:
            return
        thread.members[user.id] = self.clock.now()
        self.follow(user, thread)
        self._tell_of_member(thread, user)
        if by is not None and by is not user:
            self.send(by, thread, kind=RECIPIENT_ADD, mentions=[user])

    def remove_member(self, thread: Channel, user: User) -> None:
        """Somebody leaves a thread."""
        if thread.members.pop(user.id, None) is not None:
            self.tell("THREAD_MEMBERS_UPDATE", thread, (thread, [], [user]))

    def change_thread(self, thread: Channel, **changes: Any) -> None:
        """Rename, archive or lock a thread."""
        assert thread.guild is not None
        for name, value in changes.items():
            setattr(thread, name, value)
        if thread.archived:
            thread.guild.threads.pop(thread.id, None)
        else:
            thread.guild.threads[thread.id] = thread
        self.tell("THREAD_UPDATE", thread, thread)

    # ------------------------------------------------------------------ messages

    def send(self, author: User, channel: Channel, **said: Any) -> Message:
        """A message, with the fields of `Message`; an answer for one person alone is kept out of the channel."""
        message = Message(self.next_id(), channel, author, at=self.clock.now(), **said)
        self.log.append(message)
        if message.seen_by is not None:
            message.seen_by.private.append(message)
            self._show_people(message)
            return message
        if channel.archived and not channel.locked:
            self.change_thread(channel, archived=False)
        channel.messages[message.id] = message
        channel.order.append(message.id)
        channel.last_message_id, channel.sent = message.id, channel.sent + 1
        if not author.webhook:
            self.follow(author, channel)
            if channel.is_thread:
                self.add_member(channel, author)
        self.show("MESSAGE_CREATE", message)
        return message

    def edit(self, message: Message, **changes: Any) -> None:
        """Change what a message says; what it said before is kept."""
        message.before.append(
            {name: getattr(message, name) for name in ("text", "embeds", "components", "files")}
        )
        message.edited_at = message.before[-1]["until"] = self.clock.now()
        for name, value in changes.items():
            setattr(message, name, value)
        self.show("MESSAGE_UPDATE", message)

    def finish(self, message: Message, **changes: Any) -> None:
        """The dots of a deferred answer give way to its words."""
        for name, value in ({"flags": message.flags} | changes).items():
            setattr(message, name, value)
        message.flags &= ~LOADING
        message.shown_at = time.monotonic()
        self.show("MESSAGE_UPDATE", message)

    def delete(self, message: Message) -> None:
        """Take a message away."""
        message.deleted = True
        channel = message.channel
        if channel.messages.pop(message.id, None) is not None:
            channel.order.pop(bisect_left(channel.order, message.id))
        self.show("MESSAGE_DELETE", message)

    def react(self, message: Message, user: User, emoji: str, *, add: bool = True) -> None:
        """Put a reaction under a message, or take it away."""
        users = message.reactions.setdefault(emoji, [])
        if (user in users) != add:
            users.append(user) if add else users.remove(user)
            event = "MESSAGE_REACTION_ADD" if add else "MESSAGE_REACTION_REMOVE"
            self.tell(event, message.channel, (message, user, emoji))
            self._show_people(message)

    def show(self, event: str, message: Message) -> None:
        """Let the gateway and the people know of a message; an answer for one person is no news for the gateway."""
        if message.seen_by is None:
            self.tell(event, message.channel, message)
        self._show_people(message)

    def _show_people(self, message: Message) -> None:
        if message.seen_by is not None:
            check_all(message.seen_by.watches, message)
        else:
            for user in message.channel.followers.values():
                check_all(user.watches, message)
        self.changed()

    def history(
        self,
        channel: Channel,
        limit: int,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
    ) -> list[Message]:
        """Up to `limit` messages, the newest first."""
        order = channel.order
        if around is not None:
            middle = bisect_left(order, around)
            start = max(0, middle - limit // 2)
            numbers = order[start : start + limit]
        elif after is not None:
            start = bisect_right(order, after)
            numbers = order[start : start + limit]
        else:
            end = len(order) if before is None else bisect_left(order, before)
            numbers = order[max(0, end - limit) : end]
        return [channel.messages[number] for number in reversed(numbers)]

    def keep(self, name: str, data: bytes, channel: Channel, description: str | None = None) -> File:
        """Store an upload."""
        plain = re.sub(r"[^\w.\-]", "_", name)  # as Discord does
        title = None if plain == name else name.rpartition(".")[0] or name
        file = File(self.next_id(), plain, data, channel.id, description, title)
        self.files[file.id] = file
        return file

    # ------------------------------------------------------------------ mentions

    def mentioned(self, text: str, allowed: dict[str, Any] | None, replied: User | None) -> list[User]:
        """Whom a text mentions so that they hear of it: `allowed_mentions` says who may be."""
        named = [self.users[number] for number in map(int, MENTION.findall(text)) if number in self.users]
        if allowed is not None and "users" not in allowed.get("parse", ()):
            may_hear = {int(number) for number in allowed.get("users", ())}
            named = [user for user in named if user.id in may_hear]
        if replied is not None and (allowed is None or allowed.get("replied_user")):
            named.append(replied)
        return list(dict.fromkeys(named))


@dataclass
class Deed:
    """What a person did that is no message: a command, a click, a form; or what befell her."""

    what: str
    person: User
    channel: Channel
    text: str
    at: float
    number: int = 0
    details: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, world: World, what: str, person: User, channel: Channel, text: str, **details: Any) -> Self:
        """Note it in the world's log."""
        deed = cls(what, person, channel, text, world.clock.now(), world.next_id(), details)
        world.log.append(deed)
        return deed
