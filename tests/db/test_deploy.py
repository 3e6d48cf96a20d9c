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


@pytest.mark.parametrize("migration", sorted(file.stem for file in MIGRATIONS.glob("0*.py"))[2:])
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
            return owner.execute("select obj_description('api.help(text)'::regprocedure)").fetchone()

    shutil.copytree(ROOT / "db", tmp_path / "db", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "yoyo.ini", tmp_path)
    file = tmp_path / "db/functions/help.sql"
    file.write_text(re.sub(r"\$\$The functions.*\$\$;", "'Changed.';", file.read_text(), flags=re.DOTALL))
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
        "api.claim_task(interval,text,integer)",
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


def test_what_a_migration_looks_at_it_looks_at_as_the_owner() -> None:
    """Whoever deploys has the owner's rights for the first ones alone: a later one that fails only there is found here."""
    for file in sorted(MIGRATIONS.glob("0*.py")):
        if file.name >= "0012":
            text = file.read_text()
            assert text.index("step(verify)") < text.index('step("set local role none"'), file.name


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
            code = file.read_text().partition("\ncomment on")[0]
            assert len(code.splitlines()) <= 60, f"{file.name} is long"
