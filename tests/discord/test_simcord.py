"""The same bot in an independent model of Discord: what it may and what it may not do, and whom it answers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import Any

import discord
import pytest
import simcord

from clients.client_manager import ClientManager
from clients.discord import carrying
from clients.discord.troubles import NEVER, NO_ACCESS, NO_PERMISSION
from tests.conftest import LEASE_S, Database
from tests.db.steps import RESULTS, work
from tests.discord.simulation import Simulation
from tests.discord.talk import BRIEF, counted

FILES = {"board.kicad_pcb": b"a board", "board.png": b"\x89PNG\r\n\x1a\n", "gerbers.bin": bytes(range(256))}
SMALL_BYTES = 450  # each of them fits in a zip of this size, and not all of them in one
MISSING = NEVER[NO_PERMISSION]
CANCELLED = f"Design {{}} is cancelled: its thread cannot be opened here ({MISSING})."
Said = discord.Message | simcord.ResponseMessage


@pytest.fixture(autouse=True)
def quiet(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever is refused, nothing is said by a stack trace or an exception that nobody thought of."""
    yield
    written = capfd.readouterr().err
    assert "Traceback" not in written
    assert "failed by" not in written


@pytest.fixture
def sim(database: Database) -> Iterator[Simulation]:
    """A guild in which the bot may do everything that it asks for."""
    with Simulation(database) as simulation:
        yield simulation


# ---------------------------------------------------------------------------- what the agents do meanwhile


def answer(database: Database, design: int = 1) -> None:
    """The agent that talks answers what was said."""
    node = ClientManager()
    node.connect(partial(database.api, node.name))
    node({"design": design})


def build(database: Database) -> None:
    """An approved design passes, with three files."""
    for agent in ("pcb_designer", "kicad"):
        work(database, agent)
    with database.api("pcb_tester") as api:
        task = api.claim_task(LEASE_S)
        assert task is not None
        for name, content in FILES.items():
            api.store_artifact(task, name, content)
        api.complete_task(task, RESULTS["pcb_tester"])


def proposed(sim: Simulation, database: Database) -> discord.Message:
    """A talk up to a requirement that waits for a yes."""
    sim.mentions(sim.anna, BRIEF)
    sim.passes()
    answer(database)
    sim.passes()
    return sim.said(sim.thread)[-1]


def approved(sim: Simulation, database: Database) -> None:
    """A talk up to a yes."""
    sim.clicks(sim.anna, proposed(sim, database), "Approve")
    answer(database)
    sim.passes()


def buttons(message: Said) -> list[str]:
    """What stands on the buttons of a message."""
    rows: list[Any] = [row if isinstance(row, dict) else row.to_dict() for row in message.components]
    return [button["label"] for row in rows for button in row["components"]]


def shown(message: Said) -> str:
    """All that a message says."""
    embeds = [f"{embed.title} {embed.description} {embed.footer.text}" for embed in message.embeds]
    return " ".join([message.content, *embeds])


def dead(database: Database) -> dict[str, str]:
    """What was never sent, and why."""
    with database.connect() as owner:
        rows = owner.execute("select kind, last_error from core.outbox where state = 'dead'").fetchall()
    return {str(kind): str(reason) for kind, reason in rows}


def download(sim: Simulation, attachment: discord.Attachment) -> bytes:
    """A file as a person gets it."""
    return sim.do(attachment.read)


def unpacked(package: bytes) -> dict[str, bytes]:
    """The files in a zip."""
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        return {name: files.read(name) for name in files.namelist()}


# ---------------------------------------------------------------------------- commands


def test_a_command_is_deferred_and_answered_privately(sim: Simulation) -> None:
    asked = sim.do(sim.anna.slash, sim.channel, "help")
    assert asked.acknowledged
    assert asked.deferred
    simcord.assert_responded(asked, content="", ephemeral=True)
    sim.passes()
    simcord.assert_responded(asked, contains="/design", ephemeral=True)
    assert sim.said(sim.channel, sim.bert) == [], "others see nothing of it"


def test_every_command_is_offered_in_a_guild_and_directly(sim: Simulation) -> None:
    names = {"design", "status", "cancel", "retry", "files", "mine", "help", "forget"}
    assert set(sim.anna.available_commands(sim.channel)) == names
    assert set(sim.anna.user.available_commands()) == names


def test_every_command_is_answered_in_words(sim: Simulation) -> None:
    assert "no design" in sim.slash(sim.anna, "mine").content
    assert "no design 7 of yours" in sim.slash(sim.anna, "status", design=7).content
    assert "Design 1" in sim.slash(sim.anna.user, "design", brief=BRIEF).content
    assert "Design 1" in sim.slash(sim.anna.user, "status").content
    assert "no files" in sim.slash(sim.anna.user, "files").content
    assert "cancelled" in sim.slash(sim.anna.user, "cancel").content
    assert "Design 1" in sim.slash(sim.anna.user, "mine").content
    assert "Design 2" in sim.slash(sim.anna.user, "retry", design=1).content


def test_the_command_of_a_design_opens_a_thread(sim: Simulation) -> None:
    answered = sim.slash(sim.anna, "design", brief=BRIEF)
    (opening,) = sim.said(sim.channel, sim.bert)
    assert opening.id == sim.thread.id, "a thread has the number of its message"
    assert answered.content == f"Design 1 is at work: <#{sim.thread.id}>"
    assert "status of design 1" in shown(sim.said(sim.thread)[0])
    assert sim.anna.id in sim.env.backend.get_thread(sim.thread.id).thread_members


# ---------------------------------------------------------------------------- talks


def test_a_talk_in_a_thread_from_a_mention_to_an_approval(sim: Simulation, database: Database) -> None:
    asked = sim.mentions(sim.anna, "a blinker, please")
    sim.passes()
    assert sim.thread.id == asked.id
    assert sim.said(sim.channel) == [], "the channel stays as quiet as it was"
    answer(database)
    sim.passes()
    question = sim.said(sim.thread)[-1]
    assert question.content.startswith("-# client")
    assert buttons(question) == []
    sim.do(sim.anna.send, sim.thread, BRIEF)
    answer(database)
    sim.passes()
    proposal = sim.said(sim.thread)[-1]
    assert buttons(proposal) == ["Approve", "Change", "Cancel"]
    assert sim.clicks(sim.anna, proposal, "Approve") == "Approved."
    answer(database)
    sim.passes()
    status = sim.said(sim.thread)[0]
    assert "writing the design script" in shown(status)
    assert status.edited_at is not None
    assert sum("status of design" in shown(message) for message in sim.said(sim.thread)) == 1


def test_a_talk_in_direct_messages(sim: Simulation, database: Database) -> None:
    anna = sim.anna.user
    sim.do(anna.send_dm, BRIEF)
    sim.passes()
    answer(database)
    sim.passes()
    status, proposal = sim.said(anna.dm_channel, anna)
    assert "waiting for your answer" in shown(status)
    assert sim.clicks(anna, proposal, "Cancel") == "Design 1 is cancelled."
    assert "cancelled" in shown(sim.said(anna.dm_channel, anna)[0])
    assert buttons(sim.said(anna.dm_channel, anna)[0]) == []
    assert sim.channel.history() == []


def test_a_requirement_is_changed_by_a_form(sim: Simulation, database: Database) -> None:
    proposal = proposed(sim, database)
    assert sim.fills(sim.anna, proposal, "Change", "make it 2 Hz") == "Passed on."
    answer(database)
    sim.passes()
    second = sim.said(sim.thread)[-1]
    assert "2 Hz" in second.content
    assert "no longer the newest" in sim.clicks(sim.anna, proposal, "Approve")
    assert sim.clicks(sim.anna, second, "Approve") == "Approved."


def test_a_stranger_presses_in_vain(sim: Simulation, database: Database) -> None:
    proposal = proposed(sim, database)
    said = counted(database, "core.chat_messages")
    for label in ("Approve", "Cancel"):
        assert "no design 1 of yours" in sim.clicks(sim.bert, proposal, label)
    assert "no design 1 of yours" in sim.fills(sim.bert, proposal, "Change", "make it a cat")
    assert counted(database, "core.chat_messages") == said
    assert "cancelled" in sim.clicks(sim.anna, proposal, "Cancel")
    assert buttons(sim.said(sim.thread)[0]) == [], "what has ended cannot be cancelled"


def test_another_bot_with_the_same_database_goes_on_with_the_talk(
    sim: Simulation, database: Database
) -> None:
    proposal = proposed(sim, database)
    sim.restart()
    sim.do(sim.anna.send, sim.thread, "make it 2 Hz")
    answer(database)
    sim.passes()
    assert "no longer the newest" in sim.clicks(sim.anna, proposal, "Approve")
    assert "2 Hz" in sim.said(sim.thread)[-1].content
    assert sim.clicks(sim.anna, sim.said(sim.thread)[-1], "Approve") == "Approved."


def test_bots_webhooks_and_what_is_not_for_us_are_ignored(sim: Simulation, database: Database) -> None:
    robot = sim.guild.add_member(sim.env.create_user("robot", bot=True))
    sim.mentions(robot, BRIEF)
    sim.do(sim.guild.create_webhook(sim.channel, "hook").send, f"{sim.me} {BRIEF}")
    sim.do(sim.anna.send, sim.channel, "lunch?")
    joined = discord.MessageType.new_member
    sim.guild.create_system_message(sim.channel, joined.value, author=sim.bert)  # type: ignore[arg-type]
    sim.passes()
    assert sim.channel.threads == []
    assert sim.said(sim.channel) == []
    assert counted(database, "core.inbox") == 0
    proposed(sim, database)
    sim.do(sim.bert.send, sim.thread, "make mine a cat")
    assert counted(database, "core.chat_messages where sender = 'user'") == 1


def test_no_words_can_call_anybody(sim: Simulation, database: Database) -> None:
    words = (
        f"{BRIEF} for @everyone @here {sim.bert.mention} {sim.guild.default_role.mention} [x](http://e.vil) `"
    )
    sim.mentions(sim.anna, words)
    sim.passes()
    answer(database)
    sim.passes()
    answered = sim.slash(sim.anna, "mine")
    said = [*sim.said(sim.thread), *sim.said(sim.channel), answered.message]
    assert len(said) > 2
    for message in said:
        stored = sim.env.backend.get_message(message.channel.id, message.id)
        assert stored.ping_user_ids == stored.ping_role_ids == []
        assert not stored.mention_everyone
        assert sim.bert.mention not in shown(message)
        assert "@everyone" not in shown(message)


# ---------------------------------------------------------------------------- results


def test_a_result_is_an_embed_with_its_picture_and_one_zip(sim: Simulation, database: Database) -> None:
    approved(sim, database)
    build(database)
    sim.passes()
    result, package = sim.said(sim.thread)[-2:]
    (embed,), (picture,), (file,) = result.embeds, result.attachments, package.attachments
    assert str(embed.title).startswith("Design 1: ")
    assert embed.image.url == f"attachment://{picture.filename}"
    assert download(sim, picture) == FILES["board.png"]
    assert "✓ DRC" in str(embed.description)
    assert unpacked(download(sim, file)) == FILES
    assert dead(database) == {}


def test_files_above_the_limit_come_in_several_zips(
    sim: Simulation, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(sim, database)
    build(database)
    monkeypatch.setattr(carrying, "MOST_BYTES", carrying.HEADROOM + SMALL_BYTES)
    sim.passes()
    packages = [
        message.attachments[0]
        for message in sim.said(sim.thread)
        if not message.embeds and message.attachments
    ]
    stem, of = packages[0].filename.split("-1-of-")
    assert [file.filename for file in packages] == [
        f"{stem}-{n}-of-{of}" for n in range(1, len(packages) + 1)
    ]
    assert of == f"{len(packages)}.zip"
    assert len(packages) > 1
    assert all(file.size <= SMALL_BYTES for file in packages)
    contents = [unpacked(download(sim, file)) for file in packages]
    assert {name: content for each in contents for name, content in each.items()} == FILES
    assert sum(map(len, contents)) == len(FILES)


def test_what_discord_finds_too_large_is_sent_smaller(sim: Simulation, database: Database) -> None:
    approved(sim, database)
    build(database)
    sim.refuses("/channels/*/messages", 40005, status=413, times=2)
    sim.passes()
    assert [len(message.attachments) for message in sim.said(sim.thread)[-2:]] == [1, 1]
    assert dead(database) == {}


def test_files_are_sent_again_when_asked_for(sim: Simulation, database: Database) -> None:
    approved(sim, database)
    build(database)
    sim.refuses("/channels/*/messages", 50013, times=2)  # Attach Files is missing
    sim.passes()
    assert dead(database) == {"result": MISSING, "files": MISSING}
    assert "passed" in shown(sim.said(sim.thread)[0])
    assert "on their way" in sim.slash(sim.anna, "files").content
    sim.passes()
    assert [len(message.attachments) for message in sim.said(sim.thread)[-2:]] == [1, 1]


# ---------------------------------------------------------------------------- what the bot may not do


@pytest.mark.parametrize("missing", ["create_public_threads", "send_messages_in_threads"])
def test_where_no_thread_can_be_opened_whoever_asked_is_told(database: Database, missing: str) -> None:
    with Simulation(database, missing) as sim:
        asked = sim.mentions(sim.anna, BRIEF)
        sim.passes()
        (told,) = sim.said(sim.channel)
        assert told.content == CANCELLED.format(1)
        assert told.reference is not None
        assert told.reference.message_id == asked.id
        assert sim.slash(sim.anna, "design", brief=BRIEF).content == CANCELLED.format(2)
        assert "cancelled" in sim.slash(sim.anna, "status", design=1).content
    assert dead(database) == {"thread": MISSING, "status": MISSING}


def test_who_may_not_speak_in_the_channel_may_in_its_threads(database: Database) -> None:
    with Simulation(database, "send_messages") as sim:
        assert buttons(proposed(sim, database)) == ["Approve", "Change", "Cancel"]
        assert sim.slash(sim.anna, "design", brief=BRIEF).content == CANCELLED.format(2)
        assert sim.said(sim.channel) == []
    assert dead(database) == {"opening": MISSING, "thread": MISSING, "status": MISSING}


def test_where_nothing_can_be_said_the_reason_is_kept(database: Database) -> None:
    with Simulation(database, "send_messages", "send_messages_in_threads") as sim:
        sim.mentions(sim.anna, BRIEF)
        sim.passes()
        assert sim.said(sim.channel) == sim.said(sim.thread) == []
    assert dead(database) == {"thread": MISSING, "status": MISSING, "answer": MISSING}
    assert counted(database, "core.design_states where state = 'cancelled'") == 1


def test_a_command_where_nothing_can_be_seen_is_answered_privately(database: Database) -> None:
    with Simulation(database, "view_channel") as sim:
        told = sim.slash(sim.anna, "design", brief=BRIEF).content
        assert told.startswith("Design 1 is cancelled: ")
        assert NEVER[NO_ACCESS] in told
        assert "/design" in sim.slash(sim.anna, "help").content


def test_without_embeds_the_talk_goes_on(sim: Simulation, database: Database) -> None:
    sim.refuses("/channels/*/messages", 50013)  # the status is the only embed of a talk
    assert buttons(proposed(sim, database)) == ["Approve", "Change", "Cancel"]
    assert dead(database) == {"status": MISSING}


def test_closed_direct_messages_are_a_reason(sim: Simulation, database: Database) -> None:
    sim.refuses("/channels/*/messages", 50007, times=2)
    sim.do(sim.anna.user.send_dm, BRIEF)
    answer(database)
    sim.passes()
    assert dead(database) == {
        "status": "direct messages are closed",
        "proposal": "direct messages are closed",
    }


def test_a_channel_that_is_gone_is_a_reason(sim: Simulation, database: Database) -> None:
    proposed(sim, database)
    sim.do(sim.anna.send, sim.thread, "make it 2 Hz")
    answer(database)
    sim.env.backend.delete_channel(sim.thread.id)
    sim.passes()
    assert set(dead(database).values()) == {"the channel is gone"}


def test_a_thread_that_is_there_already_is_the_thread(sim: Simulation, database: Database) -> None:
    asked = sim.mentions(sim.anna, BRIEF)
    own = sim.env.backend.bot_user.id
    sim.env.backend.create_thread(sim.channel.id, "opened before", own, message_id=asked.id)
    sim.refuses("/channels/*/messages/*/threads", 160004, status=400)
    sim.passes()
    assert "status of design 1" in shown(sim.said(sim.thread)[0])
    assert sim.anna.id in sim.env.backend.get_thread(asked.id).thread_members
    assert dead(database) == {}


# ---------------------------------------------------------------------------- forgetting


def test_somebody_is_forgotten_only_after_a_second_word(sim: Simulation, database: Database) -> None:
    proposed(sim, database)
    asked = sim.slash(sim.anna, "forget")
    assert buttons(asked) == ["Forget me"]
    assert counted(database, "core.chat_messages") == 2
    assert "deleted" in sim.clicks(sim.anna, asked, "Forget me")
    assert counted(database, "core.chat_messages where text like '%555%'") == 0
    assert counted(database, "core.users where username = 'anna'") == 0
