"""What an agent calls: tasks and their files, notifications, logs."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from clients.wire import ERROR_CHARACTERS, Task, Wire, held, interval


class AgentCalls(Wire):
    """The agents' half of `api`; everything about a task is fenced by its lease."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        super().__init__(connection)
        # a worker that is started again under the same name gives back what its earlier life held
        self._worker = os.environ.get("MAS_WORKER") or f"{socket.gethostname()}:{os.getpid()}"

    # ------------------------------------------------------------------ tasks

    def start_worker(self) -> int:
        """Begin a life; returns how many tasks an earlier one had in hand."""
        return int(self._one("start_worker", p_worker=self._worker))

    def claim_task(self, lease_s: float) -> Task | None:
        """Lease the next task; None when there is none."""
        rows = self._rows("claim_task", p_lease=interval(lease_s), p_worker=self._worker)
        return Task(**rows[0]) if rows else None

    def sleep_until_task(self, lease_s: float, timeout_s: float, stop: threading.Event) -> Task | None:
        """Wait for the doorbell, at most `timeout_s`; returns a task claimed meanwhile, if any.

        The order matters: listen, announce the sleep, claim once more, only then wait; so no ring is lost.
        """
        self._listen(f"task_{self.role}")
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
        return str(self._one("heartbeat_task", **held(task), p_lease=interval(lease_s), p_progress=progress))

    def task_context(self, task: Task) -> dict[str, Any]:
        """What the database knows of the task's design."""
        return dict(self._one("task_context", **held(task)))

    def complete_task(self, task: Task, result: dict[str, Any]) -> Any:
        """The task is done; said twice it gives the same answer."""
        return self._one("complete_task", **held(task), p_result=Jsonb(result))

    def fail_task(self, task: Task, error: str, retry: bool) -> str:
        """The attempt failed; `retried`, `dead` or `cancelled`."""
        return str(
            self._one(
                "fail_task", **held(task), p_error=error.replace("\0", "")[:ERROR_CHARACTERS], p_retry=retry
            )
        )

    def release_task(self, task: Task) -> None:
        """Hand the task back; no attempt is burned."""
        self._one("release_task", **held(task))

    def store_artifact(self, task: Task, name: str, content: bytes) -> int:
        """Store a file of the present attempt; at most 32 MB."""
        return int(self._one("store_artifact", **held(task), p_name=name, p_content=content))

    def read_artifact(self, task: Task, name: str) -> bytes:
        """A file of the present attempt."""
        return bytes(self._one("read_artifact", **held(task), p_name=name))

    def read_attachment(self, task: Task, name: str) -> bytes:
        """A file that the user sent along."""
        return bytes(self._one("read_attachment", **held(task), p_name=name))

    def store_board(self, task: Task, board: dict[str, Any]) -> None:
        """The board as rows (`kicad.shapes.Board`)."""
        self._one("store_board", **held(task), p_board=Jsonb(board))

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

    def listen(self, channels: Iterable[str]) -> None:
        """Let rings on these channels, too, end a wait for tasks."""
        for channel in channels:
            self._listen(channel)

    def write_log(self, level: str, message: str) -> None:
        """A line into system_logs."""
        self._one("write_log", p_level=level, p_message=message)

    def log_event(self, level: str, message: str, task: Task | None = None) -> None:
        """A line into system_logs, with the design and the number of the task that it is about."""
        numbers = {"p_design": task.design, "p_task": task.task_id} if task else {}
        self._one("log_event", p_level=level, p_message=message, **numbers)
