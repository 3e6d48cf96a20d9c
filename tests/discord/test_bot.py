"""The bot over the real wire: what people do reaches the database once, and what it says reaches them once."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from itertools import pairwise

import pytest

from clients.api import Api, Task
from clients.fleet import Fleet
from tests.conftest import Database
from tests.discord.bot_process import BotProcess
from tests.discord.conftest import Start
from tests.discord.server import DiscordServer
from tests.discord.talk import (
    BRIEF,
    SAID_S,
    become,
    counted,
    is_proposal,
    is_result,
    is_status,
    of_bot,
    says,
    status_says,
    statuses,
)
from tests.discord.world import Channel, Message

NOTES = b"The LED is green.\n"
Claim = Callable[[str], tuple[Api, Task]]


def attachments(claim: Claim) -> dict[str, bytes]:
    """What client_manager finds with the words that it is to answer."""
    api, task = claim("client_manager")
    names = [file["name"] for file in api.task_context(task)["attachments"]]
    return {name: api.read_attachment(task, name) for name in names}


def proposed(discord: DiscordServer, name: str = "anna") -> tuple[Channel, Message]:
    """A talk up to a requirement that waits for a yes."""
    anna = discord.person(name)
    thread = anna.thread_of(anna.mentions_bot(discord.channel, BRIEF))
    return thread, anna.waits_for(is_proposal, SAID_S, place=thread)


# ---------------------------------------------------------------------------- talking


def test_a_mention_opens_a_thread_in_which_a_requirement_is_agreed_upon(
    discord: DiscordServer, bot: BotProcess, talker: Fleet
) -> None:
    anna = discord.person("anna")
    asked = anna.mentions_bot(discord.channel, "a blinker, please")
    discord.until(lambda: discord.channel.typing, what="a sign of life")
    thread = anna.thread_of(asked)
    discord.until(lambda: anna.id in thread.members, what="anna is added")
    question = anna.waits_for(says("-# client"), SAID_S, place=thread)
    anna.says(thread, BRIEF)
    proposal = anna.waits_for(is_proposal, SAID_S, place=thread, after=question)
    anna.says(thread, "make it 2 Hz")
    second = anna.waits_for(is_proposal, SAID_S, place=thread, after=proposal)
    assert "2 Hz" in second.text
    assert thread.typing
    anna.says(thread, "yes")
    anna.waits_for(status_says("design script"), SAID_S, place=thread)
    assert len(statuses(thread)) == 1
    assert [message for message in of_bot(discord.channel) if message.text] == []
    assert bot.stop() == 0
    assert bot.complaints == []


def test_a_command_is_answered_at_once_and_opens_a_thread(
    discord: DiscordServer, bot: BotProcess, claim: Claim
) -> None:
    anna = discord.person("anna")
    asked = anna.slash("design", discord.channel, brief=BRIEF, file=("notes.txt", NOTES))
    assert asked.acknowledged() < 3
    answer = asked.answer()
    (opening,) = of_bot(discord.channel)
    thread = anna.thread_of(opening)
    assert answer.text == f"Design 1 is at work: <#{thread.id}>"
    assert answer.seen_by is anna.user
    status = anna.waits_for(is_status, place=thread)
    assert status.embeds[0]["title"].startswith("Design 1: ")
    assert attachments(claim) == {"notes.txt": NOTES}


def test_direct_messages_and_their_files_reach_the_agent(
    discord: DiscordServer, bot: BotProcess, claim: Claim
) -> None:
    anna = discord.person("anna")
    files = {
        "notes.txt": NOTES,
        "a board.kicad_pcb": b"(kicad_pcb)",
        "virus.exe": b"MZ",
        "large.pdf": bytes(9 << 20),
    }
    asked = anna.dm(BRIEF, files)
    answer = anna.waits_for(says("Not taken"))
    assert "virus.exe" in answer.text.replace("\\", "")
    assert "large.pdf" in answer.text
    assert answer.channel is anna.direct
    anna.waits_for(is_status, place=anna.direct)
    assert attachments(claim) == {"notes.txt": NOTES, "a_board.kicad_pcb": b"(kicad_pcb)"}
    fetched = [call.path for call in discord.calls if call.route.startswith("/attachments")]
    assert len(fetched) == 2, "what is not taken is not downloaded"
    assert asked.id


def test_a_file_alone_is_a_brief(discord: DiscordServer, bot: BotProcess, claim: Claim) -> None:
    discord.person("anna").dm(files={"notes.txt": NOTES})
    discord.person("anna").waits_for(is_status)
    assert attachments(claim) == {"notes.txt": NOTES}


def test_edits_and_deletions_of_what_was_said_change_nothing(
    discord: DiscordServer, bot: BotProcess, talker: Fleet, own_database: Database
) -> None:
    thread, proposal = proposed(discord)
    anna = discord.person("anna")
    said = anna.says(thread, "make it 2 Hz")
    second = anna.waits_for(is_proposal, SAID_S, place=thread, after=proposal)
    anna.edits(said, "make it 5 Hz")
    anna.deletes(said)
    anna.says(thread, "make it 3 Hz")
    third = anna.waits_for(is_proposal, SAID_S, place=thread, after=second)
    assert "3 Hz" in third.text
    assert counted(own_database, "core.chat_messages where sender = 'user'") == 3


# ---------------------------------------------------------------------------- buttons


def test_buttons_work_after_a_restart(
    discord: DiscordServer, start: Start, talker: Fleet, own_database: Database
) -> None:
    first = start()
    thread, proposal = proposed(discord)
    anna = discord.person("anna")
    first.kill()
    start()
    form = anna.clicks(proposal, "Change").form()
    (label,) = form.labels
    changed = anna.submits(form, {label: "make it 2 Hz"})
    assert changed.answer().text == "Passed on."
    second = anna.waits_for(is_proposal, SAID_S, place=thread, after=proposal)
    assert "2 Hz" in second.text
    assert "no longer the newest" in anna.clicks(proposal, "Approve").answer().text
    stranger = discord.person("bert").clicks(second, "Approve").answer()
    assert "no design 1 of yours" in stranger.text
    assert anna.clicks(second, "Approve").answer().text == "Approved."
    status = anna.waits_for(status_says("design script"), SAID_S, place=thread)
    assert "cancelled" in anna.clicks(status, "Cancel").answer().text
    anna.waits_for(lambda message: is_status(message) and not message.components, place=thread)
    assert len(statuses(thread)) == 1


def test_a_form_that_was_open_while_the_bot_was_killed_still_arrives(
    discord: DiscordServer, start: Start, talker: Fleet
) -> None:
    first = start()
    thread, proposal = proposed(discord)
    anna = discord.person("anna")
    form = anna.clicks(proposal, "Change").form()
    first.kill()
    start()
    (label,) = form.labels
    assert anna.submits(form, {label: "make it 2 Hz"}).answer().text == "Passed on."
    anna.waits_for(is_proposal, SAID_S, place=thread, after=proposal)


def test_somebody_is_forgotten_only_after_a_second_word(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    anna = discord.person("anna")
    anna.dm(BRIEF)
    anna.waits_for(is_status)
    asked = anna.slash("forget", anna.direct).answer()
    assert counted(own_database, "core.chat_messages") == 1
    (label,) = (button["label"] for row in asked.components for button in row["components"])
    assert "deleted" in anna.clicks(asked, label).answer().text
    assert counted(own_database, "core.chat_messages where text like '%555%'") == 0


def test_the_other_commands_are_answered(discord: DiscordServer, bot: BotProcess) -> None:
    anna = discord.person("anna")
    assert "/design" in anna.slash("help", discord.channel).answer().text
    assert "no design" in anna.slash("mine", discord.channel).answer().text
    assert "no design 7 of yours" in anna.slash("status", discord.channel, design=7).answer().text
    anna.slash("design", anna.direct, brief=BRIEF).answer()
    assert "Design 1" in anna.slash("status", discord.channel).answer().text
    assert "no files" in anna.slash("files", anna.direct).answer().text
    assert "cancelled" in anna.slash("cancel", anna.direct).answer().text


# ---------------------------------------------------------------------------- what is not for us


def test_bots_webhooks_and_talk_of_others_are_ignored(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    anna = discord.person("anna")
    discord.other_bot("echo").mentions_bot(discord.channel, BRIEF)
    discord.webhook("hook").mentions_bot(discord.channel, BRIEF)
    anna.says(discord.channel, "lunch?")
    thread = anna.thread_of(anna.mentions_bot(discord.channel, BRIEF))
    anna.waits_for(is_status, place=thread)
    discord.person("bert").says(thread, "make mine a cat")
    anna.says(thread, "")
    anna.says(thread, "make it red")
    become(own_database, "core.chat_messages", 2)
    assert counted(own_database, "core.users") == 1
    assert len(of_bot(discord.channel)) == 0


def test_only_listed_guilds_are_served(
    discord: DiscordServer, bot: BotProcess, own_database: Database
) -> None:
    elsewhere = discord.add_guild("Elsewhere")
    channel = discord.add_channel("boards", elsewhere)
    with own_database.connect("admin") as admin:
        admin.execute("select allow_place('discord_bot', 'guild', %s)", (str(discord.guild.id),))
    bert = discord.person("bert", elsewhere)
    bert.mentions_bot(channel, BRIEF, {"notes.txt": NOTES})
    anna = discord.person("anna")
    anna.waits_for(is_status, place=anna.thread_of(anna.mentions_bot(discord.channel, BRIEF)))
    assert of_bot(channel) == []
    assert counted(own_database, "core.users") == 1
    assert counted(own_database, "core.attachments") == 0


def test_no_words_can_call_anybody(discord: DiscordServer, bot: BotProcess, talker: Fleet) -> None:
    bert = discord.person("bert")
    anna = discord.person("anna")
    words = f"555 blinker 1 Hz 9 V for @everyone @here {bert.user.mention} [free](https://evil.example) `"
    thread = anna.thread_of(anna.mentions_bot(discord.channel, words))
    anna.waits_for(says("-# client"), SAID_S, place=thread)
    asked = anna.slash("mine", discord.channel).answer()
    said = [*of_bot(thread), *of_bot(discord.channel), asked]
    for message in said:
        assert not message.mentions_everyone
        assert message.mentions == []
        assert message.allowed_mentions in (None, {"parse": []}) or not message.allowed_mentions.get("parse")
        assert bert.user.mention not in message.text + str(message.embeds)
        assert "@everyone" not in message.text + str(message.embeds)


# ---------------------------------------------------------------------------- the whole way


@pytest.mark.timeout(600)
def test_from_a_sentence_to_a_board(discord: DiscordServer, start: Start, own_database: Database) -> None:
    changed: list[float] = []
    discord.on_request(lambda call, when: changed.append(discord.clock.now()) if _edits(call, when) else None)
    bot = start()
    anna = discord.person("anna")
    with Fleet():
        thread = anna.thread_of(anna.mentions_bot(discord.channel, BRIEF))
        proposal = anna.waits_for(is_proposal, SAID_S, place=thread)
        assert anna.clicks(proposal, "Approve").answer().text == "Approved."
        result = anna.waits_for(is_result, 300, place=thread)
        package = anna.waits_for(lambda message: message.files and not message.embeds, 60, place=thread)
    embed = result.embeds[0]
    assert embed["image"]["url"] == f"attachment://{result.files[0].name}"
    assert result.files[0].data.startswith(b"\x89PNG")
    assert len(embed["description"]) <= 4096
    assert "period of the LED" in embed["description"]
    assert "800 ms – 1.2 s" in embed["description"]
    whole = unpacked(package)
    assert {"board.kicad_pcb", "fabrication.zip", "design.py"} <= whole
    discord.guild.file_limit = 200_000  # less than Discord says of a guild of this kind
    assert "on their way" in anna.slash("files", thread).answer().text
    become(own_database, "core.outbox where state <> 'sent'", 0)
    parts = [message for message in of_bot(thread) if message.id > package.id and not message.embeds]
    assert len(parts) > 1
    left = whole - set().union(*map(unpacked, parts))
    assert all(f"{name} has" in "".join(part.text for part in parts) for name in left), (
        "what is too large is named"
    )
    assert left <= {"board.glb", "fabrication.zip"}  # what is larger than that by itself
    assert all(len(file.data) <= 200_000 for part in parts for file in part.files)
    (status,) = statuses(thread)
    assert "passed" in str(status.embeds)
    assert status.components == []
    assert len(changed) >= 3
    assert min(later - earlier for earlier, later in pairwise(changed)) >= 2.9
    assert bot.stop() == 0
    assert bot.complaints == []
    assert counted(own_database, "core.outbox where state <> 'sent'") == 0


def unpacked(message: Message) -> set[str]:
    """The names in the zip of a message."""
    (file,) = message.files
    with zipfile.ZipFile(io.BytesIO(file.data)) as package:
        return set(package.namelist())


def _edits(call: object, when: str) -> bool:
    return when == "before" and str(call) == "PATCH /channels/{channel}/messages/{message}"
