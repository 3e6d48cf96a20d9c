"""Ending with the parent: the fleet holds the other end of a process's standard input."""

from __future__ import annotations

import os
import signal
import threading


def end_with_parent() -> None:
    """Send ourselves SIGTERM when standard input ends, if MAS_PARENT_PIPE says that it is such a pipe."""
    if os.environ.get("MAS_PARENT_PIPE"):
        threading.Thread(target=_wait, daemon=True, name="parent's pipe").start()


def _wait() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
