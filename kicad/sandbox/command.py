"""The command line that builds the sandbox: namespaces, mounts, uid, limits."""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kicad.python import kicad_python
from kicad.sandbox.kit import kit

KIT = "/opt/kit"
SCRATCH, OUT = "/scratch", "/scratch/out"
BOARD = f"{OUT}/board.kicad_pcb"
RESULTS = ("intent.json", "error.json", "board.kicad_pcb")
# Ids that neither Debian nor systemd hands out, within the 65,536 that a container or a subuid range maps.
FIRST_UID, UIDS = 60578, 606
_BOOT = (
    f"import sys; sys.path.insert(0, '{KIT}'); "
    f"from kicad.boardkit.run import main; sys.exit(main('{SCRATCH}/design.py'))"
)
_turn = itertools.count(os.getpid())

Identity = Literal["root", "subuid", "self"]


@dataclass(frozen=True)
class Limits:
    """What a script may use; sizes in bytes, times in seconds."""

    wall_s: float = 10.0
    cpu_s: int = 5  # of one process
    memory: int = 1 << 30  # resident, all processes together
    address_space: int = 3 << 30  # of one process; pcbnew maps a lot that it never touches
    processes: int = 32  # and threads
    open_files: int = 128
    scratch: int = 64 << 20
    entries: int = 4096  # files and folders in the scratch directory
    output: int = 1 << 20  # of stdout and of stderr
    results: int = 32 << 20


@functools.cache
def identity() -> Identity:
    """Whose uid the script can get.

    As root one of its own; as a user one of that user's subordinate uids (package uidmap), so that neither
    the user nor the database has it; else the user's own, behind a user namespace.
    """
    if os.getuid() == 0:
        return "root"
    if shutil.which("newuidmap") and shutil.which("unshare"):
        tried = subprocess.run([*_AS_SUBUIDS, "true"], capture_output=True, timeout=20, check=False)
        if tried.returncode == 0:
            return "subuid"
    return "self"


_AS_SUBUIDS = ("unshare", "--user", "--map-root-user", "--map-auto", "--")


def bubblewrap(limits: Limits, mode: str, fds: dict[str, int]) -> list[str]:
    """The words of the command; `fds`: open files for `seccomp`, `script`, `board` (optional)."""
    uid = str(FIRST_UID + next(_turn) % UIDS)  # of this run alone, so that runs do not share a process limit
    words = [*_AS_SUBUIDS] if identity() == "subuid" else []
    words += ["bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--hostname", "sandbox"]
    words += ["--new-session", "--die-with-parent", "--clearenv"]
    if identity() == "self":
        words += ["--unshare-user", "--uid", uid, "--gid", uid, "--cap-drop", "ALL"]
    words += _mounts(limits)
    words += ["--perms", "0444", "--ro-bind-data", str(fds["script"]), f"{SCRATCH}/design.py"]
    if "board" in fds:
        words += ["--perms", "0666", "--file", str(fds["board"]), BOARD]
    for name, value in {
        "BOARDKIT_MODE": mode,
        "BOARDKIT_OUT": OUT,
        "BOARDKIT_BOARD": BOARD,
        "HOME": SCRATCH,
        "PATH": "/usr/bin",
        "LC_ALL": "C.UTF-8",
    }.items():
        words += ["--setenv", name, value]
    words += ["--chdir", SCRATCH, "--seccomp", str(fds["seccomp"]), "--"]
    if identity() != "self":
        words += ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
        words += ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"]
    return [*words, "/bin/sh", "-c", _shell(limits)]


def _mounts(limits: Limits) -> list[str]:
    """Read-only system, the kit, and one small scratch place; nothing of /home, /etc, /run, /var or /tmp."""
    words = ["--ro-bind", "/usr", "/usr"]
    for link in ("bin", "sbin", "lib", "lib64", "lib32"):
        path = Path("/", link)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    for name in ("/etc/ld.so.cache", "/etc/fonts", "/etc/alternatives"):
        words += ["--ro-bind-try", name, name]
    # No /proc: a script needs none, what it told of was no script's business, and a container whose own is
    # masked (every one that is not privileged) may not mount one.
    words += ["--perms", "0555", "--dir", "/proc", "--dev", "/dev"]
    words += ["--perms", "0755", "--dir", "/opt", "--ro-bind", str(kit()), KIT]
    words += ["--perms", "0777", "--size", str(limits.scratch), "--tmpfs", SCRATCH]
    words += ["--perms", "0777", "--dir", OUT, "--symlink", SCRATCH, "/tmp"]  # noqa: S108 - inside, and its own
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/"]


def _shell(limits: Limits) -> str:
    """Run the script under its limits, then send what it made.

    The pipe for that is standard input, whose number the shell knows whatever else is open; the script does
    not get it.  Only a regular file is sent as one (tar neither follows links nor opens pipes), in the
    plainest format.
    The hard CPU limit is a second over the soft one, so that a signal tells what happened.
    """
    bounds = (
        f"--as={limits.address_space} --cpu={limits.cpu_s}:{limits.cpu_s + 1} --nofile={limits.open_files} "
        f"--fsize={limits.scratch} --nproc={limits.processes} --core=0 --memlock=0 --msgqueue=0"
    )
    script = f'prlimit {bounds} {kicad_python()} -I -B -c "{_BOOT}" 3>&-'
    send = f"tar --format=ustar -C {OUT} -cf - {' '.join(RESULTS)} >&3 2>/dev/null"
    return f"exec 3>&0 </dev/null; {script}; code=$?; {send}; exit $code"
