"""An LED behind its resistor."""

from __future__ import annotations

from kicad.boardkit.blocks.common import led, resistor
from kicad.boardkit.circuit import Circuit, Port


def led_indicator(
    circuit: Circuit, resistor_value: str | None = None, colour: str = "red", **other: str
) -> list[Port]:
    """Ports VCC and GND; parameters `resistor` (ohms, like "680") and `colour`."""
    value = resistor_value or other.pop("resistor", None)
    if value is None or other:
        raise ValueError("led_indicator takes resistor and colour")
    r, d = resistor(circuit, value), led(circuit, colour)
    circuit.join([r["2"], d["A"]])
    return [
        Port("led_indicator", "VCC", "supply", (r["1"],), volts_min=2.0, volts_max=60.0, current_A=0.025),
        Port("led_indicator", "GND", "ground", (d["K"],)),
    ]
