"""The parts table: parts whose symbol and footprint go together, with limits and where these come from."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parent / "parts.csv"


@dataclass(frozen=True)
class PartRow:
    """A row of the table; `aliases` maps names that people use to pad numbers."""

    key: str
    symbol: str
    footprint: str
    description: str
    aliases: dict[str, str]
    limits: dict[str, float]
    limits_source: str
    spice: str
    lcsc: str
    mpn: str


@functools.cache
def parts_table() -> dict[str, PartRow]:
    """The whole table by key."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["key"]: _row(row) for row in csv.DictReader(file)}


def _row(row: dict[str, str]) -> PartRow:
    limits = {name: float(value) for name, value in _pairs(row["limits"]).items()}
    rest = {
        name: row[name]
        for name in ("key", "symbol", "footprint", "description", "limits_source", "spice", "lcsc", "mpn")
    }
    return PartRow(aliases=_pairs(row["aliases"]), limits=limits, **rest)


def _pairs(text: str) -> dict[str, str]:
    """ "A=1;B=2" as a dictionary."""
    return dict(entry.split("=", 1) for entry in text.split(";") if entry)
