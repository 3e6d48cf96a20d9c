from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shapely import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from kicad.adapter import read_board
from kicad.adapter.digest import copper_digest
from kicad.build import BuildResult, build
from kicad.python import kicad_python
from kicad.rebuild import rebuild_script
from kicad.shapes import Board
from tests.board.samples import requirement

BLINKER = """
from boardkit import *
j1 = part("J1", "HDR_1x02")
b = block("astable_555", ra="10k", rb="68k", ct="10u", led_resistor="470")
net("VCC", j1["1"], b["VCC"])
net("GND", j1["2"], b["GND"])
edge(j1, side="left")
keepout(j1, 0.5, what=("vias",))
label("VCC", j1["1"])
label("GND", j1["2"])
"""


def rebuilt(made: BuildResult, folder: Path) -> Path:
    """Run the board's rebuild.py alone in a folder, as its user would."""
    assert made.board_file
    assert made.intent
    assert made.layout
    script = folder / "rebuild.py"
    script.write_text(rebuild_script(made.board_file, made.intent, made.layout))
    subprocess.run([kicad_python(), "-I", script.name], cwd=folder, check=True, capture_output=True)
    return folder / "board.kicad_pcb"


def poured_area(board: Board) -> BaseGeometry:
    """The front's pour."""
    front = next(zone for zone in board["zones"] if zone["layer"] == "front")
    return unary_union([Polygon(piece[0], piece[1:]) for piece in front["filled"]])


@pytest.mark.parametrize("name", ["regulator", "blinker"])
def test_the_rebuilt_board_is_the_board(name: str, regulator: BuildResult, tmp_path: Path) -> None:
    made = regulator
    if name == "blinker":
        made = build(BLINKER, requirement("blinker", (40.0, 30.0)), tmp_path, lambda _: None)
    assert made.board_file
    again = rebuilt(made, tmp_path)
    assert copper_digest(again.read_bytes(), fills=False) == copper_digest(
        made.board_file.read_bytes(), fills=False
    )
    assert made.board
    poured, wanted = poured_area(read_board(again)), poured_area(made.board)
    assert wanted.area > 100
    assert poured.symmetric_difference(wanted).area < 1e-3
    assert (
        again.with_suffix(".kicad_pro").read_bytes() == made.board_file.with_suffix(".kicad_pro").read_bytes()
    )
