"""The kit: a copy of what design scripts import, for the sandbox to mount."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from kicad.python import kicad_python

_PACKAGE = Path(__file__).resolve().parent.parent
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
    folder = Path(tempfile.mkdtemp(prefix="mas-kit-"))
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


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
