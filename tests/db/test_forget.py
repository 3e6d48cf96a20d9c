"""A person is forgotten: no word of theirs is anywhere, everybody else's are, and the figures add up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.conftest import Database
from tests.db.permutations import Session, Step, interleavings, run_in_order
from tests.db.test_design_control import call, code_of, replay
from tests.db.test_gateway import behind_gateway
from tests.db.test_races import inside, sql
from tests.db.traces import Person, columns_of_words, columns_with, in_dump, rows, tables_with

WORD, OTHER = "xqzschnabeltier", "wvyameisenigel"
FORGET = "select forget_user('discord_bot', %s)"
ALL_DESIGNS = "select state_id from core.design_states order by 1"


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection]:
    """The administrator, who sees every row."""
    with database.connect() as connection:
        yield connection


def forget(database: Database, account: str = WORD) -> Any:
    """The person wants everything deleted."""
    return call(database, FORGET, account, role="admin")


def numbers(connection: psycopg.Connection, query: str, *values: Any) -> list[Any]:
    """The first column of a query."""
    return [row[0] for row in connection.execute(query.encode(), values)]


# ---------------------------------------------------------------------------- what goes, and what stays


def test_no_word_is_left_in_any_column_and_everybody_elses_are_untouched(
    database: Database, owner: psycopg.Connection
) -> None:
    other, me = Person(database, OTHER), Person(database, WORD)
    other.leave()
    before = rows(owner)
    designs = me.leave()
    theirs = {table: before[table] & them for table, them in rows(owner).items()}
    left_out = columns_of_words(owner) - columns_with(owner, WORD)
    assert left_out == set(), "Person.leave plants no word there"
    assert columns_with(owner, WORD) - columns_of_words(owner) - {"core.examples.search"} == set()
    assert in_dump(database, WORD)

    erased = forget(database)
    assert tables_with(owner, WORD) == set()
    assert not in_dump(database, WORD)
    assert (erased["designs"], erased["cancelled"]) == (len(designs), 3)
    after = rows(owner)
    assert {table: gone for table, them in theirs.items() if (gone := them - after[table])} == {}


def test_figures_stay_the_history_replays_and_people_can_still_look(
    database: Database, owner: psycopg.Connection
) -> None:
    Person(database, WORD).leave()
    spending = (
        "select per, user_id, design, day, calls, prompt_tokens, cost from model_spending order by 1, 2, 3"
    )
    kept = "select (select count(*) from core.design_scripts), (select count(*) from core.error_reports), (select count(*) from core.model_calls)"
    with database.connect("monitor") as monitor:
        before = monitor.execute(spending).fetchall(), owner.execute(kept).fetchall()
    assert len(before[0]) == 3
    events = numbers(owner, "select e::text from core.design_events e order by event_id")
    forget(database)
    with database.connect("monitor") as monitor:
        assert (monitor.execute(spending).fetchall(), owner.execute(kept).fetchall()) == before
        assert numbers(monitor, "select count(*) from attempts_per_design") == [6]
    assert (
        numbers(owner, "select e::text from core.design_events e order by event_id")[: len(events)] == events
    )
    for design in numbers(owner, ALL_DESIGNS):
        assert replay(database, design)[3:] == (True, None)
        for look in (
            "design_status",
            "design_messages",
            "design_files",
            "netlist",
            "design_history",
            "model_exchanges",
        ):
            call(database, f"select count(*) from {look}(%s)", design, role="monitor")
    assert numbers(owner, "select count(*) from core.tasks") == [0]
    assert numbers(owner, "select count(*) from core.model_calls where status = 'open'") == [0]
    row = owner.execute(
        "select account, username, discord_id, forgotten_at is not null from core.users"
    ).fetchone()
    assert row is not None
    assert row[0].startswith("forgotten-")
    assert row[1:] == (None, None, True)


def test_forgetting_again_finds_nothing(database: Database, owner: psycopg.Connection) -> None:
    Person(database, WORD).leave()
    assert forget(database, "nobody") is None
    user = forget(database)["user"]
    before = rows(owner)
    assert forget(database) is None
    again = call(database, "select core.erase_user(%s)", user, role=None)
    assert {kind for kind, count in again.items() if count} <= {
        "user",
        "designs",
        "recent",
        "tasks",
        "attempts",
    }
    changed = {table for table, them in rows(owner).items() if them - before[table]}
    assert changed <= {
        "core.users",
        "core.erasures",
        "core.design_states",
    }  # times, and another account of nobody's


def test_what_was_shared_or_imported_again_goes_too(database: Database, owner: psycopg.Connection) -> None:
    me = Person(database, WORD)
    me.call("admin", "set_agent_model", "pcb_designer", Jsonb({"candidates": 1}))
    me.passed()
    foreign = {"title": "555 blinker", "brief": "a blinker", "outcome": "resolved", "source": "design 1"}
    with database.connect("admin") as people:
        exported = [row for row in numbers(people, "select export_rows('designs')") if row["source"] is None]
        people.execute("select * from import_rows('designs', %s)", (Jsonb([*exported, foreign]),))
    assert numbers(owner, "select count(*) from core.examples") == [3]
    assert forget(database)["examples"] == 2
    assert numbers(owner, "select title from core.examples") == ["555 blinker"]
    assert tables_with(owner, WORD) == set()
    with database.connect("admin") as people:
        listed = [
            *numbers(people, "select export_rows('designs')"),
            *numbers(people, "select export_rows('users')"),
        ]
    assert [row.get("title") for row in listed] == ["555 blinker"]


def test_a_content_is_kept_as_long_as_somebody_has_it(database: Database, owner: psycopg.Connection) -> None:
    contents = "select convert_from(content, 'UTF8') from core.artifact_contents order by 1"
    people = [Person(database, word) for word in (OTHER, WORD)]
    people[0].call("admin", "set_agent_model", "pcb_designer", Jsonb({"candidates": 1}))
    for person in people:
        person.say()
        person.approve()
        person.write_script()
        person.build()
    assert numbers(owner, contents) == [
        f"board of {OTHER}",
        f"board of {WORD}",
        "the same for all",
    ]  # no first one
    assert forget(database)["contents"] == 1
    assert numbers(owner, contents) == [f"board of {OTHER}", "the same for all"]
    assert forget(database, OTHER)["contents"] == 2
    assert numbers(owner, contents) == []


# ---------------------------------------------------------------------------- late voices


def test_whoever_holds_a_task_is_fenced(database: Database, owner: psycopg.Connection) -> None:
    """Every function that takes a task's token refuses it, and nothing that was said is stored."""
    me = Person(database, WORD)
    me.say()
    held = me.claim("client_manager")
    forget(database)
    values = {
        "integer": "1",
        "bigint": "1",
        "double precision": "1",
        "numeric": "1",
        "boolean": "true",
        "interval": "'1 s'",
    }
    values |= {"text": f"'{WORD}'", "bytea": f"'{WORD}'", "jsonb": f"'{json.dumps({'outcome': WORD})}'"}
    functions = owner.execute(
        """select p.proname, array(select format_type(t, null) from unnest(p.proargtypes) with ordinality x (t, n) where n > 2 order by n)
             from pg_proc p where p.pronamespace = 'api'::regnamespace and p.proargnames[1:2] = '{p_task_id,p_token}'
              and has_function_privilege('client_manager', p.oid, 'execute') order by 1"""
    ).fetchall()
    assert len(functions) >= 14
    codes = {}
    for name, types in functions:
        more = "".join(f", {values[kind]}" for kind in types)
        codes[name] = code_of(database, f"select * from {name}(%s, %s{more})", *held, role="client_manager")
    assert set(codes.values()) == {"PB001"}, codes
    with database.connect("client_manager") as agent:
        row = agent.execute("select accepted from complete_tasks(%s, %s)", ([held[0]], [held[1]])).fetchone()
        assert row == (False,)
        assert agent.execute("select * from claim_task()").fetchone() is None
    assert tables_with(owner, WORD) == set()


def test_a_finished_task_has_no_answer_any_more(database: Database, owner: psycopg.Connection) -> None:
    me = Person(database, WORD)
    me.say()
    held = me.claim("client_manager")
    done = (*held, Jsonb({"outcome": "asked", "reply": WORD, "requirement": None}))
    me.call("client_manager", "complete_task", *done)
    forget(database)
    assert me.call("client_manager", "complete_task", *done) is None
    assert tables_with(owner, WORD) == set()


def test_nobody_speaks_of_it_shares_it_or_goes_off_from_it(
    database: Database, owner: psycopg.Connection
) -> None:
    me = Person(database, WORD)
    me.call("admin", "set_agent_model", "pcb_designer", Jsonb({"candidates": 1}))
    design = me.passed()
    forget(database)
    words = Jsonb({"design": design, "words": WORD})
    assert code_of(database, "select send_notification('design_updates', %s)", words, role="kicad") == "PB006"
    assert (
        code_of(database, "select send_notification('task_queue', %s)", words, role="discord_bot") == "PB006"
    )
    assert code_of(database, "select share_design(%s)", design, role="admin") == "PB006"
    assert code_of(database, "select fork_design(%s, 1)", design, role="admin") == "PB014"
    for look in ("design_status", "cancel_design", "share_design", "design_messages", "replay_design"):
        assert code_of(database, f"select {look}(%s)", design, role="discord_bot") == "PB006"
    assert call(database, "select count(*) from list_designs()", role="discord_bot") == 0
    assert tables_with(owner, WORD) == set()


def test_the_person_comes_back_as_somebody_new(database: Database, owner: psycopg.Connection) -> None:
    me = Person(database, WORD)
    first = me.say()
    old = forget(database)["user"]
    second = me.say("another board")
    assert call(database, "select array_agg(design) from list_designs()", role="discord_bot") == [second]
    assert code_of(database, "select design_status(%s)", first, role="discord_bot") == "PB006"
    said = ("select receive_message(%s, %s, 'go on', 'k', %s)", WORD, WORD, first)
    assert code_of(database, *said, role="discord_bot") == "PB006"
    users = "select user_id from core.users where account = %s and forgotten_at is null"
    assert old not in numbers(owner, users, WORD)
    assert forget(database)["designs"] == 1
    assert tables_with(owner, WORD) == set()
    assert numbers(owner, "select count(*) from core.erasures where not open") == [2]


def test_nobody_comes_in_by_the_number_that_is_left(database: Database, owner: psycopg.Connection) -> None:
    with database.connect("admin") as people:
        people.execute(
            "select * from import_rows('users', %s)", (Jsonb([{"front_end": "web_user", "account": WORD}]),)
        )
    ((user,),) = owner.execute("select user_id from core.users").fetchall()
    with behind_gateway(database, user) as web:
        web.execute("select send_message('a blinker', 'k')")
    call(database, "select forget_user('web_user', %s)", WORD, role="admin")
    with behind_gateway(database, user) as web:
        assert web.execute("select * from list_designs()").fetchall() == []
        with pytest.raises(psycopg.Error) as refused:
            web.execute("select send_message('a blinker', 'k2')")
    assert refused.value.sqlstate == "PB006"


# ---------------------------------------------------------------------------- by the person's own words


def test_a_front_end_forgets_its_own_and_nobody_elses(database: Database, owner: psycopg.Connection) -> None:
    """Said in Discord; somebody who came through the terminal has the same file, which the bot never sees."""
    me = Person(database, WORD)
    me.call("admin", "set_agent_model", "pcb_designer", Jsonb({"candidates": 1}))
    other = Person(database, OTHER, "terminal")
    for person in (other, me):
        person.say()
        person.approve()
        person.write_script()
        person.build()
    before = rows(owner)
    ask = {"key": "1001", "place": "77", "word": WORD}
    assert me.event("forget", **ask)["outcome"] == "answered"
    assert rows(owner)["core.design_states"] == before["core.design_states"]  # asked first
    assert me.event("forget", "yes", **(ask | {"key": "1002"}))["outcome"] == "answered"
    assert tables_with(owner, WORD) == set()
    assert numbers(owner, "select count(*) from core.artifact_contents") == [2]
    assert numbers(owner, "select asked_by::text from core.erasures") == ["discord_bot"]
    with database.connect("discord_bot") as bot:
        (answer,) = numbers(bot, "select content ->> 'text' from claim_deliveries('bot')")
    assert answer == "All that was stored of you is deleted."
    assert me.event("forget", "yes", **(ask | {"key": "1002"})) == {
        "outcome": "answered",
        "design": None,
        "again": True,
    }


def test_an_event_that_comes_again_brings_nothing_back(database: Database, owner: psycopg.Connection) -> None:
    """Another process was late, or a front end reads anew what it had heard a minute ago."""
    me = Person(database, WORD)
    place = {"parent": "5", "guild": "9"}
    words = ("say", f"a board {WORD}")
    assert me.event(*words, key="1001", source="1001", **place)["outcome"] == "taken"
    forget(database)
    again = me.event(*words, key="1001", source="1001", **place)
    assert again == {"outcome": "ignored", "design": None, "again": True}
    late = ("select attach_file(%s, %s, '1001', 'notes.txt', 'x')", WORD, WORD)
    assert code_of(database, *late, role="discord_bot") == "PB004"
    assert tables_with(owner, WORD) == set()
    assert numbers(owner, "select count(*) from core.places") == [0]
    assert me.event(*words, key="1002", source="1002", **place)["outcome"] == "taken"  # said anew


def test_a_place_where_others_talk_stays_theirs(database: Database, owner: psycopg.Connection) -> None:
    me, other = Person(database, WORD), Person(database, OTHER)
    place = {"parent": "5", "guild": "9"}
    me.event("say", "a board", source="1001", **place)
    other.event("help", place="1001", **place)
    assert forget(database)["places"] == 0
    assert numbers(owner, "select place from core.places") == ["1001"]
    with database.connect("discord_bot") as bot:
        assert numbers(bot, "select place from claim_deliveries('bot')") == [
            "1001"
        ]  # the answer to the other
    assert forget(database, OTHER)["places"] == 1


def test_a_delivery_in_hand_is_lost_to_its_claimer(database: Database, owner: psycopg.Connection) -> None:
    Person(database, WORD).event("say", "a board", place="77")
    with database.connect("discord_bot") as bot:
        number, token = bot.execute("select delivery_id, token from claim_deliveries('bot')").fetchone() or (
            0,
            None,
        )
        forget(database)
        for late in (
            "record_delivery(%s, %s, '1')",
            "fail_delivery(%s, %s, 'gone')",
            "split_delivery(%s, %s, '[]')",
        ):
            with pytest.raises(psycopg.Error) as refused:
                bot.execute(f"select {late}".encode(), (number, token))
            assert refused.value.sqlstate in ("PB001", "PB042")
    assert numbers(owner, "select count(*) from core.outbox") == [0]


# ---------------------------------------------------------------------------- limits


def test_to_be_forgotten_is_no_new_budget(database: Database, owner: psycopg.Connection) -> None:
    me = Person(database, WORD)
    with database.connect("admin") as people:
        people.execute(
            "select change_setting('user_budget_cents_per_day', '100'), change_setting('user_designs_per_day', '2')"
        )
    me.event("say", "a board", place="77")
    held = me.claim("client_manager")
    with database.connect("client_manager") as agent:
        agent.execute("select record_model_call(%s, %s, 'm', 1, 1, 1.5, 1)", held)
    forget(database)
    assert me.event("say", "a board", place="77")["outcome"] == "taken"
    held = me.claim("client_manager")
    ask = "select begin_model_call(%s, %s, 'm', 'p', '1', '{}')"
    assert code_of(database, ask, *held, role="client_manager") == "PB050"
    forget(database)
    assert me.event("say", "a board", place="77")["outcome"] == "limited"  # the third of a day

    owner.execute("update core.erasures set erased_at = erased_at - interval '25 hours'")
    call(database, "select run_maintenance()", role="admin")
    assert numbers(owner, "select count(*) from core.erasures where account is not null") == [0]
    assert me.event("say", "a board", place="77")["outcome"] == "taken"


def test_a_person_of_many_designs(database: Database, owner: psycopg.Connection) -> None:
    """Two thousand designs with all that hangs on them, in one transaction."""
    owner.execute(
        "insert into core.users (front_end, account, username) values ('discord_bot', %s, %s)", (WORD, WORD)
    )
    owner.execute(
        """insert into core.design_states (user_id, state, state_description, requirement, finished_at)
           select u.user_id, case when n % 100 = 0 then 'awaiting_user' else 'failed' end, u.account, to_jsonb(u), case when n % 100 > 0 then now() end
             from core.users u, generate_series(1, 2000) n"""
    )
    owner.execute(
        """insert into core.design_events (state_id, outcome, to_state, attempt, actor)
           select d.state_id, 'received', 'briefing', 0, 'discord_bot' from core.design_states d"""
    )
    owner.execute(
        """insert into core.chat_messages (state_id, front_end, sender, text)
           select d.state_id, 'discord_bot', 'user', d.state_description || n from core.design_states d, generate_series(1, 10) n"""
    )
    owner.execute(
        "insert into core.design_scripts (state_id, script_content) select state_id, state_description from core.design_states"
    )
    owner.execute(
        """insert into core.artifact_contents (sha256, content)
           select sha256(b), b from core.design_states d, lateral convert_to(d.state_description || d.state_id, 'UTF8') b"""
    )
    owner.execute(
        """insert into core.artifacts (state_id, name, sha256, bytes, made_by)
           select d.state_id, 'x', sha256(convert_to(d.state_description || d.state_id, 'UTF8')), 1, 'kicad' from core.design_states d"""
    )
    erased = forget(database)
    assert (erased["designs"], erased["cancelled"], erased["contents"]) == (2000, 20, 2000)
    assert tables_with(owner, WORD) == set()


# ---------------------------------------------------------------------------- races

LATE = {
    "PB001",
    "PB004",
    "PB005",
    "PB006",
    "PB010",
    "PB014",
    "PB044",
}  # refused, because the other came first
SOMEBODY_NEW = {"message", "file", "event"}  # said after, it is what a new user says


class Scene:
    """One of each: a design that passed, one that is talked about, and one whose board is tested."""

    def __init__(self, database: Database) -> None:
        self.me = Person(database, WORD)
        self.me.call("admin", "set_agent_model", "pcb_designer", Jsonb({"candidates": 1}))

    def step(self, kind: str) -> tuple[str, Step]:
        """The role that does it, and the step; what it needs is made."""
        me = self.me
        if kind in ("share", "fork"):
            design = me.passed_at_once()
            return "discord_bot", sql(
                f"select {kind}_design({design}{', 1' if kind == 'fork' else ''})::text"
            )
        design = me.say(interactive=True)
        if kind == "file":
            return "discord_bot", sql(
                f"select attach_file('{WORD}', '{WORD}', 'a key', 'notes.txt', '{WORD}')"
            )
        if kind == "event":
            return "discord_bot", sql(
                f"select receive_event('{WORD}', '{WORD}', 'a key', 'say', '{WORD}', p_place => '77')::text"
            )
        if kind == "message":
            return "discord_bot", sql(
                f"select receive_message('{WORD}', '{WORD}', '{WORD}', 'a key', {design})"
            )
        if kind == "notification":
            words = json.dumps({"design": design, "words": WORD})
            return "kicad", sql(f"select send_notification('design_updates', '{words}')")
        task, token = me.claim("client_manager")
        reply = json.dumps({"outcome": "asked", "reply": WORD, "requirement": {"title": WORD}, "title": WORD})
        steps = {
            "completion": f"complete_task({task}, '{token}', '{reply}')",
            "failure": f"fail_task({task}, '{token}', '{WORD}', false)",
            "progress": f"heartbeat_task({task}, '{token}', '60 s', '{WORD}')",
            "artifact": f"store_artifact({task}, '{token}', '{WORD}', '{WORD}')",
            "model call": f"begin_model_call({task}, '{token}', 'm', 'p', '1', '{{\"x\": \"{WORD}\"}}')",
            "cancel": f"cancel_design({design})",
        }
        return ("discord_bot" if kind == "cancel" else "client_manager"), sql(f"select {steps[kind]}::text")


@pytest.mark.parametrize(
    "kind",
    [
        "completion",
        "failure",
        "progress",
        "artifact",
        "model call",
        "cancel",
        "message",
        "file",
        "event",
        "notification",
        "share",
        "fork",
    ],
)
def test_forgetting_meets(database: Database, owner: psycopg.Connection, kind: str) -> None:
    """In every order of the two, nothing of the person is left; and nobody waits for somebody who waits for them."""
    scene = Scene(database)
    for order in interleavings([3, 3]):
        role, step = scene.step(kind)
        with ExitStack() as stack:
            connections = [stack.enter_context(database.connect(name)) for name in ("admin", role)]
            sessions = [Session(c.info.user, c) for c in connections]
            for session in sessions:
                stack.callback(session.close)
            forgets = sql(f"select forget_user('discord_bot', '{WORD}') ->> 'user'")
            results = run_in_order(owner, sessions, [inside("forget", forgets), inside("it", step)], order)
        assert str(results["forget"]).isdecimal(), (order, results)
        assert not re.fullmatch("[0-9A-Z]{5}", str(results["it"])) or results["it"] in LATE, (order, results)
        if kind in SOMEBODY_NEW:
            forget(database)
        assert tables_with(owner, WORD) == set(), (order, results)


def test_somebody_stores_the_same_content_meanwhile(database: Database, owner: psycopg.Connection) -> None:
    me, other = Person(database, WORD), Person(database, OTHER)
    other.say()
    theirs = other.claim("client_manager")
    for number, order in enumerate(interleavings([3, 3])):
        me.say()
        content = f"for all {number}"
        me.call("client_manager", "store_artifact", *me.claim("client_manager"), "x", content.encode())
        store = sql(f"select store_artifact({theirs[0]}, '{theirs[1]}', 'x', '{content}')")
        with database.connect("admin") as people, database.connect("client_manager") as agent:
            sessions = [Session("forget", people), Session("store", agent)]
            forgets = sql(f"select forget_user('discord_bot', '{WORD}') ->> 'files'")
            results = run_in_order(
                owner, sessions, [inside("forget", forgets), inside("store", store)], order
            )
            for session in sessions:
                session.close()
        assert results["forget"] == "1", (order, results)
        assert isinstance(results["store"], int), (order, results)
        assert numbers(owner, "select convert_from(content, 'UTF8') from core.artifact_contents") == [content]


def test_a_content_is_held_from_the_moment_it_is_found(database: Database, owner: psycopg.Connection) -> None:
    """Somebody's file is stored in two steps: the content, which is there, and then the file, which has to wait."""
    me, other = Person(database, WORD), Person(database, OTHER)
    other.say()
    theirs = other.claim("client_manager")
    other.call("client_manager", "store_artifact", *theirs, "x", b"before")
    me.say()
    me.call("client_manager", "store_artifact", *me.claim("client_manager"), "x", b"for all")
    store = sql(f"select store_artifact({theirs[0]}, '{theirs[1]}', 'x', 'for all')")
    hold = sql("select artifact_id from core.artifacts where artifact_id = 1 for update")
    with (
        database.connect() as blocker,
        database.connect("admin") as people,
        database.connect("client_manager") as agent,
    ):
        sessions = [Session("hold", blocker), Session("store", agent), Session("forget", people)]
        forgets = [("forget", sql(f"select forget_user('discord_bot', '{WORD}') ->> 'contents'"))]
        scripts = [inside("hold", hold), [("store", store)], forgets]
        results = run_in_order(owner, sessions, scripts, (0, 0, 1, 2, 0))
        for session in sessions:
            session.close()
    assert (results["store"], results["forget"]) == (1, "0"), results
    assert numbers(owner, "select convert_from(content, 'UTF8') from core.artifact_contents") == ["for all"]


def test_forgetting_locks_nobody_out_who_has_several_designs_in_hand(
    database: Database, owner: psycopg.Connection
) -> None:
    """One worker completes two tasks in one transaction, the later design first."""
    me = Person(database, WORD)
    for order in interleavings([4, 1]):
        me.say(), me.say()
        held = [me.claim("client_manager") for _ in range(2)]
        result = json.dumps({"outcome": "asked", "reply": WORD, "requirement": None})
        steps = [
            (f"complete {t}", sql(f"select complete_task({t}, '{token}', '{result}')::text"))
            for t, token in reversed(held)
        ]
        with database.connect("client_manager") as agent, database.connect("admin") as people:
            sessions = [Session("worker", agent), Session("forget", people)]
            script = [("begin", sql("begin")), *steps, ("commit", sql("commit"))]
            forgets = [("forget", sql(f"select forget_user('discord_bot', '{WORD}')::text"))]
            results = run_in_order(owner, sessions, [script, forgets], order)
            for session in sessions:
                session.close()
        assert "40P01" not in results.values(), (order, results)
        assert '"designs": 2' in results["forget"], (order, results)
        assert tables_with(owner, WORD) == set()


def test_two_who_want_the_same_person_forgotten(database: Database, owner: psycopg.Connection) -> None:
    me = Person(database, WORD)
    step: Callable[[], Step] = lambda: sql(f"select forget_user('discord_bot', '{WORD}') ->> 'designs'")  # noqa: E731
    for order in interleavings([3, 3]):
        me.say()
        with database.connect("admin") as one, database.connect("admin") as other:
            sessions = [Session("one", one), Session("other", other)]
            results = run_in_order(owner, sessions, [inside("one", step()), inside("other", step())], order)
            for session in sessions:
                session.close()
        assert {results["one"], results["other"]} <= {"1", None}, (order, results)
        assert tables_with(owner, WORD) == set()
