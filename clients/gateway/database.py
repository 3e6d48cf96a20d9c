"""The gateway's connections: one transaction a request, begun for a person and then as `web_user`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from clients.api import SCHEMA_VERSION
from clients.gateway.tokens import ROLE, Person

Connection = AsyncConnection[TupleRow]
STATEMENT_S = 5  # a statement of a person's has so long
WAIT_S = 2.0  # for a connection of the pool; then the database counts as away
WAITING = 200  # requests that may wait for one
CONNECT: dict[str, str | int] = {
    "application_name": "hardware_mas gateway",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "tcp_user_timeout": 15_000,  # ms: a connection that was cut without a word
}
BECOME = sql.SQL("set local role {}").format(sql.Identifier(ROLE))
LIMIT = sql.SQL("set local statement_timeout = {}").format(sql.Literal(f"{STATEMENT_S}s"))


class Database:
    """The pool.  What fails raises `psycopg.Error`, `PoolTimeout` or `TooManyRequests`."""

    def __init__(self, dsn: str, connections: int) -> None:
        self.dsn = dsn
        self._pool = AsyncConnectionPool(
            dsn,
            kwargs=CONNECT,
            min_size=1,
            max_size=connections,
            max_waiting=WAITING,
            timeout=WAIT_S,
            reconnect_timeout=5.0,  # then tried again by whoever asks next
            check=AsyncConnectionPool.check_connection,  # what died is not handed out
            open=False,
        )

    async def open(self) -> None:
        """Begin to connect; a database that is away may come later."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close(timeout=1.0)

    def figures(self) -> dict[str, int]:
        """What the pool counts."""
        return self._pool.get_stats()

    @asynccontextmanager
    async def as_person(self, person: Person) -> AsyncIterator[Connection]:
        """A transaction in which every statement is the person's."""
        async with self._limited() as connection:
            await connection.execute(
                "select api.begin_request(p_account => %s, p_username => %s)", (person.account, person.name)
            )
            await connection.execute(BECOME)
            yield connection

    async def ping(self) -> None:
        """Whether it answers now."""
        async with self._limited() as connection:
            await connection.execute("select 1")

    async def document(self) -> dict[str, Any]:
        """What anybody behind the gateway may use.  Also refuses a schema that is not ours (PB030)."""
        async with self._limited() as connection:
            await connection.execute(BECOME)
            await connection.execute("select api.require_version(%s)", (SCHEMA_VERSION,))
            row = await (await connection.execute("select api.openapi()")).fetchone()
        if row is None:
            raise psycopg.InternalError("the database has no document")
        document: dict[str, Any] = row[0]
        return document

    @asynccontextmanager
    async def _limited(self) -> AsyncIterator[Connection]:
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(LIMIT)
            yield connection
