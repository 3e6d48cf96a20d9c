"""What a part really is: pins from KiCad's own symbols, limits from the parts table.

The tester believes neither the script nor the intent about a part's pins.
"""

from __future__ import annotations

import functools
import re

from kicad.library import SymbolPin, symbol_pins, symbol_property
from kicad.parts import PartRow, parts_table

__all__ = [
    "PartRow",
    "SymbolPin",
    "is_p_channel",
    "part_row",
    "regulated_volts",
    "supply_range",
    "symbol_pins",
    "value_of",
    "words_of",
]

# What a symbol of these libraries draws can be any part of its kind: a row found by it would be another's.
_GENERIC = ("Device:", "Connector", "Switch:", "Jumper:", "Mechanical:")
_RANGE = re.compile(
    r"(?<![\d.-])(\d+(?:\.\d+)?)\s*V?\s*(?:-|–|to|\.\.\.?)\s*(\d+(?:\.\d+)?)\s*V\b(?!\s*(?:out|fixed))"
)
_OUTPUT = re.compile(
    r"(?:fixed )?output\s+(\d+(?:\.\d+)?)\s*V\b|(\d+(?:\.\d+)?)\s*V (?:fixed )?(?:positive )?output", re.I
)
_FACTORS = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "": 1.0, "R": 1.0, "r": 1.0}
_FACTORS |= {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}
_VALUE = re.compile(r"(\d+(?:\.\d+)?)\s*([pnuµμmRrkKMG]?)(\d*)\s*(?:F|H|Ω|ohm|Ohm|R)?(?:[\s/,].*)?")


def part_row(key: str | None, symbol: str) -> PartRow | None:
    """The row of the parts table by its key, or by the symbol where that stands for one part.

    None when there is none, or when the key belongs to another symbol.
    """
    row = parts_table().get(key or "")
    if row is not None:
        return row if row.symbol == symbol else None
    return None if symbol.startswith(_GENERIC) else _by_symbol().get(symbol)


@functools.cache
def _by_symbol() -> dict[str, PartRow]:
    return {row.symbol: row for row in reversed(parts_table().values())}


def is_p_channel(symbol: str) -> bool:
    """Whether KiCad describes this transistor as a P-channel one; its pins do not tell."""
    return re.search(r"P-Channel|PMOS|P-MOS", symbol_property(symbol, "Description")) is not None


def supply_range(symbol: str) -> tuple[float, float] | None:
    """Least and most volts of a part's supply, where KiCad's description says so ("1.71-3.6V"), else None."""
    found = [
        (float(low), float(high)) for low, high in _RANGE.findall(symbol_property(symbol, "Description"))
    ]
    return found[0] if len(found) == 1 and found[0][0] < found[0][1] else None


def regulated_volts(symbol: str) -> float | None:
    """What a regulator of fixed voltage gives, by KiCad's description ("Fixed Output 5V"), else None."""
    found = _OUTPUT.search(symbol_property(symbol, "Description"))
    return float(found[1] or found[2]) if found else None


def words_of(symbol: str) -> str:
    """What KiCad says in words about a symbol: its name, description and keywords."""
    told = (symbol_property(symbol, name) for name in ("Description", "ki_keywords"))
    return " ".join([symbol.partition(":")[2], *told])


def value_of(text: str) -> float | None:
    """The number in a component's value: "4.7k", "4k7", "100n", "10uF 25V" → SI units; None if unreadable."""
    match = _VALUE.fullmatch(text.strip())
    if match is None:
        return None
    whole, prefix, decimals = match.groups()
    if decimals:
        if "." in whole or not prefix:
            return None
        whole = f"{whole}.{decimals}"
    return float(whole) * _FACTORS[prefix]
