"""Good requirements and intents of every family, from which the tests make bad ones."""

from __future__ import annotations

import copy
import json
import sys
from typing import Any

import kicad.boardkit
from kicad.boardkit.circuit import Circuit
from kicad.boardkit.intent import intent_of
from kicad.shapes import Intent, Measure, Port, Requirement

SCRIPTS = {
    "led_indicator": """
j1 = part("J1", "HDR_1x02")
b = block("led_indicator", resistor="330", colour="red")
net("VCC", j1["1"], b["VCC"])
net("GND", j1["2"], b["GND"])
""",
    "astable_555": """
j1 = part("J1", "HDR_1x02")
b = block("astable_555", ra="4.7k", rb="68k", ct="10u", led_resistor="560", colour="red")
net("VCC", j1["1"], b["VCC"])
net("GND", j1["2"], b["GND"])
""",
    "linear_regulator": """
j1 = part("J1", "SCREW_2")
j2 = part("J2", "SCREW_2")
b = block("linear_regulator", regulator="LM7805", c_in="330n", c_out="100n")
vin = net("VIN", j1["1"], b["VIN"])
gnd = net("GND", j1["2"], j2["2"], b["GND"])
vout = net("VOUT", j2["1"], b["VOUT"])
netclass(vin, vout, gnd, current_A=0.2)
edge(j2)
label("VOUT", j2["1"])
label("GND", j2["2"])
""",
    "rc_lowpass": """
j1 = part("J1", "HDR_1x03")
b = block("rc_lowpass", r="1.6k", c="100n")
net("IN", j1["1"], b["IN"])
net("OUT", j1["2"], b["OUT"])
net("GND", j1["3"], b["GND"])
""",
    "rc_highpass": """
j1 = part("J1", "HDR_1x03")
b = block("rc_highpass", r="1.6k", c="100n")
net("IN", j1["1"], b["IN"])
net("OUT", j1["2"], b["OUT"])
net("GND", j1["3"], b["GND"])
""",
    "lowside_switch": """
j1 = part("J1", "SCREW_4")
b = block("lowside_switch")
vload = net("VLOAD", j1["1"], b["VLOAD"])
load = net("LOAD", j1["2"], b["LOAD"])
net("IN", j1["3"], b["IN"])
gnd = net("GND", j1["4"], b["GND"])
netclass(vload, load, gnd, current_A=1)
""",
}
_LABELS = {
    "led_indicator": "VCC GND",
    "astable_555": "VCC GND",
    "linear_regulator": "VIN GND",
    "rc_lowpass": "IN OUT GND",
    "rc_highpass": "IN OUT GND",
    "lowside_switch": "VLOAD LOAD IN GND",
}
FAMILIES = tuple(SCRIPTS)


def script(family: str) -> str:
    """The whole script of a good board."""
    labels = "".join(
        f'label("{text}", j1["{n}"])\n' for n, text in enumerate(_LABELS[family].split(), start=1)
    )
    return f"from boardkit import *\n{SCRIPTS[family]}edge(j1)\n{labels}"


def intent_from(text: str) -> Intent:
    """What a script declares, run in this process: the tests' own scripts are no strangers."""
    kicad.boardkit.CIRCUIT = Circuit()
    sys.modules["boardkit"] = kicad.boardkit
    exec(compile(text, "design.py", "exec"), {})
    intent: Intent = json.loads(json.dumps(intent_of(kicad.boardkit.CIRCUIT)))
    return intent


def _supply(name: str, low: float, nominal: float, high: float, current: float = 0.0) -> Port:
    port = Port(name=name, role="supply_in", volts_min=low, volts_nom=nominal, volts_max=high)
    if current:
        port["current_A"] = current
    return port


def _measure(what: Any, low: float | None, high: float | None, unit: str, **more: Any) -> Measure:
    return Measure(id=what, what=what, min=low, max=high, unit=unit, **more)


_GROUND = Port(name="GND", role="ground")


def requirement(family: str) -> Requirement:
    """The requirement that the good board of the family meets."""
    led = _measure("led_current_A", 0.005, 0.015, "A")
    heat = _measure("junction_C", None, 110.0, "°C")
    signals = [Port(name="IN", role="signal_in"), Port(name="OUT", role="signal_out"), _GROUND]
    cutoff = _measure(
        "cutoff_Hz", 900.0, 1100.0, "Hz", source="IN", port="OUT", kind=family.removeprefix("rc_")
    )
    ports: dict[str, list[Port]] = {
        "led_indicator": [_supply("VCC", 5, 5, 5, 0.01), _GROUND],
        "astable_555": [_supply("VCC", 9, 9, 9, 0.03), _GROUND],
        "rc_lowpass": signals,
        "rc_highpass": signals,
        "linear_regulator": [
            _supply("VIN", 10, 12, 12.6, 0.2),
            Port(name="VOUT", role="supply_out", volts_nom=5.0, current_A=0.2),
            Port(name="GND", role="ground", current_A=0.2),
        ],
        "lowside_switch": [
            _supply("VLOAD", 12, 12, 12, 1.0),
            Port(name="LOAD", role="load", volts_max=12.0, current_A=1.0),
            Port(name="IN", role="signal_in", volts_nom=3.3),
            Port(name="GND", role="ground", current_A=1.0),
        ],
    }
    measures: dict[str, list[Measure]] = {
        "led_indicator": [led],
        "astable_555": [_measure("led_period_s", 0.8, 1.2, "s"), led],
        "rc_lowpass": [cutoff],
        "rc_highpass": [cutoff],
        "linear_regulator": [_measure("output_V", 4.75, 5.25, "V", port="VOUT", load_A=0.2), heat],
        "lowside_switch": [
            _measure("on_voltage_V", None, 0.2, "V", port="LOAD", load_A=1.0, logic_V=3.3),
            _measure("off_current_A", None, 1e-4, "A", port="LOAD", load_A=1.0),
            heat,
        ],
    }
    return Requirement(
        format=1,
        title=family,
        brief=family,
        family=family,
        size_mm=None,
        ports=copy.deepcopy(ports[family]),
        measures=copy.deepcopy(measures[family]),
        values={},
        connector="header",
        assumptions=[],
        unused=[],
    )
