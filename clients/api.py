"""The database as an agent sees it: one method for each `api` function, and no other SQL.

Every method raises `ApiError` with a code of the registry (`core.error_codes`) when the database refuses,
and `ConnectionLost` when the connection is gone; then make a new `Api`.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

SCHEMA_VERSION = "0010.queue-cost"  # the last migration that this client knows; held to db/migrations
LEASE_LOST = "PB001"
TOO_LARGE = "PB003"
BAD_TEXT = "PB008"
BAD_FILE_NAME = "PB040"
BAD_LOG_LEVEL = "PB041"
# what PostgreSQL says of NUL, of \u0000 in jsonb, of lone surrogates and of invalid UTF-8
ENCODING_ERRORS = ("22021", "22P05", "22P02")
WRONG_VERSION = "PB030"
UNKNOWN_FUNCTION = "42883"  # what PostgreSQL says where require_version is not there yet
TOO_DEEP = "54001"  # what PostgreSQL says of JSON that is nested beyond its own stack
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


class Api:
    """One connection under one role."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self._connection = connection
        # a worker that is started again under the same name gives back what its earlier life held
        self._worker = os.environ.get("MAS_WORKER") or f"{socket.gethostname()}:{os.getpid()}"
        self._listens: set[str] = set()

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
        self._connection.close()

    # ------------------------------------------------------------------ tasks

    def start_worker(self) -> int:
        """Begin a life; returns how many tasks an earlier one had in hand."""
        return int(self._one("start_worker", p_worker=self._worker))

    def claim_task(self, lease_s: float) -> Task | None:
        """Lease the next task; None when there is none."""
        rows = self._rows("claim_task", p_lease=_interval(lease_s), p_worker=self._worker)
        return Task(**rows[0]) if rows else None

    def sleep_until_task(self, lease_s: float, timeout_s: float, stop: threading.Event) -> Task | None:
        """Wait for the doorbell, at most `timeout_s`; returns a task claimed meanwhile, if any.

        The order matters: listen, announce the sleep, claim once more, only then wait; so no ring is lost.
        """
        self._listen(f"task_{self._connection.info.user}")
        self._one("prepare_sleep")
        try:
            task = self.claim_task(lease_s)
            if task is None:
                self._wait(timeout_s, stop)
            return task
        finally:
            if not self._connection.closed:
                self._one("get_up")

    def heartbeat_task(self, task: Task, lease_s: float, progress: str | None) -> str:
        """Keep the lease; `continue` or `cancelled`."""
        return str(
            self._one("heartbeat_task", **_held(task), p_lease=_interval(lease_s), p_progress=progress)
        )

    def task_context(self, task: Task) -> dict[str, Any]:
        """What the database knows of the task's design."""
        return dict(self._one("task_context", **_held(task)))

    def complete_task(self, task: Task, result: dict[str, Any]) -> Any:
        """The task is done; said twice it gives the same answer."""
        return self._one("complete_task", **_held(task), p_result=Jsonb(result))

    def fail_task(self, task: Task, error: str, retry: bool) -> str:
        """The attempt failed; `retried`, `dead` or `cancelled`."""
        return str(
            self._one("fail_task", **_held(task), p_error=error.replace("\0", "")[:4000], p_retry=retry)
        )

    def release_task(self, task: Task) -> None:
        """Hand the task back; no attempt is burned."""
        self._one("release_task", **_held(task))

    def store_artifact(self, task: Task, name: str, content: bytes) -> int:
        """Store a file of the present attempt; at most 32 MB."""
        return int(self._one("store_artifact", **_held(task), p_name=name, p_content=content))

    def read_artifact(self, task: Task, name: str) -> bytes:
        """A file of the present attempt."""
        return bytes(self._one("read_artifact", **_held(task), p_name=name))

    def store_board(self, task: Task, board: dict[str, Any]) -> None:
        """The board as rows (`kicad.shapes.Board`)."""
        self._one("store_board", **_held(task), p_board=Jsonb(board))

    # ------------------------------------------------------------------ messages and logs

    def send_notification(self, channel: str, payload: Any, receiver: str | None = None) -> int:
        """Store a message for the listeners of a channel, and ring."""
        return int(
            self._one("send_notification", p_channel=channel, p_payload=Jsonb(payload), p_receiver=receiver)
        )

    def pending_notifications(self, limit: int = 100) -> list[dict[str, Any]]:
        """What this role has not acknowledged, oldest first."""
        return self._rows("pending_notifications", p_limit=limit)

    def acknowledge_notification(self, number: int) -> bool:
        """Mark as read; whether it was still unread."""
        return bool(self._one("acknowledge_notification", p_notification_id=number))

    def write_log(self, level: str, message: str) -> None:
        """A line into system_logs."""
        self._one("write_log", p_level=level, p_message=message)

    # ------------------------------------------------------------------ front ends

    def receive_message(
        self, account: str, username: str, text: str, key: str, design: int | None, interactive: bool
    ) -> int:
        """A user's words come in; returns the design that they belong to."""
        return int(
            self._one(
                "receive_message",
                p_account=account,
                p_username=username,
                p_text=text,
                p_message_key=key,
                p_design=design,
                p_interactive=interactive,
            )
        )

    def design_status(self, design: int) -> dict[str, Any]:
        """Where the design stands."""
        return dict(self._one("design_status", p_design=design))

    def design_messages(self, design: int, after: int) -> list[dict[str, Any]]:
        """The talk after message number `after`."""
        return self._rows("design_messages", p_design=design, p_after=after)

    def design_files(self, design: int) -> list[dict[str, Any]]:
        """Files of the last attempt."""
        return self._rows("design_files", p_design=design)

    def read_file(self, design: int, name: str) -> bytes:
        """Content of a file."""
        return bytes(self._one("read_file", p_design=design, p_name=name))

    def cancel_design(self, design: int) -> None:
        """The user no longer wants it."""
        self._one("cancel_design", p_design=design)

    def wait_for_ring(self, timeout_s: float) -> None:
        """Wait until some design has changed, at most `timeout_s`."""
        self._listen("design_updates")
        self._wait(timeout_s, None)

    # ------------------------------------------------------------------ the wire

    def _require_version(self) -> None:
        try:
            self._one("require_version", p_version=SCHEMA_VERSION)
        except ApiError as error:
            if error.code != UNKNOWN_FUNCTION:
                raise
            raise ApiError(
                WRONG_VERSION, f"the database has a schema from before {SCHEMA_VERSION}: run ./mas deploy"
            ) from error

    def _rows(self, function: str, **arguments: Any) -> list[dict[str, Any]]:
        names = sql.SQL(", ").join(
            sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in arguments
        )
        query = sql.SQL("select * from api.{}({})").format(sql.Identifier(function), names)
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


def _held(task: Task) -> dict[str, Any]:
    return {"p_task_id": task.task_id, "p_token": task.lease_token}


def _interval(seconds: float) -> str:
    return f"{seconds} s"
