"""What scripts say, and what becomes of it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import kicad.boardkit
from kicad.boardkit.intent import validate_intent
from tests.boardkit.conftest import ROOT, Run

LED = """
j1 = part("J1", "HDR_1x02", "supply")
r1 = part("R1", "R_0805", "680")
d1 = part("D1", "LED_0805_RED", "red")
vcc = net("VCC", j1["1"], "R1.1", volts=5)
connect(r1["2"], d1["A"])
net("GND", j1["2"], d1["K"])
"""
REST = """
near("R1.2", d1["A"], 8)
edge(j1, "left")
group(r1, "D1")
keepout(d1, 2.5, ("vias", "parts"))
netclass(vcc, "J1.2", current_A=0.5, name="supply")
hole(3.2, corner="top_right")
label("5 V", j1["1"])
label("Rev A")
"""


def test_a_script_becomes_plain_data(run: Run) -> None:
    ran = run(LED + REST)
    assert ran.netlist == {"VCC": {"J1.1", "R1.1"}, "GND": {"J1.2", "D1.1"}, "N_D1_2": {"R1.2", "D1.2"}}
    intent = ran.intent
    assert intent is not None
    assert [part["ref"] for part in intent["parts"]] == ["J1", "R1", "D1"]
    assert intent["parts"][2] == {
        "ref": "D1", "symbol": "Device:LED", "footprint": "LED_SMD:LED_0805_2012Metric", "value": "red",
        "part": "LED_0805_RED", "line": 5,
        "pins": [{"number": "1", "name": "K", "type": "passive"}, {"number": "2", "name": "A", "type": "passive"}],
    }  # fmt: skip
    assert intent["near"] == [{"a": ["R1", "2"], "b": ["D1", "2"], "max_mm": 8.0}]
    assert intent["edges"] == [{"ref": "J1", "side": "left", "facing": "out"}]
    assert intent["groups"] == [["R1", "D1"]]
    assert intent["keepouts"] == [{"ref": "D1", "margin_mm": 2.5, "what": ["vias", "parts"]}]
    assert intent["netclasses"] == [{"name": "supply", "current_A": 0.5, "nets": ["GND", "VCC"]}]
    assert intent["holes"] == [{"diameter_mm": 3.2, "corner": "top_right"}]
    assert intent["labels"] == [{"text": "5 V", "pin": ["J1", "1"]}, {"text": "Rev A"}]
    assert intent["raw"] is False
    assert validate_intent(intent)["parts"] == intent["parts"]


def test_the_same_script_gives_the_same_bytes(run: Run) -> None:
    script = (
        LED
        + REST
        + 'b = block("rc_lowpass", r="1k", c="100n")\nnet("VCC", b["IN"])\nnet("X", b["OUT"], "J2.1")\n'
    )
    script = script.replace("b = block", 'part("J2", "HDR_1x02")\nb = block') + 'net("GND", b["GND"])\n'
    first = run(script).written
    assert first
    assert run(script).written == first


def test_a_net_can_be_spoken_of_before_anything_is_on_it(run: Run) -> None:
    ran = run(
        'gnd = net("GND")\npart("J1", "HDR_1x02")\npart("R1", "R_0805", "1k")\n'
        'connect("J1.1", gnd)\nconnect(gnd, "R1.2")\n'
    )
    assert ran.netlist == {"GND": {"J1.1", "R1.2"}}


def test_a_name_given_twice_is_one_net(run: Run) -> None:
    ran = run(
        LED + 'part("R2", "R_0805", "1k")\nnet("GND", "R2.1")\nloose = connect("R2.2")\nconnect(loose, vcc)\n'
    )
    assert ran.netlist["GND"] == {"J1.2", "D1.1", "R2.1"}
    assert "R2.2" in ran.netlist["VCC"]


def test_a_chosen_name_never_hides_a_net(run: Run) -> None:
    ran = run(LED + 'part("J2", "HDR_1x02")\nnet("N_D1_2", "J2.1")\n')
    assert ran.netlist["N_D1_2"] == {"J2.1"}
    assert {"R1.2", "D1.2"} in ran.netlist.values()


def test_a_net_has_the_strongest_of_its_classes(run: Run) -> None:
    ran = run(
        LED + 'netclass(vcc, current_A=0.2)\nnetclass("R1.1", current_A=1)\nnetclass("J1.2", current_A=1)\n'
    )
    assert ran.intent
    assert ran.intent["netclasses"] == [{"name": "current_1A", "current_A": 1.0, "nets": ["GND", "VCC"]}]


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ('part("R1", "R_0805", "1k")', "DUPLICATE_REFERENCE", "R2"),
        ('part("r9", "R_0805", "1k")', "BAD_REFERENCE", "R1, C12"),
        ('part("R9", "R_0805")', "BAD_VALUE", "4.7k"),
        ('part("R9", "R_0805", "lots")', "BAD_VALUE", "'lots'"),
        ('part("R9", "R_805", "1k")', "UNKNOWN_PART", "R_0805"),
        ('part("U9", "LM7805")', "UNKNOWN_PART", "L7805_TO220"),
        ('part("U9", "Timer:NE55P")', "UNKNOWN_SYMBOL", "Timer:NE555P"),
        ('part("U9", "Device:NE555P")', "UNKNOWN_SYMBOL", "Timer:NE555P"),
        ('part("U9", "Tymer:NE555P")', "UNKNOWN_SYMBOL", "Timer:NE555P"),
        ('part("U9", "../../etc:passwd")', "UNKNOWN_SYMBOL", "there is no"),
        ('part("U9", "Timer:NE555P", footprint="Package_DIP:DIP-8_W7.6mm")', "UNKNOWN_FOOTPRINT", "DIP-8_W7.62mm"),
        ('part("R9", "Device:R", "1k")', "UNKNOWN_FOOTPRINT", "footprint="),
        ('part("U9", "Timer:NE555P", footprint="Package_DIP:DIP-6_W7.62mm")', "PAD_MISSING", "7, 8"),
        ('net("X", "D1.Anode")', "UNKNOWN_PIN", "A, K"),
        ('net("X", "D7.A")', "UNKNOWN_REFERENCE", "D1"),
        ('net("X", d1)', "PIN_NEEDED", 'D1["K"]'),
        ('net("X", "D1")', "PIN_NEEDED", 'D1["K"]'),
        ('net("X", 5)', "BAD_END", "part["),
        ('net("X Y", "D1.A")', "BAD_NET_NAME", "letters"),
        ('net("V5", "R1.1")', "NET_CLASH", "VCC"),
        ('net("VCC", volts=9)', "SUPPLY_CLASH", "5 V and 9 V"),
        ('connect("VCC", "R1.1")', "UNKNOWN_REFERENCE", 'net("VCC", …)'),
        ('near("R1.1", "D1.A", -3)', "BAD_PARAMETER", "max_mm"),
        ('near("R1.1", "D1.A", float("nan"))', "BAD_PARAMETER", "max_mm"),
        ('near("R1.1", vcc, 3)', "BAD_END", "VCC"),
        ('edge(j1, "west")', "BAD_PARAMETER", "left, right"),
        ('edge("J7")', "UNKNOWN_REFERENCE", "J1"),
        ('group(r1, "R77")', "UNKNOWN_REFERENCE", "R1"),
        ('keepout(r1, 2, ("copper", "holes"))', "BAD_PARAMETER", "copper, parts, vias"),
        ('netclass(vcc, current_A="lots")', "BAD_PARAMETER", "current_A"),
        ('netclass(net("EMPTY"), current_A=1)', "EMPTY_NET", "pins"),
        ('hole(3.2, "middle")', "BAD_PARAMETER", "top_left"),
        ('hole(); hole()', "BAD_PARAMETER", "one hole"),
        ('label("a\\u202eb")', "BAD_PARAMETER", "plain words"),
        ('label("", "J1.1")', "BAD_PARAMETER", "plain words"),
        ('block("led_indicater")', "UNKNOWN_BLOCK", "led_indicator"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_and_what_to_do(run: Run, line: str, code: str, says: str) -> None:
    ran = run(LED + line + "\n")
    assert ran.code == 3
    assert ran.intent is None
    error = ran.only(code)
    assert error["line"] == (None if code == "EMPTY_NET" else 9)
    assert says in " ".join(str(value) for value in error.values())
    assert error["fix"]


def test_faults_are_collected(run: Run) -> None:
    ran = run(
        'part("R1", "R_805", "1k")\npart("U1", "NE555_DIP")\nnet("A", "R1.1", "U1.OUTPUT")\nnet("B", "U2.1")\n'
    )
    assert [(error["code"], error["line"]) for error in ran.errors] == [
        ("UNKNOWN_PART", 2), ("UNKNOWN_PIN", 4), ("UNKNOWN_REFERENCE", 5),
    ]  # fmt: skip


def test_many_unknown_names_cost_little_time(run: Run) -> None:
    ran = run('for n in range(1, 200):\n    part(f"U{n}", f"Timer:NE{n}X")\n')
    assert len(ran.errors) == 20
    assert set(ran.codes) == {"UNKNOWN_SYMBOL"}


def test_an_empty_script_is_refused(run: Run) -> None:
    assert run("").only("EMPTY")["cause"] == "the script declares no part"


def test_a_symbols_own_footprint_serves_when_none_is_given(run: Run) -> None:
    ran = run(
        'part("U1", "Timer:NE555P")\npart("R1", "Device:R", 4700, footprint="Resistor_SMD:R_0603_1608Metric")\n'
    )
    assert ran.intent
    timer, resistor = ran.intent["parts"]
    assert (timer["footprint"], timer["value"], timer["part"]) == (
        "Package_DIP:DIP-8_W7.62mm",
        "NE555P",
        None,
    )
    assert resistor["value"] == "4.7k"


def test_every_word_is_documented() -> None:
    words: list[Any] = [getattr(kicad.boardkit, name) for name in kicad.boardkit.__all__]
    assert len(words) == 12
    assert all(word.__doc__ for word in words)
    assert all(name in (kicad.boardkit.block.__doc__ or "") for name in kicad.boardkit.blocks.BLOCKS)


def test_boardkit_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); sys.path.insert(0, sys.argv[1]); import kicad.boardkit.run;"
        "print(sorted({name.split('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    said = subprocess.run(
        [sys.executable, "-I", "-c", code, str(ROOT)], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "['kicad']"
