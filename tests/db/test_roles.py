"""Who may do what: executed, role by role and function by function."""

from __future__ import annotations

import psycopg
import pytest

from clients.api import ApiError
from clients.server import ROLES
from tests.conftest import Database
from tests.db.steps import RESULTS, begin, reject, status, work

CALLS = """
    select p.proname, format('select * from api.%I(%s)', p.proname,
             (select string_agg('null::' || format_type(t, null), ', ' order by n) from unnest(p.proargtypes) with ordinality x (t, n)))
      from pg_proc p where p.pronamespace = 'api'::regnamespace"""


def test_every_role_times_every_function(database: Database) -> None:
    with database.connect() as owner:
        calls = owner.execute(CALLS).fetchall()
    assert {name for name, _ in calls} == set(MAY_EXECUTE)
    wrong = []
    for role in ROLES:
        with database.connect(role) as connection:
            for name, call in calls:
                if name == "prepare_sleep":
                    continue  # takes session locks; its right is asked below
                denied = _denied(connection, call)
                if denied != (role not in MAY_EXECUTE[name]):
                    wrong.append((role, name, "denied" if denied else "allowed"))
    assert wrong == []


def _denied(connection: psycopg.Connection, call: str) -> bool:
    """Whether the call itself is refused for want of a right, whatever else it says to nulls."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(call)
    except psycopg.Error as error:
        return error.sqlstate == "42501"
    return False


def test_agents_have_no_right_on_any_table_or_sequence(database: Database) -> None:
    query = """
        select r.rolname, c.oid::regclass from pg_roles r, pg_class c join pg_namespace n on n.oid = c.relnamespace
         where r.rolname = any(%s) and n.nspname in ('core', 'api', 'public') and c.relkind in ('r', 'p', 'v', 'm', 'S')
           and not (c.relkind = 'v' and r.rolname in ('admin', 'monitor'))  -- people read the views
           and (case when c.relkind = 'S' then has_sequence_privilege(r.rolname, c.oid, 'usage, select, update')
                     else has_table_privilege(r.rolname, c.oid, 'select, insert, update, delete, truncate, references, trigger')
                          or has_any_column_privilege(r.rolname, c.oid, 'select, insert, update, references') end)"""
    with database.connect() as owner:
        assert owner.execute(query, (list(EVERYBODY),)).fetchall() == []


@pytest.mark.parametrize(
    "attempt",
    [
        "select * from core.tasks",
        "do $$ begin null; end $$",
        "select lo_create(0)",
        "select pg_advisory_lock(1)",
        "create table mine (x int)",
        "create temp table mine (x int)",
        "create schema mine",
        "set role mas_owner",
        "set session_replication_role = replica",
    ],
)
@pytest.mark.parametrize("role", ["pcb_designer", "terminal", "monitor"])
def test_what_no_login_may_do(database: Database, role: str, attempt: str) -> None:
    with database.connect(role) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(attempt)
    assert refused.value.sqlstate == "42501"


def test_logins_and_owner_are_plain(database: Database) -> None:
    with database.connect() as owner:
        rows = owner.execute(
            """select rolname, rolcanlogin, rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls,
                      rolconnlimit >= 0 from pg_roles where rolname = any(%s) or rolname = 'mas_owner'""",
            (list(EVERYBODY | {"gateway"}),),
        ).fetchall()
        members = owner.execute(
            """select member::regrole::text, roleid::regrole::text, inherit_option, set_option, admin_option from pg_auth_members
                where member::regrole::text = any(%s)""",
            (list(EVERYBODY | {"gateway"}),),
        ).fetchall()
    assert {row[0] for row in rows} == EVERYBODY | {"gateway", "mas_owner"}
    for name, can_login, mighty, limited in rows:
        assert not mighty
        assert can_login == limited == (name != "mas_owner")
    groups = {(login, group, True, False, False) for login, group in GROUPS.items()}
    assert set(members) == groups | {
        ("gateway", "web_user", False, True, False),
        ("monitor", "pg_read_all_stats", True, True, False),  # a person, no agent
    }


def test_a_function_made_a_moment_ago_is_nobodys(database: Database) -> None:
    with database.connect() as owner:
        owner.execute("set role mas_owner")
        owner.execute("create function api.fresh() returns int language sql stable as 'select 1'")
    with database.connect("admin") as people, pytest.raises(psycopg.Error) as refused:
        people.execute("select api.fresh()")
    assert refused.value.sqlstate == "42501"


USER_TABLES = """
    select c.relname from pg_class c where c.relnamespace = 'core'::regnamespace and c.relkind = 'r' and c.relforcerowsecurity"""


def test_row_security_holds_for_the_owner_and_inside_definer_functions(database: Database) -> None:
    """Every user table is full; a function of the owner shows each caller their own rows and no others."""
    begin(database)
    for agent in ("client_manager", "pcb_designer"):
        work(database, agent)
    reject(database, "kicad")
    for agent in ("pcb_designer", "kicad"):
        work(database, agent)
    with database.api("pcb_tester") as api:
        task = api.claim_task(30)
        assert task is not None
        api.store_artifact(task, "board.kicad_pcb", b"board")
        with database.connect("pcb_tester") as tester:
            held = (task.task_id, task.lease_token)
            tester.execute("select record_model_call(%s, %s, 'm', 1, 1, 0, 1)", held)
        api.complete_task(task, RESULTS["pcb_tester"])
    with database.connect() as owner:
        tables = {name for (name,) in owner.execute(USER_TABLES)}
        assert len(tables) == 13
        owner.execute("set role mas_owner")
        for table in tables:
            assert owner.execute(f"select count(*) from core.{table}").fetchone() == (0,), (
                f"the owner sees {table}"
            )
            owner.execute(
                f"create function api.peek_{table}() returns bigint language sql stable security definer "
                f"set search_path = pg_catalog, pg_temp as 'select count(*) from core.{table}'"
            )
            owner.execute(
                f"grant execute on function api.peek_{table}() to terminal, discord_bot, pcb_tester"
            )
    for role, sees in (("terminal", True), ("pcb_tester", True), ("discord_bot", False)):
        with database.connect(role) as caller:
            seen = {table for table in tables if caller.execute(f"select peek_{table}()").fetchone() != (0,)}
        assert seen == (tables if sees else set()), role


def test_a_front_end_sees_only_what_it_brought(database: Database) -> None:
    design = begin(database)
    with database.api("discord_bot") as other:
        for look in (
            lambda: other.design_status(design),
            lambda: other.design_messages(design, 0),
            lambda: other.design_files(design),
        ):
            with pytest.raises(ApiError) as refused:
                look()
            assert refused.value.code == "PB006"
        with pytest.raises(ApiError) as refused:
            other.cancel_design(design)
        assert refused.value.code == "PB006"


def test_a_user_cannot_speak_into_anothers_design(database: Database) -> None:
    design = begin(database)
    with database.api("terminal") as api, pytest.raises(ApiError) as refused:
        api.receive_message("terminal:other", "other", "mine now", "k", design, True)
    assert refused.value.code == "PB006"


def test_forged_and_flooded_rings_cause_no_work(database: Database) -> None:
    design = begin(database)
    with database.connect("monitor") as forger:
        for n in range(500):
            forger.execute("select pg_notify('task_pcb_tester', %s)", (f"forged {n}",))
    with database.api("pcb_tester") as api:
        assert api.claim_task(30) is None
    assert status(database, design)["state"] == "briefing"


@pytest.mark.parametrize("text", ["nul \0 in it", "lone \ud800 surrogate"])
def test_text_that_postgresql_refuses_is_a_coded_error_and_the_connection_lives(
    database: Database, text: str
) -> None:
    with database.api("terminal") as api:
        with pytest.raises(ApiError) as refused:
            api.receive_message("terminal:me", "me", text, "k", None, True)
        assert refused.value.code == "PB008"
        assert api.receive_message("terminal:me", "me", "a blinker", "k2", None, True) > 0


def test_notifications_wait_for_whoever_was_away(database: Database) -> None:
    design = begin(database)
    for agent in ("client_manager", "pcb_designer", "kicad", "pcb_tester"):
        work(database, agent)
    with database.api("discord_bot") as other:
        assert other.pending_notifications() == []  # the design came through the terminal
    with database.api("terminal") as away:
        (message,) = away.pending_notifications()
        assert message["message_payload"] == {"design": design, "state": "resolved"}
        assert away.acknowledge_notification(message["notification_id"])
        assert not away.acknowledge_notification(message["notification_id"])
        assert away.pending_notifications() == []


def test_an_agent_sends_only_where_it_may(database: Database) -> None:
    with database.api("pcb_tester") as tester:
        assert tester.send_notification("corrections_needed", {"n": 1}) > 0
        with pytest.raises(ApiError) as refused:
            tester.send_notification("task_queue", {})
        assert refused.value.code == "PB002"
    with database.api("pcb_designer") as designer:
        assert [m["channel"] for m in designer.pending_notifications()] == ["corrections_needed"]
