"""One gateway for whatever does not need its own: people in it do not see one another."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from clients.server import Server
from tests.conftest import ROOT, WORKER, Database
from tests.gateway.served import SECRET, Served, serving


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared secret that tokens are signed with."""
    file = tmp_path_factory.mktemp("keys") / "jwt_key"
    file.write_bytes(SECRET)
    return file


@pytest.fixture(scope="session")
def shared_database(server: Server, template: str) -> Iterator[Database]:
    """A database for all who leave one another alone; without limits of people."""
    made = Database(f"mas_test_{WORKER}_{uuid.uuid4().hex[:12]}", server)
    name = sql.Identifier(made.name)
    with Database("postgres", server).connect() as maintenance:
        maintenance.execute(sql.SQL("create database {} template {}").format(name, sql.Identifier(template)))
        with made.connect() as owner:
            owner.execute((ROOT / "db/roles/01_roles.sql").read_bytes())
            owner.execute("update core.settings set value = '0' where name ~ '^user_(messages|designs)'")
        yield made
        maintenance.execute(sql.SQL("drop database {} with (force)").format(name))


@pytest.fixture(scope="session")
def gateway(shared_database: Database, key_file: Path) -> Iterator[Served]:
    """The gateway that most tests ask."""
    with serving(shared_database, key_file, MAS_GATEWAY_PATIENCE_S="1") as served:
        yield served
