"""The kit: a copy of what design scripts import, for the sandbox to mount."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from kicad.python import kicad_python

_PACKAGE = Path(__file__).resolve().parent.parent
_NAME, _YOUNG_S = "mas-kit-", 60.0
_lock = threading.Lock()
_made: dict[int, Path] = {}  # by process, so that a forked child does not lean on its parent's


def kit() -> Path:
    """The folder, made when first asked for and again if somebody cleaned it away.

    A copy, because the sandbox's uid may read it wherever the checkout lies and whatever its modes are;
    compiled, because the sandbox writes no bytecode and would compile at each run.
    """
    with _lock:
        made = _made.get(os.getpid())
        if made is None or not (made / "kicad" / "boardkit" / "run.py").exists():
            made = _made[os.getpid()] = _copy()
        return made


def _copy() -> Path:
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_NAME))
    fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_SH)  # held for this process's life, for `_sweep`
    atexit.register(_remove, folder, os.getpid())
    for name in ("boardkit", "parts", "library.py", "shapes.py", "__init__.py"):
        source, target = _PACKAGE / name, folder / "kicad" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "models"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, target)
    subprocess.run(
        [
            kicad_python(),
            "-I",
            "-m",
            "compileall",
            "-q",
            "--invalidation-mode",
            "unchecked-hash",
            str(folder),
        ],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def _sweep() -> None:
    """Remove the kits of our processes that were killed: nobody holds their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_NAME}*"):
        with contextlib.suppress(OSError):
            state = folder.stat()
            if state.st_uid != os.getuid() or time.time() - state.st_mtime < _YOUNG_S:
                continue
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(lock)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
