"""Values, kinds of parts and pins as KiCad's libraries have them."""

from __future__ import annotations

import pytest

from kicad.checks import truth
from kicad.checks.circuit import kind_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4.7k", 4700.0),
        ("4k7", 4700.0),
        ("330", 330.0),
        ("330R", 330.0),
        ("2R2", 2.2),
        ("1M", 1e6),
        ("100n", 1e-7),
        ("10u", 1e-5),
        ("10 µF 25V", 1e-5),
        ("0.1uF", 1e-7),
        ("NE555P", None),
        ("", None),
        ("1.5k2", None),
    ],
)
def test_values_are_read_with_their_prefix(text: str, value: float | None) -> None:
    assert truth.value_of(text) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        ("Device:R", "resistor"),
        ("Device:C", "capacitor"),
        ("Device:C_Polarized", "polarised"),
        ("Device:LED", "led"),
        ("Device:D_Zener", "zener"),
        ("Device:D_Schottky", "diode"),
        ("Diode:SS14", "diode"),
        ("Timer:NE555P", "timer"),
        ("Timer:TLC555xD", "timer"),
        ("Transistor_FET:AO3400A", "nmos"),
        ("Transistor_FET:AO3401A", "pmos"),
        ("Regulator_Linear:AMS1117-3.3", "regulator"),
        ("Connector_Generic:Conn_01x02", "connector"),
        ("Amplifier_Operational:LM358", "ic"),
        ("Device:Crystal", "crystal"),
        ("Device:Battery_Cell", "connector"),
        ("Device:R_Pack04", "other"),
        ("LED:WS2812B", "ic"),
        ("Switch:SW_Push", "button"),
        ("Switch:SW_SPDT", "switch"),
        ("Transistor_BJT:BC547", "bjt"),
        ("MCU_Microchip_ATtiny:ATtiny85-20S", "ic"),
        ("Reference_Voltage:TL431LP", "other"),
    ],
)
def test_kinds_come_from_kicads_symbols(symbol: str, kind: str) -> None:
    assert kind_of(symbol, truth.symbol_pins(symbol) or ()) == kind


def test_a_key_of_another_symbol_gives_no_limits() -> None:
    assert truth.part_row("AO3400A", "Transistor_FET:AO3400A") is not None
    assert truth.part_row("AO3400A", "Transistor_FET:2N7002") is None
