"""Units as people spell them: one pattern for each, with its kind and its factor to the SI unit."""

# ruff: noqa: E501 - patterns of words read best in one line each
from __future__ import annotations

import re
from typing import Literal

Kind = Literal[
    "voltage", "current", "frequency", "time", "resistance", "capacitance", "inductance", "length",
    "power", "percent", "temperature", "decibel", "charge", "size", "number",
]  # fmt: skip

_DC = r"(?:[\s-]?(?i:DC|AC|RMS|p-?p))?"
# In order of trial; (?i:…) where capitals do not matter.  A lower-case m is milli, a capital M mega,
# but for hertz, where nobody means a thousandth.
_UNITS: list[tuple[Kind, float, str]] = [
    ("charge", 3.6, r"(?i:mAh|milliamp[\s-]?hours?)"),
    ("charge", 3600.0, r"(?:Ah|(?i:amp[\s-]?hours?))"),
    ("voltage", 1e-3, rf"(?:(?i:milli[\s-]?volts?)|m[Vv]){_DC}"),
    ("voltage", 1e3, rf"(?:(?i:kilo[\s-]?volts?)|k[Vv]){_DC}"),
    ("voltage", 1.0, rf"(?:(?i:volts?)|[Vv](?:(?i:dc|ac|rms|pp)|olts?)?){_DC}"),
    ("current", 1e-6, r"(?:(?i:micro[\s-]?amp(?:ere|ère)?s?)|[uµ][Aa]|(?i:microA))"),
    ("current", 1e-3, r"(?:(?i:milli[\s-]?amp(?:ere|ère)?s?)|[mM][Aa](?:mps?)?|(?i:mils?amps?))"),
    ("current", 1.0, r"(?:(?i:amp(?:ere|ère)?s?)|A|(?<=\d)a)"),
    ("frequency", 1e9, r"(?i:GHz|giga[\s-]?hertz)"),
    ("frequency", 1e-3, r"(?:mHz|(?i:milli[\s-]?hertz))"),
    ("frequency", 1e6, r"(?i:MHz|mega[\s-]?hertz|mcps)"),
    ("frequency", 1e3, r"(?i:k[\s-]?Hz|kilo[\s-]?hertz|kilocycles?|kcps|kc)"),
    ("frequency", 1.0, r"(?i:Hz|hertz|cps|c/s)"),
    ("frequency", 1 / 60, r"(?i:bpm|beats?\s+(?:per|a|each)\s+minute|rpm|cpm)"),
    ("power", 1e-3, r"(?:mW|(?i:milli[\s-]?watts?))"),
    ("power", 1.0, r"(?:[Ww]|(?i:watts?))"),
    ("capacitance", 1e-12, r"(?:[pP][fF]?|(?i:pico[\s-]?farads?|puffs?))"),
    ("capacitance", 1e-9, r"(?:n[fF]?|(?i:nF|nano[\s-]?farads?))"),
    ("capacitance", 1e-6, r"(?:[uµ][fF]?|(?i:UF|micro[\s-]?farads?|mfd|uFd|mikes?))"),
    ("capacitance", 1.0, r"(?:F|(?i:farads?))"),
    ("inductance", 1e-6, r"(?:[uµ]H|(?i:micro[\s-]?henr(?:y|ys|ies)))"),
    ("inductance", 1e-3, r"(?:mH|(?i:milli[\s-]?henr(?:y|ys|ies)))"),
    ("inductance", 1.0, r"(?:H|(?i:henr(?:y|ys|ies)))"),
    ("time", 1e-6, r"(?:[uµ][sS](?:ecs?)?|(?i:micro[\s-]?sec(?:ond)?s?))"),
    ("time", 1e-3, r"(?:m[sS](?:ecs?)?|(?i:milli[\s-]?sec(?:ond)?s?|msecs?|millis))"),
    ("time", 60.0, r"(?i:minutes?|mins?)"),
    ("time", 3600.0, r"(?i:hours?|hrs?)"),
    ("time", 1.0, r"(?:[sS]|(?i:sec(?:ond)?s?))"),
    ("length", 1e-3, r"(?i:mm|milli[\s-]?met(?:re|er)s?|mil+imet(?:re|er)s?)"),
    ("length", 1e-2, r"(?i:cms?|centi[\s-]?met(?:re|er)s?)"),
    ("length", 0.0254, r"(?:(?i:inch(?:es)?|in(?=\s*(?:$|[.,;)x*]|by\b|wide|square|high|long|tall|board|pcb)))|\"|'')"),
    ("length", 25.4e-6, r"(?i:mils?|thou)"),
    ("resistance", 1e3, r"(?:(?i:k[\s-]?(?:ohms?|Ω|R)|kilo[\s-]?ohms?)|[kK])"),
    ("resistance", 1e6, r"(?:(?i:meg(?:a|s)?[\s-]?(?:ohms?|Ω)?)|M[\s-]?(?:(?i:ohms?)|Ω)|M)"),
    ("resistance", 1e-3, r"(?:mΩ|(?i:milli[\s-]?ohms?))"),
    ("resistance", 1.0, r"(?:[Rr]|(?i:ohms?|Ω))"),
    ("length", 1.0, r"(?:m|(?i:met(?:re|er)s?))"),
    ("percent", 0.01, r"(?:%|(?i:per[\s-]?cent|pct))"),
    ("temperature", 1.0, r"(?:°\s?C|(?i:deg(?:rees?)?(?:\s?C(?:elsius|entigrade)?)?|celsius))"),
    ("decibel", 1.0, r"(?i:dB|decibels?)"),
]  # fmt: skip

_END = r"(?![A-Za-z0-9µΩ%])"
_EACH = [(kind, factor, re.compile(pattern)) for kind, factor, pattern in _UNITS]
UNIT = "(?:" + "|".join(pattern for _, _, pattern in _UNITS) + ")" + _END
SI = {
    "voltage": "V", "current": "A", "frequency": "Hz", "time": "s", "resistance": "Ω", "capacitance": "F",
    "inductance": "H", "length": "m", "power": "W", "temperature": "°C", "decibel": "dB", "charge": "C",
}  # fmt: skip


def unit_of(text: str) -> tuple[Kind, float]:
    """The kind of a unit that `UNIT` has matched, and its factor to the SI unit."""
    padded = "0" + text.strip()  # a lower-case a is an ampere only beside a digit
    for kind, factor, pattern in _EACH:
        if pattern.fullmatch(padded, 1):
            return kind, factor
    raise ValueError(f"{text!r} is no unit")


_PREFIXES = ((1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"))


def show(value: float, unit: str) -> str:
    """A value for people: 0.0047, "A" → "4.7 mA"; 1500.0, "Hz" → "1.5 kHz"."""
    if value == 0:
        return f"0 {unit}"
    for factor, prefix in _PREFIXES:
        if unit == "Hz" and factor < 1:
            break  # "0.5 Hz", as people say it
        if abs(value) >= factor * 0.9995:
            return f"{value / factor:.4g} {prefix}{unit}"
    return f"{value:.4g} {unit}"
