"""The people of a loopback Discord: they write, click and see as a person does in front of a client.

Every method blocks until it is done; nothing sleeps.  What does not come in time is an AssertionError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tests.discord.routes import refer
from tests.discord.world import DEFAULT, REPLY, Channel, Message, User

if TYPE_CHECKING:
    from tests.discord.server import DiscordServer

SOON_S = 10.0


class Person:
    """Somebody with an account."""

    def __init__(self, server: DiscordServer, user: User) -> None:
        self._server = server
        self.user = user

    def __repr__(self) -> str:
        return f"Person({self.user.name!r})"

    @property
    def id(self) -> int:
        """The account's number."""
        return self.user.id

    @property
    def direct(self) -> Channel:
        """Her direct-message channel with the bot."""
        return self._server.do(self._server.world.direct, self.user)

    # ------------------------------------------------------------------ writing

    def says(
        self,
        place: Channel,
        text: str = "",
        files: Mapping[str, bytes] | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Write a message."""
        return self._server.do(self._say, place, text, files or {}, reply_to)

    def _say(
        self, place: Channel, text: str, files: Mapping[str, bytes], reply_to: Message | None
    ) -> Message:
        world = self._server.world
        return world.send(
            self.user,
            place,
            text=text.strip(),
            kind=REPLY if reply_to else DEFAULT,
            files=[world.keep(name, data, place) for name, data in files.items()],
            mentions=world.mentioned(text, None, reply_to.author if reply_to else None),
            reference=refer(place, reply_to.id) if reply_to else None,
            answers=reply_to,
        )

    def mentions_bot(self, channel: Channel, text: str, files: Mapping[str, bytes] | None = None) -> Message:
        """Write to the bot in a channel."""
        return self.says(channel, f"{self._server.world.bot.mention} {text}", files)

    def dm(self, text: str = "", files: Mapping[str, bytes] | None = None) -> Message:
        """Write to the bot alone."""
        return self.says(self.direct, text, files)

    def edits(self, message: Message, text: str) -> None:
        """Change what she wrote."""
        mentions = self._server.world.mentioned(text, None, None)
        self._server.do(self._server.world.edit, message, text=text.strip(), mentions=mentions)

    def deletes(self, message: Message) -> None:
        """Take back what she wrote."""
        self._server.do(self._server.world.delete, message)

    def reacts(self, message: Message, emoji: str) -> None:
        """Put a reaction under a message."""
        self._server.do(self._server.world.react, message, self.user, emoji)

    def leaves(self, thread: Channel) -> None:
        """Leave a thread."""
        self._server.do(self._server.world.remove_member, thread, self.user)

    # ------------------------------------------------------------------ seeing

    def looks_at(self, place: Channel) -> None:
        """From now on she hears what is said there (where she wrote, or was added, she does anyway)."""
        self._server.do(self._server.world.follow, self.user, place)

    def waits_for(
        self,
        predicate: Callable[[Message], object],
        timeout: float = SOON_S,
        *,
        place: Channel | None = None,
        after: Message | None = None,
    ) -> Message:
        """The first message of somebody else that she can see and of which the predicate holds, now or within a time.

        She sees her direct messages, the threads that she is in, the channels where she wrote, and answers for her alone;
        with `place` only what is there, with `after` only messages after that one.
        """
        if place is not None:
            self.looks_at(place)

        def look(message: Message) -> Message | None:
            there = place is None or message.channel is place
            later = after is None or message.id > after.id
            hers = message.author is self.user
            seen = there and later and not hers and not message.deleted
            return message if seen and predicate(message) else None

        places = self.user.sees if place is None else [place]
        seen = (message for channel in places for message in list(channel.messages.values()))
        private = (message for message in self.user.private)
        subjects = (message for several in (seen, private) for message in several)
        what = f"{self.user.name} waits for a message"
        return self._server.watch(self.user.watches, look, subjects, timeout, what)

    def thread_of(self, message: Message, timeout: float = SOON_S) -> Channel:
        """The thread that somebody opens from a message."""
        self.looks_at(message.channel)
        what = f"{self.user.name} waits for a thread"
        return self._server.watch(self.user.watches, lambda _: message.thread, [message], timeout, what)
