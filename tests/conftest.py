"""What every test may use: a database of its own on the real server, and connections as the real roles."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from clients.api import Api, Task
from clients.deploy import deploy
from clients.llm.libraries import KINDS
from clients.server import Server, ensure_server
from kicad.library_index import installed_version

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
TEMPLATE = f"mas_tests_{WORKER}_template"
LEASE_S = 30.0
OURS = "select datname from pg_database where datname like %s"


@dataclass(frozen=True)
class Database:
    """A database that this test alone has."""

    name: str
    server: Server

    def _named(self, url: str) -> str:
        head, _, query = url.partition("?")
        return f"{head.rpartition('/')[0]}/{self.name}?{query}"

    @property
    def admin_dsn(self) -> str:
        """The administrator's URL."""
        return self._named(self.server.admin_dsn)

    def dsn(self, role: str) -> str:
        """The URL of a role."""
        return self._named(self.server.dsn(role))

    def api(self, role: str) -> Api:
        """A client under a role."""
        return Api.connect(self.dsn(role))

    def connect(self, role: str | None = None) -> psycopg.Connection:
        """A bare connection under a role, or the administrator's."""
        return psycopg.connect(self.dsn(role) if role else self.admin_dsn, autocommit=True)


def know_libraries(database: Database) -> None:
    """Let designers take KiCad's libraries for stored: a test that looks nothing up need not wait for them."""
    with database.connect() as owner:
        for kind in KINDS:
            query = "update core.library_version set version = %s where kind = %s"
            owner.execute(query, (installed_version(kind), kind))


@pytest.fixture(scope="session")
def server() -> Server:
    """The server: the embedded one, or that of DATABASE_URL."""
    os.environ.pop("MAS_DATABASE", None)
    return ensure_server()


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """A freshly deployed database that tests are cloned from."""
    maintenance = Database("postgres", server)
    with maintenance.connect() as connection:
        for (name,) in connection.execute(OURS, (f"mas_test%_{WORKER}_%",)).fetchall():
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
        connection.execute(f"create database {TEMPLATE}")
    list(deploy(Database(TEMPLATE, server).admin_dsn, server.passwords()))
    return TEMPLATE


@pytest.fixture
def database(server: Server, template: str) -> Iterator[Database]:
    """A database for one test, cloned from the deployed template."""
    name = f"mas_test_{WORKER}_{uuid.uuid4().hex[:12]}"
    maintenance = Database("postgres", server)
    with maintenance.connect() as connection:
        connection.execute(f"create database {name} template {template}")
    made = Database(name, server)
    with made.connect() as connection:  # a clone has the template's contents, but not its CONNECT rights
        connection.execute((ROOT / "db/roles/01_roles.sql").read_bytes())
    yield made
    with maintenance.connect() as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def claim(database: Database) -> Iterator[Callable[[str], tuple[Api, Task]]]:
    """Claim the next task as an agent; the connection stays open until the test ends."""
    with ExitStack() as stack:

        def claimed(agent: str) -> tuple[Api, Task]:
            api = stack.enter_context(database.api(agent))
            task = api.claim_task(LEASE_S)
            assert task is not None, f"{agent} has nothing to do"
            return api, task

        yield claimed
