"""The command line that builds the sandbox: namespaces, mounts, uid, limits."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kicad.python import kicad_python

KIT = "/opt/kit"
SCRATCH, OUT = "/scratch", "/scratch/out"
BOARD = f"{OUT}/board.kicad_pcb"
RESULTS = ("intent.json", "error.json", "board.kicad_pcb")
FIRST_UID = 61184  # a range that neither Debian nor systemd hands out
_PACKAGE = Path(__file__).resolve().parent.parent
_BOOT = f"import sys; sys.path.insert(0, '{KIT}'); from kicad.boardkit.run import main; sys.exit(main('{SCRATCH}/design.py'))"


@dataclass(frozen=True)
class Limits:
    """What a script may use; sizes in bytes, times in seconds."""

    wall_s: float = 10.0
    cpu_s: int = 5
    memory: int = 1 << 30  # resident, all processes together
    address_space: int = 3 << 30  # of one process; pcbnew maps a lot that it never touches
    processes: int = 32
    files: int = 128
    scratch: int = 64 << 20
    output: int = 1 << 20
    result: int = 32 << 20


def own_uid() -> int | None:
    """The uid that the script gets: one of its own when we are root, otherwise ours behind a user namespace."""
    return FIRST_UID + os.getpid() % 256 if os.getuid() == 0 else None


def bubblewrap(limits: Limits, mode: str, fds: dict[str, int]) -> list[str]:
    """The words of the command; `fds` has open files for `seccomp`, `script` and `board` (optional)."""
    words = [
        "bwrap",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
    ]
    words += ["--hostname", "sandbox", "--new-session", "--die-with-parent", "--clearenv"]
    if os.getuid() != 0:
        words += ["--unshare-user", "--uid", str(FIRST_UID), "--gid", str(FIRST_UID), "--cap-drop", "ALL"]
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
    words += ["--chdir", SCRATCH, "--seccomp", str(fds["seccomp"]), "--", *_drop_rights()]
    return [*words, "/bin/sh", "-c", _shell(limits)]


def _mounts(limits: Limits) -> list[str]:
    """Read-only system, the kit, and two small scratch places; nothing of /home, /etc, /run, /var or /tmp."""
    words = ["--ro-bind", "/usr", "/usr"]
    for link in ("bin", "sbin", "lib", "lib64", "lib32"):
        path = Path("/", link)
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    for path in ("/etc/ld.so.cache", "/etc/fonts", "/etc/alternatives"):
        words += ["--ro-bind-try", path, path]
    words += [
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--perms",
        "0755",
        "--dir",
        "/opt",
        "--ro-bind",
        str(_kit()),
        KIT,
    ]
    words += ["--perms", "0777", "--size", str(16 << 20), "--tmpfs", "/tmp"]  # noqa: S108 - inside, and its own
    words += [
        "--perms",
        "0777",
        "--size",
        str(limits.scratch),
        "--tmpfs",
        SCRATCH,
        "--perms",
        "0777",
        "--dir",
        OUT,
    ]
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/"]


def _drop_rights() -> list[str]:
    uid = own_uid()
    if uid is None:
        return []
    ids = [f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    return ["setpriv", *ids, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"]


def _shell(limits: Limits) -> str:
    """Run the script under its limits, then send what it made to the results' pipe, which stands at descriptor 0.

    The script itself never has it.  (A plain sh redirects to descriptors of one digit only, and a process that
    holds connections has given those away.)
    """
    bounds = (
        f"--as={limits.address_space} --cpu={limits.cpu_s} --nofile={limits.files} --fsize={limits.scratch} "
        f"--nproc={limits.processes} --core=0"
    )
    script = f'prlimit {bounds} {kicad_python()} -I -B -c "{_BOOT}" </dev/null'
    send = f"tar -C {OUT} -cf - {' '.join(RESULTS)} >&0 2>/dev/null"
    return f"{script}; code=$?; {send}; exit $code"


@functools.cache
def _kit() -> Path:
    """A copy of what scripts import, readable for the sandbox's uid wherever the checkout lies."""
    kit = Path(tempfile.mkdtemp(prefix="mas-kit-"))
    atexit.register(shutil.rmtree, kit, ignore_errors=True)
    for name in ("boardkit", "parts", "shapes.py", "__init__.py"):
        source, target = _PACKAGE / name, kit / "kicad" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "models"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, target)
    for path in (kit, *kit.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return kit
