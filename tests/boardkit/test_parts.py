"""Every row of the parts table against KiCad's installed libraries, both ways."""

from __future__ import annotations

import csv

import pytest

from kicad.library import footprint_pads, symbol_pins
from kicad.parts import TABLE, parts_table


@pytest.mark.parametrize("key", parts_table())
def test_every_pin_has_its_pad_and_every_pad_its_pin(key: str) -> None:
    row = parts_table()[key]
    pins, pads = symbol_pins(row.symbol), footprint_pads(row.footprint)
    assert pins is not None, row.symbol
    assert pads is not None, row.footprint
    assert {pin.number for pin in pins} == pads


@pytest.mark.parametrize("key", parts_table())
def test_an_alias_names_a_pad_and_hides_no_name(key: str) -> None:
    row = parts_table()[key]
    names = {pin.number: pin.name for pin in symbol_pins(row.symbol) or ()}
    for alias, number in row.aliases.items():
        assert number in names
        assert alias not in names.values() or names[number] == alias


def test_keys_stand_once_and_say_what_they_are() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["key"] for row in rows}) == len(rows) == len(parts_table())
    assert all(row["description"] and row["limits_source"] for row in rows)


@pytest.mark.parametrize(
    ("key", "pads"),
    [
        ("LED_0805_RED", {"K": "1", "A": "2"}),
        ("LED_5MM_RED", {"K": "1", "A": "2"}),
        ("SS14", {"K": "1", "A": "2"}),
        ("CP_RAD_D5", {"POS": "1", "NEG": "2"}),
        ("AO3400A", {"G": "1", "S": "2", "D": "3"}),
        ("IRLZ44N", {"G": "1", "D": "2", "S": "3"}),
        ("L7805_TO220", {"IN": "1", "GND": "2", "OUT": "3"}),
        ("L78L05_TO92", {"OUT": "1", "GND": "2", "IN": "3"}),
        ("AMS1117-3.3", {"GND": "1", "OUT": "2", "IN": "3"}),
        ("2N3904", {"E": "1", "B": "2", "C": "3"}),
        ("BC547", {"C": "1", "B": "2", "E": "3"}),
    ],
)
def test_pins_lie_where_the_data_sheets_have_them(key: str, pads: dict[str, str]) -> None:
    row = parts_table()[key]
    said = {pin.name: pin.number for pin in symbol_pins(row.symbol) or () if pin.name} | row.aliases
    assert {name: said[name] for name in pads} == pads
