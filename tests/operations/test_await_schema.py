"""Waiting for a release's schema, as the process that stands before an agent."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clients.api import SCHEMA_VERSION
from clients.server import ROLES, Server
from tests.conftest import ROOT, Database


@contextmanager
def waiting(role: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """The process; ended with the block if it has not ended by itself."""
    words = [sys.executable, "-m", "clients.await_schema", role]
    process = subprocess.Popen(words, cwd=ROOT, env=os.environ | env, stderr=subprocess.PIPE, text=True)
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        watchdog.cancel()
        process.terminate()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()


@pytest.mark.parametrize("role", ["kicad", "discord_bot"])
def test_it_waits_while_the_schema_is_older_and_ends_when_it_is_there(database: Database, role: str) -> None:
    with database.connect() as owner:
        last = "migration_id = %s"
        held = owner.execute(
            f"delete from public._yoyo_migration where {last} returning *", (SCHEMA_VERSION,)
        ).fetchone()
        assert held is not None
        with waiting(role, MAS_DATABASE=database.name) as process:
            assert f"written for schema {SCHEMA_VERSION}" in line(process)
            assert process.poll() is None
            marks = ", ".join(["%s"] * len(held))
            owner.execute(f"insert into public._yoyo_migration values ({marks})".encode(), held)
            assert process.wait() == 0
            assert line(process) == ""  # the same thing is said once


def test_it_begins_at_once_where_nothing_is_to_be_waited_for(database: Database) -> None:
    with waiting("kicad", MAS_DATABASE=database.name) as process:
        assert (process.wait(), line(process)) == (0, "")


def test_it_waits_for_a_database_that_is_away_and_ends_when_told(tmp_path: Path) -> None:
    (tmp_path / "kicad").write_text("a password")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        url = f"postgresql://127.0.0.1:{taken.getsockname()[1]}/hardware_mas"
        with waiting("kicad", DATABASE_URL=url, MAS_SECRETS_DIR=str(tmp_path)) as process:
            assert line(process).startswith("waiting: ")
            process.terminate()
            assert process.wait() == -15


def test_without_a_password_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    url = "postgresql://127.0.0.1:1/hardware_mas"
    with waiting("kicad", DATABASE_URL=url, MAS_SECRETS_DIR=str(tmp_path)) as process:
        assert process.wait() == 3
        assert "role kicad has no password here" in line(process)


def test_a_deploy_sets_the_passwords_that_it_is_given_where_it_cannot_make_any(tmp_path: Path) -> None:
    """A container's folder of secrets: read-only, with those of its own role."""
    (tmp_path / "kicad").write_text("a password\n")
    for folder in tmp_path.parents:
        if folder.owner() == "root" and len(folder.parts) > 2:  # not /tmp itself
            folder.chmod(0o755)
    tmp_path.chmod(0o555)
    with _as_nobody():
        there = Server("postgresql://x/y", tmp_path).passwords()
    assert there == {"kicad": "a password"}
    assert set(Server("postgresql://x/y", tmp_path.parent / "new").passwords()) == set(ROLES)


@contextmanager
def _as_nobody() -> Iterator[None]:
    """A mode that refuses writing does not refuse root, as a container's mount does."""
    if os.getuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
