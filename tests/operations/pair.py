"""A primary and its standby: two real servers with folders of their own, on Unix sockets, and clients who know both."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from urllib.parse import quote

import psycopg

from clients import server as embedded
from clients.api import Api
from clients.deploy import deploy
from clients.server import ROLES

ENOUGH_S = 60
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "wal_receiver_status_interval": "100ms",
    "wal_keep_size": "256MB",  # what an old primary needs to come back by pg_rewind
}


def wait_until(true: Callable[[], bool], what: str) -> float:
    """Ask until it is so; seconds that it took."""
    began = monotonic()
    while not true():
        assert monotonic() - began < ENOUGH_S, f"{what}: not within {ENOUGH_S} s"
    return monotonic() - began


class Node:
    """One server."""

    def __init__(self, folder: Path, name: str, password: str) -> None:
        self.name = name
        self.data, self.socket = folder / name, folder / f"{name}.s"
        self.socket.mkdir(mode=0o700)
        _give(self.socket)
        self._password = password
        self._runs = False

    def dsn(self, database: str = "hardware_mas") -> str:
        """The superuser's URL."""
        return f"postgresql://postgres:{self._password}@/{database}?host={quote(str(self.socket), safe='')}"

    @property
    def conninfo(self) -> str:
        """The same for PostgreSQL's own programs."""
        return f"host={self.socket} user=postgres password={self._password} dbname=postgres application_name=standby"

    def start(self) -> None:
        """Start it and wait until it answers."""
        said = f"-c unix_socket_directories='{self.socket}'"
        run("pg_ctl", "-D", self.data, "-w", "-l", self.data.with_suffix(".log"), "-o", said, "start")
        self._runs = True

    def stop(self, mode: str = "fast") -> None:
        """Stop it, if it runs."""
        if self._runs:
            self._runs = False
            run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def promote(self) -> float:
        """Make the standby the primary; seconds that it took."""
        began = monotonic()
        run("pg_ctl", "-D", self.data, "-w", "promote")
        return monotonic() - began

    def kill(self) -> None:
        """SIGKILL to the server and all its processes, as when its machine fails."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for number in (pid, *map(int, children)):
            os.kill(number, signal.SIGKILL)
        self._runs = False

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """The rows of a query of the superuser's."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            return connection.execute(query, values or None).fetchall()


class Pair:
    """Both servers; a client's URL names both and asks for the one that takes writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._password = secrets.token_hex(8)
        self.passwords = {role: secrets.token_hex(8) for role in ROLES}
        self.primary, self.standby = (Node(folder, name, self._password) for name in ("one", "two"))

    def begin(self, synchronous: bool) -> None:
        """A deployed primary, and a standby that has caught up with it."""
        secret = self._folder / "password"
        secret.write_text(self._password)
        _give(secret)
        words = [
            "--auth=scram-sha-256",
            "-U",
            "postgres",
            "--pwfile",
            secret,
            "-E",
            "UTF8",
            "--data-checksums",
        ]
        run("initdb", "-D", self.primary.data, *words, "--locale-provider=builtin", "--locale=C.UTF-8")
        with (self.primary.data / "postgresql.conf").open("a") as conf:  # pg_rewind reads it, too
            conf.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
        self.primary.start()
        with psycopg.connect(self.primary.dsn("postgres"), autocommit=True) as connection:
            connection.execute("create database hardware_mas")
        list(deploy(self.primary.dsn(), self.passwords))
        self.follow()
        self.standby.start()
        if synchronous:
            with psycopg.connect(self.primary.dsn(), autocommit=True) as connection:
                connection.execute("alter system set synchronous_standby_names = 'standby'")
                connection.execute("select pg_reload_conf()")
        state = "sync" if synchronous else "async"
        query = "select state, sync_state from pg_stat_replication"
        wait_until(lambda: self.primary.ask(query) == [("streaming", state)], f"the standby is {state}")

    def follow(self) -> None:
        """Make the standby's folder from the primary."""
        run(
            "pg_basebackup",
            "-D",
            self.standby.data,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "-d",
            self.primary.conninfo,
        )

    def dsn(self, role: str) -> str:
        """The URL of a role: whichever of both takes writes."""
        hosts = ",".join(quote(str(node.socket), safe="") for node in (self.primary, self.standby))
        return f"postgresql://{role}:{self.passwords[role]}@/hardware_mas?host={hosts}&target_session_attrs=read-write"

    def api(self, role: str) -> Api:
        """A client under a role."""
        return Api.connect(self.dsn(role))

    def connect(self, role: str) -> psycopg.Connection:
        """A bare connection under a role."""
        return psycopg.connect(self.dsn(role), autocommit=True, connect_timeout=5)


def run(program: str, *words: str | Path) -> None:
    """One of PostgreSQL's programs, as the server's user."""
    with tempfile.TemporaryFile("w+") as said:  # a file: a server that was started keeps it open
        done = embedded._as_server(
            [embedded._binaries() / program, *words], stdout=said, stderr=subprocess.STDOUT
        )
        said.seek(0)
        assert done.returncode == 0, f"{program}: {said.read()[-2000:]}"


def _give(path: Path) -> None:
    """To the server's user."""
    account = embedded._account()
    os.chown(path, account.pw_uid, account.pw_gid)


@contextmanager
def pair(synchronous: bool) -> Iterator[Pair]:
    """Both servers, as long as the body runs."""
    folder = Path(tempfile.mkdtemp(prefix="mas-pair-", dir="/tmp"))
    _give(folder)
    made = Pair(folder)
    try:
        made.begin(synchronous)
        yield made
    finally:
        for node in (made.standby, made.primary):
            node.stop("immediate")
        shutil.rmtree(folder)
