from __future__ import annotations

import pytest

from kicad.boardkit.findings import Finding
from kicad.boardkit.static_check import MOST_BYTES, check_script

HEAD = 'from boardkit import *\nj1 = part("J1", "HDR_1x02")\n'


def codes(script: str) -> list[tuple[str, int | None]]:
    return [(found["code"], found["line"]) for found in check_script(script)]


@pytest.mark.parametrize(
    "script",
    [
        HEAD,
        "import math\n" + HEAD + 'r = part("R1", "R_0805", round(math.pi * 1000))\n',
        'import boardkit\nboardkit.part("J1", "HDR_1x02")\n',
        'from boardkit import block\nblock("led_indicator", resistor="680")\n',
        HEAD + 'input = net("IN", j1["1"])\nconnect(input, j1["2"])\n',
        HEAD + 'if __name__ == "__main__":\n    label("GND", j1["1"])\n',
        HEAD + "@raw\ndef art(board):\n    import pcbnew\n    board.Add(pcbnew.PCB_TEXT(board))\n",
        HEAD + "def art(board):\n    board.Add(1)\nraw(art)\n",
        HEAD + "while True:\n    pass\n",  # only a run shows whether a loop ends
        HEAD + 'pattern = "\\d"\n',
        HEAD + "def place(what):\n    return what\nplace(j1)\n",
        HEAD + 'edge(j1, side="left")\nhole(3.2, corner="top_left")\n',
    ],
)
def test_a_sound_script_has_no_finding(script: str) -> None:
    assert check_script(script) == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x = = 1", "SCRIPT_SYNTAX"),
        ("if True:", "SCRIPT_SYNTAX"),
        ('net("VCC", j1["1"]', "SCRIPT_SYNTAX"),
        ("x = '\0'", "SCRIPT_SYNTAX"),
        ("x = '\ud800'", "SCRIPT_SYNTAX"),
        ("x = " + "(" * 5000 + ")" * 5000, "SCRIPT_SYNTAX"),
        ("x = " + "-" * 200_000 + "1", "SCRIPT_TOO_DEEP"),
        ("x = 1" + "+1" * 100_000, "SCRIPT_TOO_DEEP"),
        ("import os", "FORBIDDEN_IMPORT"),
        ("import math, subprocess", "FORBIDDEN_IMPORT"),
        ("from os import path", "FORBIDDEN_IMPORT"),
        ("from . import boardkit", "FORBIDDEN_IMPORT"),
        ("import pcbnew", "FORBIDDEN_IMPORT"),
        ("import mathematics", "FORBIDDEN_IMPORT"),
        ("eval('1')", "FORBIDDEN_NAME"),
        ("run = exec", "FORBIDDEN_NAME"),
        ("open('/etc/passwd')", "FORBIDDEN_NAME"),
        ("__import__('os')", "FORBIDDEN_NAME"),
        ("getattr(j1, 'ref')", "FORBIDDEN_NAME"),
        ("globals()", "FORBIDDEN_NAME"),
        ("breakpoint()", "FORBIDDEN_NAME"),
        ("x = ().__class__", "FORBIDDEN_NAME"),
        ("x = __builtins__", "FORBIDDEN_NAME"),
        ("board.Add(1)", "RAW_COORDINATES"),
        ("place(j1, 10, 20)", "RAW_COORDINATES"),
        ('part("R1", "R_0805", "1k", x=10, y=-900)', "RAW_COORDINATES"),
        ('label("VCC", j1["1"], at=(1, 2))', "RAW_COORDINATES"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(line: str, code: str) -> None:
    (found,) = check_script(HEAD + line + "\n")
    assert found["code"] == code
    assert found["cause"]
    assert found["fix"]
    if code not in {"SCRIPT_TOO_DEEP"} and "\0" not in line and "\ud800" not in line:
        assert found["line"] in {2, 3, 4}
        assert found["place"] == f"line {found['line']}"


def test_a_finding_has_the_form_of_all_others() -> None:
    for found in check_script("import os\n"):
        assert set(found) == set(Finding.__annotations__)


def test_faults_come_in_the_order_of_their_lines() -> None:
    assert codes("eval('1')\nimport os\nx = ().__class__\n") == [
        ("EMPTY", 0),
        ("FORBIDDEN_NAME", 1),
        ("FORBIDDEN_IMPORT", 2),
        ("FORBIDDEN_NAME", 3),
    ]


def test_a_raw_step_may_not_do_everything() -> None:
    step = "@raw\ndef art(board):\n    import os\n    open('x')\n"
    assert codes(HEAD + step) == [("FORBIDDEN_IMPORT", 5), ("FORBIDDEN_NAME", 6)]


def test_a_script_that_is_too_large_is_not_read() -> None:
    assert codes(HEAD + "#" * MOST_BYTES) == [("SCRIPT_TOO_LARGE", 0)]


def test_a_script_without_parts_is_told() -> None:
    assert codes("from boardkit import *\n") == [("EMPTY", 0)]
    assert codes("") == [("EMPTY", 0)]


def test_no_more_findings_than_one_can_read() -> None:
    assert len(check_script(HEAD + "import os\n" * 500)) == 20


def test_a_finding_is_short_however_long_a_name_is() -> None:
    found = check_script(f"import {'a' * 100_000}\nx = y.__{'b' * 50_000}__")
    assert {each["code"] for each in found} >= {"FORBIDDEN_IMPORT", "FORBIDDEN_NAME"}
    assert max(len(str(value)) for each in found for value in each.values()) <= 200
