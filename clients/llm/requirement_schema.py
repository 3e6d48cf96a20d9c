"""The requirement that a language model may make: its JSON schema, and what it becomes.

The model says title, size, ports, measures, parts, connector, assumptions and what it did not use.  The
rest (`format`, `brief`, `family`, `values`, the measures' units) is ours, so that no model can write the
user's words.
"""

from __future__ import annotations

from typing import Any, cast

from clients.catalog.text import clean
from kicad.shapes import Requirement

FAMILY = "custom"
MOST_BRIEF = 4000
MOST_V = 60.0  # beyond, a touch is dangerous and other rules hold
UNITS = {
    "led_current_A": "A",
    "led_period_s": "s",
    "cutoff_Hz": "Hz",
    "output_V": "V",
    "on_voltage_V": "V",
    "off_current_A": "A",
    "junction_C": "°C",
}


def _text(most: int, least: int = 1, pattern: str | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "string", "minLength": least, "maxLength": most}
    return made | ({"pattern": pattern} if pattern else {})


def _number(least: float, most: float) -> dict[str, Any]:
    return {"type": ["number", "null"], "minimum": least, "maximum": most}


def _object(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _list(items: dict[str, Any], most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


_NAME = r"^[A-Za-z0-9_+./~#-]{1,16}$"  # a net's name, and the label beside the pin
ROLES = ["supply_in", "supply_out", "ground", "signal_in", "signal_out", "signal", "load"]
_PORT = _object(
    ["name", "role"],
    {
        "name": _text(16, pattern=_NAME),
        "role": {"enum": ROLES},
        "volts_min": _number(0, MOST_V),
        "volts_nom": _number(0, MOST_V),
        "volts_max": _number(0, MOST_V),
        "current_A": _number(0, 20),
    },
)
_MEASURE = _object(
    ["id", "what", "min", "max"],
    {
        "id": _text(40, pattern=r"^[a-z][a-z0-9_]{0,39}$"),
        "what": {"enum": list(UNITS)},
        "min": _number(-100, 1e9),
        "max": _number(-100, 1e9),
        "port": _text(16, pattern=_NAME) | {"type": ["string", "null"]},
        "source": _text(16, pattern=_NAME) | {"type": ["string", "null"]},
        "kind": {"enum": ["lowpass", "highpass", None]},
        "load_A": _number(0, 20),
        "logic_V": _number(0, MOST_V),
    },
)
_NAMED_PART = _object(
    ["what", "quantity"],
    {"what": _text(80), "quantity": {"type": "integer", "minimum": 1, "maximum": 100}},
)
_SIZE = {
    "type": ["array", "null"],
    "items": {"type": "number", "minimum": 5, "maximum": 300},
    "minItems": 2,
    "maxItems": 2,
}
REQUIREMENT: dict[str, Any] = _object(
    ["title", "size_mm", "ports", "measures", "parts", "connector", "assumptions", "unused"],
    {
        "title": _text(100, least=3),
        "size_mm": _SIZE,
        "ports": _list(_PORT, 40, least=1),
        "measures": _list(_MEASURE, 20),
        "parts": _list(_NAMED_PART, 60),
        "connector": {"enum": ["header", "screw"]},
        "assumptions": _list(_text(240), 30),
        "unused": _list(_text(240), 30),
    },
)


def complete(made: dict[str, Any], brief: str) -> Requirement:
    """The requirement that a valid one of a model becomes; `brief` are the user's own words."""
    ports = [_stated(port) for port in made["ports"]]
    measures = [
        {"min": None, "max": None} | _stated(each) | {"unit": UNITS[each["what"]]}
        for each in made["measures"]
    ]
    return cast(
        "Requirement",
        {
            "format": 1,
            "title": clean(made["title"]),
            "brief": clean(brief)[:MOST_BRIEF],
            "family": FAMILY,
            "size_mm": made["size_mm"],
            "ports": ports,
            "measures": measures,
            "values": {},
            "connector": made["connector"],
            "parts": [
                {"what": clean(part["what"]), "quantity": int(part["quantity"])} for part in made["parts"]
            ],
            "assumptions": [clean(each) for each in made["assumptions"]],
            "unused": [clean(each) for each in made["unused"]],
        },
    )


def _stated(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}
