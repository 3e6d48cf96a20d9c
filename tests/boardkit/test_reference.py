from __future__ import annotations

import re

import pytest

import kicad.boardkit
from kicad.boardkit.blocks import BLOCKS
from kicad.boardkit.reference import pin_table, reference
from kicad.parts import parts_table


@pytest.fixture(scope="module")
def told() -> str:
    return reference()


def test_every_word_of_the_vocabulary_is_told_with_what_it_takes(told: str) -> None:
    for name in kicad.boardkit.__all__:
        assert re.search(rf"^{name}\([^)]*", told, re.MULTILINE), name
    assert "part(ref, what, value=None, *, footprint=None)" in told
    assert "net(name, *ends, volts=None)" in told


def test_every_block_is_told_with_its_parameters_and_ports(told: str) -> None:
    for name in BLOCKS:
        entry = re.search(rf"^{name}\((.*)\)\n    Ports (.*)", told, re.MULTILINE)
        assert entry, name
        assert "circuit" not in entry[1]
        assert "GND" in entry[2]
    assert "astable_555(ra, rb, ct, led_resistor, colour='red', package='dip')" in told


def test_every_part_of_the_table_has_a_line_of_its_own(told: str) -> None:
    for key in parts_table():
        assert re.search(rf"^{re.escape(key)}: .+", told, re.MULTILINE), key


def test_the_reference_fits_into_a_prompt(told: str) -> None:
    assert len(told.encode()) <= 12_000
    assert "None" not in told.replace("=None", "")


def test_a_word_that_is_added_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def bend(which: str, degrees: float = 90.0) -> None:
        """Bend a part."""

    monkeypatch.setattr(kicad.boardkit, "__all__", [*kicad.boardkit.__all__, "bend"])
    monkeypatch.setattr(kicad.boardkit, "bend", bend, raising=False)
    assert "bend(which, degrees=90.0)\n    Bend a part." in reference()


def test_the_pins_of_a_part_of_the_table() -> None:
    table = pin_table("ATTINY85_DIP").splitlines()
    assert table[0].startswith("ATTINY85_DIP: MCU_Microchip_ATtiny:ATtiny85-20P. ATtiny85 microcontroller")
    assert "Footprint: Package_DIP:DIP-8_W7.62mm." in table[0]
    assert table[1] == "number name aliases type unit"
    assert table[2] == "1 RESET/PB5 RESET,PB5 bidirectional A"
    assert table[6] == "5 AREF/PB0 MOSI,AREF,PB0 bidirectional A"
    assert len(table) == 10


def test_the_pins_of_an_installed_symbol_and_its_units() -> None:
    assert "3 SDI - bidirectional A" in pin_table("Sensor:BME280").splitlines()
    assert "1 - - output A" in pin_table("Amplifier_Operational:LM358")
    assert "It needs footprint=, like" in pin_table("Device:Crystal")


@pytest.mark.parametrize(
    ("what", "near"),
    [("Sensor:BME28", "Sensor:BME280"), ("NE555", "NE555_DIP"), ("quux", ""), ("", ""), ("../x:y", "")],
)
def test_what_is_not_there_is_said_with_what_comes_closest(what: str, near: str) -> None:
    assert pin_table(what).startswith("There is no ")
    assert near in pin_table(what)


def test_every_aliased_pin_of_a_table_resolves() -> None:
    """What the table of pins names is what a script may write."""
    from kicad.boardkit.circuit import Circuit

    for key in ("ATTINY85_SO8", "LM358_SO8", "NE555_DIP"):
        circuit = Circuit()
        part = circuit.add_part("U1", key)
        for line in pin_table(key).splitlines()[2:]:
            number, name, aliases, _, _ = line.split(" ")
            for word in [number, *(aliases.split(",") if aliases != "-" else [])]:
                assert part[word].numbers == (number,), (key, word, name)
        assert circuit.findings == []
