"""Lints: the database has no finding, and every lint sees a violation that is planted for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from clients import server as embedded
from clients import setup
from db.lints import ToolMissing, bodies, catalogue, moves, paths
from db.lints.catalogue import Rule
from db.lints.cluster import cluster
from tests.conftest import ROOT, Database


@pytest.mark.parametrize("rule", catalogue.rules(), ids=lambda rule: rule.name)
def test_the_catalogue_is_clean_and_the_rule_fires(database: Database, rule: Rule) -> None:
    with database.connect() as owner:
        assert catalogue.violations(owner, rule) == []
        with owner.transaction(
            force_rollback=True
        ):  # roles belong to the cluster: other tests must not see it
            owner.execute("set local role mas_owner")
            owner.execute(rule.planted.encode())
            owner.execute("reset role")
            assert catalogue.violations(owner, rule), f"not seen: {rule.planted}"
        assert catalogue.violations(owner, rule) == []


@pytest.mark.parametrize(
    ("planted", "seen"),
    [
        ("reset role; alter role kicad bypassrls", "mighty_roles: kicad is or may: pass row security"),
        ("reset role; alter role kicad replication", "mighty_roles: kicad is or may: replicate"),
        ("reset role; alter role kicad createrole", "mighty_roles: kicad is or may: make roles"),
        ("reset role; alter role kicad superuser", "mighty_roles: kicad is or may: superuser"),
        (
            "reset role; alter role kicad connection limit -1",
            "mighty_roles: kicad is or may: connect without limit",
        ),
        (
            "reset role; alter role mas_owner login",
            "mighty_roles: mas_owner is or may: log in, connect without limit",
        ),
        (
            "reset role; grant pg_read_all_data to kicad",
            "mighty_roles: kicad is a member of pg_read_all_data",
        ),
        ("reset role; grant mas_owner to kicad", "mighty_roles: kicad is a member of mas_owner"),
        (
            "revoke execute on function api.help(text) from monitor",
            "grants: monitor may not use help, which the list gives it",
        ),
        (
            "grant execute on function api.claim_task(interval, text, int) to monitor",
            "grants: monitor may use claim_task, which no list gives it",
        ),
        (
            "create view api.peek as select 1 as one; grant select on api.peek to kicad",
            "grants: kicad may use peek, which no list gives it",
        ),
        (
            "create view api.peek as select 1 as one; grant insert on api.peek to kicad",
            "table_rights: kicad has INSERT on api.peek",
        ),
        (
            "grant usage on sequence core.task_id_seq to kicad",
            "table_rights: kicad has USAGE on core.task_id_seq",
        ),
        ("grant select on core.tasks to kicad", "table_rights: kicad has SELECT on core.tasks"),
        ("grant usage on schema core to kicad", "table_rights: kicad may USAGE schema core"),
        ("grant create on schema api to kicad", "table_rights: kicad may CREATE schema api"),
        (
            "reset role; do $$ begin execute format('grant connect on database %I to public', current_database()); end $$",
            "public_database: PUBLIC has CONNECT on the database",
        ),
        (
            "reset role; grant create on schema public to public",
            "public_schemas: PUBLIC may create in schema public",
        ),
        (
            "alter default privileges grant select on tables to monitor",
            "default_privileges: monitor gets SELECT on what the owner makes from now on",
        ),
        ("comment on column core.tasks.agent is null", "comments: core.tasks.agent has no comment"),
        ("comment on function api.help(text) is null", "comments: api.help(text) has no comment"),
        ("comment on domain core.payload is null", "comments: type core.payload has no comment"),
        ("create view api.peek as select 1 as one", "comments: api.peek has no comment"),
        ("alter table core.users disable row level security", "row_security: core.users: no row security"),
        (
            "drop policy users_of_the_caller on core.users",
            "row_security: core.users: row security without a policy",
        ),
        (
            "create function core.planted() returns timestamptz language sql immutable as 'select core.now()'",
            "volatility: core.planted()",
        ),
        (
            "create function core.planted() returns void language plpgsql as 'begin execute ''select '' || 1; end'",
            "dynamic_sql: core.planted()",
        ),
        (
            "create function core.planted() returns void language plpgsql as 'declare q text; begin execute q; end'",
            "dynamic_sql: core.planted()",
        ),
    ],
)
def test_a_rule_sees_each_form_of_its_violation(database: Database, planted: str, seen: str) -> None:
    with database.connect() as owner, owner.transaction(force_rollback=True):
        owner.execute("set local role mas_owner")
        owner.execute(planted.encode())
        owner.execute("reset role")
        assert seen in catalogue.check(owner)


def test_a_rule_without_a_planted_violation_is_none(tmp_path: Path) -> None:
    file = tmp_path / "rule.sql"
    file.write_text("-- Something is wrong.\nselect 1")
    with pytest.raises(ValueError, match="plants no violation"):
        catalogue.read_rule(file)


# ---------------------------------------------------------------------------- pgspot


@pytest.fixture(scope="module")
def spotted() -> list[str]:
    try:
        return paths.findings(paths.scripts())
    except ToolMissing as missing:
        pytest.skip(str(missing))


def test_pgspot_finds_nothing(spotted: list[str]) -> None:
    assert spotted == []


@pytest.mark.parametrize(
    ("planted", "code"),
    [
        ("create function api.planted() returns int language sql security definer as 'select 1';", "PS003"),
        ("create function core.planted() returns int language sql as 'select 1';", "PS005"),
        (
            "create or replace function elsewhere.planted() returns int language sql set search_path = pg_catalog, pg_temp as 'select 1';",
            "PS002",
        ),
        (
            "create function core.planted() returns void language plpgsql security definer set search_path = public as $$ begin perform f(); end $$;",
            "PS004",
        ),
        ("set search_path = public; select somebodys();", "PS016"),
        (
            "create function core.planted() returns void language plpgsql as $$ begin if then end $$;",
            "missing expression",
        ),
    ],
)
def test_pgspot_sees_a_planted_violation(spotted: list[str], planted: str, code: str) -> None:
    found = paths.findings({"planted.sql": planted})
    assert any(code in line for line in found), found


# ---------------------------------------------------------------------------- plpgsql_check


@pytest.fixture(scope="module")
def checker() -> Iterator[psycopg.Connection]:
    """An administrator of a throwaway cluster that has plpgsql_check."""
    try:
        with cluster(bodies.library()) as url, psycopg.connect(url, autocommit=True) as connection:
            connection.execute(bodies.EXTENSION)
            yield connection
    except ToolMissing as missing:
        pytest.skip(str(missing))


def test_plpgsql_check_finds_nothing_in_any_function(checker: psycopg.Connection) -> None:
    made = checker.execute(
        """select count(*) from pg_proc p join pg_language l on l.oid = p.prolang
            where l.lanname = 'plpgsql' and p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)"""
    ).fetchone()
    assert made == (bodies.checked(checker),)
    assert bodies.findings(checker) == []


@pytest.mark.parametrize(
    ("planted", "seen"),
    [
        ("begin perform t.nothing from core.tasks t; end", "error: column t.nothing does not exist"),
        ("begin update core.tasks set attempt = 'x'::core.agents; end", "error:"),
        ("declare v_unused int; begin null; end", 'warning: unused variable "v_unused"'),
        ("begin execute 'select ' || p_text; end", "security: text type variable is not sanitized"),
        ("declare p_text int := 1; begin perform p_text; end", 'parameter "p_text" is shadowed'),
        ("begin return; perform pg_notify('x', p_text); end", "unreachable code"),
        (
            "declare v_n int; begin select 1, 2 into v_n; perform pg_notify('x', v_n::text); end",
            "too many attributes",
        ),
        ("begin perform length(p_text); end", "performance: routine is marked as VOLATILE"),
    ],
)
def test_plpgsql_check_sees_a_planted_violation(checker: psycopg.Connection, planted: str, seen: str) -> None:
    with checker.transaction(force_rollback=True):
        checker.execute("set local check_function_bodies = off")
        checker.execute(
            f"create function core.planted(p_text text) returns void language plpgsql set search_path = pg_catalog, pg_temp as $x${planted}$x$".encode()
        )
        found = bodies.findings(checker)
    assert any(line.startswith("plpgsql_check: core.planted") and seen in line for line in found), found


def test_plpgsql_check_reads_a_trigger_with_its_table(checker: psycopg.Connection) -> None:
    with checker.transaction(force_rollback=True):
        checker.execute(
            "create function core.planted() returns trigger language plpgsql as 'begin new.nothing := 1; return new; end'"
        )
        assert "plpgsql_check: core.planted(): no table has this trigger" in bodies.findings(checker)
        checker.execute(
            "create trigger planted before update on core.users for each row execute function core.planted()"
        )
        found = bodies.findings(checker)
    assert any('record "new" has no field "nothing"' in line for line in found), found


def test_a_missing_checker_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedded, "home", lambda: tmp_path)
    monkeypatch.setattr(setup, "_sources", list)
    with pytest.raises(ToolMissing, match="postgresql-17-plpgsql-check"):
        bodies.library()
    assert not (tmp_path / "cache" / bodies.PACKAGE).exists()


# ---------------------------------------------------------------------------- squawk


def test_squawk_finds_nothing() -> None:
    try:
        assert moves.check() == []
    except ToolMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ("drop table core.tasks;", "ban-drop-table"),
        ("alter table core.tasks drop column payload;", "ban-drop-column"),
        ("alter table core.tasks alter column agent type text;", "changing-column-type"),
        ("alter table core.tasks rename column agent to who;", "renaming-column"),
        ("create index planted on core.tasks (agent);", "require-concurrent-index-creation"),
        (
            "alter table core.tasks add constraint planted check (attempt < 9);",
            "constraint-missing-not-valid",
        ),
        ("alter table core.tasks add column planted text not null;", "adding-required-field"),
        ("create tabel core.planted (n int);", "syntax-error"),
    ],
)
def test_squawk_sees_a_planted_violation(planted: str, rule: str) -> None:
    try:
        found = moves.findings("9998.planted", f"set local lock_timeout = '5s';\n{planted}")
    except ToolMissing as missing:
        pytest.skip(str(missing))
    assert any(f": {rule}: " in line for line in found), found


def test_squawk_asks_for_a_short_wait() -> None:
    try:
        found = moves.findings("9998.planted", "alter table core.tasks add column planted text;")
    except ToolMissing as missing:
        pytest.skip(str(missing))
    assert any(": require-lock-timeout: " in line for line in found), found


def test_every_suppression_of_squawk_is_still_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "NOT_OURS", {"ban-char-field": "any rule that nothing here breaks"})
    known = moves.KNOWN
    monkeypatch.setattr(moves, "KNOWN", {})
    try:
        found = [(line.split(": ")[1].partition(".sql")[0], line.split(": ")[2]) for line in moves.check()]
    except ToolMissing as missing:
        pytest.skip(str(missing))
    for migration, rules in known.items():
        assert set(rules) <= {rule for name, rule in found if name == migration}, migration


def test_statements_of_a_migration_are_those_on_the_way_up() -> None:
    text = moves.statements(ROOT / "db/migrations/0002.one-task-a-design.py")
    assert "create unique index task_is_the_only_one_of_its_design" in text
    assert "drop index core.task_is_the_only_one_of_its_design" not in text
