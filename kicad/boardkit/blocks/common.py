"""What several blocks need: passives by value, LEDs by colour."""

from __future__ import annotations

from kicad.boardkit.circuit import Circuit, Part
from kicad.boardkit.values import number_of, value_text
from kicad.parts import parts_table

CERAMIC_MOST_F = 1.0e-6  # larger values are electrolytic: ceramics of that size lose half of it under bias
# The largest capacitance that is usual in a can of that size, by diameter (Panasonic FC, Rubycon YXF series).
_CANS = (("CP_RAD_D5", 100e-6), ("CP_RAD_D6", 220e-6), ("CP_RAD_D8", 470e-6), ("CP_RAD_D10", 1000e-6))
_DERATING = 1.25  # a capacitor's rating over the volts across it
LED_COLOURS = ("red", "green", "yellow", "blue", "white")


def add_resistor(circuit: Circuit, value: str) -> Part:
    """A resistor; `ValueError` when the value cannot be read."""
    text = value_text(value)
    number_of(text)
    return circuit.add_part(circuit.next_ref("R"), "R_0805", text)


def add_ceramic(circuit: Circuit, value: str) -> Part:
    """A capacitor without polarity, of 1 µF at most; `ValueError` when there is none of that value."""
    text = value_text(value)
    if number_of(text) > CERAMIC_MOST_F * 1.001:
        raise ValueError(f"{text} is too much for a capacitor without polarity: 1u at most")
    return circuit.add_part(circuit.next_ref("C"), "C_0805", text)


def add_capacitor(circuit: Circuit, value: str, volts: float) -> Part:
    """A capacitor, plus at pad 1: ceramic up to 1 µF, else electrolytic, for 1.25 times these volts.

    `ValueError` when there is none of that value and rating.
    """
    text = value_text(value)
    farads = number_of(text)
    if farads <= CERAMIC_MOST_F * 1.001:
        return add_ceramic(circuit, text)
    for key, most in _CANS:
        if farads <= most * 1.001 and volts * _DERATING <= parts_table()[key].limits["Vmax"]:
            return circuit.add_part(circuit.next_ref("C"), key, text)
    raise ValueError(f"there is no capacitor of {text} for {volts:g} V here: at most 1000u and 40 V")


def add_led(circuit: Circuit, colour: str) -> Part:
    """An LED of that colour; `ValueError` when there is none."""
    if colour not in LED_COLOURS:
        raise ValueError(f"there is no LED in {str(colour)[:40]!r} here; use {', '.join(LED_COLOURS)}")
    return circuit.add_part(circuit.next_ref("D"), f"LED_0805_{colour.upper()}", colour)
