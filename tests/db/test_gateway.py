"""Through the gateway: who it may become, and that each person behind it sees their own and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.conftest import Database
from tests.db.steps import RESULTS, begin, work

A, B = "anna", "bert"
# every function that takes a design and that web_user may call, with what else it needs
LOOKS = {
    "design_status": "",
    "design_messages": "",
    "design_files": "",
    "read_file": ", 'board.kicad_pcb'",
    "bill_of_materials": "",
    "netlist": "",
    "design_history": "",
    "cancel_design": "",
    "pause_design": "",
    "resume_design": "",
    "replay_design": "",
    "fork_design": ", 1",
    "model_exchanges": "",
}
# what a design that has ended says to its owner, and to nobody else
ENDED = {"cancel_design": "PB005", "pause_design": "PB010", "resume_design": "PB010"}


@contextmanager
def behind_gateway(
    database: Database, user_id: int | str | None, role: str = "web_user"
) -> Iterator[psycopg.Connection]:
    """One transaction of the gateway for a person, as an API server makes it."""
    with database.connect("gateway") as connection, connection.transaction():
        connection.execute(f"set local role {role}")
        if user_id is not None:
            connection.execute("select set_config('mas.user_id', %s, true)", (str(user_id),))
        yield connection


def resolved(database: Database, account: str) -> int:
    """A finished design with a file, begun behind the gateway."""
    with database.connect("gateway") as gateway, gateway.transaction():
        gateway.execute("select api.begin_request(%s, %s)", (account, account))
        gateway.execute("set local role web_user")
        say = "select api.send_message(%s, %s, p_interactive => false)"
        (design,) = gateway.execute(say, (f"a blinker of {account}", f"key of {account}")).fetchone() or (0,)
    for agent in ("client_manager", "pcb_designer", "kicad"):
        work(database, agent)
    with database.api("pcb_tester") as api:
        task = api.claim_task(30)
        assert task is not None
        api.store_artifact(task, "board.kicad_pcb", b"board of " + account.encode())
        api.complete_task(task, RESULTS["pcb_tester"])
    return design


@pytest.fixture
def people(database: Database) -> dict[str, tuple[int, int]]:
    """Account → (user, design), one finished design each."""
    designs = {account: resolved(database, account) for account in (A, B)}
    with database.connect() as owner:
        users = dict(owner.execute("select account, user_id from core.users").fetchall())
    return {account: (users[account], designs[account]) for account in designs}


def refusal(connection: psycopg.Connection, query: str, arguments: tuple[Any, ...] = ()) -> str | None:
    """The code with which the query is refused, or None."""
    try:
        with connection.transaction():
            connection.execute(query, arguments)
    except psycopg.Error as error:
        return error.sqlstate
    return None


def test_the_list_of_looks_is_whole(database: Database) -> None:
    query = """
        select p.proname from pg_proc p where p.pronamespace = 'api'::regnamespace
           and has_function_privilege('web_user', p.oid, 'execute') and 'p_design' = any (p.proargnames)"""
    with database.connect() as owner:
        assert {name for (name,) in owner.execute(query)} == {*LOOKS, "send_message"}


def test_each_person_sees_their_own_through_every_function(
    database: Database, people: dict[str, tuple[int, int]]
) -> None:
    for me, other in ((A, B), (B, A)):
        with behind_gateway(database, people[me][0]) as web:
            mine, theirs = people[me][1], people[other][1]
            assert [row[0] for row in web.execute("select * from api.list_designs()")] == [mine]
            for look, more in LOOKS.items():
                assert refusal(web, f"select * from api.{look}(%s{more})", (theirs,)) == "PB006", look
                found = refusal(web, f"select * from api.{look}(%s{more})", (mine,))
                assert found == ENDED.get(look), look
            assert web.execute("select api.read_file(%s, 'board.kicad_pcb')", (mine,)).fetchone() == (
                b"board of " + me.encode(),
            )
            texts = web.execute("select text from api.design_messages(%s)", (mine,)).fetchall()
            assert texts
            assert not [text for (text,) in texts if other in text]
            assert refusal(web, "select api.send_message('mine now', 'k', %s)", (theirs,)) == "PB006"


def test_a_person_speaks_for_themselves_only(database: Database, people: dict[str, tuple[int, int]]) -> None:
    begun = {}
    for account, (user_id, _) in people.items():
        with behind_gateway(database, user_id) as web:
            say = "select api.send_message('a blinker', 'one key')"  # both use the same: a key is a person's own
            (begun[account],) = web.execute(say).fetchone() or (None,)
            assert web.execute(say).fetchone() == (begun[account],), "the same key twice is one message"
            assert refusal(web, "select api.send_message('other words', 'one key')") == "PB004"
            # an account cannot be named at all
            assert refusal(web, "select api.receive_message(%s, 'x', 'y', 'z')", (B,)) == "42501"
            web.execute("select api.cancel_design(%s)", (begun[account],))
    assert begun[A] != begun[B]
    with database.connect() as owner:
        rows = owner.execute(
            "select state_id, user_id, state from core.design_states where state_id = any(%s)",
            (list(begun.values()),),
        )
        assert {(d, u, s) for d, u, s in rows} == {(begun[a], people[a][0], "cancelled") for a in (A, B)}
        actors = owner.execute(
            "select distinct actor from core.design_events where state_id = any(%s)", (list(begun.values()),)
        )
        assert actors.fetchall() == [("web_user",)]


@pytest.mark.parametrize("user_id", [None, "", "0", "-1", "999999999"])
def test_without_a_known_user_nothing_is_seen(
    database: Database, people: dict[str, tuple[int, int]], user_id: str | None
) -> None:
    with behind_gateway(database, user_id) as web:
        assert web.execute("select * from api.list_designs()").fetchall() == []
        for look, more in LOOKS.items():
            assert refusal(web, f"select * from api.{look}(%s{more})", (people[A][1],)) == "PB006"
        assert refusal(web, "select api.send_message('a blinker', 'k')") == "PB006"


def test_a_user_id_that_is_no_number_is_refused(
    database: Database, people: dict[str, tuple[int, int]]
) -> None:
    with behind_gateway(database, "1 or true") as web:
        assert refusal(web, "select * from api.list_designs()") == "22P02"


def test_what_the_gateway_set_for_one_transaction_is_gone_in_the_next(
    database: Database, people: dict[str, tuple[int, int]]
) -> None:
    with database.connect("gateway") as connection:
        for account, (user_id, design) in people.items():
            with connection.transaction():
                connection.execute("set local role web_user")
                connection.execute("select set_config('mas.user_id', %s, true)", (str(user_id),))
                rows = connection.execute("select design from api.list_designs()").fetchall()
                assert rows == [(design,)], account
        with connection.transaction():
            connection.execute("set local role web_user")
            assert connection.execute("select design from api.list_designs()").fetchall() == []


@pytest.mark.parametrize(
    "role",
    [
        "admin",
        "monitor",
        "terminal",
        "kicad",
        "mas_owner",
        "mas_agent",
        "mas_front_end",
        "mas_administrator",
        "postgres",
    ],
)
def test_the_gateway_becomes_nobody_else(database: Database, role: str) -> None:
    with database.connect("gateway") as connection:
        assert refusal(connection, f"set role {role}") == "42501"
        connection.execute("set role web_user")
        assert refusal(connection, f"set role {role}") == "42501"
        assert refusal(connection, f"set session authorization {role}") == "42501"


def test_the_gateway_itself_may_only_begin_a_request(
    database: Database, people: dict[str, tuple[int, int]]
) -> None:
    with database.connect("gateway") as connection:
        connection.execute("select set_config('mas.user_id', %s, false)", (str(people[A][0]),))
        for call in (
            "list_designs()",
            f"design_status({people[A][1]})",
            "help()",
            "my_designs",
            "queue_load",
        ):
            assert refusal(connection, f"select * from api.{call}") == "42501"
        assert refusal(connection, "select api.begin_request('clara', 'Clara')") is None
        connection.execute("set role web_user")
        assert refusal(connection, "select api.begin_request('clara', 'Clara')") == "42501"


@pytest.mark.parametrize("role", ["terminal", "discord_bot", "kicad", "pcb_tester", "admin", "monitor"])
def test_a_forged_user_id_changes_nothing_for_anybody_else(
    database: Database, people: dict[str, tuple[int, int]], role: str
) -> None:
    """What a role sees of the tables, through a function of the owner, with and without a forged user."""
    with database.connect() as owner:
        owner.execute("set role mas_owner")
        owner.execute(
            """create function api.peek() returns text language sql stable security definer set search_path = pg_catalog, pg_temp
               as 'select core.caller()::text || coalesce((select string_agg(state_id::text, '','' order by state_id) from core.design_states), '''')'"""
        )
        owner.execute("grant execute on function api.peek() to mas_agent, mas_front_end, admin, monitor")
    with database.connect(role) as caller:
        before = caller.execute("select peek()").fetchone()
        for user_id in (people[A][0], people[B][0], 999):
            caller.execute("select set_config('mas.user_id', %s, false)", (str(user_id),))
            assert caller.execute("select peek()").fetchone() == before
        assert refusal(caller, "set role web_user") == "42501"
        assert refusal(caller, "set role gateway") == "42501"


def test_row_security_holds_table_by_table_for_a_person(
    database: Database, people: dict[str, tuple[int, int]]
) -> None:
    """Every user table, through a function of the owner that filters nothing: a person finds their own rows only."""
    with database.connect() as owner:
        tables = [
            name
            for (name,) in owner.execute(
                """select c.relname from pg_class c where c.relnamespace = 'core'::regnamespace and c.relkind = 'r'
                      and c.relforcerowsecurity and c.relname not in ('tasks', 'task_keys')"""  # those hide nothing
            )
        ]
        whole = {
            name: owner.execute(f"select count(*) from core.{name}").fetchone() for name in tables
        }  # a superuser sees all
        owner.execute("set role mas_owner")
        for name in tables:
            assert owner.execute(f"select count(*) from core.{name}").fetchone() == (0,), (
                f"the owner sees {name}"
            )
            owner.execute(
                f"create function api.peek_{name}() returns bigint language sql stable security definer "
                f"set search_path = pg_catalog, pg_temp as 'select count(*) from core.{name}'"
            )
            owner.execute(f"grant execute on function api.peek_{name}() to web_user")
    for user_id, share in ((people[A][0], 0.5), (people[B][0], 0.5), (None, 0)):
        with behind_gateway(database, user_id) as web:
            seen = {name: web.execute(f"select api.peek_{name}()").fetchone() for name in tables}
        full = {name for name in tables if whole[name] != (0,)}
        assert {name: count[0] for name, count in seen.items() if count} == {
            name: whole[name][0] * share if name in full else 0
            for name in tables  # type: ignore[index]
        }


def test_a_person_cannot_begin_a_design_for_another(
    database: Database, people: dict[str, tuple[int, int]]
) -> None:
    """Even a function of the owner that was fooled cannot write a row for somebody else."""
    with database.connect() as owner:
        owner.execute("set role mas_owner")
        owner.execute(
            """create function api.fooled(p_user_id bigint) returns bigint language sql volatile security definer
               set search_path = pg_catalog, pg_temp
               as 'insert into core.design_states (user_id) values (p_user_id) returning state_id'"""
        )
        owner.execute("grant execute on function api.fooled(bigint) to web_user")
    with behind_gateway(database, people[A][0]) as web:
        assert refusal(web, "select api.fooled(%s)", (people[B][0],)) == "42501"
        assert refusal(web, "select api.fooled(%s)", (people[A][0],)) is None


def test_whom_another_front_end_brought_is_nobody_behind_the_gateway(database: Database) -> None:
    """Whoever has the gateway's login can be every person of the web, and nobody of the terminal or Discord."""
    design = begin(database)
    with database.connect() as owner:
        ((user_id,),) = owner.execute("select user_id from core.users").fetchall()
    with behind_gateway(database, user_id) as web:
        assert web.execute("select design from api.list_designs()").fetchall() == []
        assert web.execute("select design from api.my_designs").fetchall() == []
        for look, more in LOOKS.items():
            assert refusal(web, f"select * from api.{look}(%s{more})", (design,)) == "PB006", look
        assert refusal(web, "select api.send_message('a blinker', 'k')") == "PB006"
