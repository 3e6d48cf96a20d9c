"""What a part really is: pins from KiCad's own symbol libraries, limits from the parts table.

The tester believes neither the script nor the intent about a part's pins.
"""

from __future__ import annotations

import csv
import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path

PARTS_TABLE = Path(__file__).parent.parent / "parts" / "parts.csv"

_SYMBOL = re.compile(r'^\t\(symbol "([^"]+)"', re.MULTILINE)
_PIN = re.compile(r'\(pin (\w+) \w+.*?\(name "([^"]*)".*?\(number "([^"]*)"', re.DOTALL)


@dataclass(frozen=True)
class SymbolPin:
    """A pin of a KiCad symbol; `type` is KiCad's electrical type, e.g. "power_in"."""

    number: str
    name: str
    type: str


@dataclass(frozen=True)
class Symbol:
    """A symbol with inherited pins; `words` is its description and keywords."""

    pins: tuple[SymbolPin, ...]
    words: str


@dataclass(frozen=True)
class PartFacts:
    """A row of the parts table: the SPICE model's name and limits in SI units (Vmax, Imax, theta_ja …)."""

    key: str
    symbol: str
    footprint: str
    model: str
    limits: dict[str, float]


def symbol_folder() -> Path:
    """KiCad's symbol libraries; KICAD9_SYMBOL_DIR and its kin win over the packaged place."""
    for name in ("KICAD_SYMBOL_DIR", "KICAD10_SYMBOL_DIR", "KICAD9_SYMBOL_DIR", "KICAD8_SYMBOL_DIR"):
        if folder := os.environ.get(name):
            return Path(folder)
    return Path("/usr/share/kicad/symbols")


@functools.cache
def _library(name: str) -> dict[str, str]:
    """The text of each symbol in a library, by name."""
    path = symbol_folder() / f"{name}.kicad_sym"
    if not re.fullmatch(r"[\w+\-.]+", name) or not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8")
    starts = list(_SYMBOL.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return {match[1]: text[match.start() : end] for match, end in zip(starts, ends, strict=True)}


@functools.cache
def symbol(name: str) -> Symbol | None:
    """The symbol "Library:Name" as KiCad's library has it, or None where it has none."""
    library, _, entry = name.partition(":")
    texts = _library(library)
    text = texts.get(entry)
    if text is None:
        return None
    words = " ".join(re.findall(r'\(property "(?:Description|ki_keywords)" "([^"]*)"', text))
    seen = {entry}
    while parent := re.search(r'\(extends "([^"]+)"\)', text):
        if parent[1] in seen or parent[1] not in texts:
            return None
        seen.add(parent[1])
        text = texts[parent[1]]
    pins = {
        number: SymbolPin(number, "" if pin == "~" else pin, kind) for kind, pin, number in _PIN.findall(text)
    }
    return Symbol(tuple(pins.values()), words)


@functools.cache
def parts_table() -> dict[str, PartFacts]:
    """The parts table by key."""
    if not PARTS_TABLE.is_file():
        return {}
    with PARTS_TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["key"]: PartFacts(
                row["key"], row["symbol"], row["footprint"], row["spice"], _limits(row["limits"])
            )
            for row in csv.DictReader(file)
        }


def _limits(text: str) -> dict[str, float]:
    """ "Vmax=50;Imax=0.02" as numbers; entries that are no plain number are left out."""
    found = {}
    for entry in text.split(";"):
        name, _, value = entry.partition("=")
        if match := re.fullmatch(r"\s*(-?\d+(?:\.\d+)?(?:[eE]-?\d+)?)\s*", value):
            found[name.strip()] = float(match[1])
    return found


_FACTORS = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "": 1.0, "R": 1.0, "r": 1.0}
_FACTORS |= {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}
_VALUE = re.compile(r"(\d+(?:\.\d+)?)\s*([pnuµμmRrkKMG]?)(\d*)\s*(?:F|H|Ω|ohm|Ohm|R)?(?:[\s/,].*)?")


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
