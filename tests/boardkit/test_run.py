"""How scripts end, and the second run for a raw step."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kicad.python import kicad_python
from tests.boardkit.conftest import Run
from tests.boardkit.test_vocabulary import LED


@pytest.mark.parametrize(
    ("script", "line", "cause"),
    [
        ("x = [][1]\n", 9, "IndexError: list index out of range"),
        ("def f():\n    return 1 / 0\nf()\n", 10, "ZeroDivisionError: division by zero"),
        ("part(\n", 9, "SyntaxError: '(' was never closed"),
        ("import sys; sys.exit(1)\n", 9, "SystemExit: 1"),
        ("raise KeyboardInterrupt\n", 9, "KeyboardInterrupt"),
        ("import numpy_of_nobody\n", 9, "ModuleNotFoundError: No module named 'numpy_of_nobody'"),
        ("def f(): f()\nf()\n", 9, "RecursionError: maximum recursion depth exceeded"),
        ("j1.nothing\n", 9, "AttributeError: 'Part' object has no attribute 'nothing'"),
        ("wire('J1.1')\n", 9, "NameError: name 'wire' is not defined"),
    ],
)
def test_a_crash_is_told_with_its_line(run: Run, script: str, line: int, cause: str) -> None:
    ran = run(LED + script)
    assert ran.code == 3
    error = ran.only("SCRIPT_CRASHED")
    assert (error["line"], error["cause"]) == (line, cause)


def test_a_crash_comes_before_the_faults_that_led_to_it(run: Run) -> None:
    assert run('part("R1", "R_805", "1k")\n1 / 0\n').codes == ["SCRIPT_CRASHED", "UNKNOWN_PART"]


def test_a_script_may_leave_early(run: Run) -> None:
    ran = run(LED + "import sys\nsys.exit()\nboom\n")
    assert ran.code == 0
    assert ran.intent is not None


def test_the_module_may_be_named_in_full(run: Run) -> None:
    ran = run("import boardkit as kit\nkit.part('R1', 'R_0805', '1k')\n", head="")
    assert ran.intent is not None


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """An empty board, written by KiCad."""
    file = tmp_path / "board.kicad_pcb"
    words = [
        kicad_python(),
        "-c",
        "import sys, pcbnew; pcbnew.SaveBoard(sys.argv[1], pcbnew.BOARD())",
        str(file),
    ]
    subprocess.run(words, check=True, capture_output=True, timeout=60)
    return file


DRAW = """
@raw
def sign(board):
    import pcbnew
    text = pcbnew.PCB_TEXT(board)
    text.SetText("made by hand")
    text.SetLayer(pcbnew.F_SilkS)
    board.Add(text)
"""


def test_a_raw_step_is_only_noted_at_first(run: Run) -> None:
    ran = run(LED + DRAW)
    assert ran.intent
    assert ran.intent["raw"] is True


def test_a_raw_step_changes_the_board_later(run: Run, board: Path) -> None:
    assert "made by hand" not in board.read_text()
    ran = run(LED + DRAW, mode="raw", board=board)
    assert ran.code == 0
    assert ran.intent is None  # the second run declares nothing
    assert "made by hand" in board.read_text()


def test_a_raw_step_that_crashes_leaves_the_board(run: Run, board: Path) -> None:
    before = board.read_bytes()
    error = run(LED + DRAW + "    board.Fly()\n", mode="raw", board=board).only("SCRIPT_CRASHED")
    assert error["line"] == 17
    assert board.read_bytes() == before
