"""The bell: one connection that hears when a design has changed, for all streams of this process.

What is heard is a hint and carries no right: a stream asks the database as its own person what is theirs.
"""

from __future__ import annotations

import asyncio
import random
import re
from typing import Protocol

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo

from clients.gateway.database import CONNECT
from clients.log import log_of

LOG = log_of("gateway")
CHANNEL = "design_updates"
NUMBER = re.compile("[0-9]{1,18}")
SLICE_S = 5.0
AGAIN_S = (0.2, 5.0)  # first and longest wait for a database that is away


class Hearer(Protocol):
    """Who wants to hear of changes."""

    def ring(self, design: int | None) -> None:
        """This design has changed; None: anything may have."""


class Bell:
    """Rings whoever hears, as long as it runs."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.hearers: set[Hearer] = set()

    async def run(self) -> None:
        """Listen until cancelled; after a lost connection anything may have changed."""
        wait = AGAIN_S[0]
        while True:
            try:
                connection = await AsyncConnection.connect(
                    make_conninfo(self._dsn, **CONNECT), autocommit=True
                )
                async with connection:
                    await connection.execute(f"listen {CHANNEL}")
                    wait = AGAIN_S[0]
                    self.ring(None)
                    await self._hear(connection)
            except psycopg.Error as error:
                LOG.warning("hears of no changes (%s); connecting again", type(error).__name__)
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter is no secret
                wait = min(2 * wait, AGAIN_S[1])

    async def _hear(self, connection: AsyncConnection) -> None:
        while True:
            async for ring in connection.notifies(timeout=SLICE_S):
                self.ring(int(ring.payload) if NUMBER.fullmatch(ring.payload) else None)
            await connection.execute("select 1")  # a connection that was cut without a word

    def ring(self, design: int | None) -> None:
        """Ring everybody."""
        for hearer in list(self.hearers):
            hearer.ring(design)
