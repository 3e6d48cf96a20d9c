"""One connection to the database: calls of `api` functions by name, waiting for a ring, and what is refused.

Every call raises `ApiError` with a code of the registry (`core.error_codes`) when the database refuses, and
`ConnectionLost` when the connection is gone.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

LEASE_LOST = "PB001"
TOO_LARGE = "PB003"
NOT_YOURS = "PB006"
BAD_TEXT = "PB008"
NO_SUCH_FILE = "PB009"
BAD_FILE_NAME = "PB040"
BAD_LOG_LEVEL = "PB041"
BAD_PAGE = "PB046"
BUDGET_SPENT = "PB050"
NO_RECORDING = "PB051"
# what PostgreSQL says of NUL, of \u0000 in jsonb, of lone surrogates and of invalid UTF-8
ENCODING_ERRORS = ("22021", "22P05", "22P02")
TOO_DEEP = "54001"  # what PostgreSQL says of JSON that is nested beyond its own stack
ERROR_CHARACTERS = 4000  # of an error's text, which is for people
QUERY = re.compile(r"(?P<name>[a-z_]+)(?:\((?P<arguments>[a-z_, ]*)\))?")
SLICE_S = 0.5  # a sleeper looks this often whether it is to stop


class ApiError(Exception):
    """The database refused; `code` is one of the registry's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def lease_lost(self) -> bool:
        """Whether another worker has the task now, or it has ended."""
        return self.code == LEASE_LOST


class ConnectionLost(Exception):
    """The connection to the database is gone, or could not be made."""


@dataclass(frozen=True)
class Task:
    """A task under lease; the token is the fence."""

    task_id: int
    lease_token: UUID
    attempt: int
    payload: dict[str, Any]

    @property
    def design(self) -> int | None:
        """The design that it belongs to, if it belongs to one; a payload may say anything."""
        design = self.payload.get("design")
        return design if type(design) is int else None


class Wire:
    """A connection under one role; the halves of `clients.api.Api` stand on it."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self._connection = connection
        self._listens: set[str] = set()

    @property
    def role(self) -> str:
        """Who is logged in."""
        return self._connection.info.user

    def read(self, query: str, known: Mapping[str, Any]) -> Any:
        """What an `api` view or function says: one value, or its rows.

        `query` is what would follow `select * from`: a view's name, or `function(argument, …)`, whose
        arguments are called as in the database without their `p_` and taken from `known`.
        """
        match = QUERY.fullmatch(query)
        wanted = set(re.findall(r"\w+", match["arguments"] or "")) if match else set()
        if match is None or not wanted <= known.keys():
            raise ValueError(f"{query!r} is no view and no function of {', '.join(known) or 'nothing'}")
        if match["arguments"] is None:
            rows = self._select(sql.SQL("select * from api.{}").format(sql.Identifier(match["name"])), {})
        else:
            rows = self._rows(match["name"], **{f"p_{name}": known[name] for name in wanted})
        return next(iter(rows[0].values())) if len(rows) == len(rows[0] if rows else ()) == 1 else rows

    def _rows(self, function: str, **arguments: Any) -> list[dict[str, Any]]:
        names = sql.SQL(", ").join(
            sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in arguments
        )
        query = sql.SQL("select * from api.{}({})").format(sql.Identifier(function), names)
        return self._select(query, arguments)

    def _select(self, query: sql.Composed, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        try:
            return self._connection.execute(query, arguments, binary=True).fetchall()
        except psycopg.Error as error:
            raise self._refusal(error) from error
        except UnicodeEncodeError as error:
            raise ApiError(BAD_TEXT, "the text is not valid UTF-8") from error

    def _one(self, function: str, **arguments: Any) -> Any:
        rows = self._rows(function, **arguments)
        return next(iter(rows[0].values()))

    def _refusal(self, error: psycopg.Error) -> Exception:
        if self._connection.closed or (
            error.sqlstate is None and isinstance(error, psycopg.OperationalError)
        ):
            return ConnectionLost(
                str(error).strip().splitlines()[0] if str(error).strip() else "connection lost"
            )
        if error.sqlstate in ENCODING_ERRORS or (
            error.sqlstate is None and isinstance(error, psycopg.DataError)
        ):
            return ApiError(BAD_TEXT, error.diag.message_primary or str(error))
        code = TOO_LARGE if error.sqlstate == TOO_DEEP else error.sqlstate or "PB000"
        return ApiError(code, error.diag.message_primary or str(error))

    def _listen(self, channel: str) -> None:
        if channel not in self._listens:
            self._execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
            self._listens.add(channel)

    def _execute(self, query: sql.Composed) -> None:
        try:
            self._connection.execute(query)
        except psycopg.Error as error:
            raise self._refusal(error) from error

    def _wait(self, timeout_s: float, stop: threading.Event | None) -> None:
        """Wait for any ring in short slices, so that a stop is heard; what a ring carries is never read."""
        until = time.monotonic() + timeout_s
        try:
            while (left := until - time.monotonic()) > 0 and not (stop and stop.is_set()):
                for _ in self._connection.notifies(timeout=min(left, SLICE_S), stop_after=1):
                    return
        except psycopg.Error as error:
            raise self._refusal(error) from error


def held(task: Task) -> dict[str, Any]:
    """A task and its fence, as every function on tasks takes them."""
    return {"p_task_id": task.task_id, "p_token": task.lease_token}


def interval(seconds: float) -> str:
    """Seconds as PostgreSQL reads them."""
    return f"{seconds} s"
