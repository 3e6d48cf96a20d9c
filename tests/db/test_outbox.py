"""What goes to people is sent once and in order, whoever sends it, dies at it or does it at the same time."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from tests.conftest import Database
from tests.db.permutations import Session, Step, interleavings, run_in_order
from tests.db.steps import REQUIREMENT, RESULTS, reject, work
from tests.db.talk import ANNA, BERT, CHANNEL, Bot, Row, at, code, number
from tests.db.test_plans import Watched, nodes

BotMaker = Callable[..., Bot]


@pytest.fixture
def new_bot(database: Database) -> Iterator[BotMaker]:
    """Another process of a front end."""
    with ExitStack() as stack:

        def made(worker: str = "one", role: str = "discord_bot") -> Bot:
            return Bot(stack.enter_context(database.connect(role)), worker)

        yield made


@pytest.fixture
def bot(new_bot: BotMaker) -> Bot:
    return new_bot()


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection]:
    with database.connect() as connection:
        yield connection


def say(database: Database, text: str) -> None:
    """client_manager says something, and waits for an answer."""
    work(database, "client_manager", outcome="asked", reply=text, requirement=None)


def kinds(rows: list[Row]) -> list[str]:
    return [row["kind"] for row in rows]


def one(owner: psycopg.Connection, query: str, *values: Any) -> Any:
    """One value as the administrator sees it."""
    row = owner.execute(query.encode(), values).fetchone()
    return row[0] if row else None


# ---------------------------------------------------------------------------- order


def test_of_a_design_only_the_next_is_given_out(bot: Bot, new_bot: BotMaker) -> None:
    bot.slash("design", "a blinker")
    bot.slash("design", "an amplifier", BERT)
    other = new_bot("two")
    mine = bot.claim()
    assert [(row["kind"], row["design"]) for row in mine] == [("opening", 1), ("opening", 2)]
    assert other.claim() == []
    bot.record(mine[1], "3002")
    (thread,) = other.claim()
    assert (thread["kind"], thread["design"]) == ("thread", 2)
    assert bot.claim() == []
    other.record(thread)
    assert kinds(bot.claim()) == ["reply"]
    assert other.claim() == []


def test_what_is_said_comes_in_the_order_in_which_it_was_said(database: Database, bot: Bot) -> None:
    bot.direct("a blinker")
    for n in range(5):
        say(database, f"question {n}")
        bot.direct(f"answer {n}")
    bot.carry()
    said = [row["content"]["text"] for row in bot.sent if row["kind"] == "message"]
    assert said == [f"question {n}" for n in range(5)]


def test_an_edit_of_the_status_neither_waits_nor_holds_up(database: Database, bot: Bot) -> None:
    bot.direct("a blinker")
    bot.carry()
    say(database, "Which supply?")
    at(database, "4 s")
    rows = bot.claim()
    assert sorted(kinds(rows)) == ["message", "status"]
    bot.direct("9 V")
    say(database, "Which colour?")
    (message,) = (row for row in rows if row["kind"] == "message")
    bot.record(message)
    assert kinds(bot.claim()) == ["message"]  # though the edit is still in hand


def test_answers_of_a_place_are_in_order_and_those_to_interactions_wait_for_nothing(bot: Bot) -> None:
    bot.direct("", command="help")
    bot.direct("", command="mine")
    bot.slash("help")
    assert kinds(bot.claim()) == ["answer", "reply"]


def test_an_answer_goes_where_it_was_asked_and_replies_to_it(bot: Bot) -> None:
    bot.event("help", parent=CHANNEL, guild="9", source="1234")
    bot.direct("", command="help")
    in_channel, direct = bot.claim()
    assert (in_channel["place"], in_channel["parent"], in_channel["content"]["source"]) == (
        CHANNEL,
        None,
        "1234",
    )
    assert (direct["place"], direct["content"].get("source")) == ("dm7", None)


# ---------------------------------------------------------------------------- pages


def test_long_words_come_in_pages_with_the_buttons_on_the_last(
    database: Database, bot: Bot, owner: psycopg.Connection
) -> None:
    text = "\n".join(f"line {n}: " + "word " * (n % 30) for n in range(120))
    bot.direct("a blinker")
    bot.carry()
    work(database, "client_manager", outcome="asked", reply=text, requirement=REQUIREMENT)
    pages = [row for row in bot.carry() if row["kind"] in ("message", "proposal")]
    assert len(pages) > 3
    assert all(0 < len(row["content"]["text"]) <= 1900 for row in pages)
    assert "\n".join(row["content"]["text"] for row in pages).split() == text.split()
    assert [row["content"].get("buttons") for row in pages] == [None] * (len(pages) - 1) + [
        ["approve", "change", "cancel"]
    ]
    first = one(owner, "select discord_message_id from core.chat_messages where sender = 'client_manager'")
    assert first == next(row["remote_id"] for row in bot.sent if row["kind"] == "message")


@pytest.mark.parametrize(
    "text",
    ["x" * 5000, "äöü😀" * 1000, "word " * 1000, "\n" * 3000 + "end", "a\n" * 2000, "x" * 1900, "x" * 1901],
)
def test_pages_keep_every_word(owner: psycopg.Connection, text: str) -> None:
    pages = [page for (page,) in owner.execute("select core.pages(%s, 1900)", (text,))]
    assert all(page.strip() and len(page) <= 1900 for page in pages)
    assert "".join("".join(pages).split()) == "".join(text.split())
    assert [page for (page,) in owner.execute("select core.pages(%s, null)", (text,))] == [text]


def test_a_long_answer_comes_in_pages(bot: Bot, owner: psycopg.Connection) -> None:
    owner.execute("update core.front_ends set message_length = 200 where name = 'discord_bot'")
    bot.event("help", parent=CHANNEL, guild="9", source="1234")
    pages = bot.carry()
    assert len(pages) >= 3
    assert [row["content"].get("source") for row in pages] == ["1234"] + [None] * (len(pages) - 1)


# ---------------------------------------------------------------------------- the status


def stage(rows: list[Row]) -> list[str]:
    """What the statuses among them say."""
    return [row["content"]["state"] for row in rows if row["kind"] == "status"]


def test_a_status_is_edited_on_change_and_not_more_often_than_every_three_seconds(
    database: Database, bot: Bot
) -> None:
    bot.direct("a blinker", interactive=False)
    (first,) = bot.claim()
    assert first["remote_id"] is None
    bot.record(first, "5001")
    work(database, "client_manager")
    assert stage(bot.carry()) == []
    at(database, "3 s")
    (edit,) = (row for row in bot.carry() if row["kind"] == "status")
    assert (edit["content"]["state"], edit["remote_id"], edit["again"]) == ("designing", "5001", False)
    at(database, "1 h")
    assert bot.carry() == []  # time alone is no change
    work(database, "pcb_designer")
    at(database, "2 h")
    assert stage(bot.carry()) == ["building"]


def test_a_status_that_changed_back_is_not_sent(database: Database, bot: Bot) -> None:
    bot.direct("a blinker")
    bot.carry()
    with database.connect("discord_bot") as other:
        assert other.execute("select pause_design(1), resume_design(1)").fetchone() == (True, True)
    at(database, "4 s")
    assert bot.carry() == []


def test_a_change_while_the_status_is_being_sent_is_sent_after_it(database: Database, bot: Bot) -> None:
    bot.direct("a blinker", interactive=False)
    (status,) = bot.claim()
    work(database, "client_manager")
    bot.record(status)
    assert stage(bot.carry()) == []
    at(database, "4 s")
    assert stage(bot.carry()) == ["designing"]


def test_a_status_edit_that_was_lost_is_sent_again(database: Database, bot: Bot) -> None:
    bot.direct("a blinker", interactive=False)
    bot.carry()
    work(database, "client_manager")
    at(database, "4 s")
    assert "designing" in stage(bot.claim())
    at(database, "65 s")
    assert stage(bot.carry()) == ["designing"]


def test_a_status_whose_message_is_gone_is_sent_anew_once(database: Database, bot: Bot) -> None:
    bot.direct("a blinker", interactive=False)
    (first,) = bot.carry()
    work(database, "client_manager")
    at(database, "4 s")
    (edit,) = (row for row in bot.claim() if row["kind"] == "status")
    assert bot.fail(edit, "unknown message", gone=True) == "anew"
    (anew,) = (row for row in bot.claim() if row["kind"] == "status")
    assert (anew["remote_id"], anew["again"]) == (None, False)
    assert anew["nonce"] != first["nonce"]
    bot.record(anew, "7777")
    work(database, "pcb_designer")
    at(database, "10 s")
    (edit,) = (row for row in bot.claim() if row["kind"] == "status")
    assert edit["remote_id"] == "7777"
    assert bot.fail(edit, "unknown message", gone=True) == "dead"
    work(database, "kicad")
    at(database, "20 s")
    assert stage(bot.carry()) == []


def test_each_change_of_a_status_is_sent_in_every_order_of_ring_and_record(
    database: Database, owner: psycopg.Connection
) -> None:
    """One session changes the design and commits late, another sends the status: the last word is never lost."""
    with ExitStack() as stack:
        roles = ("discord_bot", "discord_bot")
        sessions = [
            Session(str(n), stack.enter_context(database.connect(role))) for n, role in enumerate(roles)
        ]
        for session in sessions:
            stack.callback(session.close)
        asker = Bot(stack.enter_context(database.connect("discord_bot")))
        owner.execute("update core.front_ends set status_every = '0 s'")
        owner.execute("update core.settings set value = '0' where name like 'user_%%'")
        for order in interleavings([3, 2]):
            design = asker.direct("a blinker", account=number())["design"]
            asker.carry()
            asker.rows("pause_design", design=design)
            asker.carry()
            claimed: list[Row] = []

            def claim(
                connection: psycopg.Connection, claimed: list[Row] = claimed, design: int = design
            ) -> Any:
                claimed += Bot(connection).claim(design=design)

            def record(connection: psycopg.Connection, claimed: list[Row] = claimed) -> Any:
                for row in claimed:
                    Bot(connection).record(row)

            def change(connection: psycopg.Connection, design: int = design) -> Any:
                connection.execute("begin")
                Bot(connection).rows("resume_design", design=design)

            scripts: list[list[tuple[str, Step]]] = [
                [
                    ("changes", change),
                    ("looks", lambda c: c.execute("select 1") and None),
                    ("commits", lambda c: c.execute("commit") and None),
                ],
                [("claims", claim), ("records", record)],
            ]
            results = run_in_order(owner, sessions, scripts, order)
            assert set(results.values()) == {None}, (order, results)
            shown = [row["content"] for row in [*claimed, *asker.carry(design=design)]]
            assert shown[-1]["paused"] is False, (order, shown)


# ---------------------------------------------------------------------------- claims


def test_a_claim_is_given_back_when_its_lease_ends(database: Database, bot: Bot, new_bot: BotMaker) -> None:
    bot.direct("a blinker")
    (first,) = bot.claim(lease="10 s")
    other = new_bot("two")
    at(database, "9 s")
    assert other.claim() == []
    at(database, "10 s")
    (second,) = other.claim()
    assert (second["delivery_id"], second["nonce"], second["again"]) == (
        first["delivery_id"],
        first["nonce"],
        True,
    )
    assert code(lambda: bot.record(first, "5001")) == "PB001"
    assert code(lambda: bot.fail(first)) == "PB001"
    other.record(second, "5001")
    bot.record(first, "5001")  # the same message, found by its nonce: nothing is wrong
    assert code(lambda: bot.record(first, "5002")) == "PB001"


def test_a_late_record_counts_while_nobody_else_has_the_delivery(database: Database, bot: Bot) -> None:
    bot.direct("a blinker")
    (row,) = bot.claim(lease="10 s")
    at(database, "1 min")
    bot.record(row)
    assert bot.carry() == []


def test_a_killed_front_end_takes_its_claims_up_at_once(bot: Bot, new_bot: BotMaker) -> None:
    bot.slash("design", "a blinker")
    bot.direct("", BERT, command="help")
    assert len(bot.claim()) == 2
    new_bot("two").direct("", "9", command="mine")
    assert kinds(new_bot("two").claim()) == ["answer"]
    again = new_bot("one")
    assert again.call("start_front_end", worker="one") == 2
    assert [(row["kind"], row["again"]) for row in again.claim()] == [("opening", True), ("answer", True)]
    assert again.call("start_front_end", worker="three") == 0


def test_before_sending_again_one_reads_on_from_what_was_known(database: Database, bot: Bot) -> None:
    """Never from a number that may be greater than the unrecorded message's own."""
    bot.direct("a blinker", key="10000001")
    bot.record(bot.claim()[0], "10000002")
    say(database, "Which supply?")
    assert kinds(bot.claim()) == ["message"]  # sent as 10000003, and the bot dies
    bot.direct("9 V", key="10000004")
    bot.direct("", command="help")
    bot.record(bot.claim()[0], "10000005")
    bot.call("start_front_end", worker="one")
    (again,) = bot.claim()
    assert (again["again"], again["after"]) == (True, "10000002")


def test_an_opening_that_may_be_there_is_looked_for_after_the_command(bot: Bot) -> None:
    bot.event("design", "a blinker", key="10000001", parent=CHANNEL, guild="9", reply_token="t")
    assert kinds(bot.claim()) == ["opening"]
    bot.call("start_front_end", worker="one")
    (again,) = bot.claim()
    assert (again["again"], again["after"], again["content"]) == (
        True,
        "10000001",
        {"text": "Design 1: a blinker"},
    )


@pytest.mark.parametrize("ends", list(itertools.product(["commit", "rollback"], repeat=2)))
def test_two_bots_claim_at_once_in_every_order(
    database: Database, owner: psycopg.Connection, ends: tuple[str, str]
) -> None:
    with ExitStack() as stack:
        sessions = [
            Session(name, stack.enter_context(database.connect("discord_bot"))) for name in ("a", "b")
        ]
        for session in sessions:
            stack.callback(session.close)
        asker = Bot(stack.enter_context(database.connect("discord_bot")))
        for order in interleavings([3, 3]):
            owner.execute("delete from core.outbox")
            asker.event("help", key=number(), account=number(), parent=CHANNEL, guild="9", reply_token="t1")
            asker.event("help", key=number(), account=number(), parent=CHANNEL, guild="9", reply_token="t2")

            def script(name: str, end: str) -> list[tuple[str, Step]]:
                return [
                    (f"{name} begins", lambda c: c.execute("begin") and None),
                    (name, lambda c: [row["delivery_id"] for row in Bot(c, name).claim(limit=1)]),
                    (f"{name} ends", lambda c: c.execute(end.encode()) and None),
                ]

            results = run_in_order(owner, sessions, [script("a", ends[0]), script("b", ends[1])], order)
            kept = [i for name, end in zip("ab", ends, strict=True) if end == "commit" for i in results[name]]
            assert len(set(kept)) == len(kept), (order, results)
            assert one(owner, "select count(*) from core.outbox where state = 'claimed'") == len(kept)


def test_many_bots_send_everything_once_and_in_order(
    database: Database, bot: Bot, new_bot: BotMaker, owner: psycopg.Connection
) -> None:
    owner.execute("update core.settings set value = '0' where name like 'user_%%'")
    for n in range(12):
        bot.slash("design", f"board {n}", str(100 + n))
    bots = [new_bot(f"bot {n}") for n in range(4)]
    total = one(owner, "select count(*) from core.outbox")
    threads = [threading.Thread(target=_carry_until, args=(each, database)) for each in bots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = [row for each in bots for row in each.sent]
    assert len(sent) == len({row["delivery_id"] for row in sent}) == total
    assert one(owner, "select count(*) from core.outbox where state <> 'sent'") == 0
    order = owner.execute(
        "select state_id, array_agg(kind order by sent_at) from core.outbox group by 1"
    ).fetchall()
    assert {tuple(each) for _, each in order} == {("opening", "thread", "reply", "status")}


def _carry_until(bot: Bot, database: Database) -> None:
    """Send until nothing is left: what another has in hand holds up what comes after it."""
    with database.connect() as owner:
        while one(owner, "select count(*) from core.outbox where state in ('waiting', 'claimed')"):
            bot.carry(limit=2)


# ---------------------------------------------------------------------------- failures


def test_what_cannot_be_sent_is_tried_again_later_and_given_up_the_eighth_time(
    database: Database, bot: Bot, owner: psycopg.Connection
) -> None:
    bot.direct("", command="help")
    bot.direct("", command="mine")
    for attempt in range(1, 9):
        (row,) = bot.claim()
        assert (row["kind"], row["again"]) == ("answer", attempt > 1)
        assert bot.fail(row, "503") == ("later" if attempt < 8 else "dead")
        assert attempt == 8 or bot.claim() == []
        at(database, f"{attempt * 10} min")
    assert one(owner, "select last_error from core.outbox where state = 'dead'") == "503"
    assert bot.texts() == [
        "You have no design yet. /design begins one."
    ]  # what comes after it is not held up for ever


def test_the_other_side_says_when_to_come_again(database: Database, bot: Bot) -> None:
    bot.direct("", command="help")
    for n in range(20):  # that is no failure: nothing is given up
        (row,) = bot.claim()
        assert bot.fail(row, "429", retry_after_s=30.0) == "later"
        at(database, f"{30 * n + 29} s")
        assert bot.claim() == []
        at(database, f"{30 * n + 31} s")
    assert len(bot.carry()) == 1


def test_what_is_gone_is_given_up_at_once(bot: Bot) -> None:
    bot.direct("", command="help")
    (row,) = bot.claim()
    assert bot.fail(row, "unknown channel", gone=True) == "dead"
    assert bot.claim() == []


def test_a_thread_that_may_not_be_opened_cancels_its_design_and_the_channel_is_told(
    database: Database, bot: Bot, owner: psycopg.Connection
) -> None:
    bot.mention("a blinker", key="2001")
    (thread,) = bot.claim()
    assert bot.fail(thread, "Missing Permissions", gone=True) == "dead"
    (answer,) = bot.carry()
    assert (answer["kind"], answer["place"], answer["parent"], answer["content"]["source"]) == (
        "answer",
        CHANNEL,
        None,
        "2001",
    )
    assert (
        answer["content"]["text"]
        == "Design 1 is cancelled: its thread cannot be opened here (Missing Permissions)."
    )
    design = "select state, error, place_id from core.design_states"
    assert owner.execute(design).fetchall() == [("cancelled", "Missing Permissions", None)]
    with database.api("client_manager") as api:
        assert api.claim_task(30) is None
    assert bot.rows("replay_design", design=1)[0]["agrees"] is True


def test_a_command_whose_thread_may_not_be_opened_is_answered_privately(
    bot: Bot, owner: psycopg.Connection
) -> None:
    bot.slash("design", "a blinker")
    (opening,) = bot.claim()
    assert bot.fail(opening, "Missing Access", gone=True) == "dead"
    (reply,) = bot.carry()
    assert (reply["kind"], reply["content"]["text"]) == (
        "reply",
        "Design 1 is cancelled: its thread cannot be opened here (Missing Access).",
    )
    assert one(owner, "select state from core.design_states") == "cancelled"


def test_a_thread_that_fails_after_its_design_has_ended_is_no_trouble(
    bot: Bot, owner: psycopg.Connection
) -> None:
    bot.mention("a blinker", key="2001")
    (thread,) = bot.claim()
    bot.slash("cancel", design=1)
    assert bot.fail(thread, "Missing Permissions", gone=True) == "dead"
    assert one(owner, "select state from core.design_states") == "cancelled"


def test_one_message_is_recorded_for_one_delivery(bot: Bot) -> None:
    bot.direct("", command="help")
    bot.direct("", BERT, command="help")
    first, second = bot.claim()
    bot.record(first, "5001")
    assert code(lambda: bot.record(second, "5001")) == "PB004"
    bot.record(second, "5002")


def test_a_front_end_touches_its_own_alone(new_bot: BotMaker, bot: Bot) -> None:
    bot.direct("a blinker")
    terminal = new_bot("one", "terminal")
    assert terminal.claim() == terminal.claim(design=1) == terminal.claim(place="dm7") == []
    (row,) = bot.claim()
    assert code(lambda: terminal.record(row)) == "PB001"
    assert code(lambda: terminal.fail(row)) == "PB001"
    assert terminal.call("start_front_end", worker="one") == 0
    assert terminal.rows("list_places") == []
    bot.record(row)


@pytest.mark.parametrize(
    "arguments",
    [
        {"worker": ""},
        {"worker": "w" * 201},
        {"limit": 0},
        {"limit": 51},
        {"limit": None},
        {"lease": "0 s"},
        {"lease": "2 h"},
    ],
)
def test_a_claim_that_makes_no_sense_is_refused(bot: Bot, arguments: dict[str, Any]) -> None:
    assert code(lambda: bot.claim(**arguments)) == "PB042"


def test_a_number_that_is_none_and_a_token_that_is_none_are_refused(bot: Bot) -> None:
    bot.direct("", command="help")
    (row,) = bot.claim()
    assert code(lambda: bot.record(row, "x" * 201)) == "PB042"
    assert code(lambda: bot.record(row | {"token": uuid.uuid4()})) == "PB001"
    assert code(lambda: bot.record(row | {"token": None})) == "PB001"
    assert code(lambda: bot.record(row | {"delivery_id": 99})) == "PB001"


# ---------------------------------------------------------------------------- results and files


def finish(database: Database, *files: str) -> None:
    """The design passes, with these files."""
    for agent in ("client_manager", "pcb_designer", "kicad"):
        work(database, agent)
    with database.api("pcb_tester") as api:
        task = api.claim_task(30)
        assert task is not None
        for name in files:
            api.store_artifact(task, name, name.encode())
        api.complete_task(task, RESULTS["pcb_tester"])


def test_a_pass_brings_the_checks_the_picture_and_the_files(database: Database, bot: Bot) -> None:
    bot.direct("a blinker", interactive=False)
    finish(database, "top.png", "board.png", "fabrication.zip")
    rows = {row["kind"]: row for row in bot.carry()}
    result = rows["result"]["content"]
    assert result | {"checks": []} == {
        "text": "Passed at attempt 1 of 5. The files are ready.",
        "sender": "pcb_tester",
        "title": "a board",
        "passed": True,
        "checks": [],
        "picture": "board.png",
    }
    assert [check["code"] for check in result["checks"]] == ["DRC"]
    assert rows["files"]["content"] == {
        "names": ["board.png", "fabrication.zip", "top.png"],
        "part": 1,
        "of": 1,
        "stem": "a-board",
    }
    assert kinds(bot.sent)[-2:] == ["result", "files"] or kinds(bot.sent)[-3:] == [
        "result",
        "files",
        "status",
    ]


def test_a_pass_without_files_promises_none(database: Database, bot: Bot) -> None:
    bot.direct("a blinker", interactive=False)
    finish(database)
    assert "files" not in kinds(bot.carry())


def test_files_too_large_for_one_message_are_split(database: Database, bot: Bot, new_bot: BotMaker) -> None:
    bot.direct("a blinker", interactive=False)
    finish(database, "a.zip", "b.zip", "c.zip")
    while (row := bot.claim()[0])["kind"] != "files":
        bot.record(row)
    held = {"delivery_id": row["delivery_id"], "token": row["token"]}
    bot.rows("split_delivery", **held, groups=[["a.zip"], ["b.zip", "c.zip"]])
    assert new_bot("two").claim() == []  # the first is still in hand
    bot.call("start_front_end", worker="one")
    (first,) = bot.claim()
    assert first["content"] == {"names": ["a.zip"], "part": 1, "of": 2, "stem": "a-board"}
    bot.record(first)
    (second,) = bot.carry()
    assert second["content"] == {"names": ["b.zip", "c.zip"], "part": 2, "of": 2, "stem": "a-board"}
    assert code(lambda: bot.rows("split_delivery", **held, groups=[["a.zip"]])) == "PB001"


@pytest.mark.parametrize("groups", [[], {}, ["a.zip"], [[]], [[1]], [["a.zip"]] * 101, "x"])
def test_what_are_no_groups_are_refused(database: Database, bot: Bot, groups: Any) -> None:
    bot.direct("a blinker", interactive=False)
    finish(database, "a.zip")
    while (row := bot.claim()[0])["kind"] != "files":
        bot.record(row)
    held = {"delivery_id": row["delivery_id"], "token": row["token"]}
    if groups == "x":
        groups = None
    assert code(lambda: bot.rows("split_delivery", **held, groups=groups)) == "PB042"


def test_a_refusal_is_said_once_and_a_failure_with_a_button(database: Database, bot: Bot) -> None:
    bot.direct("a toaster")
    work(
        database,
        "client_manager",
        outcome="refused",
        reply="A toaster is no circuit board.",
        requirement=None,
    )
    said = [row["content"] for row in bot.carry() if row["kind"] == "message"]
    assert said == [{"text": "A toaster is no circuit board.", "sender": "client_manager"}]
    bot.direct("a blinker", interactive=False)
    for agent in ("client_manager", "pcb_designer"):
        work(database, agent)
    for _ in range(4):
        reject(database, "kicad")
        work(database, "pcb_designer")
    reject(database, "kicad")
    at(database, "10 s")
    rows = bot.carry()
    (told,) = (row["content"] for row in rows if row["content"].get("buttons") == ["retry"])
    assert told["text"].startswith("This did not become a board: ")
    (status,) = (row["content"] for row in rows if row["kind"] == "status")
    assert (status["state"], status["attempt"], status["finished"], status["buttons"]) == (
        "failed",
        5,
        True,
        [],
    )


def test_candidates_talk_to_nobody_and_show_in_their_designs_status(
    database: Database, bot: Bot, owner: psycopg.Connection
) -> None:
    bot.direct("a blinker", interactive=False)
    work(database, "client_manager")
    work(database, "pcb_designer", outcome="branched")
    bot.carry()
    with database.api("pcb_designer") as api:
        task = api.claim_task(30)
        assert task is not None
        api.heartbeat_task(task, 30, "choosing parts")
    at(database, "4 s")
    (status,) = bot.carry()
    assert (status["design"], status["content"]["state"]) == (1, "comparing")
    assert status["content"]["progress"].startswith("candidate 1 of ")
    assert one(owner, "select count(distinct state_id) from core.outbox") == 1


# ---------------------------------------------------------------------------- tokens, and what is kept


def test_a_reply_token_is_gone_once_it_was_used(bot: Bot, owner: psycopg.Connection) -> None:
    bot.slash("help")
    assert one(owner, "select reply_token from core.outbox") is not None
    bot.carry()
    assert owner.execute("select state, reply_token from core.outbox").fetchall() == [("sent", None)]


def test_a_reply_token_is_gone_after_fifteen_minutes(
    database: Database, bot: Bot, owner: psycopg.Connection
) -> None:
    bot.slash("help")
    bot.slash("mine")
    (claimed,) = bot.claim(limit=1)
    at(database, "16 min")
    assert bot.claim(limit=1) == []  # nobody can use it any more
    assert owner.execute(
        "select count(*), count(reply_token) from core.outbox where state = 'dead'"
    ).fetchone() == (2, 0)
    assert code(lambda: bot.record(claimed)) == "PB001"
    bot.slash("help")
    at(database, "40 min")
    with database.connect("admin") as admin:
        admin.execute("select run_maintenance()")
    assert one(owner, "select count(reply_token) from core.outbox") == 0


def test_old_deliveries_and_events_go_with_the_history_of_tasks(
    database: Database, bot: Bot, owner: psycopg.Connection
) -> None:
    bot.direct("a blinker")
    bot.mention("a blinker", BERT, key="2001")
    bot.carry()
    bot.slash("cancel", account=BERT, design=2)
    bot.direct("", "9", command="help")
    bot.carry()

    def left() -> tuple[int, int, int]:
        with database.connect("admin") as admin:
            admin.execute("select run_maintenance()")
        return tuple(
            one(owner, f"select count(*) from core.{table}") for table in ("outbox", "inbox", "chat_messages")
        )  # type: ignore[return-value]

    before = left()
    at(database, "29 days")
    assert kinds(bot.carry()) == ["status"]
    assert left() == before
    at(database, "31 days")
    assert left() == (1, 1, before[2])  # the status and the event of the design that goes on
    assert bot.mention("a blinker", BERT, key="2001") == {"outcome": "taken", "design": 2, "again": True}


# ---------------------------------------------------------------------------- what was missed


def test_the_cursor_only_goes_forward(new_bot: BotMaker, bot: Bot) -> None:
    assert bot.call("move_cursor") is None
    assert bot.call("move_cursor", cursor="1000") == "1000"
    assert bot.call("move_cursor", cursor="999") == "1000"
    assert new_bot("two").call("move_cursor", cursor="10001") == "10001"
    assert bot.call("move_cursor") == "10001"
    assert new_bot("x", "terminal").call("move_cursor") is None
    assert code(lambda: bot.call("move_cursor", cursor="")) == "PB042"


def test_places_where_something_may_have_been_missed(database: Database, bot: Bot) -> None:
    bot.mention("a blinker", key="2001")
    bot.slash("design", "an amplifier")  # its thread is not there yet
    bot.direct("", BERT, command="help")
    bot.event("help", "", "9", parent=CHANNEL, guild="9")  # a channel is nobody's
    places = [(row["place"], row["parent"], row["after"]) for row in bot.rows("list_places")]
    assert places == [("2001", CHANNEL, "2001"), ("dm8", None, "dm8")]
    bot.carry()
    bot.event("say", "9 V", key="2999", place="2001", parent=CHANNEL, guild="9", source="2999")
    bot.event("say", "red", key="3001", place="2001", parent=CHANNEL, guild="9", source="3001")
    (first,) = (row for row in bot.rows("list_places") if row["place"] == "2001")
    assert first["after"] == "3001"
    bot.slash("cancel", design=1)
    at(database, "8 days")
    (opening,) = (row["remote_id"] for row in bot.sent if row["kind"] == "opening")
    assert [row["place"] for row in bot.rows("list_places")] == [opening]


# ---------------------------------------------------------------------------- cost


@pytest.fixture
def crowded(database: Database, owner: psycopg.Connection) -> psycopg.Connection:
    """100,000 deliveries that were sent, 5,000 that wait behind others, and what lies in the future."""
    owner.execute(
        """insert into core.outbox (front_end, lane, kind, state, sent_at, remote_id)
           select 'discord_bot', null, 'answer', 'sent', core.now(), g::text from generate_series(1, 100000) g"""
    )
    owner.execute(
        """insert into core.outbox (front_end, lane, kind, due_at, created_at)
           select 'discord_bot', -(g % 50) - 1, 'answer', core.now() + interval '1 h', core.now() from generate_series(1, 5000) g"""
    )
    owner.execute("vacuum analyze core.outbox")
    return owner


def test_a_claim_of_nothing_reads_nothing(crowded: psycopg.Connection, database: Database) -> None:
    with database.connect() as connection:
        watched = Watched(connection, "discord_bot")
        for _ in range(6):
            rows, _ = watched.run("select * from api.claim_deliveries('one')")
        plans = [
            plan
            for plan in watched._plans
            if "core.outbox" in plan["Query Text"] and "skip locked" in plan["Query Text"]
        ]
        assert rows == []
        assert plans
        for plan in plans:
            scans = [
                node
                for node in nodes(plan["Plan"])
                if node.get("Relation Name") == "outbox" and node["Actual Loops"]
            ]
            assert {node.get("Index Name") for node in scans} == {"outbox_due_idx"}
            assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] <= 20


def test_a_claim_among_many_reads_little(crowded: psycopg.Connection, database: Database) -> None:
    crowded.execute("update core.outbox set due_at = core.now() - interval '1 h' where lane < 0")
    crowded.execute("vacuum analyze core.outbox")
    with database.connect() as connection:
        watched = Watched(connection, "discord_bot")
        rows, _ = watched.run("select delivery_id from api.claim_deliveries('one', 50)")
        assert len(rows) == 50
        for plan in watched._plans:
            if "core.outbox" in plan["Query Text"] and "skip locked" in plan["Query Text"]:
                for node in nodes(plan["Plan"]):
                    assert node["Node Type"] != "Seq Scan", plan["Query Text"]


def test_a_ring_for_a_design_without_a_place_reads_one_index(
    database: Database, crowded: psycopg.Connection
) -> None:
    with database.api("terminal") as api:
        design = api.receive_message(ANNA, "Anna", "a blinker", "k1", None, False)
    with database.connect() as connection:
        watched = Watched(connection, "terminal")
        watched.run(f"select api.pause_design({design})")
        (plan,) = (plan for plan in watched._plans if "update core.outbox" in plan["Query Text"])
        assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] <= 10
