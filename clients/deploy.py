"""Bring a database to today's schema: what `yoyo apply` does, with roles' passwords."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from yoyo import get_backend, read_migrations

DB = Path(__file__).resolve().parent.parent / "db"
DEPLOY_LOCK = 4700123  # any number; one deploy at a time in a cluster


def deploy(admin_dsn: str, passwords: Mapping[str, str]) -> Iterator[str]:
    """Apply what is not yet applied; idempotent, and safe to run twice at once.

    `admin_dsn` is a URL of a role that may create roles; `passwords` are set for the roles that they name.
    Yields a line for each thing that was done or found.  Raises `psycopg.Error`.
    """
    # roles belong to the cluster and advisory locks to a database: the lock is in one that every cluster has
    with psycopg.connect(_in_database(admin_dsn, "postgres"), autocommit=True) as lock:
        lock.execute("select pg_advisory_lock(%s)", (DEPLOY_LOCK,))
        yield from (f"applied {name}" for name in _migrate(admin_dsn))
        _set_passwords(lock, passwords)
        with psycopg.connect(admin_dsn) as connection:
            yield from (f"no file has {name} any more: drop it" for name in _orphans(connection))


def _migrate(admin_dsn: str) -> list[str]:
    backend = get_backend(admin_dsn.replace("postgresql://", "postgresql+psycopg://", 1))
    migrations = backend.to_apply(read_migrations(str(DB / "migrations")))
    names = [migration.id for migration in migrations]
    if names:
        backend.break_lock()  # a killed deploy leaves its row; our advisory lock says that it is stale
        with backend.lock():
            backend.apply_migrations(migrations)
    backend.connection.close()
    return names


def _set_passwords(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    """Set the passwords as SCRAM verifiers, so that none of them is ever in a statement or the log."""
    for role, password in passwords.items():
        verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
        connection.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(verifier.decode()))
        )


def _orphans(connection: psycopg.Connection) -> list[str]:
    """Functions in the database that db/ does not make: left by an earlier release, or an overload."""
    files = [*(DB / "functions").glob("*.sql"), *(DB / "schema").glob("*.sql")]
    made = [
        name
        for file in files
        for name in re.findall(r"^create (?:or replace )?function (\w+\.\w+)", file.read_text(), re.MULTILINE)
    ]
    query = """
        select f.signature from (
          select p.oid::regprocedure::text as signature,
                 format('%%s.%%s', p.pronamespace::regnamespace, p.proname) as name,
                 count(*) over (partition by p.pronamespace, p.proname) as shapes
            from pg_proc p where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)) f
         where f.name <> all (%s) or f.shapes > 1 order by 1"""
    return [signature for (signature,) in connection.execute(query, (made,))]


def _in_database(dsn: str, name: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path="/" + name))
