"""The blocks: their netlists, their constraints, and what they refuse."""

from __future__ import annotations

import pytest

from tests.boardkit.conftest import Ran, Run


def made(run: Run, name: str, words: str, *ports: str) -> Ran:
    """A board of one block, every port on a pin of one header."""
    joins = "".join(f'net("{port}", j1["{n}"], b["{port}"])\n' for n, port in enumerate(ports, 1))
    return run(f'b = block("{name}", {words})\nj1 = part("J1", "HDR_1x{len(ports):02d}")\n{joins}')


def near(ran: Ran) -> dict[tuple[str, str], float]:
    assert ran.intent
    return {(".".join(each["a"]), ".".join(each["b"])): each["max_mm"] for each in ran.intent["near"]}


def values(ran: Ran) -> dict[str, str]:
    assert ran.intent
    return {part["ref"]: part["value"] for part in ran.intent["parts"]}


def keys(ran: Ran) -> dict[str, str | None]:
    assert ran.intent
    return {part["ref"]: part["part"] for part in ran.intent["parts"]}


def test_led_indicator(run: Run) -> None:
    ran = made(run, "led_indicator", 'resistor="680", colour="blue"', "VCC", "GND")
    assert ran.netlist == {"VCC": {"J1.1", "R1.1"}, "N_D1_2": {"R1.2", "D1.2"}, "GND": {"J1.2", "D1.1"}}
    assert keys(ran)["D1"] == "LED_0805_BLUE"
    assert ran.intent
    assert ran.intent["blocks"] == [
        {"name": "led_indicator", "refs": ["R1", "D1"], "ports": {"VCC": "VCC", "GND": "GND"}}
    ]


@pytest.mark.parametrize(("package", "key"), [("dip", "NE555_DIP"), ("soic", "NE555_SO8")])
def test_astable_555(run: Run, package: str, key: str) -> None:
    words = f'ra="4.7k", rb="68k", ct="10u", led_resistor="560", colour="green", package="{package}"'
    ran = made(run, "astable_555", words, "VCC", "GND")
    assert keys(ran)["U1"] == key
    # TI SLFS022, figure 12: RA to VCC and DIS, RB to DIS and THR, THR and TRIG together on C, RESET at VCC
    assert set(map(frozenset, ran.netlist.values())) == {
        frozenset({"J1.1", "U1.8", "U1.4", "R1.1", "C3.1"}),
        frozenset({"J1.2", "U1.1", "C1.2", "C2.2", "C3.2", "D1.1"}),
        frozenset({"U1.7", "R1.2", "R2.1"}),
        frozenset({"U1.6", "U1.2", "R2.2", "C1.1"}),
        frozenset({"U1.5", "C2.1"}),
        frozenset({"U1.3", "R3.1"}),
        frozenset({"R3.2", "D1.2"}),
    }
    assert values(ran) == {"U1": values(ran)["U1"], "J1": "HDR_1x02"} | {
        "R1": "4.7k", "R2": "68k", "R3": "560", "C1": "10u", "C2": "10n", "C3": "100n", "D1": "green",
    }  # fmt: skip
    assert near(ran)["C3.1", "U1.8"] <= 5
    assert near(ran)["C2.1", "U1.5"] <= 5


@pytest.mark.parametrize("name", ["rc_lowpass", "rc_highpass"])
def test_filters(run: Run, name: str) -> None:
    ran = made(run, name, 'r="1.6k", c="100n"', "IN", "OUT", "GND")
    series, shunt = ("R1", "C1") if name == "rc_lowpass" else ("C1", "R1")
    assert ran.netlist == {
        "IN": {"J1.1", f"{series}.1"},
        "OUT": {"J1.2", f"{series}.2", f"{shunt}.1"},
        "GND": {"J1.3", f"{shunt}.2"},
    }


@pytest.mark.parametrize(
    ("regulator", "pads", "c_in", "c_out"),
    [
        ("LM7805", ("1", "3", "2"), "330n", "100n"),
        ("LM7812", ("1", "3", "2"), "330n", "100n"),
        ("AMS1117-3.3", ("3", "2", "1"), "10u", "22u"),
    ],
)
def test_linear_regulator(run: Run, regulator: str, pads: tuple[str, ...], c_in: str, c_out: str) -> None:
    ran = made(run, "linear_regulator", f'regulator="{regulator}"', "VIN", "VOUT", "GND")
    source, load, ground = (f"U1.{pad}" for pad in pads)
    assert ran.netlist == {
        "VIN": {"J1.1", source, "C1.1"},
        "VOUT": {"J1.2", load, "C2.1"},
        "GND": {"J1.3", ground, "C1.2", "C2.2"},
    }
    assert (values(ran)["C1"], values(ran)["C2"]) == (c_in, c_out)  # what the data sheets ask for
    assert near(ran) == {("C1.1", source): 10.0, ("C2.1", load): 10.0}


def test_lowside_switch(run: Run) -> None:
    ran = made(run, "lowside_switch", 'mosfet="IRLZ44N", diode="SS34"', "VLOAD", "LOAD", "IN", "GND")
    gate = next(pads for name, pads in ran.netlist.items() if "Q1.1" in pads)
    assert gate == {"Q1.1", "R1.2", "R2.1"}
    assert ran.netlist["VLOAD"] == {"J1.1", "D1.1"}  # the flyback diode's cathode
    assert ran.netlist["LOAD"] == {"J1.2", "D1.2", "Q1.2"}
    assert ran.netlist["IN"] == {"J1.3", "R1.1"}
    assert ran.netlist["GND"] == {"J1.4", "R2.2", "Q1.3"}
    assert {("R2.1", "Q1.1"), ("D1.2", "Q1.2")} <= near(ran).keys()


def test_blocks_take_the_next_free_references(run: Run) -> None:
    ran = run(
        'part("R1", "R_0805", "1k")\na = block("led_indicator", resistor=330)\nb = block("led_indicator", resistor=1000)\n'
        'net("VCC", "R1.1", a["VCC"], b["VCC"])\nnet("GND", "R1.2", a["GND"], b["GND"])\n'
    )
    assert values(ran) == {"R1": "1k", "R2": "330", "D1": "red", "R3": "1k", "D2": "red"}


@pytest.mark.parametrize(
    ("ct", "key"), [("1u", "C_0805"), ("1.5u", "CP_RAD_D5"), ("220u", "CP_RAD_D6"), ("1000u", "CP_RAD_D10")]
)
def test_large_capacitors_are_electrolytic(run: Run, ct: str, key: str) -> None:
    ran = made(run, "astable_555", f'ra="1k", rb="1k", ct="{ct}", led_resistor="1k"', "VCC", "GND")
    assert keys(ran)["C1"] == key


def test_an_electrolytic_stands_a_quarter_more_than_its_volts(run: Run) -> None:
    ran = made(run, "linear_regulator", 'regulator="LM7805", c_in="10u", c_bulk="47u"', "VIN", "VOUT", "GND")
    assert keys(ran)["C1"] == "CP_RAD_D6"  # 35 V at most need 50 V
    assert keys(ran)["C3"] == "CP_RAD_D5"  # 5 V are well within 25 V
    assert near(ran)["C3.1", "U1.3"] == 10.0


@pytest.mark.parametrize(
    ("call", "code", "says"),
    [
        ('block("led_indicator")', "BAD_PARAMETER", 'led_indicator(resistor, colour="red")'),
        ('block("led_indicator", resistor="680", color="red")', "BAD_PARAMETER", "color"),
        ('block("led_indicator", resistor="six")', "BAD_PARAMETER", "'six'"),
        ('block("led_indicator", resistor=0)', "BAD_PARAMETER", "0"),
        ('block("led_indicator", resistor="1k", colour="mauve")', "BAD_PARAMETER", "white"),
        ('block("led_indicator", resistor="1k")["OUT"]', "UNKNOWN_PORT", "VCC, GND"),
        ('block("rc_lowpass", r="1k", c="10u")', "BAD_PARAMETER", "1u at most"),
        ('block("linear_regulator", regulator="LM7807")', "BAD_PARAMETER", "LM7805"),
        ('block("linear_regulator", regulator="LM7805", c_in="4700u")', "BAD_PARAMETER", "1000u"),
        ('block("lowside_switch", mosfet="SS14")', "BAD_PARAMETER", "no MOSFET"),
        ('block("lowside_switch", diode="LED_0805_RED")', "BAD_PARAMETER", "no diode"),
        ('block("astable_555", ra="1k", rb="1k", ct="1u", led_resistor="1k", package="bga")', "BAD_PARAMETER", "dip"),
        ('b = block("mosfet_switch"); net("X", b["IN"], b["OUT"])', "UNKNOWN_BLOCK", "lowside_switch"),
    ],
)  # fmt: skip
def test_a_block_refuses_what_it_cannot_make(run: Run, call: str, code: str, says: str) -> None:
    error = run(f'part("J1", "HDR_1x02")\n{call}\n').only(code)
    assert says in " ".join(str(value) for value in error.values())
    assert error["line"] == 3
