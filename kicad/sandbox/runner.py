"""Runs one script in the sandbox and judges how it ended."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from kicad.python import KicadMissing
from kicad.sandbox.command import RESULTS, Limits, bubblewrap, identity
from kicad.sandbox.syscalls import filter_file
from kicad.sandbox.watch import Watched, watch

__all__ = ["Limits", "NoSandbox", "Result", "describe", "probe", "run"]

Outcome = Literal["ok", "refused", "crashed", "timeout", "memory", "output", "killed"]
REFUSED = 3  # kicad.boardkit.run's exit code for a script that was understood and refused
TAIL = 16 << 10
_KILLED, _FORBIDDEN, _CPU = (128 + each for each in (signal.SIGKILL, signal.SIGSYS, signal.SIGXCPU))
_BLOCK = 512  # of a tar archive
_TRUSTED = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}  # all that the tools which build the sandbox are told
_ADVICE = (
    "the kernel, AppArmor or the container refuses what bubblewrap needs: let it make namespaces "
    "(sysctl kernel.apparmor_restrict_unprivileged_userns=0; in a container the seccomp profile "
    "deploy/kicad/seccomp.json) or run elsewhere"
)
_TRIAL = """
import os, socket
try:
    socket.socket()
except OSError:
    held = not any(os.path.exists(place) for place in ("/home", "/root", "/run", "/var", "/etc/passwd"))
    print("held" if held and len(os.environ) <= 7 else "the file system or the environment shows through")
else:
    print("sockets are not refused")
"""


class NoSandbox(Exception):
    """No sandbox can be had here, so nothing was run; a matter of the machine, not of the script."""

    permanent = True


@dataclass
class Result:
    """How a script ended, the ends of what it printed, and the files it made by name; times in seconds."""

    outcome: Outcome
    exit_code: int
    stdout: str = ""
    stderr: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cpu_s: float = 0.0
    wall_s: float = 0.0


def run(
    script: str,
    *,
    mode: Literal["intent", "raw"] = "intent",
    inputs: dict[str, bytes] | None = None,
    limits: Limits | None = None,
) -> Result:
    """Run a design script.

    In mode `raw` `inputs` has `board.kicad_pcb`, and the script's raw steps change it.  Returns within the
    wall limit and about a second; no process of the script is left then.  Raises `NoSandbox`.
    """
    if reason := probe():
        raise NoSandbox(f"no sandbox can be had, so the script was not run: {reason}")
    return _run(script, mode, inputs or {}, limits or Limits())


@functools.cache
def probe() -> str | None:
    """Why no sandbox can be had on this machine; None when one can.  A trial run shows that it holds."""
    for tool in ("bwrap", "prlimit", "setpriv", "tar"):
        if shutil.which(tool, path=_TRUSTED["PATH"]) is None:
            return f"{tool} is not installed"
    if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
        return "this kernel does not list a process's children, so its memory cannot be watched"
    try:
        result = _run(_TRIAL, "intent", {}, Limits(wall_s=20))
    except (OSError, subprocess.SubprocessError, KicadMissing) as error:
        return str(error)
    if result.outcome == "refused" and result.stdout == "held\n":  # boardkit refuses a script without parts
        return None
    said = (result.stderr or result.stdout).strip().splitlines()
    reason = said[-1] if said else f"a trial run ended as {result.outcome} (exit code {result.exit_code})"
    return f"{reason}; {_ADVICE}" if reason.startswith("bwrap:") else reason


def describe() -> str:
    """What the sandbox is made of on this machine, in a sentence."""
    who = {
        "root": "a uid of its own for each run",
        "subuid": "a subordinate uid of its own for each run",
        "self": "this user's own uid behind a user namespace (install uidmap for one of its own)",
    }[identity()]
    return f"bubblewrap with namespaces, seccomp, limits and {who}"


def _run(script: str, mode: str, inputs: dict[str, bytes], limits: Limits) -> Result:
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        fds = {"seccomp": stack.enter_context(filter_file()).fileno()}
        fds["script"] = stack.enter_context(_holding(script.encode("utf-8", "surrogatepass"))).fileno()
        if "board.kicad_pcb" in inputs:
            fds["board"] = stack.enter_context(_holding(inputs["board.kicad_pcb"])).fileno()
        results, sent = os.pipe()
        stack.callback(os.close, results)
        try:
            words = bubblewrap(limits, mode, fds)
            process = stack.enter_context(_started(words, sent, tuple(fds.values())))
        finally:
            os.close(sent)
        seen = watch(process, results, limits)
    files = dict(_files(bytes(seen.results)))
    return Result(
        outcome=seen.broken or _judge(seen, files, mode, limits),
        exit_code=seen.exit_code,
        stdout=_text(seen.stdout),
        stderr=_text(seen.stderr),
        files=files,
        # a look every 50 ms sees the last tick only by chance, but the kernel counted up to its limit
        cpu_s=max(seen.cpu_s, limits.cpu_s) if seen.exit_code == _CPU else seen.cpu_s,
        wall_s=time.monotonic() - began,
    )


def _started(words: list[str], results: int, fds: tuple[int, ...]) -> subprocess.Popen[bytes]:
    # No environment of ours: the first process of the sandbox may be the user's own and show it in /proc.
    return subprocess.Popen(
        words,
        stdin=results,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=fds,
        env=_TRUSTED,
        cwd="/",
        start_new_session=True,
    )


def _judge(seen: Watched, files: dict[str, bytes], mode: str, limits: Limits) -> Outcome:
    code = seen.exit_code
    if code == 0 and ("intent.json" in files or mode == "raw"):
        return "ok"
    if code == REFUSED and "error.json" in files:
        return "refused"
    if code == _CPU or (code == _KILLED and seen.cpu_s >= limits.cpu_s):
        return "timeout"
    return "killed" if code in (_KILLED, _FORBIDDEN) else "crashed"


def _files(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """The regular files in an archive, under the names that were agreed.

    The script can write into the archive's pipe, so headers are read one by one, without the extensions of
    the format (long names, sparse files, nested headers) that `tarfile` would follow.
    """
    at = 0
    with contextlib.suppress(tarfile.TarError, ValueError):
        while header := archive[at : at + _BLOCK]:
            entry = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
            at += _BLOCK
            if not 0 <= entry.size <= len(archive) - at:
                return
            if entry.name in RESULTS and entry.type == tarfile.REGTYPE:
                yield entry.name, archive[at : at + entry.size]
            at += -(-entry.size // _BLOCK) * _BLOCK


def _text(said: bytearray) -> str:
    return bytes(said[-TAIL:]).decode("utf-8", "replace")


@contextlib.contextmanager
def _holding(content: bytes) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        yield file
