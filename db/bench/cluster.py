"""The server that everything is measured on: a PostgreSQL of the bench's own, and fresh databases in it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from clients.deploy import deploy
from clients.server import Server, ensure_server, home, stop_server

ROLES_FILE = Path(__file__).resolve().parent.parent / "roles" / "01_roles.sql"
PREFIX = "bench_"
TEMPLATE = PREFIX + "template"
PEER_ROLE = "bench_peer"
# regimes: what a session of the measured database starts with
DISK = "disk as it is"
DELAY = "3 ms"
REGIMES: Mapping[str, Mapping[str, str]] = {
    DISK: {},
    DELAY: {"commit_delay": "3000", "commit_siblings": "0"},
}
QUIET_S = 30.0
LARGE = 100_000_000  # bytes


class BenchError(Exception):
    """Something could not be measured; says what."""


@dataclass(frozen=True)
class Database:
    """A database of the bench's own server."""

    name: str
    server: Server

    def dsn(self, role: str | None = None) -> str:
        """URL of a role, with its password; the administrator's without one."""
        url = self.server.dsn(role) if role else self.server.admin_dsn
        return urlunsplit(urlsplit(url)._replace(path="/" + self.name))

    def environment(self, role: str | None = None) -> dict[str, str]:
        """The same for programs: the password goes by environment, never by the process list."""
        parts = psycopg.conninfo.conninfo_to_dict(self.dsn(role))
        names = {"host": "PGHOST", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
        return os.environ | {names[key]: str(value) for key, value in parts.items() if key in names}

    def connect(self, role: str | None = None) -> psycopg.Connection:
        """A connection in autocommit."""
        return psycopg.connect(self.dsn(role), autocommit=True)

    def run(self, query: str, role: str | None = None) -> None:
        """Run statements that return nothing; `role` logs in, the administrator otherwise."""
        with self.connect(role) as connection:
            connection.execute(query.encode())

    def settle(self) -> None:
        """Statistics and visibility as autovacuum would leave them, and no checkpoint due in the middle."""
        self.run("vacuum analyze")
        self.run("checkpoint")


class Cluster:
    """The bench's running server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._maintenance = Database("postgres", server).connect()
        self._postmaster = _parent(self._maintenance.info.backend_pid)
        self._made = 0
        self._templates: set[str] = set()

    def close(self) -> None:
        """Close the connection that makes and drops databases."""
        self._maintenance.close()

    # ------------------------------------------------------------------ databases

    def make_template(self) -> None:
        """Deploy today's schema once; ours are cloned from it.  Drops what an earlier run left."""
        for (name,) in self._query("select datname from pg_database where starts_with(datname, %s)", PREFIX):
            self._run("drop database {} with (force)", name)
        self._run("create database {}", TEMPLATE)
        template = Database(TEMPLATE, self.server)
        list(deploy(template.dsn(), self.server.passwords()))

    def template(self, name: str, fill: Callable[[Database], None], source: str = TEMPLATE) -> str:
        """A filled database that others are cloned from, made once in a run; returns its name.

        `fill` puts in what it needs.  Statistics are made, as autovacuum would in time.
        """
        made = Database(f"{PREFIX}{name}", self.server)
        if made.name not in self._templates:
            self._run("create database {} template {}", made.name, source)
            self._let_in(made)
            fill(made)
            made.settle()
            self._templates.add(made.name)
        return made.name

    @contextmanager
    def fresh(self, regime: str, template: str = TEMPLATE) -> Iterator[Database]:
        """A database that nobody has used; dropped afterwards."""
        self._made += 1
        made = Database(f"{PREFIX}{self._made}", self.server)
        (size,) = self._query("select pg_database_size(%s)::text", template)[0]
        # page by page through the log, unless that is too much: then by files, which needs two checkpoints
        strategy = "file_copy" if int(size) > LARGE else "wal_log"
        self._run(f"create database {{}} template {{}} strategy {strategy}", made.name, template)
        try:
            for setting, value in REGIMES[regime].items():
                self._run(f"alter database {{}} set {setting} = {value}", made.name)
            self._let_in(made)
            yield made
        except BaseException:
            self._run("drop database {} with (force)", made.name)
            raise
        self.drop(made)

    def _let_in(self, database: Database) -> None:
        """A clone has its template's contents, but not its CONNECT rights."""
        with database.connect() as connection:
            if connection.execute("select to_regnamespace('api')").fetchone() != (None,):
                connection.execute(ROLES_FILE.read_bytes())

    def drop(self, database: Database) -> None:
        """Drop a database, once everybody has left it."""
        self._wait_until_left(database)
        self._run("drop database {} with (force)", database.name)

    # ------------------------------------------------------------------ what the server spends

    def cpu_s(self, database: Database) -> float:
        """CPU seconds that the postmaster and all its children have used, those that ended included.

        Waits until nobody is connected to the database: who is just leaving might be counted twice.
        """
        self._wait_until_left(database)
        return self.cpu_now_s()

    def cpu_now_s(self) -> float:
        """The same at once, for programs that stay connected."""
        ticks = sum(_ticks(pid) for pid in _children(self._postmaster)) + _ticks(self._postmaster)
        return ticks / os.sysconf("SC_CLK_TCK")

    def facts(self) -> dict[str, str]:
        """What the server is, for the report."""
        names = ("server_version", "shared_buffers", "synchronous_commit", "fsync", "wal_sync_method")
        return {name: self._query(f"show {name}")[0][0] for name in names}

    # ------------------------------------------------------------------ the wire

    def _wait_until_left(self, database: Database) -> None:
        until = time.monotonic() + QUIET_S
        who = "select 1 from pg_stat_activity where datname = %s and backend_type = 'client backend'"
        while self._query(who, database.name):
            if time.monotonic() > until:
                raise BenchError(f"somebody is still connected to {database.name}")
            time.sleep(0.005)

    def _query(self, query: str, *arguments: str) -> list[tuple[str, ...]]:
        return self._maintenance.execute(query.encode(), arguments or None).fetchall()

    def _run(self, query: str, *names: str) -> None:
        self._maintenance.execute(sql.SQL(query).format(*map(sql.Identifier, names)))


@contextmanager
def cluster() -> Iterator[Cluster]:
    """The bench's own server, started for the run; never the one that designs live in."""
    folder = home() / "bench" / "server"
    own = {"MAS_HOME": str(folder)}
    away = ("DATABASE_URL", "MAS_DATABASE", "MAS_SECRETS_DIR")
    before = {name: os.environ.get(name) for name in (*own, *away)}
    for name in away:
        os.environ.pop(name, None)
    os.environ.update(own)
    try:
        with _alone(folder):
            running = Cluster(ensure_server())
            try:
                running.make_template()
                yield running
            finally:
                running.close()
                stop_server()
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two at once would measure each other, and drop each other's databases."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "bench.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BenchError("another bench is running here") from error
        yield


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may have spaces; none when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _ticks(pid: int) -> int:
    """utime + stime + cutime + cstime."""
    return sum(int(field) for field in _stat(pid)[11:15])


def _children(pid: int) -> list[int]:
    found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [each for each in found if (stat := _stat(each)) and int(stat[1]) == pid]
