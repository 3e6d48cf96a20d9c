"""Watches one sandbox: reads what it says up to its limits, and ends it when it goes over one."""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kicad.sandbox.command import SCRATCH, Limits

Broken = Literal["timeout", "memory", "output"]
LOOK_S = 0.05  # how often memory, files and time are looked at
GRACE_S = 5.0  # within which the kernel has ended a namespace whose first process was killed
_PAGE, _TICKS = resource.getpagesize(), os.sysconf("SC_CLK_TCK")


@dataclass
class Watched:
    """What came out of a sandbox, how much it took, and the limit that it broke, if it broke one."""

    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    results: bytearray = field(default_factory=bytearray)
    broken: Broken | None = None
    exit_code: int = 0  # as a shell has it: 128 + the signal that ended it
    cpu_s: float = 0.0


def watch(process: subprocess.Popen[bytes], results: int, limits: Limits) -> Watched:
    """Wait for the end of a sandbox, or make it; `results` is the read end of its third pipe.

    The pipes are read to their ends, which come when the last process that could write to them is gone.
    """
    assert process.stdout is not None
    assert process.stderr is not None
    seen, killed = Watched(), False
    until, look = time.monotonic() + limits.wall_s, 0.0
    with selectors.DefaultSelector() as pipes:
        pipes.register(process.stdout, selectors.EVENT_READ, (seen.stdout, limits.output))
        pipes.register(process.stderr, selectors.EVENT_READ, (seen.stderr, limits.output))
        pipes.register(results, selectors.EVENT_READ, (seen.results, limits.results))
        while pipes.get_map():
            for key, _ in pipes.select(LOOK_S):
                _take(pipes, key, seen)
            now = time.monotonic()
            if killed and now > until:
                break
            if not killed and now >= look:
                look = now + LOOK_S
                seen.broken = seen.broken or _look(process.pid, limits, seen)
                if now > until:
                    seen.broken = seen.broken or "timeout"
            if seen.broken and not killed:
                _kill(process.pid)
                killed, until = True, now + GRACE_S
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seen.exit_code = process.returncode if process.returncode >= 0 else 128 - process.returncode
    seen.cpu_s = max(seen.cpu_s, usage.ru_utime + usage.ru_stime)
    return seen


def _take(pipes: selectors.BaseSelector, key: selectors.SelectorKey, seen: Watched) -> None:
    said, most = key.data
    piece = os.read(key.fd, 1 << 16)
    if not piece:
        pipes.unregister(key.fileobj)
    elif len(said) + len(piece) <= most:
        said += piece
    else:
        seen.broken = seen.broken or "output"


def _look(pid: int, limits: Limits, seen: Watched) -> Broken | None:
    """The limit that is broken now, if one is; notes the CPU time so far."""
    pids = _tree(pid)
    memory, cpu = 0, 0.0
    for one in pids:
        with contextlib.suppress(OSError, IndexError):  # it may end while it is looked at
            fields = Path(f"/proc/{one}/stat").read_text(errors="replace").rpartition(")")[2].split()
            cpu += sum(int(ticks) for ticks in fields[11:15]) / _TICKS  # its own and its reaped children's
            memory += int(fields[21]) * _PAGE
    seen.cpu_s = max(seen.cpu_s, cpu)
    if memory > limits.memory:
        return "memory"
    return "output" if _entries(pids) > limits.entries else None


def _tree(root: int) -> list[int]:
    """A process and all below it."""
    found = [root]
    for pid in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _entries(pids: list[int]) -> int:
    """Files and folders in the scratch directory: a tmpfs bounds its bytes, but each takes kernel memory."""
    for pid in reversed(pids):
        with contextlib.suppress(OSError):
            place = f"/proc/{pid}/root{SCRATCH}"
            state = os.statvfs(place)
            return state.f_files - state.f_ffree if Path(place).is_mount() else 0
    return 0


def _kill(root: int) -> None:
    """End the first process of the namespace, and with it all in there; then the one that waits for it."""
    for pid in reversed(_tree(root)[:2]):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
