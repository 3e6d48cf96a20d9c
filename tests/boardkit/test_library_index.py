"""All installed libraries as rows: what the search finds parts by."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kicad.library import symbol_pins, symbol_property
from kicad.library_index import installed_version, library_rows

GATE = r"""	(symbol "Gate"
		(property "Reference" "U" (at 0 0 0))
		(property "Footprint" "Package_SO:SOIC-8" (at 0 0 0))
		(property "Description" "Two \"gates\" — fast" (at 0 0 0))
		(property "ki_keywords" "logic NAND" (at 0 0 0))
		(property "ki_fp_filters" "SOIC*" (at 0 0 0))
		(symbol "Gate_1_1"
			(pin input line (at 0 0 0) (name "A") (number "1")) (pin input line (at 0 1 0) (name "B") (number "2")))
		(symbol "Gate_1_2"
			(pin input line (at 0 0 0) (name "A") (number "1")) (pin input line (at 0 1 0) (name "B") (number "2"))))
"""
FAST = """	(symbol "FastGate"
		(extends "Gate")
		(property "Description" "Faster" (at 0 0 0)))
"""
GROUND = """	(symbol "GND"
		(power)
		(property "Description" "a net" (at 0 0 0))
		(symbol "GND_1_1" (pin power_in line (at 0 0 0) (name "GND") (number "1"))))
"""
STACKED = """	(symbol "Stacked"
		(property "Description" "KiCad 10's pins" (at 0 0 0))
		(symbol "Stacked_1_1"
			(pin power_in line (at 0 0 0) (name "GND") (number "[1-3,8]"))
			(pin input line (at 0 0 0) (name "A") (number "4"))))
"""
FOOTPRINT = """(footprint "SOIC-8"
	(descr "SOIC, 8 pins")
	(tags "SOIC SO")
	(pad "1" smd rect (at 0 0))
	(pad "1" smd rect (at 1 0))
	(pad "2" smd rect (at 2 0))
	(pad "" np_thru_hole circle (at 3 0)))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("SYMBOL", "FOOTPRINT"):
        monkeypatch.setenv(f"KICAD10_{kind}_DIR", str(tmp_path))
    return tmp_path


def library(*symbols: str, indent: str = "\t") -> str:
    return "(kicad_symbol_lib\n" + "".join(symbols).replace("\t", indent) + ")\n"


@pytest.mark.parametrize("indent", ["\t", "  "], ids=["KiCad 9", "KiCad 8"])
def test_a_symbol_has_what_it_extends(folder: Path, indent: str) -> None:
    (folder / "Mine.kicad_sym").write_text(library(GATE, GROUND, FAST, indent=indent), encoding="utf-8")
    row = {
        "symbol": "Mine:Gate",
        "description": 'Two "gates" — fast',
        "keywords": "logic NAND",
        "footprint": "Package_SO:SOIC-8",
        "footprint_filters": "SOIC*",
        "pins": 2,
    }
    faster = {**row, "symbol": "Mine:FastGate", "description": "Faster"}
    assert list(library_rows("symbols")) == [faster, row]


def test_kicad_10_keeps_each_symbol_in_a_file_of_its_own(folder: Path) -> None:
    inner = folder / "Mine.kicad_symdir"
    inner.mkdir()
    (inner / "Gate.kicad_sym").write_text(library(GATE), encoding="utf-8")
    (inner / "FastGate.kicad_sym").write_text(library(FAST), encoding="utf-8")
    (inner / "Stacked.kicad_sym").write_text(library(STACKED), encoding="utf-8")
    rows = {row["symbol"]: row for row in library_rows("symbols")}
    assert {name: row["pins"] for name, row in rows.items()} == {
        "Mine:Gate": 2,
        "Mine:FastGate": 2,
        "Mine:Stacked": 5,
    }
    assert rows["Mine:FastGate"]["keywords"] == "logic NAND"


def test_a_symbol_that_extends_itself_ends(folder: Path) -> None:
    (folder / "Mine.kicad_sym").write_text(library(FAST.replace('extends "Gate"', 'extends "FastGate"')))
    assert [row["pins"] for row in library_rows("symbols")] == [0]


def test_footprints_have_their_pads_and_words(folder: Path) -> None:
    (folder / "Mine.pretty").mkdir()
    (folder / "Mine.pretty" / "SOIC-8.kicad_mod").write_text(FOOTPRINT)
    (folder / "Mine.pretty" / "notes.txt").write_text("no footprint")
    assert list(library_rows("footprints")) == [
        {"footprint": "Mine:SOIC-8", "description": "SOIC, 8 pins", "tags": "SOIC SO", "pads": 2}
    ]


def test_no_libraries_give_no_rows(folder: Path) -> None:
    assert list(library_rows("symbols")) == list(library_rows("footprints")) == []
    assert installed_version("symbols") == installed_version("footprints")


def test_the_version_changes_with_the_libraries(folder: Path) -> None:
    file = folder / "Mine.kicad_sym"
    file.write_text(library(GATE), encoding="utf-8")
    first = installed_version("symbols")
    assert installed_version("symbols") == first
    os.utime(file, ns=(1, 1))
    second = installed_version("symbols")
    (folder / "More.kicad_sym").write_text(library(GROUND))
    third = installed_version("symbols")
    file.write_text(library(GATE, FAST), encoding="utf-8")
    os.utime(file, ns=(1, 1))  # another size at the same time
    assert len({first, second, third, installed_version("symbols")}) == 4


def test_all_installed_symbols_and_footprints_in_seconds() -> None:
    """Measured: 22,481 symbols in 0.9 CPU-s, 15,415 footprints in 0.6."""
    start = time.process_time()
    symbols = {row["symbol"]: row for row in library_rows("symbols")}
    footprints = {row["footprint"]: row for row in library_rows("footprints")}
    assert time.process_time() - start < 10
    assert len(symbols) > 10_000
    assert len(footprints) > 10_000
    assert "power:GND" not in symbols
    tiny = symbols["MCU_Microchip_ATtiny:ATtiny85-20P"]
    assert (tiny["pins"], tiny["footprint"]) == (8, "Package_DIP:DIP-8_W7.62mm")
    assert "AVR" in tiny["keywords"]
    assert footprints["Package_DIP:DIP-8_W7.62mm"]["pads"] == 8
    for name in ("Sensor:BME280", "Connector:USB_C_Receptacle_USB2.0_16P", "MCU_ST_STM32F1:STM32F103C8Tx"):
        assert symbols[name]["pins"] == len({pin.number for pin in symbol_pins(name) or ()})
        assert symbols[name]["description"] == symbol_property(name, "Description")
