"""Who may do what: executed, role by role and function by function, over the real wire.

The checklist of what must hold, and the test that holds it (here, where no file is named):

| # | what | test |
|---|---|---|
| 1 | definer functions pin their search_path; pgspot finds nothing | test_lints: catalogue rule pinned_path; test_pgspot_finds_nothing |
| 2 | PUBLIC has nothing; what the owner makes is nobody's | test_lints: public_functions, public_schemas, public_database, public_tables, default_privileges; test_a_function_made_a_moment_ago_is_nobodys |
| 3 | exactly the committed list; else 42501 | test_every_role_times_every_function, test_every_role_times_every_view, test_core_is_closed_to_every_role, test_agents_have_no_right_on_any_table_or_sequence; test_lints: grants, table_rights |
| 4 | owner and logins are plain; no definer is a superuser's | test_logins_and_owner_are_plain; test_lints: mighty_roles, definers_owner, owners |
| 5 | a login an agent, with a limit; lo_* and DO closed | test_a_login_has_its_limit_of_connections, test_what_no_login_may_do; test_control |
| 6 | nobody moves the clock or a lease; rings cause no work | test_nobody_moves_the_clock_or_forges_a_lease, test_forged_and_flooded_rings_cause_no_work |
| 7 | dynamic SQL by %I, %L or USING | test_lints: dynamic_sql, test_plpgsql_check_finds_nothing_in_any_function |
| 8 | payloads limited; bad text is a coded error | test_text_that_postgresql_refuses_is_a_coded_error_and_the_connection_lives; test_errors |
| 11 | a user reads only their own | test_row_security_holds_for_the_owner_and_inside_definer_functions, test_a_front_end_sees_only_what_it_brought; test_gateway |
| 12 | history is append-only; actor and time are the database's | test_states: test_history_is_append_only_even_for_the_administrator; test_core_is_closed_to_every_role; test_history_names_who_did_it |
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest

from clients.api import ApiError, Task
from clients.server import ROLES
from db.lints.grants import ADMINISTRATOR, EVERYBODY, GATEWAY, GROUPS, MAY_USE, SCALER, WEB
from tests.conftest import Database
from tests.db.steps import RESULTS, begin, reject, status, work

CALLERS = sorted(EVERYBODY | WEB | GATEWAY | SCALER | ADMINISTRATOR)
# an argument of each type that the api takes; of nobody's name, so that no call changes a real role
VALUES = {
    "bigint": "1",
    "integer": "1",
    "numeric": "1",
    "double precision": "1",
    "boolean": "true",
    "text": "'x'",
    "name": "'nobody'",
    "jsonb": "'{}'",
    "uuid": "gen_random_uuid()",
    "bytea": "'x'",
    "interval": "'1 s'",
    "timestamp with time zone": "now()",
    "text[]": "'{x}'",
    "jsonb[]": "array['{}'::jsonb]",
    "bigint[]": "'{1}'",
    "uuid[]": "array[gen_random_uuid()]",
}
FUNCTIONS = """
    select p.proname, array(select format_type(t, null) from unnest(p.proargtypes) with ordinality x (t, n) order by n)
      from pg_proc p where p.pronamespace = 'api'::regnamespace order by 1"""
CALLS_OF_CORE = """
    select format('select core.%I(%s)', p.proname,
                  (select string_agg('null::' || format_type(t, null), ', ' order by n) from unnest(p.proargtypes) with ordinality x (t, n)))
      from pg_proc p where p.pronamespace = 'core'::regnamespace and p.prorettype <> 'trigger'::regtype"""
RELATIONS = """
    select c.relname, c.relkind = 'S' from pg_class c where c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'p', 'S')"""


@contextmanager
def calling(database: Database, role: str) -> Iterator[psycopg.Connection]:
    """A connection as this role: its own login, or how a role without a login is reached."""
    login = {"web_user": "gateway", "mas_administrator": None}.get(role, role)
    with database.connect(login) as connection:
        if login != role:
            connection.execute(f"set role {role}; set search_path = api")
        yield connection


def refused(connection: psycopg.Connection, statement: str) -> str | None:
    """The SQLSTATE that a statement is refused with; None when it is done, and taken back."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
    except psycopg.Error as error:
        return error.sqlstate
    return None


def test_every_role_times_every_function(database: Database) -> None:
    """Each call is made, with an argument of each type: what is not on the list is 42501, what is on it is not."""
    with database.connect() as owner:
        functions = owner.execute(FUNCTIONS).fetchall()
    listed = {name for name in MAY_USE if "." not in name}
    assert {name for name, _ in functions} == listed - set(_views(database))
    wrong = []
    for role in CALLERS:
        with calling(database, role) as connection:
            for name, types in functions:
                statement = (
                    f"select * from api.{name}({', '.join(f'{VALUES[kind]}::{kind}' for kind in types)})"
                )
                code = refused(connection, statement)
                if (code == "42501") != (role not in MAY_USE[name]):
                    wrong.append((role, name, code))
    assert wrong == []


def test_every_role_times_every_view(database: Database) -> None:
    wrong = []
    for role in CALLERS:
        with calling(database, role) as connection:
            for name in _views(database):
                code = refused(connection, f"select * from api.{name}")
                if code != (None if role in MAY_USE[name] else "42501"):
                    wrong.append((role, name, code))
                wrong += [
                    (role, name, change)
                    for change in (f"delete from api.{name}", f"insert into api.{name} default values")
                    if refused(connection, change)
                    not in ("42501", "55000")  # most views cannot be written at all
                ]
    assert wrong == []


def _views(database: Database) -> list[str]:
    with database.connect() as owner:
        query = "select relname from pg_class where relnamespace = 'api'::regnamespace and relkind = 'v' order by 1"
        return [name for (name,) in owner.execute(query)]


@pytest.mark.parametrize("role", CALLERS)
def test_core_is_closed_to_every_role(database: Database, role: str) -> None:
    """No function, table or sequence of core answers anybody, by whatever statement."""
    with database.connect() as owner:
        statements = [call for (call,) in owner.execute(CALLS_OF_CORE)]
        for name, is_sequence in owner.execute(RELATIONS).fetchall():
            if is_sequence:
                statements += [f"select nextval('core.{name}')", f"select last_value from core.{name}"]
            else:
                statements += [
                    f"select * from core.{name}",
                    f"insert into core.{name} default values",
                    f"delete from core.{name}",
                    f"truncate core.{name}",
                    f"lock core.{name}",
                    f"create trigger mine before insert on core.{name} for each row execute function core.keep_updated_at()",
                ]
    assert len(statements) > 150
    with calling(database, role) as connection:
        codes = {statement: refused(connection, statement) for statement in statements}
    assert {statement: code for statement, code in codes.items() if code != "42501"} == {}


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
            (list(EVERYBODY | GATEWAY | SCALER),),
        ).fetchall()
        members = owner.execute(
            """select member::regrole::text, roleid::regrole::text, inherit_option, set_option, admin_option from pg_auth_members
                where member::regrole::text = any(%s)""",
            (list(EVERYBODY | GATEWAY | SCALER),),
        ).fetchall()
    assert {row[0] for row in rows} == EVERYBODY | GATEWAY | SCALER | {"mas_owner"}
    for name, can_login, mighty, limited in rows:
        assert not mighty
        assert can_login == limited == (name != "mas_owner")
    groups = {(login, group, True, False, False) for group, logins in GROUPS.items() for login in logins}
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


# the queue's policies hide nothing: they stand for constraints
USER_TABLES = """
    select c.relname from pg_class c
     where c.relnamespace = 'core'::regnamespace and c.relkind = 'r' and c.relforcerowsecurity and c.relname not in ('tasks', 'task_keys')"""


def test_row_security_holds_for_the_owner_and_inside_definer_functions(database: Database) -> None:
    """Every user table is full; a function of the owner shows each caller their own rows and no others."""
    begin(database)
    with database.connect("terminal") as terminal:
        terminal.execute("select attach_file('terminal:me', 'me', 'k', 'netlist.csv', 'x')")
        terminal.execute("select receive_event('terminal:me', 'me', 'k2', 'help', p_place => 'tty1')")
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
            tester.execute("select begin_model_call(%s, %s, 'm', 'pcb_tester', '1', '{}')", held)
        api.complete_task(task, RESULTS["pcb_tester"])
    with database.connect() as owner:
        tables = {name for (name,) in owner.execute(USER_TABLES)}
        assert len(tables) == 18
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


def test_a_login_has_its_limit_of_connections(database: Database) -> None:
    limited = f"{database.name}_login"  # of its own: other tests are at work as the real ones
    with database.connect() as owner, ExitStack() as stack:
        query = "select rolname, rolconnlimit from pg_roles where rolname = any(%s)"
        limits = dict(owner.execute(query, (list(ROLES),)).fetchall())
        assert set(limits) == set(ROLES)
        assert all(limit > 0 for limit in limits.values()), limits
        owner.execute(
            f"create role {limited} login password 'secret' connection limit 2 in role mas_agent".encode()
        )
        stack.callback(owner.execute, f"drop role {limited}".encode())
        dsn = psycopg.conninfo.make_conninfo(database.admin_dsn, user=limited, password="secret")
        for _ in range(2):
            stack.enter_context(psycopg.connect(dsn))
        with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
            psycopg.connect(dsn)


@pytest.mark.parametrize("role", CALLERS)
def test_nobody_moves_the_clock_or_forges_a_lease(database: Database, role: str) -> None:
    tomorrow = "returns timestamptz language sql as 'select now() + make_interval(days => 1)'"
    attempts = [
        f"create or replace function core.now() {tomorrow}",
        "alter function core.now() rename to later",
        "update core.tasks set lease_until = now() - interval '1 day'",
        f"create function pg_temp.now() {tomorrow}",
        f"create function api.now() {tomorrow}",
        "set session authorization postgres",
        "set role mas_owner",
    ]
    begin(database)
    with database.api("client_manager") as holder:
        task = holder.claim_task(30)
        assert task is not None
        with calling(database, role) as connection:
            # mas_administrator has no login: it is reached here from a superuser, who may go on to another role
            for attempt in attempts if role != "mas_administrator" else attempts[:5]:
                assert refused(connection, attempt) == "42501", attempt
        assert holder.heartbeat_task(task, 30, None) == "continue"


def test_a_token_is_its_agents_and_cannot_be_guessed(database: Database) -> None:
    begin(database)
    with database.api("client_manager") as holder:
        task = holder.claim_task(30)
        assert task is not None
        with database.api("pcb_designer") as other, pytest.raises(ApiError) as stolen:
            other.complete_task(task, RESULTS["client_manager"])
        assert stolen.value.code == "PB001"
        forged = Task(task.task_id, type(task.lease_token)(int=1), task.attempt, task.payload)
        with database.api("client_manager") as replica, pytest.raises(ApiError) as guessed:
            replica.heartbeat_task(forged, 30, None)
        assert guessed.value.code == "PB001"
        assert holder.heartbeat_task(task, 30, None) == "continue"


def test_history_names_who_did_it(database: Database) -> None:
    """Actor, time and token come from the session and the database; no argument of any function carries them."""
    design = begin(database)
    work(database, "client_manager")
    with database.connect() as owner:
        rows = owner.execute(
            """select actor, outcome, abs(extract(epoch from happened_at - clock_timestamp())) < 60
                 from core.design_events where state_id = %s order by event_id""",
            (design,),
        ).fetchall()
        named = owner.execute(
            """select p.proname, a from pg_proc p, unnest(p.proargnames) a
                where p.pronamespace = 'api'::regnamespace and a ~ '^p_(actor|sender|caller|role|now|time|at|by|user_id)$'"""
        ).fetchall()
    assert rows == [("terminal", "received", True), ("client_manager", "approved", True)]
    assert named == []
