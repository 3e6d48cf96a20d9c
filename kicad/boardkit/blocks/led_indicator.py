"""An LED behind its resistor."""

from __future__ import annotations

from kicad.boardkit.blocks.common import add_led, add_resistor
from kicad.boardkit.circuit import Circuit, Port


def led_indicator(circuit: Circuit, resistor: str, colour: str = "red") -> list[Port]:
    """Ports VCC and GND; `resistor` in ohms, like "680"."""
    r, d = add_resistor(circuit, resistor), add_led(circuit, colour)
    circuit.join([r["2"], d["A"]])
    name = "led_indicator"
    return [
        Port(name, "VCC", "supply", (r["1"],), volts_min=2.0, volts_max=60.0, current_A=0.025),
        Port(name, "GND", "ground", (d["K"],)),
    ]
