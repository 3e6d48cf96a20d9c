"""Bring a database to today's schema: what `yoyo apply` does, with roles' passwords."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from yoyo import get_backend, read_migrations
from yoyo.backends import DatabaseBackend
from yoyo.migrations import Migration

DB = Path(__file__).resolve().parent.parent / "db"
DEPLOY_LOCK = 4700123  # any number; one deploy at a time in a cluster


class DeployError(Exception):
    """The database is not what db/ says that it is; tells what to do."""


def deploy(admin_dsn: str, passwords: Mapping[str, str]) -> Iterator[str]:
    """Apply what is not yet applied; idempotent, and safe to run twice at once.

    `admin_dsn` is a URL of a role that may create roles; `passwords` are set for the roles that they name.
    Yields a line for each thing that was done or found; after a change also what the server leaves open.
    Raises `psycopg.Error`, and `DeployError` when a migration was edited after it had been applied here.
    """
    # roles belong to the cluster and advisory locks to a database: the lock is in one that every cluster has
    with psycopg.connect(_in_database(admin_dsn, "postgres"), autocommit=True) as lock:
        lock.execute("select pg_advisory_lock(%s)", (DEPLOY_LOCK,))
        with psycopg.connect(admin_dsn, autocommit=True) as connection:
            _require_unedited(connection)
            applied = _migrate(admin_dsn)
            yield from (f"applied {name}" for name in applied)
            _require_unedited(connection)
            _set_passwords(lock, passwords)
            limited = connection.execute("select api.fit_logins()").fetchall()
            yield from (f"{name} has the connection limit of its replicas" for (name,) in limited)
            if applied:
                yield from open_doors(connection)
            yield from (f"no file has {name} any more: drop it" for name in _orphans(connection))


def open_doors(connection: psycopg.Connection) -> list[str]:
    """What this server leaves open, a line each with what closes it; empty when all is closed."""
    rows = connection.execute("select door, how from api.check_hardening() where not closed").fetchall()
    return [f"left open: {door} ({how})" for door, how in rows]


def _require_unedited(connection: psycopg.Connection) -> None:
    """Raise `DeployError` if a migration's files are not those that were applied; remember new ones."""
    known = connection.execute(
        """select 1 from pg_namespace n
             join pg_proc p on p.pronamespace = n.oid join pg_class c on c.relnamespace = n.oid
            where n.nspname = 'core' and p.proname = 'note_migrations' and c.relname = 'migration_files'"""
    )
    if not known.fetchone():
        return
    files = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (DB / "migrations").glob("0*")
    }
    with connection.transaction():
        connection.execute("set local role mas_owner")
        edited = connection.execute("select core.note_migrations(%s)", (Jsonb(files),)).fetchall()
    if edited:
        names = ", ".join(name for (name,) in edited)
        raise DeployError(
            f"{names}: edited or removed after it was applied to this database; "
            "bring the file back as it was and put the change into a new migration"
        )


def _migrate(admin_dsn: str) -> list[str]:
    with get_backend(admin_dsn.replace("postgresql://", "postgresql+psycopg://", 1)) as backend:
        # our advisory lock is the lock; yoyo's is a row, which a killed deploy would leave behind
        backend._is_locked = True
        migrations = backend.to_apply(read_migrations(str(DB / "migrations")))
        for migration in migrations:
            _apply(backend, migration)
        return [migration.id for migration in migrations]


def _apply(backend: DatabaseBackend, migration: Migration) -> None:
    """Apply a migration and mark it as applied in one transaction.

    yoyo marks it in a transaction of its own: killed between the two, it would apply the migration once more.
    It also passes over a migration that cannot be read; here that is an error.
    """
    backend.ensure_internal_schema_updated()
    migration.load()
    migration.steps.append(_Mark(migration))
    with backend.copy() as connection:
        migration.process_steps(connection, "apply")
    backend.log_migration(migration, "apply")


@dataclass
class _Mark:
    """The last step of every migration."""

    migration: Migration

    def apply(self, backend: DatabaseBackend, _force: bool) -> None:
        """Mark it, on the connection and in the transaction of its other steps."""
        backend.mark_one(self.migration, log=False)


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
