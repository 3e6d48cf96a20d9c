"""First-order RC filters: -3 dB at 1 / (2·π·r·c)."""

from __future__ import annotations

from kicad.boardkit.blocks.common import capacitor, resistor
from kicad.boardkit.circuit import Circuit, Part, Pin, Port


def rc_lowpass(circuit: Circuit, r: str, c: str) -> list[Port]:
    """Ports IN, OUT and GND; the resistor is in series, the capacitor to ground."""
    series, shunt = resistor(circuit, r), capacitor(circuit, c)
    return _ports(circuit, "rc_lowpass", series, shunt)


def rc_highpass(circuit: Circuit, r: str, c: str) -> list[Port]:
    """Ports IN, OUT and GND; the capacitor is in series, the resistor to ground."""
    shunt, series = resistor(circuit, r), capacitor(circuit, c)
    return _ports(circuit, "rc_highpass", series, shunt)


def _ports(circuit: Circuit, name: str, series: Part, shunt: Part) -> list[Port]:
    circuit.join([series["2"], shunt["1"]])
    circuit.keep_near(series["2"], shunt["1"], 8.0)

    def signal(port: str, pin: Pin) -> Port:
        return Port(name, port, "signal", (pin,), volts_max=50.0)

    return [signal("IN", series["1"]), signal("OUT", series["2"]), Port(name, "GND", "ground", (shunt["2"],))]
