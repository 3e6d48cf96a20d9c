from __future__ import annotations

from pathlib import Path

import pytest

from kicad.boardkit.findings import finding
from kicad.build import BuildResult, build, grouped
from tests.board.samples import requirement, violations

LED = """
from boardkit import *
j1 = part("J1", "HDR_1x02")
b = block("led_indicator", resistor="680", colour="red")
net("VCC", j1["1"], b["VCC"])
net("GND", j1["2"], b["GND"])
edge(j1, side="left")
label("VCC", j1["1"])
label("GND", j1["2"])
"""
RAW = """
@raw
def art(board):
    import pcbnew
    text = pcbnew.PCB_TEXT(board)
    text.SetText("hello")
    text.SetLayer(pcbnew.{layer})
    text.SetPosition(pcbnew.VECTOR2I(112_000_000, 113_000_000))
    board.Add(text)
"""
REPLACE = """
    import os
    with open(os.environ["BOARDKIT_BOARD"], "w") as file:
        file.write("(kicad_pcb)")
    os._exit(0)
"""


def run(script: str, folder: Path, size_mm: tuple[float, float] | None = (25.0, 15.0)) -> BuildResult:
    return build(script, requirement("LED", size_mm), folder, lambda _: None)


def test_a_script_becomes_a_clean_board(regulator: BuildResult) -> None:
    assert regulator.board_file
    assert regulator.board
    assert violations(regulator.board_file) == []
    assert {pad["ref"] for pad in regulator.board["pads"] if pad["kind"] == "hole"} == {"H1", "H2"}
    wide = [track for track in regulator.board["tracks"] if track["net"] in {"VIN", "VOUT"}]
    assert max(track["width_mm"] for track in wide) == 1.0


def test_a_raw_step_may_draw(tmp_path: Path) -> None:
    made = run(LED + RAW.format(layer="F_SilkS"), tmp_path)
    assert made.errors == []
    assert made.board
    assert "hello" in {text["text"] for text in made.board["texts"]}
    assert made.board_file
    assert b'"hello"' in made.board_file.read_bytes()


@pytest.mark.parametrize(
    "step",
    [
        RAW.format(layer="F_Cu"),
        RAW.format(layer="F_SilkS") + "    board.Remove(list(board.GetTracks())[0])\n",
        RAW.format(layer="F_SilkS") + REPLACE,
    ],
    ids=["copper text", "track removed", "file replaced"],
)  # fmt: skip
def test_a_raw_step_that_touches_copper_is_rejected(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kicad.build.check_script", lambda script: [])  # the wall holds without the courtesy
    made = run(LED + step, tmp_path)
    assert [item["code"] for item in made.errors] == ["RAW_TOUCHED_COPPER"]


def test_a_board_that_is_too_small_says_what_it_needs(tmp_path: Path) -> None:
    made = run(LED, tmp_path, (5.0, 5.0))
    assert [item["code"] for item in made.errors] == ["BOARD_TOO_SMALL"]
    assert "mm" in made.errors[0]["required"]
    assert made.feedback.startswith("BOARD_TOO_SMALL ")


def test_a_crash_names_the_line(tmp_path: Path) -> None:
    made = run('from boardkit import *\npart("J1", "HDR_1x02")\nx = 1 / 0\n', tmp_path)
    assert [(item["code"], item["line"]) for item in made.errors] == [("SCRIPT_CRASHED", 3)]


def test_what_shows_without_a_run_is_told_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kicad.sandbox.run", None)
    made = run("import os\n" + LED, tmp_path)
    assert [(item["code"], item["line"]) for item in made.errors] == [("FORBIDDEN_IMPORT", 1)]
    assert "os may not be imported" in made.feedback


def test_equal_findings_are_told_once_and_at_most_five() -> None:
    many = [finding("A", f"R{n}", "the same cause", line=1) for n in range(3)]
    many += [finding(f"B{n}", "", "another", line=1) for n in range(9)]
    told = grouped(many)
    assert len(told) == 5
    assert told[0]["place"] == "R0, R1, R2"
