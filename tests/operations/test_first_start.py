"""A new cell's database, as CloudNativePG makes it: its steps, with the manifest's own SQL, on a real server.

The operator itself is not here.  What it does at a first start is: a role for the owner, `postInitSQL` in `postgres`,
the database, `postInitApplicationSQLRefs` in it as one statement, all as superuser; then it compares each managed role
with the catalogue, and sets what differs and the password.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest

from clients import server as servers
from clients.api import Api
from clients.deploy import deploy
from clients.server import ROLES, Server
from tests.conftest import Database
from tests.db.steps import begin, status, work
from tests.db.test_deploy import dump
from tests.operations import manifests as m
from tests.setup.conftest import own_server

# what the operator compares a managed role with, and nothing else
CATALOGUE = """
    select a.rolname, a.rolcanlogin, a.rolinherit, a.rolconnlimit,
           a.rolsuper or a.rolcreaterole or a.rolcreatedb or a.rolreplication or a.rolbypassrls,
           array(select pg_get_userbyid(g.roleid)::text from pg_auth_members g where g.member = a.oid order by 1)
      from pg_authid a where a.rolname = any (%s) order by 1"""
LANGUAGE = (
    "GRANT ALL ON LANGUAGE plpgsql TO deployer;"  # it is no superuser, as the administrator of the tests is
)


def cluster() -> dict[str, Any]:
    """The Cluster's `spec`."""
    (found,) = m.of_kind(m.read(m.KUBERNETES / "base" / "postgres.yaml"), "Cluster").values()
    spec: dict[str, Any] = found["spec"]
    return spec


def managed_roles() -> list[dict[str, Any]]:
    """The logins whose passwords the operator keeps."""
    roles: list[dict[str, Any]] = cluster()["managed"]["roles"]
    return roles


def wanted() -> list[tuple[Any, ...]]:
    """The same as CATALOGUE must find them, or the operator sets them so each time it looks."""
    return sorted(
        (r["name"], r["login"], r["inherit"], r["connectionLimit"], False, sorted(r["inRoles"]))
        for r in managed_roles()
    )


@pytest.fixture(scope="module", name="new")
def _new(server: Server) -> Iterator[Database]:  # the tests' own is there first: this one has another home
    """The database after the operator's part, before any deploy; its administrator is deployer."""
    with own_server() as there:
        initdb = cluster()["bootstrap"]["initdb"]
        name, owner = initdb["database"], initdb["owner"]
        with psycopg.connect(
            urlunsplit(urlsplit(there.url)._replace(path="/postgres")), autocommit=True
        ) as superuser:
            superuser.execute(f"drop database {name}")  # the embedded server has made one
            superuser.execute(f"create role {owner} login")
            for statement in initdb["postInitSQL"]:
                superuser.execute(statement)
            superuser.execute(f"create database {name} owner {owner}")
        with psycopg.connect(there.url, autocommit=True) as superuser:
            superuser.execute('set search_path to "$user", public')
            for reference in initdb["postInitApplicationSQLRefs"]["configMapRefs"]:
                superuser.execute((m.KUBERNETES / "base" / reference["key"]).read_bytes())
            passwords = there.passwords() | {owner: "of the deployer"}
            for role, password in passwords.items():
                verifier = superuser.pgconn.encrypt_password(
                    password.encode(), role.encode(), b"scram-sha-256"
                )
                superuser.execute(f"alter role {role} password '{verifier.decode()}'".encode())
        parts = urlsplit(there.url)
        where = f"{owner}:{quote('of the deployer')}@{parts.netloc.rpartition('@')[2]}"
        yield Database(name, Server(urlunsplit(parts._replace(netloc=where)), there.secrets))


def superuser(new: Database) -> psycopg.Connection:
    """The administrator of that server."""
    return psycopg.connect(new._named(servers.find_server().url), autocommit=True)


def roles_of(new: Database) -> list[tuple[Any, ...]]:
    with superuser(new) as there:
        return there.execute(CATALOGUE, ([role["name"] for role in managed_roles()],)).fetchall()


def test_the_manifest_has_every_login_and_the_database_agrees_before_anybody_else_is_there(
    new: Database,
) -> None:
    assert {role["name"] for role in managed_roles()} == set(ROLES)
    assert roles_of(new) == wanted()


@pytest.fixture(scope="module")
def deployed(new: Database) -> tuple[Database, list[str]]:
    """The same after the job `deploy`, which has deployer's password and no other."""
    return new, list(deploy(new.admin_dsn, {}))


def test_a_first_deploy_leaves_nothing_open_and_a_second_has_nothing_to_do(
    deployed: tuple[Database, list[str]],
) -> None:
    new, said = deployed
    assert [line for line in said if not line.startswith("applied ")] == []
    assert list(deploy(new.admin_dsn, {})) == []
    with new.connect("monitor") as monitor:
        assert monitor.execute("select door from check_hardening() where not closed").fetchall() == []


def test_the_database_is_that_of_the_embedded_server(
    deployed: tuple[Database, list[str]], database: Database
) -> None:
    new, _ = deployed
    here = Database(new.name, servers.find_server())
    assert dump(here).replace(LANGUAGE, "").split() == dump(database).split()


def test_the_operator_has_nothing_to_set_after_a_deploy_and_a_change_of_replicas(
    deployed: tuple[Database, list[str]],
) -> None:
    new, _ = deployed
    assert roles_of(new) == wanted()
    with superuser(new) as there:
        by_others = there.execute(
            "select member::regrole::text from pg_auth_members where grantor <> 'deployer'::regrole and member::regrole::text = any (%s)",
            ([*AGENTS_AND_FRONT_ENDS],),
        ).fetchall()
        may_set = there.execute(
            "select member::regrole::text from pg_auth_members where set_option and member::regrole::text = any (%s)",
            ([*AGENTS_AND_FRONT_ENDS],),
        ).fetchall()
    assert (by_others, may_set) == ([], [])


AGENTS_AND_FRONT_ENDS = ("client_manager", "pcb_designer", "kicad", "pcb_tester", "terminal", "discord_bot")


def test_a_design_goes_from_the_brief_to_its_end(deployed: tuple[Database, list[str]]) -> None:
    new, _ = deployed
    design = begin(new)
    for agent in ("client_manager", "pcb_designer", "kicad", "pcb_tester"):
        work(new, agent)
    assert status(new, design)["state"] == "resolved"


def test_a_login_that_has_no_secret_stays_out(deployed: tuple[Database, list[str]]) -> None:
    new, _ = deployed
    with superuser(new) as there:
        there.execute("alter role terminal password null")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(new.dsn("terminal"))
    with Api.connect(new.dsn("kicad")):
        pass
