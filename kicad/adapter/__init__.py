"""The only door to `pcbnew`: each job runs in a process of its own, one board per process.

The functions here start that process (`python3 -m kicad.adapter`) with the interpreter that KiCad was
packaged for, and exchange plain JSON with it.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kicad.python import environment, kicad_python

if TYPE_CHECKING:
    from kicad.shapes import Board, Geometry, Intent, Layout, Rules

TIMEOUT_S = 90
_ROOT = Path(__file__).parents[2]
_INPUT_FAULT = 4


class AdapterError(RuntimeError):
    """KiCad refused the job's input; the message is its one-line reason."""


class AdapterCrash(RuntimeError):
    """KiCad died or hung over the job: a fault of the machine, not of the design."""


def export_geometry(intent: Intent, rules: Rules, size_mm: tuple[float, float] | None) -> Geometry:
    """Outlines of the intent's footprints for the placer and the router (mm); raises `AdapterError`."""
    job = {"intent": intent, "rules": rules, "size_mm": size_mm}
    with tempfile.TemporaryDirectory(prefix="mas-geometry-") as folder:
        source, target = Path(folder, "in.json"), Path(folder, "out.json")
        source.write_text(json.dumps(job))
        _run("geometry", source, target)
        geometry: Geometry = json.loads(target.read_text())
    return geometry


def apply_layout(intent: Intent, layout: Layout, rules: Rules, title: str, folder: Path) -> tuple[Path, Path]:
    """Write `board.kicad_pcb` and `board.kicad_pro` into `folder`; gives the paths, raises `AdapterError`."""
    source = folder / "apply.json"
    source.write_text(json.dumps({"intent": intent, "layout": layout, "rules": rules, "title": title}))
    _run("apply", source, folder)
    return folder / "board.kicad_pcb", folder / "board.kicad_pro"


def read_board(board_file: Path) -> Board:
    """The board as KiCad reads it; raises `AdapterError` when the file is no board with a closed outline."""
    with tempfile.TemporaryDirectory(prefix="mas-read-") as folder:
        target = Path(folder, "out.json")
        _run("read", board_file, target)
        board: Board = json.loads(target.read_text())
    return board


def _run(job: str, source: Path, target: Path) -> None:
    command = [kicad_python(), "-m", "kicad.adapter", job, str(source.absolute()), str(target.absolute())]
    try:
        done = subprocess.run(
            command,
            cwd=_ROOT,
            env=environment() | {"PYTHONPATH": str(_ROOT)},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise AdapterCrash(f"KiCad did not finish '{job}' within {TIMEOUT_S} s") from error
    if done.returncode == _INPUT_FAULT:
        raise AdapterError(done.stderr.strip().splitlines()[-1])
    if done.returncode:
        raise AdapterCrash(
            f"KiCad ended '{job}' with exit code {done.returncode}: {done.stderr.strip()[-500:]}"
        )
