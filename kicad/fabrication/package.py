"""Makes the fabrication package of a board: exports, tables, pictures, programs, and one zip of them all."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from kicad.fabrication.bodies import models_installed, with_bodies
from kicad.fabrication.export import MODEL, ExportError, exports, run_export
from kicad.fabrication.gerber import BadFile
from kicad.fabrication.model import write_model
from kicad.fabrication.tables import bom_csv, netlist_csv, positions_csv, readme
from kicad.python import kicad_major
from kicad.rebuild import rebuild_script
from kicad.shapes import Board, Check, Intent, Layout, Requirement

AT_ONCE = 2  # kicad-cli processes side by side
ZIP_NAME = "fabrication.zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can say
_TIMESTAMP = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)?")
_FIXED_TIME = b"2000-01-01T00:00:00Z"
_DATED = (
    {".gbr", ".drl", ".step", ".json", ".svg"}
    | {f".g{letter}{kind}" for letter in "tb" for kind in "lspo"}
    | {".gm1", ".gbrjob"}
)
_LOOSE = (
    "README.txt",
    "board.png",
    "top.png",
    "bottom.png",
    "design.py",
    "rebuild.py",
    "board.step",
    MODEL,
    "bom.csv",
    "positions.csv",
)

PackageError = ExportError


@dataclass(frozen=True)
class Package:
    """A finished package: its folder, and the zip that holds the same files."""

    folder: Path
    zip_file: Path

    def names(self) -> list[str]:
        """Every file of the package, relative to its folder."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.folder).as_posix() for path in files)

    def contents(self) -> dict[str, bytes]:
        """What is handed to the user: the zip, and beside it the files that one wants to see at once."""
        loose = {name: self.folder / name for name in (*_LOOSE, "board.kicad_pcb", "board.kicad_pro")}
        files = {name: path.read_bytes() for name, path in loose.items() if path.is_file()}
        return {ZIP_NAME: self.zip_file.read_bytes(), **files}


def make_package(
    board_file: Path,
    intent: Intent,
    layout: Layout,
    board: Board,
    script: str,
    requirement: Requirement,
    checks: list[Check],
    outdir: Path,
    progress: Callable[[str], None],
) -> Package:
    """Write the package of `board_file` into `outdir` and the zip beside it.

    The same board gives the same bytes, since the time of making is taken out of KiCad's files; only
    `board.png` differs, as KiCad's renderer jitters in perspective.  Raises `PackageError` when kicad-cli
    writes no output.
    """
    outdir.mkdir(parents=True, exist_ok=True)
    copied = outdir / "board.kicad_pcb"
    copyfile(board_file, copied)
    copyfile(board_file.with_suffix(".kicad_pro"), outdir / "board.kicad_pro")
    progress("making Gerbers, drills, positions, models, pictures and the DRC report")
    with ThreadPoolExecutor(AT_ONCE) as pool, TemporaryDirectory(prefix="mas-picture-") as aside:
        pictured = copied if models_installed() else with_bodies(copied, Path(aside))
        list(pool.map(run_export, exports(copied, pictured, outdir, board, kicad_major())))
    try:
        write_model(outdir / MODEL, copied, board, kicad_major())
    except BadFile as error:
        raise PackageError(f"KiCad's {MODEL} cannot be read: {error}") from error
    (outdir / "board.kicad_prl").unlink(missing_ok=True)  # kicad-cli's note of what was on screen
    texts = {
        "design.py": script,
        "rebuild.py": rebuild_script(board_file, intent, layout),
        "bom.csv": bom_csv(board),
        "positions.csv": positions_csv((outdir / "positions.csv").read_text()),
        "netlist.csv": netlist_csv(board),
        "checks.json": json.dumps(checks, indent=1, ensure_ascii=False) + "\n",
        "requirement.json": json.dumps(requirement, indent=1, ensure_ascii=False) + "\n",
        "README.txt": readme(requirement, board, checks),
    }
    for name, text in texts.items():
        (outdir / name).write_text(text, encoding="utf-8")
    for path in outdir.rglob("*"):
        if path.is_file() and path.suffix in _DATED:
            path.write_bytes(_TIMESTAMP.sub(_FIXED_TIME, path.read_bytes()))
    package = Package(outdir, outdir.with_name(ZIP_NAME))
    _zip(package)
    return package


def _zip(package: Package) -> None:
    with zipfile.ZipFile(package.zip_file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in package.names():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (package.folder / name).read_bytes())
