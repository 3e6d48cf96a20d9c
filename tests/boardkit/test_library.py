"""KiCad's libraries as files: every format that 8, 9 and 10 write, and fast."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kicad import library
from kicad.library import (
    SymbolPin,
    closest_symbols,
    footprint_pads,
    library_folder,
    symbol_footprint,
    symbol_pins,
    symbol_property,
)

PIN = '(pin {kind} line (at {x} 0 0) (length 2.54) {hide} (name "{name}" (effects)) (number "{number}" (effects)))'


def pin(number: str, name: str, kind: str = "passive", x: float = 0.0, hide: str = "") -> str:
    return PIN.format(number=number, name=name, kind=kind, x=x, hide=hide)


def symbol(name: str, *units: tuple[str, list[str]], extends: str = "", indent: str = "\t") -> str:
    inner = [f'(extends "{extends}")'] if extends else [f'(property "Footprint" "Package_SO:{name}")']
    for unit, pins in units:
        inner += [f'{indent}(symbol "{name}_{unit}"', *pins, ")"]
    return "\n".join([f'{indent}(symbol "{name}"', *(indent * 2 + line for line in inner), f"{indent})"])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A symbol folder of our own, in place of the installed one."""
    for version in library.KICAD_VERSIONS:
        monkeypatch.delenv(f"KICAD{version}_SYMBOL_DIR", raising=False)
    monkeypatch.setenv("KICAD8_SYMBOL_DIR", str(tmp_path))
    symbol_pins.cache_clear()
    symbol_property.cache_clear()
    yield tmp_path
    symbol_pins.cache_clear()
    symbol_property.cache_clear()


def write(folder: Path, *symbols: str, name: str = "Mine.kicad_sym") -> None:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(["(kicad_symbol_lib", *symbols, ")\n"]), encoding="utf-8")


@pytest.mark.parametrize("indent", ["\t", "  "], ids=["KiCad 9", "KiCad 8"])
def test_pins_of_all_units_by_pad_number(folder: Path, indent: str) -> None:
    units = [
        ("0_1", [pin("10", "VCC", "power_in")]),
        ("1_1", [pin("2", "~{OE}/A", "input", hide="hide"), pin("1", "~")]),
        ("2_1", [pin("3", "B", "output", hide="(hide yes)")]),
    ]
    write(
        folder,
        symbol("Gate2", ("1_1", [pin("9", "X")]), indent=indent),
        symbol("Gate", *units, indent=indent),
    )
    assert symbol_pins("Mine:Gate") == (
        SymbolPin("1", "", "passive", 1),
        SymbolPin("2", "OE/A", "input", 1, barred=True),
        SymbolPin("3", "B", "output", 2),
        SymbolPin("10", "VCC", "power_in", 0),
    )
    assert symbol_pins("Mine:Gat") is None
    assert symbol_pins("Other:Gate") is None
    assert symbol_footprint("Mine:Gate") == "Package_SO:Gate"


def test_a_symbol_has_the_pins_of_what_it_extends(folder: Path) -> None:
    grandchild, child = symbol("C", extends="B"), symbol("B", extends="A")
    write(folder, grandchild, child, symbol("A", ("1_1", [pin("1", "IN")])))
    assert [each.name for each in symbol_pins("Mine:C") or ()] == ["IN"]


def test_an_alternative_body_adds_no_pins(folder: Path) -> None:
    write(folder, symbol("Nand", ("1_1", [pin("1", "A", x=1)]), ("1_2", [pin("1", "NOT_A", x=2)])))
    assert [each.name for each in symbol_pins("Mine:Nand") or ()] == ["A"]


def test_quotes_within_a_name(folder: Path) -> None:
    write(folder, symbol("Odd", ("1_1", [pin("1", '1\\"'), pin("2", "B")])))
    assert [each.name for each in symbol_pins("Mine:Odd") or ()] == ['1"', "B"]


def test_a_folder_of_single_symbols_and_stacked_pins_as_kicad_10_has_them(folder: Path) -> None:
    write(
        folder,
        symbol("Base", ("1_1", [pin("[1-3,8]", "GND", "power_in")])),
        name="Mine.kicad_symdir/Base.kicad_sym",
    )
    write(folder, symbol("Derived", extends="Base"), name="Mine.kicad_symdir/Derived.kicad_sym")
    assert [each.number for each in symbol_pins("Mine:Derived") or ()] == ["1", "2", "3", "8"]
    assert "Mine:Derived" in closest_symbols("Mine:Derivd")


def test_the_newest_kicads_variable_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KICAD10_SYMBOL_DIR", str(folder / "ten"))
    assert library_folder("symbols") == folder / "ten"


@pytest.mark.parametrize(
    "name", ["../x:R", "Device:../R", "/etc:passwd", "Device:", ":R", "Device", "De\0vice:R", "*:R"]
)
def test_names_that_are_no_files_find_nothing(name: str) -> None:
    assert symbol_pins(name) is None
    assert footprint_pads(name) is None


def test_the_largest_library_is_not_read_whole() -> None:
    """Measured: 8 ms for a symbol of 144 pins in 15 MB; parsing the library would take seconds."""
    file = library_folder("symbols") / "MCU_ST_STM32H7.kicad_sym"
    if not file.is_file():
        pytest.skip("this KiCad keeps its symbols in single files")
    symbol_pins.cache_clear()
    start = time.process_time()
    assert len(symbol_pins("MCU_ST_STM32H7:STM32H743ZITx") or ()) == 144
    assert time.process_time() - start < 0.05
