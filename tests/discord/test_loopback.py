"""The loopback Discord, held to the real discord.py client over the wire."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import BytesIO
from typing import Any, ClassVar

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands

from tests.discord.gateway import CONTENT, MEMBERS
from tests.discord.permissions import LEAST
from tests.discord.person import Person
from tests.discord.running import SOON_S, Running
from tests.discord.server import TOKEN, DiscordServer
from tests.discord.world import Message

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)
SEND = "POST /channels/{channel}/messages"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (40).to_bytes(4, "big") + (30).to_bytes(4, "big")


class Change(discord.ui.Modal, title="What shall be changed?"):
    """A form with one input."""

    words: discord.ui.TextInput[Change] = discord.ui.TextInput(label="In your words", max_length=100)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"You want: {self.words.value}")


class Press(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"press:(?P<what>\w+):(?P<design>\d+)"):
    """A button that works after a restart too."""

    def __init__(self, what: str, design: int) -> None:
        super().__init__(discord.ui.Button(label=what.title(), custom_id=f"press:{what}:{design}"))
        self.what, self.design = what, design

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: Any) -> Press:
        return cls(match["what"], int(match["design"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        if self.what == "change":
            await interaction.response.send_modal(Change())
        elif self.what == "close":
            await interaction.response.edit_message(content=f"Design {self.design} is closed.", view=None)
        else:
            await interaction.response.send_message(f"Design {self.design} is approved.", ephemeral=True)


class Bot(commands.Bot):
    """A small bot: it notes what it hears, has two commands and three buttons."""

    intents_wanted: ClassVar[discord.Intents] = INTENTS

    def __init__(self) -> None:
        super().__init__(command_prefix="!", intents=self.intents_wanted)
        self._connection.guild_ready_timeout = 0.1  # or each start takes 2 s
        self.heard: list[discord.Message] = []
        self._heard = threading.Condition()
        self.ready = threading.Event()

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Press)
        self.tree.add_command(design)
        self.tree.add_command(status)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """No 5 s of waiting before a new session."""

    async def on_ready(self) -> None:
        self.ready.set()

    async def on_message(self, message: discord.Message) -> None:
        if message.author == self.user:
            return
        with self._heard:
            self.heard.append(message)
            self._heard.notify_all()

    def has_heard(self, count: int) -> list[str]:
        """The texts heard so far, once there are so many."""
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.heard) >= count, SOON_S), self.heard
            return [message.content for message in self.heard]


@app_commands.command(description="Design a board")
@app_commands.describe(brief="What the board does", file="A drawing")
async def design(
    interaction: discord.Interaction, brief: str, file: discord.Attachment | None = None
) -> None:
    await interaction.response.defer(thinking=True)
    size = len(await file.read()) if file else 0
    await interaction.edit_original_response(content=f"Design 1: {brief} ({size} bytes)")
    await interaction.followup.send("More to come.", ephemeral=True)


@app_commands.command(description="How a design stands")
async def status(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("It is at work.", ephemeral=True)


class Place:
    """The server, a bot that is logged in, and the first channel as the bot sees it."""

    def __init__(self, server: DiscordServer, start: Callable[..., Running[Bot]]) -> None:
        self.server, self.running = server, start()
        self.bot = self.running.bot
        self.do = self.running.do

    @property
    def channel(self) -> discord.TextChannel:
        found = self.bot.get_channel(self.server.channel.id)
        assert isinstance(found, discord.TextChannel)
        return found

    def sends(self, text: str = "", **said: Any) -> Message:
        sent = self.do(lambda: self.channel.send(text, **said))
        return self.server.channel.messages[sent.id]


@pytest.fixture
def server() -> Iterator[DiscordServer]:
    with DiscordServer() as server, server.point_here():
        yield server


@pytest.fixture
def start(server: DiscordServer) -> Iterator[Callable[..., Running[Bot]]]:
    """Starts a bot and waits until it is ready; at the end it is closed, and nothing unknown was asked."""
    with ExitStack() as stack:

        def started(make: Callable[[], Bot] = Bot) -> Running[Bot]:
            running = Running(make, server.token)
            stack.callback(running.stop)
            assert running.bot.ready.wait(SOON_S), running.error
            return running

        yield started
    assert server.unknown == []


@pytest.fixture
def place(server: DiscordServer, start: Callable[..., Running[Bot]]) -> Place:
    return Place(server, start)


def refused(work: Callable[[], Any]) -> tuple[int, int]:
    """The status and the code with which something is refused."""
    with pytest.raises(discord.HTTPException) as info:
        work()
    return info.value.status, info.value.code


# ---------------------------------------------------------------------- logging in


def test_the_client_logs_in_and_sees_the_guild(place: Place) -> None:
    guild = place.bot.get_guild(place.server.guild.id)
    assert guild is not None
    assert [channel.name for channel in guild.text_channels] == ["boards"]
    assert guild.me.guild_permissions.send_messages_in_threads
    assert not guild.me.guild_permissions.manage_messages
    assert guild.filesize_limit == 10 << 20
    assert place.bot.application_flags.gateway_message_content_limited


def test_a_wrong_token_is_refused(server: DiscordServer) -> None:
    running = Running(Bot, "another token")
    running.thread.join(SOON_S)
    assert isinstance(running.error, discord.LoginFailure)


def test_a_privileged_intent_that_is_not_switched_on_closes_the_connection() -> None:
    with DiscordServer(intents=0) as server, server.point_here():
        running = Running(Bot, server.token)
        running.thread.join(SOON_S)
        assert isinstance(running.error, discord.PrivilegedIntentsRequired)
        assert server.gateway.closed_with == [4014]


def test_without_the_intent_for_contents_only_what_concerns_the_bot_can_be_read() -> None:
    class Deaf(Bot):
        intents_wanted = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)

    with DiscordServer(intents=0) as server, server.point_here():
        running = Running(Deaf, server.token)
        assert running.bot.ready.wait(SOON_S)
        anna = server.person("anna")
        anna.says(server.channel, "to nobody", files={"a.txt": b"a"})
        anna.mentions_bot(server.channel, "to you")
        anna.dm("to you alone")
        assert running.bot.has_heard(3) == ["", f"<@{server.world.bot.id}> to you", "to you alone"]
        assert running.bot.heard[0].attachments == []
        running.stop()


# ---------------------------------------------------------------------- messages and threads


def test_a_mention_opens_a_thread_and_a_second_one_from_the_same_message_is_refused(place: Place) -> None:
    anna = place.server.person("anna")
    asked = anna.mentions_bot(place.server.channel, "an LED, please")
    place.bot.has_heard(1)
    heard = place.bot.heard[0]
    opened = place.do(lambda: heard.create_thread(name="LED"))
    thread = anna.thread_of(asked)
    assert (thread.id, thread.name, opened.id) == (asked.id, "LED", asked.id)
    assert refused(lambda: place.do(lambda: heard.create_thread(name="LED"))) == (400, 160004)
    found = place.do(lambda: place.bot.fetch_channel(asked.id))
    assert isinstance(found, discord.Thread)
    assert found.parent_id == place.server.channel.id


def test_somebody_is_added_to_a_thread_and_hears_what_is_said_there(place: Place) -> None:
    bob = place.server.person("bob")
    opening = place.sends("Design 1")
    thread = place.do(lambda: place.channel.get_partial_message(opening.id).create_thread(name="Design 1"))
    place.do(lambda: thread.add_user(discord.Object(bob.id)))
    place.do(lambda: thread.send("What supply?"))
    assert bob.waits_for(lambda message: message.text == "What supply?").channel.id == thread.id
    bob.says(place.server.world.channels[thread.id], "5 V")
    place.bot.has_heard(1)
    assert place.bot.heard[0].channel.id == thread.id


def test_words_are_edited_and_deleted_on_both_sides(place: Place) -> None:
    anna = place.server.person("anna")
    said = anna.says(place.server.channel, "one")
    sent = place.do(lambda: place.channel.send("stage 1"))
    place.do(lambda: sent.edit(content="stage 2"))
    assert anna.waits_for(lambda message: message.text == "stage 2").id == sent.id
    anna.edits(said, "two")
    found = place.do(lambda: place.channel.fetch_message(said.id))
    assert found.content == "two"
    assert found.edited_at is not None
    assert refused(lambda: place.do(lambda: found.edit(content="three"))) == (403, 50005)
    assert refused(lambda: place.do(found.delete)) == (403, 50013)
    anna.deletes(said)
    assert refused(lambda: place.do(lambda: place.channel.fetch_message(said.id))) == (404, 10008)
    place.do(sent.delete)
    assert place.server.channel.messages == {}


def test_history_is_read_before_after_and_around_a_message(place: Place) -> None:
    anna = place.server.person("anna")
    said = [anna.says(place.server.channel, str(number)) for number in range(150)]

    def read(**where: Any) -> list[str]:
        async def work() -> list[str]:
            return [message.content async for message in place.channel.history(**where)]

        return place.do(work)

    def at(number: int) -> discord.Object:
        return discord.Object(said[number].id)

    assert read(limit=3) == ["149", "148", "147"]
    assert read(limit=None, after=at(9)) == [str(number) for number in range(10, 150)]
    assert read(limit=2, after=at(9)) == ["10", "11"]
    assert read(limit=2, before=at(9)) == ["8", "7"]
    assert read(limit=3, around=at(9)) == ["10", "9", "8"]
    assert read(after=discord.utils.utcnow() + datetime.timedelta(seconds=1)) == []


def test_direct_messages_go_both_ways_until_somebody_refuses_them(place: Place) -> None:
    anna = place.server.person("anna")
    anna.dm("hello")
    assert place.bot.has_heard(1) == ["hello"]
    assert isinstance(place.bot.heard[0].channel, discord.DMChannel)
    place.do(lambda: place.bot.heard[0].reply("hello, Anna"))
    answer = anna.waits_for(lambda message: message.text == "hello, Anna")
    assert answer.channel is anna.direct
    assert answer.answers is not None
    anna.refuses_messages()
    assert refused(lambda: place.do(lambda: place.bot.heard[0].reply("again"))) == (403, 50007)


def test_bots_and_webhooks_are_known_as_such(place: Place) -> None:
    place.server.other_bot("robot").says(place.server.channel, "beep")
    place.server.webhook("builds").says(place.server.channel, "build 12 has passed")
    place.bot.has_heard(2)
    robot, hook = place.bot.heard
    assert (robot.author.bot, robot.webhook_id) == (True, None)
    assert hook.webhook_id == hook.author.id


def test_a_nonce_sends_a_message_once_for_a_while(place: Place) -> None:
    first = place.sends("once", nonce="n1")
    assert place.sends("once", nonce="n1") is first
    assert place.sends("once", nonce="n2") is not first
    place.server.passes(place.server.nonce_lives_s + 1)
    assert place.sends("once", nonce="n1") is not first


def test_mentions_are_heard_only_where_they_are_allowed(place: Place) -> None:
    anna = place.server.person("anna")
    text = f"{anna.user.mention} @everyone"
    loud = place.sends(text)
    quiet = place.sends(text, allowed_mentions=discord.AllowedMentions.none())
    assert loud.mentions == [anna.user]
    assert quiet.mentions == []
    assert quiet.allowed_mentions == {"parse": []}
    assert not quiet.mentions_everyone
    assert place.server.transcript[-1]["text"] == "@anna @everyone"


def test_reactions_and_typing_are_seen(place: Place) -> None:
    anna = place.server.person("anna")
    said = anna.says(place.server.channel, "thank you")

    async def work() -> None:
        await place.channel.get_partial_message(said.id).add_reaction("👍")
        await place.channel.typing()

    place.do(work)
    assert place.server.transcript[-1]["reactions"] == {"👍": ["mas"]}
    assert len(place.server.channel.typing) == 1


# ---------------------------------------------------------------------- files


def test_an_attachment_goes_in_and_comes_out_as_it_was(place: Place) -> None:
    anna = place.server.person("anna")
    contents = bytes(range(256)) * 1000
    anna.says(place.server.channel, files={"my board.bin": contents})
    place.bot.has_heard(1)
    attached = place.bot.heard[0].attachments[0]
    assert (attached.filename, attached.title, attached.size) == ("my_board.bin", "my board", len(contents))
    assert place.do(attached.read) == contents
    files = [discord.File(BytesIO(contents), "board.zip"), discord.File(BytesIO(PICTURE), "board.png")]
    embed = discord.Embed(title="Passed").set_image(url="attachment://board.png")
    sent = place.do(lambda: place.channel.send("Done.", files=files, embed=embed))
    seen = anna.waits_for(lambda message: message.text == "Done.")
    assert seen.file == {"board.zip": contents, "board.png": PICTURE}
    assert [file.filename for file in sent.attachments] == ["board.zip"]
    assert place.do(lambda: place.bot.http.get_from_cdn(sent.embeds[0].image.url)) == PICTURE
    place.do(lambda: sent.edit(attachments=[]))
    assert seen.file == {}


def test_the_address_of_an_attachment_expires_and_a_fresh_one_is_in_the_message(place: Place) -> None:
    said = place.server.person("anna").says(place.server.channel, files={"a.txt": b"a"})
    place.bot.has_heard(1)
    attached = place.bot.heard[0].attachments[0]
    place.server.passes(25 * 3600)
    assert refused(lambda: place.do(attached.read))[0] == 404
    fresh = place.do(lambda: place.channel.fetch_message(said.id)).attachments[0]
    assert place.do(fresh.read) == b"a"


def test_a_file_above_the_guilds_limit_is_refused(place: Place) -> None:
    place.server.guild.file_limit = 1000
    assert refused(lambda: place.sends(file=discord.File(BytesIO(bytes(1001)), "a.bin"))) == (413, 40005)
    assert place.sends(file=discord.File(BytesIO(bytes(1000)), "a.bin")).files


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"text": ""}, 50006),
        ({"text": "x" * 2001}, 50035),
        ({"embed": discord.Embed(description="x" * 4097)}, 50035),
        ({"embeds": [discord.Embed(description="x" * 3001), discord.Embed(description="x" * 3000)]}, 50035),
        ({"text": "x", "nonce": "n" * 26}, 50035),
        ({"files": [discord.File(BytesIO(b"x"), f"{n}.txt") for n in range(11)]}, 50035),
    ],
)
def test_what_is_too_long_or_empty_is_refused(place: Place, said: dict[str, Any], code: int) -> None:
    assert refused(lambda: place.sends(**said)) == (400, code)
    assert place.server.channel.messages == {}


# ---------------------------------------------------------------------- permissions


@pytest.mark.parametrize(
    ("missing", "action", "code"),
    [
        ("view_channel", "send", 50001),
        ("send_messages", "send", 50013),
        ("embed_links", "embed", 50013),
        ("attach_files", "file", 50013),
        ("create_public_threads", "thread", 50013),
        ("send_messages_in_threads", "in thread", 50013),
        ("read_message_history", "fetch", 50013),
        ("read_message_history", "reply", 160002),
    ],
)
def test_what_the_bot_may_not_do_is_refused(place: Place, missing: str, action: str, code: int) -> None:
    said = place.server.person("anna").says(place.server.channel, "hello")
    part = place.channel.get_partial_message(said.id)
    other = place.server.person("anna").says(place.server.channel, "a second one")
    thread = place.do(lambda: place.channel.get_partial_message(other.id).create_thread(name="t"))
    place.server.permit(place.server.channel, set(LEAST) - {missing})
    actions: dict[str, Callable[[], Any]] = {
        "send": lambda: place.channel.send("x"),
        "embed": lambda: place.channel.send(embed=discord.Embed(title="x")),
        "file": lambda: place.channel.send(file=discord.File(BytesIO(b"x"), "x.txt")),
        "thread": lambda: part.create_thread(name="t"),
        "in thread": lambda: thread.send("x"),
        "fetch": part.fetch,
        "reply": lambda: part.reply("x"),
    }
    assert refused(lambda: place.do(actions[action])) == (403, code)


def test_a_channel_that_the_bot_may_not_see_is_silent(place: Place) -> None:
    hidden = place.server.add_channel("secrets")
    place.server.permit(hidden, ())
    anna = place.server.person("anna")
    anna.says(hidden, "psst")
    anna.says(place.server.channel, "hello")
    assert place.bot.has_heard(1) == ["hello"]


# ---------------------------------------------------------------------- what is not there any more


def test_a_thread_is_renamed_archived_locked_and_deleted(place: Place) -> None:
    anna = place.server.person("anna")
    said = anna.says(place.server.channel, "a thread")
    thread = place.do(lambda: place.channel.get_partial_message(said.id).create_thread(name="one"))
    ours = place.server.world.channels[thread.id]
    words = place.do(lambda: thread.send("hello"))
    place.do(lambda: thread.edit(name="two", archived=True))
    assert (ours.name, ours.archived) == ("two", True)
    assert refused(lambda: place.do(lambda: words.edit(content="x"))) == (400, 50083)
    assert refused(lambda: place.do(lambda: thread.add_user(discord.Object(anna.id)))) == (400, 50083)
    place.do(lambda: thread.send("a message opens it again"))
    assert not ours.archived
    place.server.archive(ours, locked=True)
    assert refused(lambda: place.do(lambda: thread.send("x"))) == (403, 160005)
    assert refused(lambda: place.do(thread.delete)) == (403, 50013)
    place.server.delete_channel(ours)
    assert refused(lambda: place.do(lambda: thread.send("x"))) == (404, 10003)


def test_whoever_is_thrown_out_of_a_guild_finds_nothing_there(place: Place) -> None:
    gone = threading.Event()

    async def removed(_: discord.Guild) -> None:
        gone.set()

    place.bot.add_listener(removed, "on_guild_remove")
    channel = place.channel
    place.server.throw_out(place.server.guild)
    assert gone.wait(SOON_S)
    assert list(place.bot.guilds) == []
    assert refused(lambda: place.do(lambda: channel.send("x"))) == (404, 10003)
    another = place.server.add_guild("Another", ("view_channel",))
    there = place.server.add_channel("here", another)
    place.server.person("anna", another).says(there, "hello")
    assert place.bot.has_heard(1) == ["hello"]


def test_what_was_never_there_is_unknown(place: Place) -> None:
    bot, channel = place.bot, place.channel
    stranger = place.server.person("stranger", place.server.add_guild("Another"))
    cases: list[tuple[Callable[[], Any], tuple[int, int]]] = [
        (lambda: bot.fetch_channel(1), (404, 10003)),
        (lambda: bot.fetch_user(2), (404, 10013)),
        (lambda: bot.fetch_guild(3), (404, 10004)),
        (lambda: channel.fetch_message(4), (404, 10008)),
        (lambda: channel.guild.fetch_member(stranger.id), (404, 10007)),
        (lambda: bot.http.start_private_message(6), (404, 10013)),
        (
            lambda: channel.send("x", reference=discord.MessageReference(message_id=7, channel_id=1)),
            (400, 50035),
        ),
    ]
    for work, code in cases:
        assert refused(lambda: place.do(work)) == code  # noqa: B023
    soft = discord.MessageReference(message_id=7, channel_id=1, fail_if_not_exists=False)
    assert place.sends("x", reference=soft).answers is None


def test_buttons_are_checked(place: Place) -> None:
    def row(*buttons: dict[str, Any]) -> dict[str, Any]:
        return {
            "components": [
                {"type": 1, "components": [{"type": 2, "style": 1} | button for button in buttons]}
            ]
        }

    twice = row({"label": "a", "custom_id": "a"}, {"label": "b", "custom_id": "a"})
    cases = [
        twice,
        row({"custom_id": "a"}),
        row({"label": "x" * 81, "custom_id": "a"}),
        row({"label": "a"}),
        row(),
    ]
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=place.channel.id)
    for body in cases:
        assert refused(lambda: place.do(lambda: place.bot.http.request(route, json=body))) == (400, 50035)  # noqa: B023


# ---------------------------------------------------------------------- interactions


def test_a_command_is_deferred_answered_and_followed(place: Place) -> None:
    anna = place.server.person("anna")
    asked = anna.slash("design", place.server.channel, brief="an LED", file=("led.txt", b"12345"))
    assert asked.acknowledged() < 2.0
    assert asked.answer().text == "Design 1: an LED (5 bytes)"
    more = asked.followed()
    assert (more.text, more.seen_by) == ("More to come.", anna.user)
    kinds = [(entry["kind"], entry["author"], entry["text"]) for entry in place.server.transcript]
    assert kinds == [
        ("command", "anna", "/design brief: an LED file: led.txt"),
        ("message", "mas", "Design 1: an LED (5 bytes)"),
        ("message", "mas", "More to come."),
    ]


def test_a_private_answer_is_seen_by_one_person_alone(place: Place) -> None:
    anna, bob = place.server.person("anna"), place.server.person("bob")
    bob.looks_at(place.server.channel)
    answer = anna.slash("status", place.server.channel).answer()
    assert answer.text == "It is at work."
    assert place.server.channel.messages == {}
    with pytest.raises(AssertionError):
        bob.waits_for(lambda _: True, timeout=0.05)
    assert place.server.transcript[-1]["ephemeral"] == "anna"


def test_a_command_in_direct_messages(place: Place) -> None:
    anna = place.server.person("anna")
    assert anna.slash("design", anna.direct, brief="a timer").answer().channel is anna.direct


def test_buttons_answer_edit_and_show_forms_after_a_restart_too(
    place: Place, start: Callable[..., Running[Bot]]
) -> None:
    async def send() -> None:
        view = discord.ui.View(timeout=None)
        for what in ("approve", "change", "close"):
            view.add_item(Press(what, 7))
        await place.channel.send("Shall it be built?", view=view)

    anna = place.server.person("anna")
    place.do(send)
    place.running.stop()
    start()
    proposal = anna.waits_for(lambda message: bool(message.buttons), place=place.server.channel)
    assert proposal.buttons == ["Approve", "Change", "Close"]
    assert anna.clicks(proposal, "Approve").answer().text == "Design 7 is approved."
    form = anna.clicks(proposal, "Change").form()
    assert (form.title, list(form.labels)) == ("What shall be changed?", ["In your words"])
    assert anna.submits(form, {"In your words": "a red one"}).answer().text == "You want: a red one"
    anna.clicks(proposal, "Close").acknowledged()
    assert (proposal.text, proposal.buttons) == ("Design 7 is closed.", [])
    with pytest.raises(AssertionError, match="no button"):
        anna.clicks(proposal, "Approve")


@pytest.fixture
def held(place: Place) -> Callable[[discord.Interaction | None], Any]:
    """Registers /hold, which answers nothing; `held()` is the next interaction that arrives by it."""
    waiting: queue.Queue[discord.Interaction] = queue.Queue()

    async def hold(interaction: discord.Interaction) -> None:
        waiting.put(interaction)

    async def add() -> None:
        place.bot.tree.add_command(app_commands.Command(name="hold", description="Holds", callback=hold))
        await place.bot.tree.sync()

    place.do(add)
    return lambda: waiting.get(timeout=SOON_S)


def test_an_answer_that_comes_too_late_or_twice_is_refused(place: Place, held: Callable[[], Any]) -> None:
    anna = place.server.person("anna")
    late, interaction = anna.slash("hold", place.server.channel), held()
    place.server.passes(3.5)
    late.fails()
    assert refused(lambda: place.do(lambda: interaction.response.send_message("x"))) == (404, 10062)
    anna.slash("hold", place.server.channel)
    interaction = held()
    assert refused(lambda: place.do(lambda: interaction.followup.send("x"))) == (404, 10015)
    place.do(lambda: interaction.response.send_message("x"))
    interaction.response._response_type = None  # as another process of the same bot would try
    assert refused(lambda: place.do(lambda: interaction.response.send_message("x"))) == (400, 40060)
    place.server.passes(15 * 60)
    assert refused(lambda: place.do(lambda: interaction.followup.send("x"))) == (401, 50027)


def test_an_answer_is_read_changed_and_taken_back(place: Place, held: Callable[[], Any]) -> None:
    anna = place.server.person("anna")
    asked, interaction = anna.slash("hold", place.server.channel), held()
    place.do(lambda: interaction.response.defer(ephemeral=True))
    thinking = place.do(interaction.original_response)
    assert thinking.flags.loading
    files = [discord.File(BytesIO(b"x" * 10), "x.bin")]
    place.do(lambda: interaction.followup.send("first", files=files))  # ends the thinking
    answer = asked.answer()
    assert (answer.id, answer.text, answer.file) == (thinking.id, "first", {"x.bin": b"x" * 10})
    assert answer.seen_by is anna.user
    more = place.do(lambda: interaction.followup.send("second", wait=True))
    place.do(lambda: more.edit(content="changed"))
    assert asked.followed().text == "changed"
    assert [message.text for message in anna.reads(place.server.channel)] == ["first", "changed"]
    place.do(more.delete)
    place.do(interaction.delete_original_response)
    assert anna.reads(place.server.channel) == []
    interaction._original_response = None  # the client keeps what it knows
    assert refused(lambda: place.do(interaction.original_response)) == (404, 10008)
    place.server.guild.file_limit = 5
    files = [discord.File(BytesIO(b"x" * 10), "x.bin")]
    assert refused(lambda: place.do(lambda: interaction.followup.send(files=files))) == (413, 40005)


def test_a_click_is_heard_now_and_its_message_changed_later(place: Place) -> None:
    clicked: queue.Queue[discord.Interaction] = queue.Queue()

    class Later(discord.ui.View):
        @discord.ui.button(label="Later", custom_id="later")
        async def later(self, interaction: discord.Interaction, _: Any) -> None:
            await interaction.response.defer()
            clicked.put(interaction)

    async def send() -> None:
        await place.channel.send("Now?", view=Later(timeout=None))

    anna = place.server.person("anna")
    place.do(send)
    message = anna.waits_for(lambda one: bool(one.buttons), place=place.server.channel)
    anna.clicks(message, "Later").acknowledged()
    interaction = clicked.get(timeout=SOON_S)
    place.do(lambda: interaction.edit_original_response(content="Now.", view=None))
    assert (message.text, message.buttons) == ("Now.", [])


def test_a_person_can_only_do_what_her_client_offers(place: Place) -> None:
    anna = place.server.person("anna")
    for wrong, options in (("paint", {}), ("design", {}), ("design", {"brief": "x", "colour": "red"})):
        with pytest.raises(AssertionError):
            anna.slash(wrong, place.server.channel, **options)
    theirs = place.server.person("bob").says(place.server.channel, "mine")
    with pytest.raises(AssertionError):
        anna.edits(theirs, "hers")
    place.server.archive(place.server.channel, locked=True)
    with pytest.raises(AssertionError):
        anna.says(place.server.channel, "hello")


# ---------------------------------------------------------------------- connections


def test_after_a_broken_connection_what_was_missed_is_heard_once(place: Place) -> None:
    anna, server = place.server.person("anna"), place.server
    anna.says(server.channel, "one")
    place.bot.has_heard(1)
    for code in (None, 4000, 1001):
        server.drop_connections(code)
        anna.says(server.channel, f"after {code}")
    server.until(lambda: server.gateway.resumed >= 1)
    anna.says(server.channel, "last")
    assert place.bot.has_heard(5) == ["one", "after None", "after 4000", "after 1001", "last"]
    assert len(server.gateway.identified) == 1


def test_a_new_session_is_told_nothing_of_what_it_missed(place: Place) -> None:
    anna, server = place.server.person("anna"), place.server

    def miss() -> int:
        """On the server's thread: nobody identifies meanwhile."""
        server.gateway.invalidate()
        return anna.says(server.channel, "missed").id

    missed = server.do(miss)
    server.until(lambda: len(server.gateway.identified) == 2)
    anna.says(server.channel, "heard")
    assert place.bot.has_heard(1) == ["heard"]
    assert place.channel.last_message_id is not None
    assert place.channel.last_message_id > missed


def test_a_session_that_was_forgotten_cannot_be_resumed(place: Place) -> None:
    place.server.forget_sessions()
    place.server.until(lambda: len(place.server.gateway.identified) == 2)
    assert place.server.gateway.resumed == 0
    place.server.person("anna").says(place.server.channel, "hello")
    assert place.bot.has_heard(1) == ["hello"]


def test_a_client_that_is_asked_to_reconnect_resumes(place: Place) -> None:
    place.server.ask_to_reconnect()
    place.server.person("anna").says(place.server.channel, "hello")
    place.server.until(lambda: place.server.gateway.resumed == 1)
    assert place.bot.has_heard(1) == ["hello"]


IDENTIFY = {"op": 2, "d": {"token": TOKEN, "intents": 1, "properties": {}}}


@pytest.mark.parametrize(
    ("code", "query", "said"),
    [
        (4001, "v=10&encoding=json", [IDENTIFY, {"op": 77}]),
        (4002, "v=10&encoding=json", ["{"]),
        (4003, "v=10&encoding=json", [{"op": 3, "d": {}}]),
        (4004, "v=10&encoding=json", [{"op": 2, "d": IDENTIFY["d"] | {"token": "another"}}]),
        (4005, "v=10&encoding=json", [IDENTIFY, IDENTIFY]),
        (4007, "v=10&encoding=json", [{"op": 6, "d": {"token": TOKEN, "session_id": None, "seq": 10_000}}]),
        (4008, "v=10&encoding=json", [{"op": 1, "d": None}] * 121),
        (4012, "v=9&encoding=json", []),
        (4013, "v=10&encoding=json", [{"op": 2, "d": IDENTIFY["d"] | {"intents": 1 << 40}}]),
    ],
)
def test_the_gateway_refuses_what_is_malformed(code: int, query: str, said: list[Any]) -> None:
    async def talk(server: DiscordServer) -> int | None:
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{server.gateway_url}?{query}") as socket,
        ):
            for words in said:
                if isinstance(words, dict) and words["op"] == 6:
                    await socket.send_json(IDENTIFY)
                    while (heard := await socket.receive_json())["t"] != "READY":
                        pass
                    words["d"]["session_id"] = heard["d"]["session_id"]
                    async with http.ws_connect(f"{server.gateway_url}?{query}") as second:
                        await second.send_json(words)
                        async for _ in second:
                            pass
                        return second.close_code
                await (socket.send_str(words) if isinstance(words, str) else socket.send_json(words))
            async for _ in socket:
                pass
            return socket.close_code

    with DiscordServer() as server:
        assert asyncio.run(talk(server)) == code
        assert server.gateway.closed_with == [code]


def test_active_threads_come_with_the_guild(place: Place, start: Callable[..., Running[Bot]]) -> None:
    anna = place.server.person("anna")
    said = anna.says(place.server.channel, "a thread")
    place.do(lambda: place.channel.get_partial_message(said.id).create_thread(name="t"))
    last = anna.says(place.server.world.channels[said.id], "within")
    place.running.stop()
    thread = start().bot.get_channel(said.id)
    assert isinstance(thread, discord.Thread)
    assert (thread.last_message_id, thread.me is not None) == (last.id, True)


def test_two_sessions_of_one_bot_both_hear(place: Place, start: Callable[..., Running[Bot]]) -> None:
    other = start().bot
    place.server.person("anna").says(place.server.channel, "hello")
    assert place.bot.has_heard(1) == other.has_heard(1) == ["hello"]


@pytest.mark.parametrize("compress", ["zlib-stream", "zstd-stream", None])
def test_every_compression_of_the_gateway_is_spoken(
    server: DiscordServer,
    start: Callable[..., Running[Bot]],
    compress: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import zlib

    from discord import gateway, utils

    class Zlib:
        COMPRESSION_TYPE = "zlib-stream"

        def __init__(self) -> None:
            self._stream = zlib.decompressobj()

        def decompress(self, data: bytes) -> str:
            return self._stream.decompress(data).decode()

    if compress == "zlib-stream":
        monkeypatch.setattr(utils, "_ActiveDecompressionContext", Zlib)
    if compress is None:
        plain = gateway.DiscordWebSocket.from_client.__func__.__kwdefaults__
        monkeypatch.setitem(plain, "compress", False)
    bot = start().bot
    server.person("anna").says(server.channel, "hello")
    assert bot.has_heard(1) == ["hello"]


# ---------------------------------------------------------------------- limits and faults


def test_a_client_that_waits_is_let_in_again(place: Place) -> None:
    place.server.limits.set(SEND, 2, 0.3)
    began = time.monotonic()
    for number in range(5):
        place.sends(str(number))
    assert time.monotonic() - began > 0.5
    assert [message.text for message in place.server.channel.messages.values()] == list("01234")
    assert place.server.limits.violations == 0


def test_a_429_is_waited_for(place: Place) -> None:
    place.server.limits.set_together(1, 0.2)
    began = time.monotonic()
    for number in range(3):
        place.sends(str(number))
    assert time.monotonic() - began > 0.3
    assert place.server.limits.refusals >= 2
    assert place.server.limits.violations == 0


def test_a_client_that_does_not_wait_is_counted(server: DiscordServer) -> None:
    server.limits.set(SEND, 1, 60.0)
    headers = {"Authorization": f"Bot {server.token}"}
    address = f"{server.api_url}/channels/{server.channel.id}/messages"

    async def insist() -> list[int]:
        statuses = []
        async with aiohttp.ClientSession(headers=headers) as http:
            for pause in (0, 0, 0.1, 0.1):
                await asyncio.sleep(pause)
                async with http.post(address, json={"content": "x"}) as response:
                    statuses.append(response.status)
                    said = await response.json()
            assert (response.headers["Retry-After"], response.headers["X-RateLimit-Remaining"]) == ("60", "0")
            assert 59 < said["retry_after"] < 60
        return statuses

    assert asyncio.run(insist()) == [200, 429, 429, 429]
    assert (server.limits.refusals, server.limits.violations) == (3, 2)


def test_an_answer_that_is_lost_leaves_its_effect(place: Place) -> None:
    place.server.disturb(SEND, when="after")
    with pytest.raises(aiohttp.ClientError):
        place.sends("lost", nonce="n1")
    again = place.sends("lost", nonce="n1")
    assert list(place.server.channel.messages) == [again.id]


def test_an_error_of_the_server_is_tried_again(place: Place) -> None:
    place.server.disturb(SEND, status=502)
    place.sends("hello")
    assert [call.status for call in place.server.calls if str(call) == SEND] == [502, 200]


def test_what_is_not_known_is_said_and_recorded(server: DiscordServer) -> None:
    running = Running(Bot, server.token)
    assert running.bot.ready.wait(SOON_S)
    assert refused(lambda: running.do(running.bot.fetch_premium_sticker_packs))[0] == 501
    assert server.unknown == ["GET /api/v10/sticker-packs"]
    running.stop()


def test_members_are_listed_only_with_the_intent(place: Place) -> None:
    said = place.sends("Design 1")
    thread = place.do(lambda: place.channel.get_partial_message(said.id).create_thread(name="t"))
    assert refused(lambda: place.do(thread.fetch_members)) == (403, 50001)
    place.server.gateway.allowed = CONTENT | MEMBERS
    assert [member.id for member in place.do(thread.fetch_members)] == [place.server.world.bot.id]


def test_the_transcript_is_plain_data(place: Place) -> None:
    anna = place.server.person("anna")
    said = anna.says(place.server.channel, f"{place.server.channel.mention} hello", files={"a.txt": b"a"})
    sent = place.do(
        lambda: place.bot.get_partial_messageable(place.server.channel.id).send("one", reference=None)
    )
    place.do(lambda: sent.edit(content="two"))
    first, second = json.loads(json.dumps(place.server.transcript))
    assert (first["number"], first["text"]) == (said.id, "#boards hello")
    assert first["files"][0] | {"number": 0} == {
        "name": "a.txt",
        "bytes": 1,
        "number": 0,
        "description": None,
    }
    assert (second["text"], [edit["text"] for edit in second["edits"]]) == ("two", ["one"])


# ---------------------------------------------------------------------- processes that die, and many people


@pytest.fixture
def process(server: DiscordServer) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a bot as a process of its own; none is left at the end."""
    with ExitStack() as stack:

        def started() -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "tests.discord.echo"]
            made = subprocess.Popen(command, env=os.environ | server.environment)
            stack.callback(made.wait)
            stack.callback(made.kill)
            return made

        yield started


@pytest.mark.parametrize(("when", "left"), [("before", 1), ("after", 2)])
def test_a_process_is_killed_at_its_nth_request(
    server: DiscordServer, process: Callable[[], subprocess.Popen[bytes]], when: str, left: int
) -> None:
    anna, bot = server.person("anna"), process()
    killed = server.kill_at(bot.pid, 2, when, lambda call: str(call) == SEND)
    server.until(lambda: bool(server.gateway.identified), SOON_S)
    anna.says(server.channel, "0")
    anna.waits_for(lambda message: message.text == "0!", SOON_S)
    anna.says(server.channel, "1")
    call = killed.result(SOON_S)
    assert bot.wait(SOON_S) == -signal.SIGKILL
    assert (str(call), call.body["content"]) == (SEND, "1!")
    texts = [message.text for message in server.channel.messages.values() if message.author.bot]
    assert texts == ["0!", "1!"][:left]
    server.until(lambda: not server.gateway.connections)
    process()
    server.until(lambda: len(server.gateway.identified) == 2, SOON_S)
    anna.says(server.channel, "again")
    assert anna.waits_for(lambda message: message.text == "again!", SOON_S)


def test_two_hundred_people_at_once(
    server: DiscordServer, process: Callable[[], subprocess.Popen[bytes]]
) -> None:
    process()
    server.until(lambda: bool(server.gateway.identified), SOON_S)
    people = [server.person(f"person {number}") for number in range(200)]
    took: list[float] = []

    def talk(person: Person) -> None:
        began = time.monotonic()
        thread = person.thread_of(person.mentions_bot(server.channel, "thread"), SOON_S)
        took.append(time.monotonic() - began)
        for word in ("one", "two", "three"):
            said = person.says(thread, word)
            person.waits_for(lambda message: message.text == f"{word}!", SOON_S, place=thread, after=said)  # noqa: B023

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(talk, people))
    assert max(took) < 10.0
    threads = list(server.guild.threads.values())
    words = [
        [message.text for message in thread.messages.values() if message.author.bot][1:] for thread in threads
    ]
    assert words == [["one!", "two!", "three!"]] * 200
