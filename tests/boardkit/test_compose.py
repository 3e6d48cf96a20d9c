"""The composer: which ports may meet on a net."""

from __future__ import annotations

import pytest

from tests.boardkit.conftest import Run

HEAD = """
j1 = part("J1", "HDR_1x08")
def timer():
    return block("astable_555", ra="1k", rb="1k", ct="1u", led_resistor="1k")
def regulator(kind="LM7805"):
    return block("linear_regulator", regulator=kind)
def led():
    return block("led_indicator", resistor="1k")
"""


@pytest.mark.parametrize(
    ("script", "code", "place", "measured"),
    [
        # a supply outside of what its taker stands
        ('b = timer()\nnet("VCC", "J1.1", b["VCC"], volts=24)\nnet("GND", "J1.2", b["GND"])',
         "SUPPLY_OUT_OF_RANGE", "astable_555.VCC", "24 V"),
        ('b = timer()\nnet("VCC", "J1.1", b["VCC"], volts=3.3)\nnet("GND", "J1.2", b["GND"])',
         "SUPPLY_OUT_OF_RANGE", "astable_555.VCC", "3.3 V"),
        ('a = regulator("AMS1117-3.3")\nb = timer()\nnet("VIN", "J1.1", a["VIN"], volts=9)\n'
         'net("V3", "J1.2", a["VOUT"], b["VCC"])\nnet("GND", "J1.3", a["GND"], b["GND"])',
         "SUPPLY_OUT_OF_RANGE", "astable_555.VCC", "3.3 V"),
        ('a = regulator()\nb = regulator("AMS1117-5.0")\nnet("VIN", "J1.1", a["VIN"], volts=12)\n'
         'net("MID", a["VOUT"], b["VIN"])\nnet("VOUT", "J1.2", b["VOUT"])\nnet("GND", "J1.3", a["GND"], b["GND"])',
         "SUPPLY_OUT_OF_RANGE", "linear_regulator.VIN", "5 V"),
        # two supplies driven together
        ('a = regulator()\nb = regulator()\nnet("VIN", "J1.1", a["VIN"], b["VIN"], volts=12)\n'
         'net("V5", "J1.2", a["VOUT"], b["VOUT"])\nnet("GND", "J1.3", a["GND"], b["GND"])',
         "SUPPLY_CLASH", "V5", ""),
        ('a = regulator()\nnet("VIN", "J1.1", a["VIN"], volts=12)\nnet("V5", "J1.2", a["VOUT"], volts=9)\n'
         'net("GND", "J1.3", a["GND"])', "SUPPLY_CLASH", "V5", ""),
        # ground to supply
        ('b = led()\nnet("VCC", "J1.1", b["VCC"], b["GND"])', "SUPPLY_SHORTED", "VCC", ""),
        ('b = led()\nnet("VCC", "J1.1", b["VCC"])\nnet("GND", "J1.2", b["GND"], volts=5)', "SUPPLY_SHORTED", "GND", ""),
        ('a = regulator()\nnet("VIN", "J1.1", a["VIN"])\nnet("GND", "J1.3", a["GND"], a["VOUT"])',
         "SUPPLY_SHORTED", "GND", ""),
        # outputs
        ('a = timer()\nb = timer()\nnet("VCC", "J1.1", a["VCC"], b["VCC"])\nnet("GND", "J1.2", a["GND"], b["GND"])\n'
         'net("OUT", a["OUT"], b["OUT"])', "OUTPUT_CLASH", "OUT", ""),
        ('a = timer()\nnet("VCC", "J1.1", a["VCC"], a["OUT"], volts=9)\nnet("GND", "J1.2", a["GND"])',
         "OUTPUT_CLASH", "VCC", ""),
        # levels: an AO3400A's gate stands 12 V, the timer drives it with its own supply
        ('a = timer()\nb = block("lowside_switch")\nnet("VCC", "J1.1", a["VCC"], b["VLOAD"], volts=15)\n'
         'net("GND", "J1.2", a["GND"], b["GND"])\nnet("LOAD", "J1.3", b["LOAD"])\nnet("OUT", a["OUT"], b["IN"])',
         "LEVEL_TOO_HIGH", "lowside_switch.IN", "15 V"),
        ('b = block("lowside_switch")\nnet("VLOAD", "J1.1", b["VLOAD"], volts=48)\nnet("GND", "J1.2", b["GND"])\n'
         'net("LOAD", "J1.3", b["LOAD"])\nnet("IN", "J1.4", b["IN"])',
         "SUPPLY_OUT_OF_RANGE", "lowside_switch.VLOAD", "48 V"),
        # current: 41 LEDs of 25 mA behind a regulator of 1 A
        ('a = regulator("LM7812")\nb = regulator("AMS1117-5.0")\nnet("VIN", "J1.1", a["VIN"], volts=24)\n'
         'net("V12", a["VOUT"], b["VIN"])\nnet("GND", "J1.3", a["GND"], b["GND"])\nnet("V5", b["VOUT"])\n'
         'for n in range(41):\n    d = led()\n    net("V5", d["VCC"])\n    net("GND", d["GND"])',
         "SUPPLY_OVERLOADED", "linear_regulator.VOUT", "1025 mA"),
        # two regulators within their limits are together too much for the one that feeds them
        ('a = regulator("LM7812")\nnet("VIN", "J1.1", a["VIN"], volts=24)\nnet("V12", "J1.2", a["VOUT"])\nnet("GND", "J1.3", a["GND"])\n'
         'for side in "AB":\n    b = regulator("AMS1117-5.0")\n    net("V12", b["VIN"])\n    net("GND", b["GND"])\n'
         '    net("V5" + side, b["VOUT"])\n    for n in range(36):\n        d = led()\n        net("V5" + side, d["VCC"])\n'
         '        net("GND", d["GND"])', "SUPPLY_OVERLOADED", "linear_regulator.VOUT", "1816 mA"),
        # a port that nobody took
        ('b = timer()\nnet("VCC", "J1.1", b["VCC"])', "PORT_OPEN", "astable_555.GND", ""),
        ('b = led()\nnet("GND", "J1.2", b["GND"])', "PORT_OPEN", "led_indicator.VCC", ""),
        ('b = regulator()\nnet("VIN", "J1.1", b["VIN"])\nnet("GND", "J1.2", b["GND"])\nnet("VOUT", b["VOUT"])',
         "PORT_OPEN", "linear_regulator.VOUT", ""),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(
    run: Run, script: str, code: str, place: str, measured: str
) -> None:
    error = run(HEAD + script + "\n").only(code)
    assert (error["place"], error["measured"]) == (place, measured)
    assert error["line"]
    assert error["fix"]


@pytest.mark.parametrize(
    "script",
    [
        # a regulator feeds a timer, whose output switches a load
        'a = regulator("LM7809")\nb = timer()\nc = block("lowside_switch")\n'
        'net("VIN", "J1.1", a["VIN"], c["VLOAD"], volts=12)\nnet("V9", a["VOUT"], b["VCC"])\n'
        'net("OUT", b["OUT"], c["IN"])\nnet("LOAD", "J1.2", c["LOAD"])\n'
        'net("GND", "J1.3", a["GND"], b["GND"], c["GND"])',
        # two regulators in a row
        'a = regulator("LM7812")\nb = regulator("LM7805")\nnet("VIN", "J1.1", a["VIN"], volts=18)\n'
        'net("V12", "J1.2", a["VOUT"], b["VIN"])\nnet("V5", "J1.3", b["VOUT"])\nnet("GND", "J1.4", a["GND"], b["GND"])',
        # a filter behind a filter
        'a = block("rc_lowpass", r="1k", c="100n")\nb = block("rc_lowpass", r="10k", c="10n")\n'
        'net("IN", "J1.1", a["IN"])\nnet("MID", a["OUT"], b["IN"])\nnet("OUT", "J1.2", b["OUT"])\n'
        'net("GND", "J1.3", a["GND"], b["GND"])',
        # the timer's output may stay inside
        'a = timer()\nnet("VCC", "J1.1", a["VCC"], volts=9)\nnet("GND", "J1.2", a["GND"])',
    ],
)
def test_what_goes_together_is_taken(run: Run, script: str) -> None:
    ran = run(HEAD + script + "\n")
    assert ran.code == 0, ran.errors


def test_errors_of_wiring_come_before_open_ports(run: Run) -> None:
    ran = run(HEAD + 'b = led()\nnet("VCC", "J1.99", b["VCC"])\n')
    assert ran.codes == ["UNKNOWN_PIN"]
