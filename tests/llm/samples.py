"""A requirement as a model makes it, and the script of a board for it."""

from __future__ import annotations

import copy
from typing import Any

REQUIREMENT: dict[str, Any] = {
    "title": "ATtiny85 board with ISP",
    "size_mm": [50, 40],
    "ports": [
        {
            "name": "VIN",
            "role": "supply_in",
            "volts_min": 7,
            "volts_nom": 9,
            "volts_max": 12,
            "current_A": 0.1,
        },
        {"name": "GND", "role": "ground"},
        {"name": "5V", "role": "supply_out", "volts_nom": 5, "current_A": 0.05},
        {"name": "SDA", "role": "signal", "volts_max": 5.5},
        {"name": "IN", "role": "signal_in", "volts_max": 5.5},
        {"name": "OUT", "role": "signal_out", "volts_max": 5.5},
        {"name": "LOAD", "role": "load", "current_A": 1},
    ],
    "measures": [
        {"id": "rail", "what": "output_V", "min": 4.75, "max": 5.25, "port": "5V", "load_A": 0.05},
        {
            "id": "corner",
            "what": "cutoff_Hz",
            "min": 900,
            "max": 1100,
            "port": "OUT",
            "source": "IN",
            "kind": "lowpass",
        },
        {"id": "heat", "what": "junction_C", "min": None, "max": 110},
    ],
    "parts": [{"what": "ATtiny85", "quantity": 1}],
    "connector": "header",
    "assumptions": ["The status LED is red."],
    "unused": ["Cheap: no price is checked."],
}


def requirement(**changes: Any) -> dict[str, Any]:
    """The requirement with some keys changed."""
    return copy.deepcopy(REQUIREMENT) | changes


def answer(**given: Any) -> dict[str, Any]:
    """An answer of client_manager's model."""
    return {"question": None, "requirement": None, "refusal": None, "reply": ""} | given


SCRIPT = """from boardkit import *

j1 = part("J1", "HDR_1x02", "supply")
r1 = part("R1", "R_0805", "330")
d1 = part("D1", "LED_0805_RED", "red")
net("VCC", j1["1"], r1["1"], volts=5)
net("LED_A", r1["2"], d1["A"])
net("GND", j1["2"], d1["K"])
edge(j1, "left")
label("VCC", j1["1"])
label("GND", j1["2"])
"""
