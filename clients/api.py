"""The database as an agent sees it: one method for each `api` function, and no other SQL.

Every method raises `ApiError` with a code of the registry (`core.error_codes`) when the database refuses,
and `ConnectionLost` when the connection is gone; then make a new `Api`.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

import psycopg
from psycopg.rows import dict_row

from clients.agent_calls import AgentCalls
from clients.front_end_calls import FrontEndCalls
from clients.model_calls import ModelCalls
from clients.outbox_calls import Delivery, OutboxCalls
from clients.wire import (
    BAD_FILE_NAME,
    BAD_LOG_LEVEL,
    BAD_PAGE,
    BAD_TEXT,
    BUDGET_SPENT,
    LEASE_LOST,
    NO_RECORDING,
    NO_SUCH_FILE,
    NOT_YOURS,
    TOO_LARGE,
    ApiError,
    ConnectionLost,
    Task,
)

__all__ = [
    "BAD_FILE_NAME",
    "BAD_LOG_LEVEL",
    "BAD_PAGE",
    "BAD_TEXT",
    "BUDGET_SPENT",
    "LEASE_LOST",
    "NOT_YOURS",
    "NO_RECORDING",
    "NO_SUCH_FILE",
    "TOO_LARGE",
    "Api",
    "ApiError",
    "ConnectionLost",
    "Delivery",
    "Task",
]

SCHEMA_VERSION = "0013.logs"  # the last migration that this client knows; held to db/migrations
WRONG_VERSION = "PB030"
UNKNOWN_FUNCTION = "42883"  # what PostgreSQL says where require_version is not there yet


class Api(AgentCalls, ModelCalls, FrontEndCalls, OutboxCalls):
    """One connection under one role."""

    @classmethod
    def connect(cls, dsn: str) -> Self:
        """Log in.

        Raises `ConnectionLost` when the server cannot be reached, `ApiError` PB030 when its schema is not
        ours.
        """
        try:
            connection = psycopg.connect(
                dsn,
                autocommit=True,
                row_factory=dict_row,
                connect_timeout=10,
                application_name="hardware_mas",
            )
        except psycopg.OperationalError as error:
            raise ConnectionLost(str(error).strip().splitlines()[-1]) from error
        api = cls(connection)
        try:
            api._require_version()
        except BaseException:
            connection.close()
            raise
        return api

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Log out."""
        self._connection.close()

    def _require_version(self) -> None:
        try:
            self._one("require_version", p_version=SCHEMA_VERSION)
        except ApiError as error:
            if error.code != UNKNOWN_FUNCTION:
                raise
            raise ApiError(
                WRONG_VERSION, f"the database has a schema from before {SCHEMA_VERSION}: run ./mas deploy"
            ) from error
