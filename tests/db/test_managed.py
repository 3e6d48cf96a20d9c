"""A managed server: whoever deploys may create roles and databases, and is no superuser."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest

from clients import server
from clients.deploy import deploy
from clients.server import Server
from tests.conftest import Database
from tests.setup.conftest import open_to_all


@pytest.fixture(scope="module")
def managed() -> Iterator[Database]:
    """A database of a server of its own, because roles belong to the cluster; its administrator is `manager`."""
    folder = Path(tempfile.mkdtemp(prefix="mas-managed-"))
    open_to_all(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAS_HOME", str(folder / "home"))
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("MAS_DATABASE", raising=False)
        there = server.ensure_server()
        with psycopg.connect(there.url, autocommit=True) as owner:
            owner.execute("create role manager login createrole createdb password 'of the manager'")
            owner.execute("grant connect on database postgres to manager")
        parts = urlsplit(there.url)
        where = parts.netloc.rpartition("@")[2]
        url = urlunsplit(parts._replace(netloc=f"manager:{quote('of the manager')}@{where}"))
        with psycopg.connect(
            urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True
        ) as manager:
            manager.execute("create database managed")
        yield Database("managed", Server(url, folder / "home" / "secrets"))
        server.stop_server()
        shutil.rmtree(server._socket_folder(), ignore_errors=True)
    shutil.rmtree(folder)


def test_it_deploys(managed: Database) -> None:
    said = list(deploy(managed.admin_dsn, managed.server.passwords()))
    assert said
    assert list(deploy(managed.admin_dsn, managed.server.passwords())) == []
