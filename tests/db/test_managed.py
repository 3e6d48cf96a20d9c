"""A managed server: whoever deploys may create roles and databases, and is no superuser."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest

from clients import control, doctor
from clients.api import Api, ConnectionLost
from clients.deploy import deploy
from clients.server import Server
from tests.conftest import Database
from tests.db.steps import begin, status, work
from tests.db.test_deploy import MIGRATIONS, dump, yoyo
from tests.setup.conftest import own_server


@pytest.fixture(scope="module")
def managed() -> Iterator[Database]:
    """A database of a server of its own, because roles belong to the cluster; its administrator is `manager`."""
    with own_server() as there:
        with psycopg.connect(there.url, autocommit=True) as owner:
            owner.execute("create role manager login createrole createdb password 'of the manager'")
            owner.execute("grant connect on database postgres to manager")
        parts = urlsplit(there.url)
        where = parts.netloc.rpartition("@")[2]
        url = urlunsplit(parts._replace(netloc=f"manager:{quote('of the manager')}@{where}", path="/managed"))
        with psycopg.connect(
            urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True
        ) as manager:
            manager.execute("create database managed")
        yield Database("managed", Server(url, there.secrets))


OPEN = [
    "any login may run DO blocks",
    "any login may make large objects",
    "any login may take advisory locks",
]


@pytest.fixture(scope="module")
def deployed(managed: Database) -> tuple[Database, list[str]]:
    """The same with the schema, and what the deploy said."""
    return managed, list(deploy(managed.admin_dsn, managed.server.passwords()))


def test_a_deploy_says_what_it_could_not_close_and_nothing_the_second_time(
    deployed: tuple[Database, list[str]],
) -> None:
    database, said = deployed
    assert [line for line in said if not line.startswith("applied ")] == [
        f"left open: {door} (a superuser runs db/bootstrap.sql in this database)" for door in OPEN
    ]
    assert list(deploy(database.admin_dsn, database.server.passwords())) == []


def roll_back(database: Database, migration: str) -> None:
    """To the release before this migration, whose functions went by another name, as those of every release do."""
    yoyo(database, "rollback", "--revision", migration)
    with database.connect() as manager:
        manager.execute("delete from public._yoyo_migration where migration_id like '9999.%'")


def test_an_earlier_release_is_brought_to_today(deployed: tuple[Database, list[str]]) -> None:
    database, _ = deployed
    last = sorted(file.stem for file in MIGRATIONS.glob("0*.py"))[-1]
    roll_back(database, last)
    applied = [
        line for line in deploy(database.admin_dsn, database.server.passwords()) if "left open" not in line
    ]
    assert f"applied {last}" in applied


def test_the_doctor_says_it_too(
    deployed: tuple[Database, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", deployed[0].admin_dsn)
    assert [line.partition(" (")[0] for line in doctor._database()] == [f"left open: {door}" for door in OPEN]


def test_everything_else_is_closed(deployed: tuple[Database, list[str]]) -> None:
    database, _ = deployed
    with database.connect("monitor") as monitor:
        doors = monitor.execute("select door, closed from check_hardening()").fetchall()
        assert [door for door, closed in doors if not closed] == OPEN
        assert len(doors) > len(OPEN)
    for role in ("kicad", "terminal", "monitor", "gateway"):
        for attempt in (
            "select * from core.tasks",
            "create table public.mine (x int)",
            "create temp table mine (x int)",
            "set role mas_owner",
            "select api.create_login('kicad', 'x')",
        ):
            with database.connect(role) as connection, pytest.raises(psycopg.Error) as refused:
                connection.execute(attempt)
            assert refused.value.sqlstate == "42501", (role, attempt)


def test_the_administrator_is_the_owner_by_set_role_only(deployed: tuple[Database, list[str]]) -> None:
    with deployed[0].connect() as manager:
        assert manager.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() == (
            False,
        )
        with pytest.raises(psycopg.Error) as refused:
            manager.execute("select * from core.users")
        assert refused.value.sqlstate == "42501"
        manager.execute("set role mas_owner")
        assert manager.execute("select count(*) from core.users").fetchone() == (0,)  # row security is forced


def test_yoyo_alone_brings_an_earlier_release_to_today(
    deployed: tuple[Database, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever deploys has lost the owner's rights since: `./mas deploy` gives them for a moment, yoyo by itself must."""
    database, _ = deployed

    def as_owner() -> str:
        with monkeypatch.context() as patch:
            patch.setenv("PGOPTIONS", "-c role=mas_owner")
            return dump(database)

    first = as_owner()
    last = sorted(file.stem for file in MIGRATIONS.glob("0*.py"))[-1]
    roll_back(database, last)
    assert as_owner() != first
    yoyo(database, "apply")
    assert as_owner() == first
    with database.connect() as manager:
        assert manager.execute("select pg_has_role(current_user, 'mas_owner', 'usage')").fetchone() == (
            False,
        )


def test_a_design_goes_from_the_brief_to_its_end(deployed: tuple[Database, list[str]]) -> None:
    database, _ = deployed
    design = begin(database)
    for agent in ("client_manager", "pcb_designer", "kicad", "pcb_tester"):
        work(database, agent)
    assert status(database, design)["state"] == "resolved"


def test_logins_are_made_rotated_and_revoked_without_a_superuser(
    deployed: tuple[Database, list[str]],
) -> None:
    server, said = deployed[0].server, list[str]()
    control.create_agent(server, "reviewer", {"replicas": 1}, said.append)
    first = server.dsn("reviewer")
    with Api.connect(first) as running:
        assert running.claim_task(30) is None
        control.change_agent(server, "reviewer", {"replicas": 2}, said.append)
        control.rotate_agent(server, "reviewer", said.append)
        with pytest.raises(ConnectionLost):
            Api.connect(first)
        with Api.connect(server.dsn("reviewer")):
            control.revoke_agent(server, "reviewer", said.append)
            with pytest.raises(ConnectionLost):
                running.claim_task(30)
    assert "2 connections ended" in said[-1]
    with deployed[0].connect() as manager:
        row = manager.execute(
            "select rolcanlogin, rolconnlimit from pg_roles where rolname = 'reviewer'"
        ).fetchone()
        assert row == (False, 6)
        member = "select pg_has_role(current_user, 'reviewer', 'usage')"
        assert manager.execute(member).fetchone() == (False,), "the membership for ending connections stayed"
