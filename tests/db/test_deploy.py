"""The roads to a database: deploy, yoyo alone, and the schema as it is read."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from clients.deploy import deploy
from clients.server import Server
from db.stamp import repeatable_files, repeatable_name
from tests.conftest import ROOT, WORKER, Database

MIGRATIONS = ROOT / "db" / "migrations"


@contextmanager
def empty_database(server: Server) -> Iterator[Database]:
    """A database in which nothing is."""
    name = f"mas_test_{WORKER}_{uuid.uuid4().hex[:12]}"
    with Database("postgres", server).connect() as maintenance:
        maintenance.execute(f"create database {name}")
        try:
            yield Database(name, server)
        finally:
            maintenance.execute(f"drop database {name} with (force)")


def dump(database: Database) -> str:
    """What pg_dump says of core and api, without what differs by chance."""
    from clients import server as module

    url = psycopg.conninfo.conninfo_to_dict(database.admin_dsn)
    env = os.environ | {"PGPASSWORD": str(url.pop("password"))}
    target = psycopg.conninfo.make_conninfo(**url)
    words = [module._binaries() / "pg_dump", "--schema-only", "-n", "core", "-n", "api", target]
    text = subprocess.run(words, env=env, check=True, capture_output=True, text=True).stdout
    return "\n".join(line for line in text.splitlines() if not re.match(r"\\(un)?restrict|--", line))


def yoyo(database: Database, *command: str, folder: Path = ROOT) -> None:
    """Run yoyo as yoyo.ini in the folder has it."""
    url = database.admin_dsn.replace("postgresql://", "postgresql+psycopg://")
    words = [
        sys.executable,
        "-m",
        "yoyo",
        *command,
        "--database",
        url,
    ]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_yoyo_alone_gives_the_same_database_and_takes_it_back(server: Server, database: Database) -> None:
    with empty_database(server) as other:
        yoyo(other, "apply")
        first = dump(other)
        assert first == dump(database)
        yoyo(other, "rollback", "--all")
        with other.connect() as owner:
            assert (
                owner.execute("select nspname from pg_namespace where nspname in ('core', 'api')").fetchall()
                == []
            )
        yoyo(other, "apply")
        assert dump(other) == first


def test_a_database_of_the_first_release_is_brought_to_today(server: Server, database: Database) -> None:
    with empty_database(server) as other:
        yoyo(other, "apply", "--revision", "0001.initial")
        assert dump(other) != dump(database)
        list(deploy(other.admin_dsn, server.passwords()))
        assert dump(other) == dump(database)


@pytest.mark.parametrize("migration", sorted(file.stem for file in MIGRATIONS.glob("0*.py"))[1:])
def test_a_migration_can_be_taken_back_and_applied_again(server: Server, migration: str) -> None:
    with empty_database(server) as other:
        yoyo(other, "apply", "--revision", migration)
        first = dump(other)
        yoyo(other, "rollback", "--match", migration)
        assert dump(other) != first
        yoyo(other, "apply", "--match", migration)
        assert dump(other) == first


def test_the_schema_as_it_is_read_is_the_schema_that_migrations_make(
    server: Server, database: Database
) -> None:
    with empty_database(server) as other:
        with other.connect() as owner:
            owner.execute((ROOT / "db/roles/01_roles.sql").read_bytes())
            owner.execute("create table public._yoyo_migration (migration_id text)")
            owner.execute("grant select on public._yoyo_migration to mas_owner; set role mas_owner")
            for file in sorted((ROOT / "db/schema").glob("*.sql")):
                owner.execute(file.read_bytes())
            owner.execute("set check_function_bodies = off")
            for file in (ROOT / "db/functions").glob("*.sql"):
                owner.execute(file.read_bytes())
            owner.execute((ROOT / "db/roles/02_grants.sql").read_bytes())
            owner.execute("reset role")
            owner.execute((ROOT / "db/bootstrap.sql").read_bytes())
        assert dump(other) == dump(database)


def test_deploying_twice_at_once_and_again_does_it_once(server: Server) -> None:
    with empty_database(server) as other:

        def go(_: int) -> list[str]:
            return list(deploy(other.admin_dsn, server.passwords()))

        with ThreadPoolExecutor(2) as pool:
            said = sorted(pool.map(go, range(2)), key=len)
        assert said[0] == []
        assert said[1] == [f"applied {file.stem}" for file in sorted(MIGRATIONS.glob("*.py"))]
        assert go(0) == []


def test_a_revert_to_earlier_functions_is_applied_again(server: Server, tmp_path: Path) -> None:
    def described() -> object:
        with other.connect() as owner:
            return owner.execute("select obj_description('api.help()'::regprocedure)").fetchone()

    shutil.copytree(ROOT / "db", tmp_path / "db", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "yoyo.ini", tmp_path)
    file = tmp_path / "db/functions/help.sql"
    file.write_text(file.read_text().replace("'The functions that you may call.'", "'Changed.'"))
    subprocess.run([sys.executable, "db/stamp.py"], cwd=tmp_path, check=True)
    with empty_database(server) as other:
        yoyo(other, "apply")
        before = described()
        yoyo(other, "apply", folder=tmp_path)
        assert described() == ("Changed.",)
        yoyo(other, "apply")
        assert described() == before


def test_functions_that_no_file_makes_are_reported(server: Server, database: Database) -> None:
    with database.connect() as owner:
        owner.execute("set role mas_owner")
        owner.execute("create function api.left_over() returns int language sql stable as 'select 1'")
        owner.execute("create function api.claim_task(int) returns int language sql stable as 'select 1'")
    said = "\n".join(deploy(database.admin_dsn, {}))
    assert re.findall(r"no file has (\S+)", said) == [
        "api.claim_task(integer)",
        "api.claim_task(interval,text)",
        "api.left_over()",
    ]


def test_roles_may_be_made_in_two_databases_at_once(server: Server) -> None:
    roles = (ROOT / "db/roles/01_roles.sql").read_bytes()
    with empty_database(server) as one, empty_database(server) as other:

        def make(database: Database) -> None:
            with database.connect() as owner:
                for _ in range(20):
                    owner.execute(roles)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(make, (one, other)))


def test_every_migration_has_a_rollback_and_a_verify_that_throws() -> None:
    for file in MIGRATIONS.glob("0*.py"):
        text = file.read_text()
        assert "def verify(connection):" in text, file.name
        assert "step(verify)" in text, file.name


def test_the_repeatable_migration_is_named_after_what_it_applies() -> None:
    (there,) = MIGRATIONS.glob("9999.functions-*.py")
    assert there.name == repeatable_name(), "db/functions or db/roles changed: run `python -m db.stamp`"


def test_frozen_migrations_are_as_they_were() -> None:
    for line in (MIGRATIONS / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((MIGRATIONS / name).read_bytes()).hexdigest() == digest, f"{name} was edited"
    frozen = {line.split()[1] for line in (MIGRATIONS / "SHA256SUMS").read_text().splitlines()}
    assert {file.name for file in MIGRATIONS.glob("0*")} == frozen


def test_one_function_a_file_named_like_it() -> None:
    for file in repeatable_files():
        if file.parent.name == "functions":
            names = re.findall(r"create or replace function (?:core|api)\.(\w+)", file.read_text())
            assert names == [file.stem]
            assert len(file.read_text().splitlines()) <= 60, f"{file.name} is long"


LINTS = {
    "a definer function must pin its search_path": """
        select p.oid::regprocedure::text from pg_proc p where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
           and (p.proconfig is null or not 'search_path=pg_catalog, pg_temp' = any (p.proconfig))
           and (p.prosecdef or p.proname not in ('now', 'caller', 'look_is_due'))  -- qualified throughout, so that they are inlined""",
    "PUBLIC may execute nothing of ours": """
        select p.oid::regprocedure::text from pg_proc p where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
           and has_function_privilege('public', p.oid, 'execute')""",
    "every function of the api has a comment": """
        select p.oid::regprocedure::text from pg_proc p where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
           and obj_description(p.oid, 'pg_proc') is null""",
    "every column has a comment": """
        select format('%s.%s', c.oid::regclass, a.attname) from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0
           and not a.attisdropped and col_description(c.oid, a.attnum) is null""",
    "every foreign key has an index": """
        select k.conname::text from pg_constraint k where k.contype = 'f' and k.connamespace = 'core'::regnamespace
           and not exists (select from pg_index i where i.indrelid = k.conrelid
                            and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] operator(pg_catalog.@>) k.conkey)""",
    "a definer function belongs to the owner, who cannot log in": """
        select p.oid::regprocedure::text from pg_proc p where p.prosecdef
           and p.pronamespace in ('core'::regnamespace, 'api'::regnamespace, 'public'::regnamespace)
           and p.proowner <> 'mas_owner'::regrole""",
    "no function has two shapes": """
        select p.pronamespace::regnamespace || '.' || p.proname from pg_proc p
         where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace) group by 1 having count(*) > 1""",
    "no function puts a value into SQL by %s": """
        select p.oid::regprocedure::text from pg_proc p where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
           and p.prosrc ~* '\\mexecute\\s+(?!function|format\\()|\\mexecute\\s+format\\(''(?![^'']*connection limit %s'', [a-z_., ]+::int)[^'']*%%?s'""",
    "what is marked immutable or stable writes nothing": """
        select p.oid::regprocedure::text from pg_proc p where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
           and p.provolatile <> 'v' and p.prosrc ~* '\\m(insert into|update core|delete from|pg_notify|nextval|for update)\\M'""",
    "nobody may create in a schema or own a table but the owner": """
        select c.oid::regclass::text from pg_class c where c.relnamespace in ('core'::regnamespace, 'api'::regnamespace)
           and c.relowner <> 'mas_owner'::regrole
        union all
        select n.nspname || ' ' || r.rolname from pg_namespace n, pg_roles r
         where n.nspname in ('core', 'api', 'public') and r.rolcanlogin and not r.rolsuper and has_schema_privilege(r.oid, n.oid, 'create')""",
    "tables that belong to users force row security": """
        select c.oid::regclass::text from pg_class c where c.relnamespace = 'core'::regnamespace and c.relkind = 'r'
           and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname in ('user_id', 'state_id', 'script_id') and a.attnum > 0)
           and c.relname not in ('tasks') and not c.relispartition and not (c.relrowsecurity and c.relforcerowsecurity)""",
}
PLANTED = {
    "a definer function must pin its search_path": "create function core.planted() returns int language sql security definer as 'select 1'",
    "PUBLIC may execute nothing of ours": "grant execute on function api.help() to public",
    "every function of the api has a comment": "create function core.planted() returns int language sql as 'select 1'",
    "every column has a comment": "alter table core.agents add column planted int",
    "every foreign key has an index": "alter table core.system_logs add column planted text references core.states",
    "a definer function belongs to the owner, who cannot log in": "reset role; create function api.planted() returns int language sql security definer as 'select 1'",
    "no function has two shapes": "create function api.help(int) returns int language sql as 'select 1'",
    "no function puts a value into SQL by %s": "create function core.planted() returns void language plpgsql as 'begin execute format(''select %s'', 1); end'",
    "what is marked immutable or stable writes nothing": "create function core.planted() returns void language plpgsql stable as 'begin perform nextval(''x''); end'",
    "nobody may create in a schema or own a table but the owner": "grant create on schema api to monitor",
    "tables that belong to users force row security": "alter table core.chat_messages no force row level security",
}


@pytest.mark.parametrize("rule", LINTS)
def test_the_catalogue_is_clean_and_the_lint_would_fire(database: Database, rule: str) -> None:
    with database.connect() as owner:
        assert owner.execute(LINTS[rule]).fetchall() == []
        owner.execute("set role mas_owner")
        owner.execute(PLANTED[rule])
        owner.execute("reset role")
        assert owner.execute(LINTS[rule]).fetchall() != [], "the planted violation was not seen"
