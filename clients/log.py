"""Lines about what a process does, on stderr: JSON objects where MAS_LOG=json, else as people read them.

JSON is `{"time", "level", "component", "message"}` and, while a task is in hand, `design`, `task` and
`attempt`; at most 16 kB, so that no collector cuts it.  People see warnings and errors only.  A line never
has a user's words, a payload or a secret: an exception is told by its kind and place, and of what a library
has to say only what it wrote into its source, without what it put in.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from clients.api import Api, ApiError, ConnectionLost, Task

LONGEST = 1000  # characters; as JSON at most twelve bytes each
OURS = "mas"
_in_hand: ContextVar[dict[str, int] | None] = ContextVar("in_hand", default=None)


def log_of(component: str) -> logging.Logger:
    """The log of an agent, a front end or the gateway, by its name."""
    return logging.getLogger(f"{OURS}.{component}")


@contextmanager
def about(task: Task) -> Iterator[None]:
    """Every line within carries the task, its attempt and its design, in this thread and what it awaits."""
    design = {} if task.design is None else {"design": task.design}
    token = _in_hand.set(design | {"task": task.task_id, "attempt": task.attempt})
    try:
        yield
    finally:
        _in_hand.reset(token)


def note(db: Api, level: int, message: str, task: Task | None = None) -> None:
    """A line to stderr and into system_logs; that it cannot be stored is no reason to stop."""
    log_of(db.role).log(level, "%s", message)
    with suppress(ApiError, ConnectionLost):
        db.log_event(logging.getLevelName(level), message, task)


def told(error: BaseException | None) -> str:
    """An exception by its kind and place; its own words may be a user's."""
    if error is None:
        return "nothing"
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    code = f" {error.code}" if isinstance(error, ApiError) else ""
    return f"{type(error).__name__}{code}{where}"


def take_over(component: str) -> None:
    """This process is `component`: what libraries and uncaught exceptions say are lines of its, too."""
    root = logging.getLogger()
    root.handlers[:] = [_Stderr(component)]
    root.setLevel(logging.WARNING)
    if as_json():
        sys.excepthook = lambda kind, error, trace: _ended_by(component, kind, error, trace)
        threading.excepthook = lambda ended: _ended_by(
            component, ended.exc_type, ended.exc_value, ended.exc_traceback
        )


def as_json() -> bool:
    """Whether lines are for machines."""
    return os.environ.get("MAS_LOG") == "json"


def _ended_by(
    component: str,
    kind: type[BaseException],
    error: BaseException | None,
    trace: TracebackType | None,
) -> None:
    ended = (error or kind()).with_traceback(trace)
    log_of(component).error("ended by %s", told(ended))


class _Stderr(logging.Handler):
    """Writes to whatever stderr is at the moment; `component` is who speaks when it is not our own log."""

    def __init__(self, component: str | None = None) -> None:
        super().__init__()
        self._component = component

    def emit(self, record: logging.LogRecord) -> None:
        level = logging.INFO if as_json() else logging.WARNING
        if record.levelno < level:
            return
        component, message = self._said(record)
        line = _json(record, component, message) if as_json() else f"{component}: {_printable(message)}"
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def _said(self, record: logging.LogRecord) -> tuple[str, str]:
        if self._component is None:
            return record.name.removeprefix(f"{OURS}."), record.getMessage()
        words = f"{record.name}: {str(record.msg).partition(chr(10))[0]}"
        error = record.exc_info[1] if record.exc_info else None
        return self._component, f"{words}: {told(error)}" if error else words


def _json(record: logging.LogRecord, component: str, message: str) -> str:
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "component": component,
        "message": message[:LONGEST],
    }
    return json.dumps(line | (_in_hand.get() or {}))


def _printable(text: str) -> str:
    """A terminal obeys nothing in it: control and format characters are written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:LONGEST])


def _set_up() -> None:
    ours = logging.getLogger(OURS)
    ours.setLevel(logging.INFO)
    ours.propagate = False
    ours.handlers[:] = [_Stderr()]


_set_up()
