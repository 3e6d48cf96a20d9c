"""Runs one script in the sandbox and judges how it ended."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import resource
import shutil
import signal
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from kicad.sandbox.command import RESULTS, Limits, bubblewrap, own_uid
from kicad.sandbox.syscalls import filter_file

__all__ = ["Limits", "NoSandbox", "Result", "describe", "probe", "run"]

Outcome = Literal["ok", "refused", "crashed", "timeout", "memory", "output", "killed"]
REFUSED = 3  # kicad.boardkit.run's exit code for a script that was understood and refused
TAIL = 16 << 10
LOOK_S = 0.05  # how often memory and time are looked at
CPU_SIGNALS = (128 + signal.SIGXCPU, 128 + signal.SIGKILL)
PROBE_SCRIPT = "pass\n"


class NoSandbox(Exception):  # noqa: N818 - it says what there is not
    """No sandbox can be had here, so nothing was run; a matter of the machine, not of the script."""

    permanent = True


@dataclass
class Result:
    """How a script ended, the ends of what it printed, and the files it made by name."""

    outcome: Outcome
    exit_code: int
    stdout: str = ""
    stderr: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    wall_s: float = 0.0


def run(
    script: str,
    *,
    mode: Literal["intent", "raw"] = "intent",
    inputs: dict[str, bytes] | None = None,
    limits: Limits | None = None,
) -> Result:
    """Run a design script.

    In mode `raw` `inputs` has `board.kicad_pcb`, and the script's raw steps change it.  Returns within the wall
    limit and about a second; no process of the script is left then.  Raises `NoSandbox`.
    """
    if reason := probe():
        raise NoSandbox(f"no sandbox can be had, so the script was not run: {reason}")
    return _run(script, mode, inputs or {}, limits or Limits())


@functools.cache
def probe() -> str | None:
    """Why no sandbox can be had on this machine; None when one can."""
    for tool in ("bwrap", "prlimit", "setpriv", "tar"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    try:
        result = _run(PROBE_SCRIPT, "intent", {}, Limits(wall_s=20))
    except OSError as error:
        return str(error)
    if result.outcome != "refused":  # an empty script is refused by boardkit: so the whole chain works
        said = result.stderr.strip().splitlines()
        return said[-1] if said else f"a trial run ended as {result.outcome}"
    return None


def describe() -> str:
    """What the sandbox is made of on this machine, in a sentence."""
    uid = own_uid()
    who = (
        f"its own uid {uid}"
        if uid
        else "this user's uid behind a user namespace (as root it would have one of its own)"
    )
    return f"bubblewrap with namespaces, seccomp, limits and {who}"


# ---------------------------------------------------------------------------- one run


def _run(script: str, mode: str, inputs: dict[str, bytes], limits: Limits) -> Result:
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        fds = {"seccomp": stack.enter_context(filter_file()).fileno()}
        fds["script"] = stack.enter_context(_holding(script.encode("utf-8", "surrogateescape"))).fileno()
        if "board.kicad_pcb" in inputs:
            fds["board"] = stack.enter_context(_holding(inputs["board.kicad_pcb"])).fileno()
        read_end, write_end = os.pipe()
        results = stack.enter_context(os.fdopen(read_end, "rb"))
        try:
            process = subprocess.Popen(
                bubblewrap(limits, mode, fds),
                stdin=write_end,  # see command._shell
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=tuple(fds.values()),
                start_new_session=True,
            )
        finally:
            os.close(write_end)
        watch = _Watch(process, results, limits)
        outcome = watch.until_ended()
    files = watch.files()
    return Result(
        outcome=outcome or _judge(process.returncode, files, mode),
        exit_code=process.returncode,
        stdout=watch.text("stdout"),
        stderr=watch.text("stderr"),
        files=files,
        wall_s=time.monotonic() - began,
    )


def _judge(code: int, files: dict[str, bytes], mode: str) -> Outcome:
    if code == 0 and ("intent.json" in files or mode == "raw"):
        return "ok"
    if code == REFUSED and "error.json" in files:
        return "refused"
    return "timeout" if code in CPU_SIGNALS else "crashed"


@contextlib.contextmanager
def _holding(content: bytes) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        file.seek(0)
        yield file


class _Watch:
    """Reads what the sandbox says, up to its limits, and ends it when it goes over one."""

    def __init__(self, process: subprocess.Popen[bytes], results: IO[bytes], limits: Limits) -> None:
        self._process, self._limits = process, limits
        self._said = {"stdout": bytearray(), "stderr": bytearray(), "results": bytearray()}
        self._over: Outcome | None = None
        assert process.stdout is not None
        assert process.stderr is not None
        pipes = {"stdout": process.stdout, "stderr": process.stderr, "results": results}
        self._readers = [
            threading.Thread(target=self._read, args=entry, daemon=True) for entry in pipes.items()
        ]
        for reader in self._readers:
            reader.start()

    def until_ended(self) -> Outcome | None:
        """Wait for the end; the limit that was broken, if one was."""
        until = time.monotonic() + self._limits.wall_s
        while self._process.poll() is None and self._over is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(LOOK_S)
            if time.monotonic() > until:
                self._over = "timeout"
            elif _resident(self._process.pid) > self._limits.memory:
                self._over = "memory"
        if self._over is not None:
            self._process.kill()  # bwrap dies, and with it the first process of the namespace, and so all
            _kill_group(self._process.pid)
        self._process.wait()
        for reader in self._readers:
            reader.join(2)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        return self._over

    def text(self, name: str) -> str:
        """The end of what was printed."""
        return bytes(self._said[name][-TAIL:]).decode("utf-8", "replace")

    def files(self) -> dict[str, bytes]:
        """The regular files that the script made, under the names that were agreed."""
        found = {}
        with contextlib.suppress(tarfile.TarError, EOFError, ValueError):
            with tarfile.open(fileobj=io.BytesIO(bytes(self._said["results"]))) as archive:
                for entry in archive:
                    if entry.name in RESULTS and entry.isreg() and entry.size <= self._limits.result:
                        content = archive.extractfile(entry)
                        found[entry.name] = content.read() if content else b""
        return found

    def _read(self, name: str, pipe: IO[bytes]) -> None:
        most = self._limits.result if name == "results" else self._limits.output
        with contextlib.suppress(OSError, ValueError):
            while piece := pipe.read1(65536) if isinstance(pipe, io.BufferedReader) else pipe.read(65536):
                self._said[name] += piece
                if len(self._said[name]) > most:
                    self._over = self._over or "output"
                    return


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _resident(root: int) -> int:
    """Bytes that a process and all below it hold in memory."""
    total, todo = 0, [root]
    page = resource.getpagesize()
    while todo:
        pid = todo.pop()
        with contextlib.suppress(OSError, ValueError, IndexError):
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page
            for task in Path(f"/proc/{pid}/task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
    return total
