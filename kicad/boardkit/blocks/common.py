"""What several blocks need: passives by value, LEDs by colour."""

from __future__ import annotations

import re

from kicad.boardkit.circuit import Circuit, Part

FACTORS = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "": 1.0, "R": 1.0, "k": 1e3, "M": 1e6}
CERAMIC_MOST_F = 1.0e-6  # larger values are electrolytic: ceramics of that size lose half of it under bias
LED_COLOURS = ("red", "green", "yellow", "blue", "white")


def number_of(value: str) -> float:
    """ "4.7k" or "10u" in ohms or farads; `ValueError` when it is neither."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([pnuµmRkM]?)", value)
    if match is None:
        raise ValueError(f"{value!r} is no value; write it like 4.7k or 100n")
    return float(match[1]) * FACTORS[match[2]]


def resistor(circuit: Circuit, value: str, key: str = "R_0805") -> Part:
    """A resistor of that value."""
    number_of(value)
    return circuit.add_part(circuit.next_ref("R"), key, value, None)


def capacitor(circuit: Circuit, value: str, volts: float | None = None) -> Part:
    """A capacitor of that value, ceramic up to 1 µF, otherwise electrolytic for at least 1.25 × `volts`.

    Pins "A" and "B", or "POS" and "NEG"; `positive` and `negative` name them either way.
    """
    if number_of(value) <= CERAMIC_MOST_F:
        return circuit.add_part(circuit.next_ref("C"), "C_0805", value, None)
    farads = number_of(value)
    key = (
        "CP_RAD_D5"
        if farads <= 100e-6 and (volts or 0) * 1.25 <= 25
        else "CP_RAD_D6"
        if farads <= 220e-6
        else "CP_RAD_D8"
    )
    return circuit.add_part(circuit.next_ref("C"), key, value, None)


def positive(part: Part) -> str:
    """Name of a capacitor's plus pin (pad 1 either way)."""
    return f"{part.ref}.1"


def negative(part: Part) -> str:
    """Name of a capacitor's minus pin (pad 2 either way)."""
    return f"{part.ref}.2"


def led(circuit: Circuit, colour: str) -> Part:
    """An LED of that colour."""
    if colour not in LED_COLOURS:
        raise ValueError(f"there is no {colour} LED here; use {', '.join(LED_COLOURS)}")
    return circuit.add_part(circuit.next_ref("D"), f"LED_0805_{colour.upper()}", colour, None)
