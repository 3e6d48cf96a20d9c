"""Kill the bot at any point of a talk: what people said is stored once, and answered once; what it was killed at is printed.

`./mas test tests/discord/test_kills.py -rP` shows the tables.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from clients.fleet import Fleet
from tests.conftest import LEASE_S, Database
from tests.db.steps import BOARD, REQUIREMENT, RESULTS, work
from tests.discord.conftest import Start
from tests.discord.kills import (
    AT_WORK,
    DEFER,
    DOWNLOAD,
    EDIT,
    HISTORY,
    MEMBER,
    REPLY,
    SEND,
    THREAD,
    TYPING,
    Kills,
    Point,
    Request,
    around,
    both,
    with_record,
)
from tests.discord.person import Person
from tests.discord.rest import Call
from tests.discord.server import DiscordServer
from tests.discord.talk import (
    BRIEF,
    SAID_S,
    become,
    counted,
    is_proposal,
    is_result,
    is_status,
    says,
    status_says,
)
from tests.discord.world import Channel, Message

GIVEN_UP = "the time for an answer is over"  # of an answer whose interaction Discord had told as failed
NOTES = b"The LED is green.\n"


def has(*words: str) -> Callable[[Call], bool]:
    """Whether what is sent has one of these words in it."""
    return lambda call: any(word in json.dumps(call.body) for word in words)


OPENING, STATUS, PROPOSAL = has('"content": "Design '), has("status of design"), has("mas:approve:")


@pytest.fixture
def kills(discord: DiscordServer, start: Start, own_database: Database) -> Iterator[Kills]:
    """A bot to kill; nonces are forgotten at once, so that what was sent is found by reading alone."""
    discord.nonce_lives_s = 0.0
    killed = Kills(discord, own_database, start, start())
    become(
        own_database, "core.front_ends where cursor is not null", 1
    )  # the first session there ever was has begun
    yield killed
    print(killed.table())  # noqa: T201


def all_is_well(kills: Kills, said: list[str]) -> None:
    """Everything that was said is stored once, nothing is left to send, and nobody has read anything twice."""
    database, discord = kills.database, kills.discord
    become(database, "core.outbox where state in ('waiting', 'claimed')", 0)
    with database.connect() as owner:
        stored = owner.execute("select text from core.chat_messages where sender = 'user'").fetchall()
        dead = owner.execute("select kind, last_error from core.outbox where state = 'dead'").fetchall()
        designs = owner.execute("select state_id from core.design_states").fetchall()
    assert Counter(text for (text,) in stored) == Counter(said)
    assert set(dead) <= {("reply", GIVEN_UP)}
    failed = [one for one in discord.transcript if one["kind"] == "no answer"]
    assert len(dead) <= len(failed)
    with database.connect("admin") as people:
        for number in designs:
            (agrees, problem) = people.execute(
                "select agrees, problem from replay_design(%s)", number
            ).fetchone() or (None, None)
            assert agrees, problem
    nothing_is_doubled(discord)


def nothing_is_doubled(discord: DiscordServer) -> None:
    """No person sees the same twice at one place, but the answers to different questions of hers."""
    seen = Counter(
        (entry["place"]["number"], entry["kind"], what_it_says(entry))
        for entry in discord.transcript
        if entry["author"] == "mas" and not entry.get("ephemeral") and not entry.get("deleted")
    )
    assert {what: count for what, count in seen.items() if count > 1} == {}


def what_it_says(entry: dict[str, object]) -> str:
    """What makes two messages the same to a reader; of a status and a result, whose it is."""
    for embed in entry.get("embeds") or ():
        if footer := embed.get("footer"):
            return str(footer["text"]).split(" · ")[0]
    return json.dumps([entry["text"], entry.get("embeds"), [file["name"] for file in entry.get("files", ())]])


# ---------------------------------------------------------------------------- a design begins

BY_COMMAND: list[Point] = [
    *around("attachment download", DOWNLOAD),
    *both("attach_file"),
    *both("receive_event"),
    *around("defer", DEFER),
    *with_record("opening sent", SEND, OPENING),
    *with_record("thread opened", THREAD),
    *around("thread member added", MEMBER),
    *with_record("private answer (webhook edit)", REPLY),
    *with_record("status sent", SEND, STATUS),
]
BY_MENTION: list[Point] = [
    *around("typing", TYPING),
    *both("receive_event"),
    *around("thread opened", THREAD),
    *around("thread member added", MEMBER),
    *around("status sent", SEND, STATUS),
]


@pytest.mark.timeout(600)
def test_while_a_design_begins_by_a_command(kills: Kills) -> None:
    said = []
    for number, point in enumerate(BY_COMMAND):
        anna, brief = kills.discord.person(f"anna{number}"), f"{BRIEF}, number {number}"
        ask = lambda anna=anna, brief=brief: anna.slash(  # noqa: E731
            "design", kills.discord.channel, brief=brief, file=("notes.txt", NOTES)
        )
        with kills.at(point, "/design in a channel"):
            asked = ask()
        said.append(brief)
        answer = kills.answer(asked, ask)
        assert f"Design {len(said)} is at work: <#" in answer.text, point
        status = anna.waits_for(is_status, SAID_S)
        assert f"<#{status.channel.id}>" in answer.text, point
        assert status.embeds[0]["title"].startswith(f"Design {len(said)}: "), point
    assert counted(kills.database, "core.design_states") == len(said)
    assert counted(kills.database, "core.attachments where state_id is not null") == len(said)
    all_is_well(kills, said)


@pytest.mark.timeout(600)
def test_while_a_design_begins_by_a_mention(kills: Kills) -> None:
    said = []
    for number, point in enumerate(BY_MENTION):
        bert, brief = kills.discord.person(f"bert{number}"), f"{BRIEF}, number {number}"
        channel = kills.discord.add_channel(f"boards {number}")  # where nobody has seen us typing yet
        with kills.at(point, "mention in a channel"):
            asked = bert.mentions_bot(channel, brief)
        said.append(brief)
        thread = bert.thread_of(asked, SAID_S)
        bert.waits_for(is_status, SAID_S, place=thread)
        kills.discord.until(lambda b=bert, t=thread: b.id in t.members, SAID_S, "he is added")
    assert counted(kills.database, "core.design_states") == len(said)
    all_is_well(kills, said)


# ---------------------------------------------------------------------------- a requirement is agreed upon

WORDS: list[Point] = [
    *both("receive_event", "receive_event of words"),
    *with_record("proposal with buttons sent", SEND, PROPOSAL),
    *with_record("status edited", EDIT, STATUS),
]
FORM: list[Point] = [
    *both("receive_event", "receive_event of a form"),
    *around("defer of a form", DEFER),
    *around("private answer to a form", REPLY),
]


def agreed(kills: Kills, person: Person, brief: str = BRIEF) -> tuple[Channel, Message]:
    """A talk up to its first proposal."""
    thread = person.thread_of(person.mentions_bot(kills.discord.channel, brief), SAID_S)
    return thread, person.waits_for(is_proposal, SAID_S, place=thread)


def proposal_of(person: Person, thread: Channel, hertz: int) -> Message:
    """What is proposed after a change."""
    return person.waits_for(
        lambda message: is_proposal(message) and f" {hertz} Hz" in message.text, SAID_S, place=thread
    )


@pytest.mark.timeout(600)
def test_while_a_requirement_is_agreed_upon(kills: Kills, talker: Fleet) -> None:
    anna = kills.discord.person("anna")
    thread, proposal = agreed(kills, anna)
    said = [BRIEF]
    for hertz, point in enumerate(WORDS, 2):
        with kills.at(point, "words in a thread"):
            anna.says(thread, words := f"make it {hertz} Hz")
        said.append(words)
        proposal = proposal_of(anna, thread, hertz)
    for hertz, point in enumerate(FORM, len(said) + 1):
        form = anna.clicks(proposal, "Change").form()
        (label,) = form.labels
        words = f"make it {hertz} Hz"
        with kills.at(point, "Change, by a form"):
            asked = anna.submits(form, {label: words})
        said.append(words)
        ask = lambda form=form, label=label, words=words: anna.submits(form, {label: words})  # noqa: E731
        assert kills.answer(asked, ask).text == "Passed on."
        proposal = proposal_of(anna, thread, hertz)
    proposals = [message.text for message in thread.messages.values() if is_proposal(message)]
    assert len(proposals) == len(said)
    all_is_well(kills, said)


APPROVAL: list[Point] = [
    *both("receive_event", "receive_event of a button"),
    *around("defer of a button", DEFER),
    *around("private answer to a button", REPLY),
]


@pytest.mark.timeout(600)
def test_while_a_proposal_is_approved(kills: Kills, talker: Fleet) -> None:
    people = [kills.discord.person(f"carla{number}") for number in range(len(APPROVAL))]
    talks = [agreed(kills, person, f"{BRIEF}, for {person.user.name}") for person in people]
    said = [f"{BRIEF}, for {person.user.name}" for person in people]
    for person, (thread, proposal), point in zip(people, talks, APPROVAL, strict=True):
        ask = lambda person=person, proposal=proposal: person.clicks(proposal, "Approve")  # noqa: E731
        with kills.at(point, "Approve, by a button"):
            asked = ask()
        said.append("Yes, build it.")
        assert kills.answer(asked, ask).text == "Approved.", point
        person.waits_for(status_says("design script"), SAID_S, place=thread)
    all_is_well(kills, said)


def test_while_a_form_is_shown_and_words_are_refused(kills: Kills, talker: Fleet) -> None:
    anna = kills.discord.person("anna")
    thread, proposal = agreed(kills, anna)
    for point in around("form shown", DEFER):
        with kills.at(point, "Change, by a form"):
            asked = anna.clicks(proposal, "Change")
        if asked.interaction.form is None:
            asked.fails()
            asked = anna.clicks(proposal, "Change")
        assert list(asked.form().labels)
    sent = has("Not taken")
    for number, point in enumerate(with_record("answer sent", SEND, sent)):
        with kills.at(point, "a file in a thread"):
            anna.says(thread, "", {f"virus{number}.exe": b"MZ"})
        anna.waits_for(says(f"virus{number}"), SAID_S, place=thread)
    all_is_well(kills, [BRIEF])


# ---------------------------------------------------------------------------- the next life

AT_THE_START: list[Point] = [
    Request("login", "GET /users/@me", "after"),
    Request("commands read", "GET /applications/{application}/commands", "after"),
    *both("start_front_end"),
    *both("move_cursor"),
    *around("history read, of what was missed", HISTORY),
]


@pytest.mark.timeout(600)
def test_while_the_next_life_begins(kills: Kills, talker: Fleet) -> None:
    anna = kills.discord.person("anna")
    thread, _ = agreed(kills, anna)
    said = [BRIEF]
    for hertz, point in enumerate(AT_THE_START, 2):
        become(kills.database, AT_WORK, 0)
        kills.bot.kill()
        anna.says(thread, words := f"make it {hertz} Hz")
        said.append(words)
        with kills.at(point, "the next life"):
            kills.again(ready=False)
        proposal_of(anna, thread, hertz)
    all_is_well(kills, said)


SENT = Request("proposal with buttons sent", SEND, "after", PROPOSAL)


def follows(place: Channel, call: Call) -> bool:
    """Whether what is read is what was said there after a certain message, not after a certain time."""
    return call.id("channel") == place.id and int(call.query.get("after", 0)) in place.messages


@pytest.mark.timeout(600)
def test_while_it_looks_for_what_it_sent_before(kills: Kills, talker: Fleet) -> None:
    anna = kills.discord.person("anna")
    thread, _ = agreed(kills, anna)
    said = [BRIEF]
    looks = around("history read, before sending again", HISTORY, lambda call: follows(thread, call))
    for hertz, point in enumerate(looks, 2):
        said.append(f"make it {hertz} Hz")
        with kills.at(point, "twice over"), kills.at(SENT, "words in a thread"):
            anna.says(thread, said[-1])
        proposal_of(anna, thread, hertz)
    all_is_well(kills, said)


# ---------------------------------------------------------------------------- a design ends

SHOWN, PACKED = has("result of design"), lambda call: bool(call.files) and not SHOWN(call)
ENDS: list[Point] = [
    *both("read_file", "read_file of a picture"),
    *with_record("result with picture sent", SEND, SHOWN),
    *with_record("zip sent", SEND, PACKED),
]
PNG = b"\x89PNG\r\n\x1a\n of no board"


def build(database: Database, name: str) -> None:
    """A stand-in for the agents that take minutes: a board, with files of its own, that passes."""
    work(database, "pcb_designer")
    with database.api("kicad") as api:
        task = api.claim_task(LEASE_S)
        assert task is not None
        api.store_board(task, BOARD)
        for file, content in {"top.png": PNG, f"{name}.kicad_pcb": b"(kicad_pcb)"}.items():
            api.store_artifact(task, file, content)
        api.complete_task(task, RESULTS["kicad"])


@pytest.mark.timeout(600)
def test_while_a_design_ends(kills: Kills, own_database: Database) -> None:
    said = []
    for number, point in enumerate(ENDS):
        person = kills.discord.person(f"dora{number}")
        said += [brief := f"{BRIEF}, for {person.user.name}", "Yes, build it."]
        thread = person.thread_of(person.mentions_bot(kills.discord.channel, brief), SAID_S)
        work(
            own_database,
            "client_manager",
            outcome="asked",
            reply="Shall I build this?",
            requirement=REQUIREMENT,
        )
        proposal = person.waits_for(is_proposal, SAID_S, place=thread)
        assert person.clicks(proposal, "Approve").answer().text == "Approved."
        work(own_database, "client_manager")
        build(own_database, person.user.name)
        with kills.at(point, "a board passes"):
            work(own_database, "pcb_tester")
        result = person.waits_for(is_result, SAID_S, place=thread)
        assert result.file == {"top.png": PNG}
        package = person.waits_for(lambda one: one.files and not one.embeds, SAID_S, place=thread)
        (packed,) = package.files
        with zipfile.ZipFile(io.BytesIO(packed.data)) as unpacked:
            assert set(unpacked.namelist()) == {"top.png", f"{person.user.name}.kicad_pcb"}
    all_is_well(kills, said)


# ---------------------------------------------------------------------------- the whole way, said directly

ON_THE_WAY: list[tuple[str, Point]] = [
    ("a board is built", Request("status edited", EDIT, "before", STATUS)),
    ("a board is built", Request("status edited", EDIT, "after", STATUS)),
    ("a board passes", Request("result with picture sent", SEND, "after", SHOWN)),
]
BUILT_S = 300.0  # within which a board is there, on a machine that does much else
QUESTION = has("-# client")


@pytest.mark.timeout(600)
def test_from_a_direct_message_to_a_board(kills: Kills) -> None:
    said = []
    with Fleet():
        for number, point in enumerate(around("agent's question sent", SEND, QUESTION)):
            erna = kills.discord.person(f"erna{number}")
            with kills.at(point, "direct message"):
                erna.dm("a blinker, please")
            said.append("a blinker, please")
            erna.waits_for(says("-# client"), SAID_S)
        for point, words in zip(
            both("receive_event", "receive_event of words"), (BRIEF, "make it 2 Hz"), strict=True
        ):
            with kills.at(point, "direct message"):
                erna.dm(words)
            said.append(words)
            proposal = erna.waits_for(
                lambda m, before=said[-2]: is_proposal(m) and (" 2 Hz" in m.text) == (before == BRIEF), SAID_S
            )
        for during, point in ON_THE_WAY:
            with kills.at(point, during, BUILT_S):
                if not said[-1].startswith("Yes"):
                    erna.clicks(proposal, "Approve")
                    said.append("Yes, build it.")
        result = erna.waits_for(is_result, SAID_S)
        package = erna.waits_for(lambda one: one.files and not one.embeds, SAID_S)
    assert result.files[0].data.startswith(PNG[:4])
    with zipfile.ZipFile(io.BytesIO(package.files[0].data)) as unpacked:
        assert {"board.kicad_pcb", "fabrication.zip", "design.py"} <= set(unpacked.namelist())
    all_is_well(kills, said)


# ---------------------------------------------------------------------------- what these tests would see


def test_a_bot_that_does_not_look_says_it_twice(kills: Kills, talker: Fleet) -> None:
    anna = kills.discord.person("anna")
    thread, _ = agreed(kills, anna)
    kills.module = "tests.discord.forgetful_bot"
    with kills.at(SENT, "words in a thread"):
        anna.says(thread, "make it 2 Hz")
    become(kills.database, AT_WORK, 0)
    with pytest.raises(AssertionError, match="2 Hz"):
        nothing_is_doubled(kills.discord)
