"""A talk at a terminal, from the brief to the files: a real process on a pseudo-terminal, killed and resumed."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.front_end.agents import FILES, QUESTIONS, Agents
from tests.front_end.person import Person

TALK = "tests.front_end.talk"
ANSWERS = ("5 V", "red", "yes")
SAID = [
    *(f"client_manager> {each}" for each in QUESTIONS),
    "client_manager> A board, 5 V, red.",
    "client_manager> ok",
]
PASSED = "Passed at attempt 1 of 5. The files are ready."


@pytest.fixture
def own_database(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Every process that this test starts works on its database and lays files below its folder."""
    monkeypatch.setenv("MAS_DATABASE", database.name)
    monkeypatch.setenv("OUT", str(tmp_path / "out"))
    return database


@pytest.fixture
def agents(own_database: Database) -> Iterator[Agents]:
    """Somebody who does the work."""
    with Agents(own_database) as working:
        yield working


STEP = 3  # every third of its calls: a life takes a second


def talk(*words: str, **environment: str) -> Person:
    return Person(TALK, *words, **environment)


def begin(**environment: str) -> Person:
    return talk("start", str(uuid.uuid4()), "a blinker", **environment)


def words_of(database: Database) -> list[tuple[str, str]]:
    """What the database has of the talk."""
    with database.connect() as owner:
        query = "select sender, text from core.chat_messages order by message_id"
        return owner.execute(query).fetchall()


def left_over(database: Database) -> list[tuple[str, str]]:
    """What was not shown."""
    with database.connect() as owner:
        query = "select kind, state from core.outbox where state <> 'sent' order by delivery_id"
        return owner.execute(query).fetchall()


def test_a_talk_from_the_brief_to_the_files(agents: Agents, own_database: Database, tmp_path: Path) -> None:
    with begin() as person:
        for question, answer in zip(QUESTIONS, ANSWERS, strict=False):
            person.sees(f"client_manager> {question}")
            person.types(answer)
        person.sees("Shall I build this?")
        person.types("")  # Enter is yes
        person.sees(PASSED)
        person.sees("DRC")
        person.sees("it is resolved")
        assert person.sees_the_end() == 0
        assert [person.screen.count(each) for each in [*SAID, PASSED]] == [1] * 5, person.screen
        assert person.screen.count("measured") == 1, "the table came twice"
    assert [text for sender, text in words_of(own_database) if sender == "user"] == ["a blinker", *ANSWERS]
    assert left_over(own_database) == []
    (folder,) = (tmp_path / "out").iterdir()
    assert folder.name == "1-a-board"
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == FILES


def test_commands_are_answered_where_they_are_typed(
    agents: Agents, own_database: Database, tmp_path: Path
) -> None:
    (tmp_path / "net (1).csv").write_text("R1,1k")
    (tmp_path / "setup.exe").write_text("x")
    with begin() as person:
        for line, answer in [
            ("/help", "/status [N]: where a design stands"),
            ("/status", "Design 1, "),
            ("/mine", "1"),
            ("/status 99", "There is no design 99 of yours."),
            ("/files", "Design 1 has no files yet."),
            ("/design another", "Design 1 is not finished"),
            ("/frobnicate", "/help: this"),
            ("/forget", "/forget yes does it"),
            ("/attach", "/attach FILE… sends files"),
            ("/attach nowhere.txt", "nowhere.txt cannot be read"),
            ("/attach 'nowhere.txt", "No closing quotation"),
            (f"/attach '{tmp_path}/setup.exe'", "setup.exe is of no kind that is taken"),
        ]:
            person.types(line)
            person.sees(answer)
        person.types(f"/attach '{tmp_path}/net (1).csv'")
        person.sees(QUESTIONS[1])
        person.types("/cancel")
        person.sees("cancelled")
        assert person.sees_the_end() == 0
        assert person.screen.count(QUESTIONS[0]) == 1
    said = [text for sender, text in words_of(own_database) if sender == "user"]
    assert said == ["a blinker", "See the attached files."]
    with own_database.connect() as owner:
        assert owner.execute("select name from core.attachments").fetchall() == [("net _1_.csv",)]
    assert left_over(own_database) == []


def test_who_leaves_finds_all_of_it_again(agents: Agents, own_database: Database) -> None:
    with begin() as person:
        person.sees(QUESTIONS[0])
        person.types("5 V")
        person.sees(QUESTIONS[1])
        person.types("\x04")  # Ctrl-D: nobody is there any more
        person.sees("it is awaiting_user")
        assert person.sees_the_end() == 0
    with talk("resume", "1") as person:
        for words in ("you> a blinker", QUESTIONS[0], "you> 5 V", QUESTIONS[1]):
            person.sees(words)
        person.types("red")
        person.sees("Shall I build this?")
        person.types("yes")
        person.sees("it is resolved")
        assert person.sees_the_end() == 0
        assert [person.screen.count(each) for each in [*SAID, PASSED]] == [1] * 5, person.screen
    with talk("resume", "1") as person:  # and once more, when all has been said
        person.sees("it is resolved")
        assert person.sees_the_end() == 0
        assert [person.screen.count(each) for each in [*SAID, PASSED]] == [1] * 5, person.screen
        assert "DRC" in person.screen


def test_what_is_forgotten_ends_the_talk(agents: Agents, own_database: Database) -> None:
    with begin() as person:
        person.sees(QUESTIONS[0])
        person.types("/forget yes")
        person.sees("All that was stored of you is deleted.")
        person.sees("design 1 is gone")
        assert person.sees_the_end() == 1
    assert words_of(own_database) == []


def test_killed_at_any_call_it_goes_on_without_loss_or_doubling(
    agents: Agents, own_database: Database
) -> None:
    for points in itertools.count(1):
        at, key = points * STEP, str(uuid.uuid4())
        death = {"KILL_AFTER" if points % 2 else "KILL_AT": str(at)}  # answered, or never sent
        with talk("start", key, "a blinker", **death) as person:
            if finish(person) == 0:
                break  # it has no more calls than that
        design = number_of(own_database, key)
        again = ("resume", str(design)) if design else ("start", key, "a blinker")
        with talk(*again) as person:
            assert finish(person) == 0, person.screen
            assert [person.screen.count(each) for each in [*SAID, PASSED]] == [1] * 5, (at, person.screen)
        said = [text for sender, text in words_of(own_database) if sender == "user"][-4:]
        assert said == ["a blinker", *ANSWERS], at
        assert left_over(own_database) == [], at
    assert points > 10
    with own_database.connect() as owner:
        states = owner.execute("select state, count(*) from core.design_states group by 1").fetchall()
    assert states == [("resolved", points)]


def number_of(database: Database, key: str) -> int | None:
    """The design that was begun by this key."""
    with database.connect() as owner:
        query = "select state_id from core.chat_messages where message_key = %s"
        return next((number for (number,) in owner.execute(query, (key,))), None)


def finish(person: Person) -> int:
    """Answer what is asked, as far as the process lives; what was answered before is not asked again."""
    while person.is_asked():
        asked = max(SAID[:3], key=person.screen.rfind)
        person.types(ANSWERS[SAID.index(asked)])
    return person.sees_the_end()
