"""What people do comes in once and does what it says: words, commands, buttons, whoever else is there and however often."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.conftest import Database
from tests.db.permutations import Session, interleavings, run_in_order
from tests.db.steps import REQUIREMENT, RESULTS, reject, work
from tests.db.talk import ANNA, BERT, CHANNEL, GUILD, Bot, at, code, number

PROPOSAL = {
    "outcome": "asked",
    "reply": "A blinker, 1 Hz. Build it?",
    "requirement": REQUIREMENT,
    "title": "a blinker",
}
KINDS = ("client_manager", "pcb_designer", "kicad", "pcb_tester")


@pytest.fixture
def bot(database: Database) -> Iterator[Bot]:
    with database.connect("discord_bot") as connection:
        yield Bot(connection)


@pytest.fixture
def owner(database: Database) -> Iterator[Any]:
    with database.connect() as connection:
        yield connection


def propose(database: Database, bot: Bot) -> int:
    """client_manager shows a requirement; returns the message that has the buttons."""
    work(database, "client_manager", **PROPOSAL)
    (row,) = (row for row in bot.carry() if row["kind"] == "proposal")
    return int(row["content"]["message"])


def fail(database: Database, design: int) -> None:
    """The design comes to its end without a board, after its requirement was approved."""
    work(database, "client_manager")
    work(database, "pcb_designer", outcome="gave_up", reason="no such part")


# ---------------------------------------------------------------------------- words


def test_a_mention_opens_a_thread_from_its_message(database: Database, bot: Bot) -> None:
    assert bot.mention("a 555 blinker", key="2001") == {"outcome": "taken", "design": 1}
    thread, status = bot.carry()
    assert (thread["kind"], thread["place"], thread["parent"], thread["guild"]) == (
        "thread",
        "2001",
        CHANNEL,
        GUILD,
    )
    assert thread["content"] == {"name": "Design 1: a 555 blinker", "source": "2001", "member": ANNA}
    assert (status["kind"], status["place"]) == ("status", "2001")
    assert status["content"] | {"elapsed_s": 0} == {
        "design": 1,
        "title": "board",
        "state": "briefing",
        "paused": False,
        "attempt": 0,
        "attempt_limit": 5,
        "progress": "client_manager is at work",
        "elapsed_s": 0,
        "failed": [],
        "finished": False,
        "buttons": ["cancel"],
    }


def test_a_slash_command_opens_a_message_then_its_thread_and_answers_with_the_link(bot: Bot) -> None:
    assert bot.slash("design", "a 555 blinker") == {"outcome": "taken", "design": 1}
    (opening,) = bot.claim()
    assert (opening["kind"], opening["place"], opening["parent"]) == ("opening", None, CHANNEL)
    assert opening["content"] == {"text": "Design 1: a 555 blinker"}
    bot.record(opening, "3001")
    thread, reply, status = bot.carry()
    assert (thread["kind"], thread["content"]["source"], thread["place"]) == ("thread", "3001", "3001")
    assert (reply["kind"], reply["content"]) == ("reply", {"text": "Design 1 is at work: <#3001>"})
    assert reply["reply_token"].startswith("token")
    assert (status["kind"], status["place"]) == ("status", "3001")
    assert bot.inside("3001", "from 9 V") == {"outcome": "taken", "design": 1}


def test_a_direct_place_is_where_its_design_is_talked_about(bot: Bot) -> None:
    assert bot.direct("a 555 blinker") == {"outcome": "taken", "design": 1}
    (status,) = bot.carry()
    assert (status["kind"], status["place"], status["parent"], status["guild"]) == (
        "status",
        "dm7",
        None,
        None,
    )
    assert bot.direct("from 9 V") == {"outcome": "taken", "design": 1}
    assert bot.direct("and now?", BERT) == {"outcome": "taken", "design": 2}


def test_words_reach_the_agent_in_order(database: Database, bot: Bot, claim: Any) -> None:
    bot.direct("a 555 blinker")
    bot.direct("from 9 V")
    api, task = claim("client_manager")
    said = [each["text"] for each in api.task_context(task)["conversation"]]
    assert said == ["a 555 blinker", "from 9 V"]


def test_a_second_design_at_a_place_waits_for_the_end_of_the_first(bot: Bot) -> None:
    bot.direct("a 555 blinker")
    assert bot.direct("an amplifier", command="design") == {"outcome": "answered", "design": 1}
    assert bot.texts() == ["Design 1 is not finished; /cancel ends it, and then /design begins another."]


def test_after_the_end_words_begin_a_design_in_a_direct_place_and_not_in_a_thread(bot: Bot) -> None:
    bot.direct("a 555 blinker")
    bot.direct("", command="cancel")
    assert bot.direct("an amplifier") == {"outcome": "taken", "design": 2}
    bot.mention("a 555 blinker", key="2001")
    bot.inside("2001", "", command="cancel")
    bot.carry()
    assert bot.inside("2001", "thank you") == {"outcome": "answered", "design": 3}
    (answer,) = bot.carry()
    assert answer["content"]["text"] == "Design 3 was cancelled. /design begins another."
    assert answer["content"]["buttons"] == ["retry"]
    assert bot.inside("2001", "an amplifier", command="design") == {"outcome": "taken", "design": 4}
    (status,) = bot.carry()
    assert (status["place"], status["kind"], status["design"]) == ("2001", "status", 4)


def test_others_may_talk_in_a_thread_and_are_not_heard(bot: Bot, owner: Any) -> None:
    bot.mention("a 555 blinker", key="2001")
    bot.carry()
    assert bot.inside("2001", "make it red", BERT) == {"outcome": "ignored", "design": None}
    assert bot.inside("2002", "make it red") == {"outcome": "ignored", "design": None}  # no thread of ours
    assert owner.execute("select count(*) from core.chat_messages where text = 'make it red'").fetchone() == (
        0,
    )
    assert owner.execute("select account from core.users").fetchall() == [(ANNA,)]
    assert bot.inside("2001", "an amplifier", BERT, "design") == {"outcome": "taken", "design": 2}
    opening = bot.carry()[0]
    assert (opening["kind"], opening["parent"]) == ("opening", CHANNEL)  # in a thread of its own


def test_nothing_is_made_of_nothing(bot: Bot) -> None:
    assert bot.direct(" \n ") == {"outcome": "ignored", "design": None}
    assert bot.mention("") == {"outcome": "ignored", "design": None}
    assert bot.carry() == []


def test_a_long_title_is_cut_and_put_into_one_line(bot: Bot) -> None:
    bot.mention("a board\nwith " + "many " * 100)
    (thread,) = bot.claim()
    assert len(thread["content"]["name"]) <= 100
    assert "\n" not in thread["content"]["name"]


def test_discords_numbers_are_kept_in_both_directions(database: Database, bot: Bot, owner: Any) -> None:
    bot.mention("a 555 blinker", key="2001")
    bot.carry()
    work(database, "client_manager", outcome="asked", reply="Which supply?", requirement=None)
    (asked,) = (row for row in bot.carry() if row["kind"] == "message")
    said = bot.sent[-1 if bot.sent[-1]["kind"] == "message" else -2]["remote_id"]
    assert asked["content"] == {"text": "Which supply?", "sender": "client_manager", "message": 2}
    rows = owner.execute(
        "select sender, discord_message_id from core.chat_messages order by message_id"
    ).fetchall()
    assert rows == [("user", "2001"), ("client_manager", said)]


# ---------------------------------------------------------------------------- files


def attach(bot: Bot, key: str, name: str, content: bytes = b"R1,1k") -> None:
    """A file ahead of its message."""
    bot.call("attach_file", account=ANNA, username="somebody", message_key=key, name=name, content=content)


def test_files_come_with_their_words_and_missing_ones_are_named(bot: Bot, claim: Any) -> None:
    attach(bot, "2001", "netlist.csv")
    files = [
        {"name": "netlist.csv", "bytes": 5},
        {"name": "virus.exe", "bytes": 5},
        {"name": "big.pdf", "bytes": 99_000_000},
    ]
    assert bot.mention("this board", key="2001", files=files) == {"outcome": "taken", "design": 1}
    api, task = claim("client_manager")
    assert api.task_context(task)["attachments"] == [{"name": "netlist.csv", "bytes": 5}]
    answer = bot.carry()[-1]
    assert (answer["kind"], answer["place"]) == ("answer", "2001")
    text = answer["content"]["text"]
    assert text.startswith("Not taken: virus.exe is of no kind that is taken; ")
    assert text.endswith("; big.pdf has 95 MB, 8 are allowed")


def test_a_file_alone_is_a_message(bot: Bot, claim: Any) -> None:
    attach(bot, "2001", "netlist.csv")
    bot.direct("", key="2001", files=[{"name": "netlist.csv", "bytes": 5}])
    api, task = claim("client_manager")
    assert api.task_context(task)["conversation"] == [{"sender": "user", "text": "See the attached files."}]


def test_files_that_are_not_taken_are_no_message(bot: Bot, owner: Any) -> None:
    assert bot.direct("", files=[{"name": "virus.exe", "bytes": 5}])["outcome"] == "answered"
    assert bot.direct("", files=[{"name": "lost.csv", "bytes": 5}])["outcome"] == "answered"
    first, second = bot.texts()
    assert first.startswith("Not taken: virus.exe is of no kind")
    assert second == "Not taken: lost.csv did not arrive; send it again"
    assert owner.execute("select count(*) from core.design_states").fetchone() == (0,)


# ---------------------------------------------------------------------------- once


def test_the_same_event_is_taken_once(bot: Bot, owner: Any) -> None:
    first = bot.mention("a 555 blinker", key="2001")
    assert bot.mention("a 555 blinker", key="2001") == first | {"again": True}
    assert [row["kind"] for row in bot.carry()] == ["thread", "status"]
    assert bot.direct("", command="help", key="2002")["outcome"] == "answered"
    assert bot.direct("", command="help", key="2002") == {
        "outcome": "answered",
        "design": None,
        "again": True,
    }
    assert len(bot.texts()) == 1
    assert code(lambda: bot.mention("an amplifier", key="2001")) == "PB004"
    assert code(lambda: bot.mention("a 555 blinker", BERT, key="2001")) == "PB004"
    assert owner.execute("select count(*) from core.design_states").fetchone() == (1,)


def test_a_key_of_another_front_end_is_another_key(database: Database, bot: Bot) -> None:
    bot.direct("a 555 blinker", key="2001")
    with database.connect("terminal") as connection:
        assert Bot(connection).direct("a 555 blinker", key="2001") == {"outcome": "taken", "design": 2}


def test_what_receive_message_has_taken_is_not_taken_again(database: Database, bot: Bot) -> None:
    with database.api("discord_bot") as api:
        design = api.receive_message(ANNA, "Anna", "a blinker", "2001", None, True)
    assert bot.direct("a blinker", key="2001") == {"outcome": "taken", "design": design, "again": True}


def test_the_same_event_twice_at_once_in_every_order(database: Database, owner: Any) -> None:
    """Two bots hear the same message; whichever comes first, there is one design, one thread and one answer for both."""
    with ExitStack() as stack:
        connections = [stack.enter_context(database.connect("discord_bot")) for _ in range(2)]
        sessions = [Session(f"bot {n}", connection) for n, connection in enumerate(connections)]
        for session in sessions:
            stack.callback(session.close)
        for order in interleavings([3, 3]):
            key = number()

            def script(name: str, key: str = key) -> Any:
                return [
                    (f"{name} begins", lambda connection: connection.execute("begin") and None),
                    (
                        name,
                        lambda connection: Bot(connection).mention("a blinker", f"account {key}", key=key),
                    ),
                    (f"{name} ends", lambda connection: connection.execute("commit") and None),
                ]

            results = run_in_order(owner, sessions, [script("a"), script("b")], order)
            a, b = results["a"], results["b"]
            assert a["design"] == b["design"], (order, results)
            assert sorted((a.get("again", False), b.get("again", False))) == [False, True], (order, results)
            where = "from core.outbox where state_id = %s"
            assert owner.execute(f"select count(*) {where}".encode(), (a["design"],)).fetchone() == (2,)


def test_an_event_whose_transaction_is_undone_has_not_come(bot: Bot) -> None:
    with bot.connection.transaction(force_rollback=True):
        bot.mention("a 555 blinker", key="2001")
    assert "again" not in bot.mention("a 555 blinker", key="2001")


def test_two_messages_of_one_person_at_once_are_one_design(database: Database, owner: Any) -> None:
    """Both are the first words in a direct place: the second waits for the first and belongs to its design."""
    with ExitStack() as stack:
        bots = [Bot(stack.enter_context(database.connect("discord_bot"))) for _ in range(2)]
        outcomes: list[Any] = []
        threads = [threading.Thread(target=lambda b=b: outcomes.append(b.direct("a blinker"))) for b in bots]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes == [{"outcome": "taken", "design": 1}] * 2
    assert owner.execute("select count(*) from core.chat_messages").fetchone() == (2,)


# ---------------------------------------------------------------------------- commands


def test_status_says_where_a_design_stands(database: Database, bot: Bot) -> None:
    bot.mention("a 555 blinker", key="2001", interactive=False)
    bot.carry()
    work(database, "client_manager")
    bot.carry()
    assert bot.inside("2001", "", command="status") == {"outcome": "answered", "design": 1}
    assert bot.slash("status", design=1) == {"outcome": "answered", "design": 1}
    assert bot.slash("status") == {"outcome": "answered", "design": 1}  # the newest
    here, *private = bot.carry()
    assert (here["kind"], here["place"]) == ("answer", "2001")
    assert here["content"]["text"] == "Design 1, a board: the design script is being written"
    assert [(row["kind"], row["place"], row["content"]["text"]) for row in private] == [
        ("reply", None, here["content"]["text"])
    ] * 2


@pytest.mark.parametrize("command", ["status", "cancel", "files", "retry", "approve", "change", "say"])
def test_another_persons_design_is_none_of_yours(bot: Bot, owner: Any, command: str) -> None:
    bot.mention("a 555 blinker")
    bot.carry()
    assert bot.direct("words", BERT, command, design=1, message=1) == {"outcome": "answered", "design": None}
    assert bot.texts() == ["There is no design 1 of yours."]
    assert owner.execute(
        "select state, (select count(*) from core.chat_messages) from core.design_states"
    ).fetchall() == [("briefing", 1)]


@pytest.mark.parametrize("command", ["status", "cancel", "files", "retry", "mine", "approve"])
def test_who_has_no_design_is_told_so(bot: Bot, command: str) -> None:
    assert bot.slash(command) == {"outcome": "answered", "design": None}
    assert bot.texts() == ["You have no design yet. /design begins one."]


def test_candidates_are_nobodys_to_name(database: Database, bot: Bot) -> None:
    bot.direct("a blinker", interactive=False)
    work(database, "client_manager")
    work(database, "pcb_designer", outcome="branched")
    assert bot.direct("", command="status", design=2) == {"outcome": "answered", "design": None}
    bot.carry()
    bot.slash("mine")
    (mine,) = bot.texts()
    assert mine.startswith("Design 1, ")
    assert "Design 2" not in mine


def test_cancel_ends_the_design_and_says_so(bot: Bot) -> None:
    bot.mention("a 555 blinker", key="2001")
    bot.carry()
    assert bot.slash("cancel") == {"outcome": "taken", "design": 1}
    said = {row["kind"]: row["content"] for row in bot.carry()}
    assert said["reply"]["text"] == "Design 1 is cancelled."
    assert said["message"]["text"] == "The design is cancelled."
    assert said["message"].get("buttons") is None
    assert bot.slash("cancel", design=1) == {"outcome": "answered", "design": 1}
    assert "Design 1 was cancelled." in bot.texts()


def test_cancel_without_a_number_means_one_that_goes_on(bot: Bot) -> None:
    bot.mention("a 555 blinker", key="2001")
    bot.mention("an amplifier", key="2002")
    bot.inside("2002", "", command="cancel")
    assert bot.slash("cancel") == {"outcome": "taken", "design": 1}


def test_mine_lists_the_last_ten(bot: Bot, owner: Any) -> None:
    owner.execute("update core.settings set value = '0' where name like 'user_designs%%'")
    for n in range(12):
        bot.mention(f"board {n}")
    bot.mention("another's", BERT)
    bot.carry()
    bot.slash("mine")
    (reply,) = bot.carry()
    lines = reply["content"]["text"].splitlines()
    assert [line.split(",")[0] for line in lines] == [f"Design {n}" for n in range(12, 2, -1)]
    assert len(reply["content"]["text"]) <= 1900


@pytest.mark.parametrize("command", ["help", "Help", "sing", "x" * 100])
def test_help_is_the_answer_to_what_nobody_knows(bot: Bot, command: str) -> None:
    assert bot.slash(command) == {"outcome": "answered", "design": None}
    (text,) = bot.texts()
    for known in ("design", "status", "cancel", "retry", "files", "mine", "forget"):
        assert f"/{known}" in text


def test_files_are_handed_out_again(database: Database, bot: Bot) -> None:
    bot.mention("a 555 blinker", key="2001", interactive=False)
    assert bot.slash("files") == {"outcome": "answered", "design": 1}
    assert "Design 1 has no files yet." in bot.texts()
    finish(database)
    first = [row for row in bot.carry() if row["kind"] in ("result", "files")]
    assert bot.slash("files", design=1) == {"outcome": "taken", "design": 1}
    rows = bot.carry()
    (reply,) = (row for row in rows if row["kind"] == "reply")
    again = [row for row in rows if row["kind"] in ("result", "files")]
    assert reply["content"]["text"] == "The files of design 1 are on their way: <#2001>"
    assert [(row["kind"], row["place"]) for row in again] == [("result", "2001"), ("files", "2001")]
    assert again[1]["content"] == first[1]["content"]
    assert again[0]["content"]["checks"] == first[0]["content"]["checks"]


def finish(database: Database) -> None:
    """The design passes, with two files."""
    for agent in KINDS[:3]:
        work(database, agent)
    with database.api("pcb_tester") as api:
        task = api.claim_task(30)
        assert task is not None
        api.store_artifact(task, "board.png", b"png")
        api.store_artifact(task, "fabrication.zip", b"zip")
        api.complete_task(task, RESULTS["pcb_tester"])


# ---------------------------------------------------------------------------- proposals


def test_what_was_taken_and_failed_for_its_person_is_answered_when_asked_again(bot: Bot, owner: Any) -> None:
    """Who was told that the application did not respond asks once more, by another interaction."""
    assert bot.slash("design", "a 555 blinker") == {"outcome": "taken", "design": 1}
    assert bot.slash("design", "a 555 blinker") == {"outcome": "taken", "design": 1}
    assert bot.slash("design", "an LED") == {"outcome": "taken", "design": 2}
    assert bot.slash("design", "a 555 blinker", BERT) == {"outcome": "taken", "design": 3}
    replies = [row for row in bot.carry() if row["kind"] == "reply"]
    assert sorted(row["design"] for row in replies) == [1, 1, 2, 3]
    assert len({row["reply_token"] for row in replies}) == 4
    assert bot.slash("design", "a 555 blinker") == {"outcome": "taken", "design": 4}  # answered: meant so
    bot.carry()
    assert bot.slash("cancel", design=4) == {"outcome": "taken", "design": 4}
    assert bot.slash("cancel", design=4) == {"outcome": "taken", "design": 4}
    assert {row["content"]["text"] for row in bot.carry() if row["kind"] == "reply"} == {
        "Design 4 is cancelled."
    }
    assert bot.slash("design", "with a file") == {"outcome": "taken", "design": 5}
    key = number()
    bot.call("attach_file", account=ANNA, username="somebody", message_key=key, name="a.txt", content=b"x")
    more = {"parent": CHANNEL, "guild": GUILD, "reply_token": "t", "files": [{"name": "a.txt", "bytes": 1}]}
    assert bot.event("design", "with a file", key=key, **more) == {"outcome": "taken", "design": 6}
    bot.slash("design", "too late")
    owner.execute("update core.inbox set received_at = received_at - interval '16 min'")
    assert bot.slash("design", "too late")["outcome"] == "limited"  # it would have been a sixth


def test_a_proposal_has_buttons_and_approving_it_is_a_yes(database: Database, bot: Bot, owner: Any) -> None:
    bot.mention("a 555 blinker", key="2001")
    work(database, "client_manager", **PROPOSAL)
    (row,) = (row for row in bot.carry() if row["kind"] == "proposal")
    message = row["content"]["message"]
    assert row["content"] == {
        "text": PROPOSAL["reply"],
        "sender": "client_manager",
        "message": message,
        "buttons": ["approve", "change", "cancel"],
    }
    assert bot.slash("approve", design=1, message=message) == {"outcome": "taken", "design": 1}
    assert owner.execute(
        "select text from core.chat_messages where sender = 'user' order by message_id"
    ).fetchall() == [
        ("a 555 blinker",),
        ("Yes, build it.",),
    ]
    before = bot.carry()
    assert bot.slash("approve", design=1, message=message) == {"outcome": "answered", "design": 1}
    said = [row["content"]["text"] for row in (*before, *bot.carry()) if row["kind"] == "reply"]
    assert said == [
        "Approved.",
        "That proposal is no longer the newest; look at the last message of its design.",
    ]
    work(database, "client_manager")  # the database takes it: what was approved is what was shown


def test_an_old_proposal_is_not_approved(database: Database, bot: Bot, owner: Any) -> None:
    bot.mention("a 555 blinker", key="2001")
    old = propose(database, bot)
    assert bot.slash("change", "2 Hz", design=1, message=old) == {"outcome": "taken", "design": 1}
    assert bot.slash("approve", design=1, message=old) == {"outcome": "answered", "design": 1}
    new = propose(database, bot)
    assert bot.slash("approve", design=1, message=old) == {"outcome": "answered", "design": 1}
    assert bot.slash("approve", design=1, message=new) == {"outcome": "taken", "design": 1}
    said = owner.execute(
        "select text from core.chat_messages where sender = 'user' order by message_id"
    ).fetchall()
    assert said == [("a 555 blinker",), ("2 Hz",), ("Yes, build it.",)]


def test_words_after_a_proposal_make_its_button_void(database: Database, bot: Bot) -> None:
    bot.mention("a 555 blinker", key="2001")
    message = propose(database, bot)
    bot.inside("2001", "2 Hz, please")
    assert bot.slash("approve", design=1, message=message) == {"outcome": "answered", "design": 1}


def test_a_question_is_no_proposal(database: Database, bot: Bot) -> None:
    bot.mention("a 555 blinker", key="2001")
    work(database, "client_manager", outcome="asked", reply="Which supply?", requirement=None)
    (asked,) = (row for row in bot.carry() if row["kind"] == "message")
    assert "buttons" not in asked["content"]
    assert bot.slash("approve", design=1) == {"outcome": "answered", "design": 1}


def test_change_without_words_changes_nothing(database: Database, bot: Bot) -> None:
    bot.mention("a 555 blinker", key="2001")
    message = propose(database, bot)
    assert bot.slash("change", " ", design=1, message=message)["outcome"] == "answered"
    assert "Say what is to be changed." in bot.texts()
    assert bot.slash("approve", design=1, message=message)["outcome"] == "taken"


# ---------------------------------------------------------------------------- retry


def test_a_failed_design_offers_retry_which_needs_no_new_talk(
    database: Database, bot: Bot, claim: Any
) -> None:
    attach(bot, "2001", "netlist.csv")
    bot.mention("a 555 blinker", key="2001", interactive=False)
    fail(database, 1)
    (told,) = (row for row in bot.carry() if row["content"].get("buttons") == ["retry"])
    assert (told["kind"], told["content"]["text"]) == (
        "message",
        "This did not become a board: no such part.",
    )
    assert bot.inside("2001", "", command="retry", design=1) == {"outcome": "taken", "design": 2}
    (status,) = (row for row in bot.carry() if row["kind"] == "status" and row["design"] == 2)
    assert (status["place"], status["content"]["state"]) == ("2001", "designing")
    api, task = claim("pcb_designer")
    context = api.task_context(task)
    assert (context["design"], context["requirement"], context["attempt"]) == (2, REQUIREMENT, 1)
    assert context["attachments"] == [{"name": "netlist.csv", "bytes": 5}]
    (replayed,) = bot.rows("replay_design", design=2)
    assert (replayed["state"], replayed["agrees"]) == ("designing", True)


def test_a_design_that_ends_early_is_retried_from_its_first_words(
    database: Database, bot: Bot, claim: Any
) -> None:
    bot.mention("a 555 blinker", key="2001")
    bot.inside("2001", "from 9 V")
    bot.inside("2001", "", command="cancel")
    assert bot.inside("2001", "", command="retry", design=1) == {"outcome": "taken", "design": 2}
    api, task = claim("client_manager")
    assert [each["text"] for each in api.task_context(task)["conversation"]] == ["a 555 blinker"]
    (replayed,) = bot.rows("replay_design", design=2)
    assert (replayed["state"], replayed["agrees"]) == ("briefing", True)


def test_a_requirement_that_nobody_approved_is_not_retried_without_a_talk(
    database: Database, bot: Bot
) -> None:
    bot.mention("a 555 blinker", key="2001")
    propose(database, bot)
    bot.inside("2001", "", command="cancel")
    bot.inside("2001", "", command="retry")
    (replayed,) = bot.rows("replay_design", design=2)
    assert replayed["state"] == "briefing"


def test_retry_is_for_what_has_ended_and_has_not_passed_and_once_at_a_time(
    database: Database, bot: Bot
) -> None:
    bot.mention("a 555 blinker", key="2001", interactive=False)
    assert bot.slash("retry", design=1) == {"outcome": "answered", "design": 1}
    bot.inside("2001", "", command="cancel")
    assert bot.slash("retry", design=1) == {"outcome": "taken", "design": 2}
    before = bot.carry()
    assert bot.slash("retry", design=1) == {"outcome": "answered", "design": 2}  # pressed twice
    finish(database)
    assert bot.slash("retry", design=2) == {"outcome": "answered", "design": 2}
    said = [row["content"]["text"] for row in (*before, *bot.carry()) if row["kind"] == "reply"]
    assert said == [
        "Design 1 is not finished.",
        "Design 2 is at work: <#2001>",
        "Design 2 is not finished.",
        "Design 2 has passed; /files hands its files out again.",
    ]


# ---------------------------------------------------------------------------- forgetting, and where


def test_forget_asks_first(bot: Bot, owner: Any) -> None:
    bot.direct("a 555 blinker")
    bot.carry()
    assert bot.direct("", command="forget") == {"outcome": "answered", "design": None}
    (asked,) = bot.carry()
    assert asked["content"]["buttons"] == ["forget"]
    assert owner.execute("select account from core.users").fetchall() == [(ANNA,)]
    assert bot.direct("yes", command="forget") == {"outcome": "answered", "design": None}
    assert bot.texts() == ["All that was stored of you is deleted."]
    assert owner.execute("select count(*) from core.chat_messages").fetchone() == (0,)
    assert owner.execute("select account like 'forgotten-%%', username from core.users").fetchall() == [
        (True, None)
    ]
    assert bot.direct("a 555 blinker") == {"outcome": "taken", "design": 2}  # somebody new


def test_the_answer_to_a_forgotten_person_comes_privately_where_they_asked_so(bot: Bot) -> None:
    bot.mention("a 555 blinker")
    bot.carry()
    assert bot.slash("forget", "yes")["outcome"] == "answered"
    assert [(row["kind"], row["content"]["text"]) for row in bot.carry()] == [
        ("reply", "All that was stored of you is deleted.")
    ]


def test_where_nobody_is_to_listen_nothing_is_stored_but_that_something_came(
    database: Database, bot: Bot, owner: Any
) -> None:
    with database.connect("admin") as admin:
        admin.execute("select allow_place('discord_bot', 'guild', 'another')")
    assert bot.mention("a 555 blinker") == {"outcome": "ignored", "design": None}
    assert bot.slash("help") == {"outcome": "ignored", "design": None}
    counted = "select (select count(*) from core.users), (select count(*) from core.outbox), (select count(*) from core.inbox)"
    assert owner.execute(counted).fetchone() == (0, 0, 2)


# ---------------------------------------------------------------------------- limits


def test_too_many_messages_are_not_taken_and_answered_once_a_minute(
    database: Database, bot: Bot, owner: Any
) -> None:
    owner.execute("update core.settings set value = '3' where name = 'user_messages_per_minute'")
    bot.direct("a 555 blinker")
    bot.direct("from 9 V")
    bot.direct("red")
    bot.carry()
    for _ in range(3):
        assert bot.direct("green") == {"outcome": "limited", "design": None}
    (told,) = bot.texts()
    assert told.startswith("That were 3 messages in a minute; please wait ")
    assert bot.direct("a 555 blinker", BERT)["outcome"] == "taken"  # each for themselves
    assert owner.execute("select count(*) from core.chat_messages where text = 'green'").fetchone() == (0,)
    at(database, "61 s")
    assert bot.direct("green")["outcome"] == "taken"


def test_a_limited_interaction_is_always_answered(bot: Bot, owner: Any) -> None:
    owner.execute("update core.settings set value = '1' where name = 'user_messages_per_minute'")
    bot.slash("help")
    bot.carry()
    assert [bot.slash("help")["outcome"] for _ in range(2)] == ["limited", "limited"]
    assert [row["kind"] for row in bot.carry()] == ["reply", "reply"]


def test_designs_at_once_and_in_a_day_are_limited(database: Database, bot: Bot, owner: Any) -> None:
    owner.execute("update core.settings set value = '2' where name = 'user_designs_at_once'")
    owner.execute("update core.settings set value = '3' where name = 'user_designs_per_day'")
    bot.mention("a 555 blinker", key="2001")
    bot.mention("an amplifier")
    bot.carry()
    assert bot.mention("a regulator") == {"outcome": "limited", "design": None}
    assert bot.texts() == [
        "You have 2 unfinished designs (1, 2); please wait until one has ended, or /cancel one."
    ]
    bot.inside("2001", "", command="cancel")
    assert bot.slash("retry", design=1)["outcome"] == "taken"
    bot.slash("cancel", design=3)
    bot.carry()
    assert bot.slash("design", "a regulator")["outcome"] == "limited"
    assert "You began 3 designs within a day; please wait 1440 min." in bot.texts()
    at(database, "1 day")
    assert bot.slash("design", "a regulator")["outcome"] == "taken"


def test_no_limit_is_none_and_a_terminal_has_none(database: Database, bot: Bot, owner: Any) -> None:
    owner.execute(
        "update core.settings set value = '1' where name like 'user_designs%%' or name like 'user_messages%%'"
    )
    with database.connect("terminal") as connection:
        terminal = Bot(connection)
        for n in range(3):
            terminal.event("design", "a blinker", place=f"tty{n}")
    owner.execute(
        "update core.settings set value = '0' where name like 'user_designs%%' or name like 'user_messages%%'"
    )
    assert {bot.mention("a blinker")["outcome"] for _ in range(8)} == {"taken"}


# ---------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"text": "x" * 65537}, "PB003"),
        ({"account": ""}, "PB042"),
        ({"account": None}, "PB042"),
        ({"key": "k" * 201}, "PB042"),
        ({"command": None}, "PB042"),
        ({"command": "x" * 101}, "PB042"),
        ({"place": None}, "PB042"),
        ({"place": "p" * 201}, "PB042"),
        ({"reply_token": "t" * 501}, "PB042"),
        ({"files": {"name": "x"}}, "PB042"),
        ({"files": ["x"]}, "PB042"),
        ({"files": [{"name": "x", "bytes": -1}]}, "PB042"),
        ({"files": [{"name": "x", "bytes": 1}] * 51}, "PB042"),
    ],
)
def test_what_is_no_event_is_refused(bot: Bot, changes: dict[str, Any], refusal: str) -> None:
    event: dict[str, Any] = {
        "command": "say",
        "text": "a blinker",
        "account": ANNA,
        "key": "1",
        "place": "dm",
    }
    assert code(lambda: bot.event(**(event | changes))) == refusal


def test_a_front_end_that_is_registered_may_talk_at_once(database: Database, owner: Any) -> None:
    """It opens no threads, has no limit to a message's length, and its users have theirs."""
    name = f"bot_{database.name[-12:]}"  # of its own: roles belong to the whole server
    with database.connect("admin") as admin:
        admin.execute("select register_agent(%s, p_front_end => true)", (name,))
    owner.execute(f"create role {name} in role mas_front_end")
    try:
        with database.connect() as connection:
            connection.execute(f"set session authorization {name}; set search_path = api")
            bot = Bot(connection)
            assert (
                bot.event("design", "a blinker", place="room 1", parent="house", guild="town")["outcome"]
                == "taken"
            )
            assert [(row["kind"], row["place"]) for row in bot.carry()] == [("status", "room 1")]
        query = (
            "select status_every::text, message_length, threads, limited from core.front_ends where name = %s"
        )
        assert owner.execute(query, (name,)).fetchone() == ("00:00:03", None, False, True)
    finally:
        owner.execute(f"drop role {name}")


def test_designs_without_a_place_write_to_nobody(database: Database, bot: Bot, owner: Any) -> None:
    with database.api("discord_bot") as api:
        api.receive_message(ANNA, "Anna", "a blinker", "k1", None, False)
    finish(database)
    assert bot.carry() == []
    assert owner.execute("select count(*) from core.outbox").fetchone() == (0,)
    assert bot.direct("", command="files", design=1) == {
        "outcome": "taken",
        "design": 1,
    }  # where they are asked for
    assert [row["kind"] for row in bot.carry()] == ["result", "files"]


def test_a_design_without_a_place_gets_one_when_its_person_speaks(database: Database, bot: Bot) -> None:
    with database.api("discord_bot") as api:
        api.receive_message(ANNA, "Anna", "a blinker", "k1", None, True)
    assert bot.direct("from 9 V", design=1) == {"outcome": "taken", "design": 1}
    (status,) = bot.carry()
    assert (status["kind"], status["place"]) == ("status", "dm7")


def test_a_terminal_that_resumes_names_the_design_alone(database: Database) -> None:
    with database.connect("terminal") as connection:
        terminal = Bot(connection, "design 1")
        terminal.event("design", "a blinker", place="brief 1", key="k1")
        terminal.event("say", "from 9 V", place="brief 1", design=1)
        assert [row["kind"] for row in terminal.carry(design=1)] == ["status"]
        assert terminal.event("help", place="brief 1", design=1)["outcome"] == "answered"
        assert terminal.event("design", "another", place="brief 2")["design"] == 2
        kinds = [(row["kind"], row["design"]) for row in terminal.carry(design=1)]
        assert kinds == [("answer", None)]  # not what belongs to the other terminal


def test_the_reject_of_an_attempt_is_seen_in_the_status(database: Database, bot: Bot) -> None:
    bot.direct("a blinker", interactive=False)
    work(database, "client_manager")
    work(database, "pcb_designer")
    reject(database, "kicad")
    at(database, "4 s")
    (status,) = (row for row in bot.carry() if row["kind"] == "status")
    assert status["content"]["failed"] == [
        {"code": "LED_REVERSED", "place": "D1", "measured": "", "required": ""}
    ]
