"""Two models of Discord that were written without knowledge of each other, asked the same by the same client.

Where they differ, the documentation (https://discord.com/developers/docs) says who is right: DIFFERENT has what the loopback
server answers, and why.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord
import simcord
from discord.ext import commands
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from tests.discord.permissions import LEAST, bits
from tests.discord.running import SOON_S, Running
from tests.discord.server import DiscordServer

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)
EVERY_BIT = (1 << 60) - 1
Answer = tuple[int, int] | str  # a refusal's status and code, or what came back
Case = tuple[str, str | None]  # what is done, and which permission is missing


class Bot(commands.Bot):
    """A client that does nothing by itself."""

    def __init__(self) -> None:
        super().__init__("!", intents=INTENTS)
        self._connection.guild_ready_timeout = 0.1

    def place(self, number: int) -> discord.PartialMessageable:
        (guild,) = self.guilds
        return self.get_partial_messageable(number, guild_id=guild.id)


@dataclass
class Scene:
    """A channel in which Anna has said two things; from the second the bot has opened a thread, in which it has spoken."""

    bot: Bot
    channel: int
    said: int
    anna: int
    thread: int = 0
    own: int = 0

    async def begin(self, second: int) -> None:
        opened = await self.bot.place(self.channel).get_partial_message(second).create_thread(name="a talk")
        self.thread = opened.id
        self.own = (await self.bot.place(self.thread).send("hello")).id


Deed = Callable[[Scene], Coroutine[Any, Any, Any]]


async def send(at: Scene, **said: Any) -> None:
    await at.bot.place(at.channel).send(**said)


async def speak(at: Scene, **said: Any) -> None:
    await at.bot.place(at.thread).send(**said)


async def answer_anna(at: Scene) -> None:
    await at.bot.place(at.channel).get_partial_message(at.said).reply("x")


async def open_thread(at: Scene, name: str = "another") -> None:
    await at.bot.place(at.channel).get_partial_message(at.said).create_thread(name=name)


async def add_anna(at: Scene) -> None:
    thread = await at.bot.fetch_channel(at.thread)
    assert isinstance(thread, discord.Thread)
    await thread.add_user(discord.Object(at.anna))


async def read(at: Scene) -> int:
    return len([message async for message in at.bot.place(at.channel).history()])


async def fetch(at: Scene) -> None:
    await at.bot.place(at.channel).fetch_message(at.said)


async def edit(at: Scene, **shown: Any) -> None:
    await at.bot.place(at.thread).get_partial_message(at.own).edit(**shown)


async def edit_annas(at: Scene) -> None:
    await at.bot.place(at.channel).get_partial_message(at.said).edit(content="x")


async def delete_annas(at: Scene) -> None:
    await at.bot.place(at.channel).get_partial_message(at.said).delete()


async def delete_own(at: Scene) -> None:
    await at.bot.place(at.thread).get_partial_message(at.own).delete()


async def be_seen_typing(at: Scene) -> None:
    await at.bot.place(at.channel).typing()


async def find_nothing(at: Scene) -> None:
    await at.bot.place(at.channel).fetch_message(1)


async def look_nowhere(at: Scene) -> None:
    await at.bot.fetch_channel(1)


async def delete_channel(at: Scene) -> None:
    await at.bot.http.delete_channel(at.channel)


async def look(at: Scene) -> None:
    await at.bot.fetch_channel(at.channel)


def with_(deed: Callable[..., Coroutine[Any, Any, Any]], **given: Any) -> Deed:
    """The deed with these words; files are made anew for each model."""
    return lambda at: deed(
        at, **{name: value() if callable(value) else value for name, value in given.items()}
    )


def embed(**shown: Any) -> Callable[[], discord.Embed]:
    return lambda: discord.Embed(**shown)


DEEDS: dict[str, Deed] = {
    "send": with_(send, content="x"),
    "send an embed": with_(send, embed=embed(title="x")),
    "send a file": with_(send, file=lambda: discord.File(io.BytesIO(b"x"), "x.txt")),
    "send in a thread": with_(speak, content="x"),
    "send nothing": with_(send, content=""),
    "send too much": with_(send, content="x" * 2001),
    "send a long title": with_(send, embed=embed(title="x" * 257)),
    "send a long description": with_(send, embed=embed(description="x" * 4097)),
    "reply": answer_anna,
    "open a thread": open_thread,
    "open a thread with a long name": with_(open_thread, name="x" * 101),
    "add to a thread": add_anna,
    "read": read,
    "fetch": fetch,
    "look": look,
    "edit": with_(edit, content="x"),
    "edit to nothing": with_(edit, content=None),
    "edit another's": edit_annas,
    "delete": delete_own,
    "delete another's": delete_annas,
    "type": be_seen_typing,
    "fetch what is not there": find_nothing,
    "look where nothing is": look_nowhere,
    "delete the channel": delete_channel,
}
MISSING = (None, *(name for name in LEAST if name != "add_reactions"))
CASES = [(name, missing) for missing in MISSING for name in DEEDS]

# What Discord answers where simcord says something else: to a deed whatever is missing, or where something is.
DIFFERENT: dict[Case | str, Answer] = {
    "send nothing": (400, 50006),  # that code is documented; simcord knows the one for all that is malformed
    "edit to nothing": (400, 50006),
    "open a thread with a long name": (400, 50035),  # "1-100 character channel name"; simcord takes any
    "read": "2",  # a thread is announced in its channel only when its message is older; by simcord, always
    ("reply", "read_message_history"): (403, 160002),  # "must have the READ_MESSAGE_HISTORY permission"
    ("send a file", "attach_files"): (403, 50013),  # "allows for uploading images and files"
    ("send an embed", "embed_links"): (403, 50013),  # not documented; what bots report that lack it
    ("open a thread", "read_message_history"): "None",  # not documented; simcord wants it to be there
}


async def asked(scene: Scene, deed: Deed) -> Answer:
    """What Discord answers."""
    try:
        return str(await deed(scene))
    except discord.HTTPException as error:
        return error.status, error.code


async def in_simcord() -> dict[Case, Answer]:
    """The answers of simcord, each in a channel of its own."""
    answers, bot = {}, Bot()
    async with simcord.run(bot, check_errors=False) as env:
        guild = env.create_guild()
        anna, role = guild.add_member(env.create_user("anna")), guild.roles["TestBot"].id
        for name, missing in CASES:
            channel = guild.create_text_channel("boards")
            first, second = [env.backend.create_message(channel.id, anna.id, text) for text in ("one", "two")]
            scene = Scene(bot, channel.id, first.id, anna.id)
            await scene.begin(second.id)
            denied = EVERY_BIT & ~bits(set(LEAST) - {missing})
            env.backend.set_overwrite(channel.id, Overwrite(role, OverwriteType.ROLE, 0, denied))
            answers[name, missing] = await asked(scene, DEEDS[name])
    return answers


def on_loopback() -> dict[Case, Answer]:
    """The answers of the loopback server, each in a channel of its own."""
    answers = {}
    with DiscordServer() as server, server.point_here():
        running = Running(Bot, server.token)
        server.until(lambda: server.gateway.identified, SOON_S, "the bot identifies")
        anna = server.person("anna")
        for name, missing in CASES:
            channel = server.add_channel("boards")
            first, second = anna.says(channel, "one"), anna.says(channel, "two")
            scene = Scene(running.bot, channel.id, first.id, anna.id)
            running.do(partial(scene.begin, second.id))
            server.permit(channel, set(LEAST) - {missing})
            answers[name, missing] = running.do(partial(asked, scene, DEEDS[name]))
        running.stop()
        assert server.unknown == []
    return answers


def test_both_models_answer_the_same_or_the_documentation_decides() -> None:
    theirs, ours = asyncio.run(in_simcord()), on_loopback()
    used = set[Case | str]()
    for case in CASES:
        if theirs[case] != ours[case]:
            key: Case | str = case if case in DIFFERENT else case[0]
            assert DIFFERENT.get(key) == ours[case], (case, ours[case], theirs[case])
            used.add(key)
    assert used == DIFFERENT.keys(), "each is still a difference"
