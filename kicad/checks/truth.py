"""What a part really is: pins from KiCad's own symbols, limits from the parts table.

The tester believes neither the script nor the intent about a part's pins.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

from kicad.library import SymbolPin, library_folder, symbol_pins
from kicad.parts import PartRow, parts_table

__all__ = ["PartRow", "SymbolPin", "is_p_channel", "part_row", "symbol_pins", "value_of"]

_FACTORS = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "": 1.0, "R": 1.0, "r": 1.0}
_FACTORS |= {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}
_VALUE = re.compile(r"(\d+(?:\.\d+)?)\s*([pnuµμmRrkKMG]?)(\d*)\s*(?:F|H|Ω|ohm|Ohm|R)?(?:[\s/,].*)?")


def part_row(key: str | None, symbol: str) -> PartRow | None:
    """The row of the parts table; None when the key is unknown or belongs to another symbol."""
    row = parts_table().get(key or "")
    return row if row is not None and row.symbol == symbol else None


@functools.cache
def is_p_channel(symbol: str) -> bool:
    """Whether KiCad describes this transistor as a P-channel one; its pins do not tell."""
    library, _, name = symbol.partition(":")
    folder = library_folder("symbols")
    single = folder / f"{library}.kicad_symdir" / f"{name}.kicad_sym"  # KiCad 10
    file: Path = single if single.is_file() else folder / f"{library}.kicad_sym"
    text = file.read_text(encoding="utf-8")
    start = text.find(f'(symbol "{name}"')
    described = re.search(r'\(property "Description" "([^"]*)"', text[start:]) if start >= 0 else None
    return described is not None and re.search(r"P-Channel|PMOS|P-MOS", described[1]) is not None


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
