"""A database that is slow, away, or of another schema; and how the process begins and ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from clients.api import SCHEMA_VERSION
from clients.fleet import GATEWAY, Fleet
from tests.conftest import ROOT, Database
from tests.gateway.served import Served, serving

OURS = "usename = 'gateway' and datname = current_database()"


@pytest.fixture
def alone(database: Database, key_file: Path) -> Iterator[Served]:
    with serving(database, key_file) as gateway:
        yield gateway


@contextmanager
def away(database: Database) -> Iterator[None]:
    """Nobody gets in, and who is in is thrown out."""
    with psycopg.connect(Database("postgres", database.server).admin_dsn, autocommit=True) as maintenance:
        maintenance.execute(f"alter database {database.name} with allow_connections false".encode())
        maintenance.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (database.name,)
        )
        try:
            yield
        finally:
            maintenance.execute(f"alter database {database.name} with allow_connections true".encode())


def eventually(gateway: Served, path: str, status: int) -> None:
    """Ask until it is so; each answer takes its time, and after a minute it is not."""
    until = time.monotonic() + 60
    while (said := gateway.person().get(path)).status != status:
        assert time.monotonic() < until, said.body
        assert said.status in (status, 503), said.body


def test_a_statement_has_five_seconds(alone: Served) -> None:
    me = alone.person()
    me.begin()
    with alone.database.connect() as owner, owner.transaction():
        owner.execute("lock table core.design_states in access exclusive mode")
        began = time.monotonic()
        said = me.get("/my_designs")
        assert (said.status, said.code) == (504, "GW504")
        assert 4.5 < time.monotonic() - began < 15
    assert me.get("/my_designs").status == 200


def test_a_database_that_is_away_comes_back(alone: Served) -> None:
    me = alone.person()
    design = me.begin()
    with away(alone.database):
        for said in (
            me.get("/my_designs"),
            me.call("design_status", p_design=design),
            me.get("/events"),
            alone.ask("GET", "/readyz"),
        ):
            assert (said.status, said.code) == (503, "GW503")
            assert said.headers["Retry-After"] == "1"
        assert alone.ask("GET", "/healthz").status == 200
        assert alone.ask("GET", "/openapi.json").status == 200  # as it was
        assert alone.ask("GET", "/metrics").status == 200
    eventually(alone, "/my_designs", 200)
    assert [row["design"] for row in me.get("/my_designs").json] == [design]
    assert alone.ask("GET", "/readyz").status == 200


def test_it_starts_before_its_database(database: Database, key_file: Path) -> None:
    with away(database), serving(database, key_file) as gateway:
        assert gateway.person().get("/my_designs").status == 503
        assert gateway.ask("GET", "/openapi.json").status == 503
        with psycopg.connect(Database("postgres", database.server).admin_dsn, autocommit=True) as maintenance:
            maintenance.execute(f"alter database {database.name} with allow_connections true".encode())
        eventually(gateway, "/my_designs", 200)


def test_a_connection_that_died_is_not_handed_out(alone: Served) -> None:
    me = alone.person()
    me.begin()
    with alone.database.connect() as owner:
        for _ in range(3):
            owner.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where {OURS}".encode())
            assert me.get("/my_designs").status == 200


def test_every_connection_taken_is_a_wait_and_then_a_refusal(database: Database, key_file: Path) -> None:
    with serving(database, key_file, MAS_GATEWAY_CONNECTIONS="1") as gateway:
        me = gateway.person()
        me.begin()
        with database.connect() as owner, owner.transaction():
            owner.execute("lock table core.design_states in access exclusive mode")
            held = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    "import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], headers={'Authorization': sys.argv[2]}))",
                    f"{gateway.url}/my_designs",
                    me.headers["Authorization"],
                ],
                stderr=subprocess.DEVNULL,
            )
            with database.connect() as watcher:
                waits = f"select 1 from pg_stat_activity where {OURS} and wait_event_type = 'Lock'"
                while not watcher.execute(waits.encode()).fetchone():
                    pass
            said = me.get("/queue_load")
            assert (said.status, said.headers["Retry-After"]) == (503, "1")
        held.wait()
        assert me.get("/queue_load").status == 200


def test_a_schema_of_another_time_is_served_to_nobody(database: Database, key_file: Path) -> None:
    with database.connect() as owner:
        owner.execute("delete from public._yoyo_migration where migration_id = %s", (SCHEMA_VERSION,))
    with serving(database, key_file) as gateway:
        assert gateway.person().get("/my_designs").status == 503
        assert gateway.ask("GET", "/readyz").status == 503
        assert any("run ./mas deploy" in line for line in gateway.said)


def test_a_function_that_a_deploy_took_away_is_forgotten(alone: Served) -> None:
    me = alone.person()
    assert me.call("state_machine").status == 200
    with alone.database.connect() as owner:
        owner.execute("drop function api.state_machine()")
    assert me.call("state_machine").status == 503
    assert me.call("state_machine").status == 403
    assert "/rpc/state_machine" not in alone.ask("GET", "/openapi.json").json["paths"]


def test_it_ends_in_order(alone: Served) -> None:
    me = alone.person()
    me.begin()
    alone.process.send_signal(signal.SIGTERM)
    assert alone.process.wait(10) == 0
    with alone.database.connect() as owner:
        assert owner.execute(f"select count(*) from pg_stat_activity where {OURS}".encode()).fetchone() == (
            0,
        )


def test_the_fleet_starts_it_again(gateway: Served, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `./mas up --gateway` has it: killed, it is back, and it ends with the fleet."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for name, value in {
        "MAS_DATABASE": gateway.database.name,
        "MAS_GATEWAY_PORT": str(port),
        "MAS_JWT_KEY_FILE": str(key_file),
    }.items():
        monkeypatch.setenv(name, value)
    with Fleet(agents={}, front_ends=GATEWAY) as fleet:
        first = serves(port, fleet, other_than=None)
        os.kill(first, signal.SIGKILL)
        assert serves(port, fleet, other_than=first) != first
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", port))


def serves(port: int, fleet: Fleet, other_than: int | None) -> int:
    """The process that answers, once it does; a connection that is refused is tried again."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10):
            (pid,) = (pid for _, pid in fleet.processes())
            if pid != other_than:
                return pid
    raise AssertionError("nobody serves")


def run(database: Database, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"MAS_DATABASE": database.name} | environment
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_a_person_has_to_set_right_is_said_at_the_start(
    shared_database: Database, key_file: Path, tmp_path: Path
) -> None:
    none = str(tmp_path / "none")
    for environment, why in (
        ({"MAS_JWT_KEY_FILE": none}, "./mas token makes one"),
        ({"MAS_GATEWAY_PORT": "x"}, "MAS_GATEWAY_PORT is a number"),
        ({"MAS_GATEWAY_HOST": "192.0.2.1"}, "cannot listen on 192.0.2.1"),
        ({"MAS_SECRETS_DIR": str(tmp_path)}, "role gateway has no password here"),
    ):
        done = run(shared_database, "clients.gateway", **{"MAS_JWT_KEY_FILE": str(key_file), **environment})
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert why in done.stderr


def test_the_command_that_makes_tokens(gateway: Served, key_file: Path) -> None:
    made = run(
        gateway.database,
        "clients.cli",
        "token",
        "anna of the command",
        "--name",
        "Anna",
        MAS_JWT_KEY_FILE=str(key_file),
    )
    assert made.returncode == 0, made.stderr
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    assert gateway.ask("GET", "/my_designs", None, headers).status == 200
    expired = run(
        gateway.database, "clients.cli", "token", "anna", "--hours", "0", MAS_JWT_KEY_FILE=str(key_file)
    )
    assert (
        gateway.ask("GET", "/my_designs", None, {"Authorization": f"Bearer {expired.stdout.strip()}"}).status
        == 401
    )
