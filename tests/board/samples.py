"""Samples for the tests: a hand-made LED board, a script, and what KiCad says about a board."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from kicad.build import BuildResult
from kicad.fabrication import Package, make_package
from kicad.python import kicad_cli
from kicad.shapes import Intent, IntentPart, Layout, Requirement, Text, Track

REGULATOR = """
from boardkit import *
j1, j2 = part("J1", "SCREW_2"), part("J2", "SCREW_2")
b = block("linear_regulator", regulator="LM7805")
supply = net("VIN", j1["1"], b["VIN"])
output = net("VOUT", j2["1"], b["VOUT"])
net("GND", j1["2"], j2["2"], b["GND"])
netclass(supply, output, current_A=0.2)
edge(j1, side="left")
edge(j2, side="right")
for text, pin in (("VIN", j1["1"]), ("GND", j1["2"]), ("VOUT", j2["1"]), ("GND", j2["2"])):
    label(text, pin)
hole(3.2, corner="top_left")
hole(3.2, corner="bottom_right")
"""


def led_intent() -> Intent:
    """Header, resistor and LED on three nets; VCC carries 0.3 A."""

    def made(ref: str, symbol: str, footprint: str, value: str, names: tuple[str, str]) -> IntentPart:
        pins = [{"number": str(n), "name": name, "type": "passive"} for n, name in enumerate(names, 1)]
        return {
            "ref": ref, "symbol": symbol, "footprint": footprint, "value": value, "part": None, "pins": pins,
        }  # type: ignore[typeddict-item]  # fmt: skip

    header = "Connector_PinHeader_2.54mm:PinHeader_1x02_P2.54mm_Vertical"
    return {
        "format": 1,
        "parts": [
            made("J1", "Connector_Generic:Conn_01x02", header, "supply", ("Pin_1", "Pin_2")),
            made("R1", "Device:R", "Resistor_SMD:R_0805_2012Metric", "330", ("", "")),
            made("D1", "Device:LED", "LED_SMD:LED_0805_2012Metric", "red", ("K", "A")),
        ],
        "nets": [
            {"name": "VCC", "pins": [("J1", "1"), ("R1", "1")]},
            {"name": "LED_A", "pins": [("R1", "2"), ("D1", "2")]},
            {"name": "GND", "pins": [("J1", "2"), ("D1", "1")]},
        ],
        "netclasses": [{"name": "supply", "current_A": 0.3, "nets": ["VCC"]}],
        "near": [], "edges": [{"ref": "J1", "side": "left", "facing": "out"}], "groups": [], "keepouts": [],
        "holes": [], "labels": [{"text": "VCC", "pin": ("J1", "1")}], "blocks": [], "raw": False,
    }  # fmt: skip


def led_layout() -> Layout:
    """A layout by hand for `led_intent`, 25 x 15 mm, with a mounting hole and a via."""

    def track(net: str, width: float, start: tuple[float, float], end: tuple[float, float]) -> Track:
        return {"net": net, "layer": "front", "width_mm": width, "start": start, "end": end}

    def text(words: str, ref: str | None, at: tuple[float, float]) -> Text:
        return {"text": words, "ref": ref, "at": at, "rotation": 0, "height_mm": 1.0, "stroke_mm": 0.15}

    return {
        "size_mm": (25.0, 15.0),
        "placements": [
            {"ref": "J1", "x": 2.5, "y": 5.0, "rotation": 0},
            {"ref": "R1", "x": 10.0, "y": 5.0, "rotation": 0},
            {"ref": "D1", "x": 17.0, "y": 5.0, "rotation": 180},
        ],
        "tracks": [
            track("VCC", 1.0, (2.5, 5.0), (9.0875, 5.0)),
            track("LED_A", 0.25, (10.9125, 5.0), (16.0625, 5.0)),
            track("GND", 0.25, (17.9375, 5.0), (17.9375, 7.54)),
            track("GND", 0.25, (17.9375, 7.54), (2.5, 7.54)),
        ],
        "vias": [{"net": "GND", "at": (17.9375, 7.54), "diameter_mm": 0.6, "drill_mm": 0.3}],
        "pours": [{"net": "GND", "layer": "front"}, {"net": "GND", "layer": "back"}],
        "holes": [{"x": 21.5, "y": 11.5, "diameter_mm": 3.2}],
        "texts": [
            text("J1", "J1", (2.5, 2.4)), text("R1", "R1", (10.0, 3.0)), text("D1", "D1", (17.0, 3.0)),
            text("VCC", None, (6.0, 3.0)),
        ],
        "seed": 1,
        "figures": {},
    }  # fmt: skip


def requirement(title: str, size_mm: tuple[float, float] | None = None) -> Requirement:
    return {
        "format": 1, "title": title, "brief": title, "family": "", "size_mm": size_mm, "ports": [],
        "measures": [], "values": {}, "connector": "header", "assumptions": ["The LED is red."], "unused": [],
    }  # fmt: skip


def drc(board_file: Path) -> dict[str, Any]:
    """KiCad's own report on the board under the rules of the project beside it."""
    report = board_file.with_suffix(".json")
    words = ["pcb", "drc", "--format", "json", "--severity-all", "--output", str(report), str(board_file)]
    subprocess.run([kicad_cli(), *words], check=True, capture_output=True)
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def violations(board_file: Path) -> list[str]:
    found = drc(board_file)
    return [item["type"] for item in found["violations"] + found["unconnected_items"]]


def packed(made: BuildResult, folder: Path) -> Package:
    assert made.intent
    assert made.layout
    assert made.board
    assert made.board_file
    return make_package(
        made.board_file, made.intent, made.layout, made.board, REGULATOR, requirement("5 V supply"), [],
        folder / "package", lambda _: None,
    )  # fmt: skip
