"""The kicad-cli runs that make up a package, each independent of the others."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from kicad.python import environment, kicad_cli
from kicad.shapes import Board

TIMEOUT_S = 120
GERBER_LAYERS = (
    "F.Cu", "B.Cu", "F.Mask", "B.Mask", "F.Paste", "B.Paste", "F.SilkS", "B.SilkS", "Edge.Cuts",
)  # fmt: skip
RENDER_SINCE = 9  # `kicad-cli pcb render` came with this version
MASK_SINCE = 9  # and so did mask, silk and pads of their own in the export of models
PICTURE_WIDTH = 1200
MODEL = "board.glb"


class ExportError(RuntimeError):
    """kicad-cli did not write what it was asked for."""


@dataclass(frozen=True)
class Export:
    """One run of kicad-cli: its words, and a file that must be there afterwards."""

    words: tuple[str, ...]
    expected: Path


def exports(board_file: Path, pictured: Path, outdir: Path, board: Board, major: int) -> list[Export]:
    """The runs for a whole package into `outdir`, the longest first so that two at once end together.

    `pictured` is the board with bodies on its parts.
    """
    gerbers = outdir / "gerbers"
    gerbers.mkdir(exist_ok=True)
    source = str(board_file)
    folder = f"{gerbers}/"
    jobs = [*_pictures(source, str(pictured), outdir, board, major)]
    jobs.append(_job(outdir / "board.step", "export", "step", "--force", "--drill-origin", source))
    looks = ("--include-pads", "--include-silkscreen", "--include-soldermask") if major >= MASK_SINCE else ()
    model_words = ("--force", "--drill-origin", "--board-only", "--include-tracks", "--include-zones", *looks)
    jobs.append(_job(outdir / MODEL, "export", "glb", *model_words, source))
    # What the large board houses read without trouble: no X2 attributes, no aperture macros, silk cut at the
    # openings of the solder mask.  All files have their origin at the board's bottom left corner.
    gerber_words = (
        "--no-x2",
        "--disable-aperture-macros",
        "--subtract-soldermask",
        "--use-drill-file-origin",
    )
    layers = ("--layers", ",".join(GERBER_LAYERS), "--no-protel-ext")
    gerber_job = ("pcb", "export", "gerbers", "--output", folder, *layers, *gerber_words, source)
    jobs.append(Export(gerber_job, gerbers / "board-Edge_Cuts.gbr"))
    drill_words = ("--format", "excellon", "--drill-origin", "plot", "--excellon-separate-th", source)
    drill_job = ("pcb", "export", "drill", "--output", folder, *drill_words)
    jobs.append(Export(drill_job, gerbers / "board-PTH.drl"))
    pos_words = ("--format", "csv", "--units", "mm", "--side", "both", "--use-drill-file-origin", source)
    jobs.append(_job(outdir / "positions.csv", "export", "pos", *pos_words))
    jobs.append(_job(outdir / "drc.json", "drc", "--format", "json", "--severity-all", source))
    return jobs


def _job(target: Path, *words: str) -> Export:
    *command, source = words
    return Export(("pcb", *command, "--output", str(target), source), target)


def _pictures(source: str, pictured: str, outdir: Path, board: Board, major: int) -> list[Export]:
    if major < RENDER_SINCE:
        return [
            _job(
                outdir / f"{side}.svg", "export", "svg", "--mode-single", "--page-size-mode", "2",
                "--exclude-drawing-sheet", "--layers", layers, *mirror, source,
            )
            for side, layers, mirror in (
                ("top", "F.Cu,F.Mask,F.SilkS,Edge.Cuts", ()),
                ("bottom", "B.Cu,B.Mask,B.SilkS,Edge.Cuts", ("--mirror",)),
            )
        ]  # fmt: skip
    width, height = board["size_mm"]
    # the renderer fits the board's larger side into the picture, so the picture takes the board's shape
    tall = max(300, round(PICTURE_WIDTH * height / width))
    shape = ("--width", str(PICTURE_WIDTH), "--height", str(tall), "--background", "opaque")
    flat = [
        _job(outdir / f"{side}.png", "render", "--side", side, *shape, source) for side in ("top", "bottom")
    ]
    view = ("--perspective", "--rotate", "-35,0,-15", "--zoom", "0.7")
    return [_job(outdir / "board.png", "render", *view, *shape, pictured), *flat]


def run_export(job: Export) -> None:
    """Run one export; raises `ExportError` when its file is not there afterwards, whatever the exit code."""
    try:
        done = subprocess.run(
            [kicad_cli(), *job.words],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ExportError(f"kicad-cli {job.words[2]} did not end within {TIMEOUT_S} s") from error
    if not job.expected.is_file() or not job.expected.stat().st_size:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ExportError(f"kicad-cli wrote no {job.expected.name}: {said[-1] if said else done.returncode}")
