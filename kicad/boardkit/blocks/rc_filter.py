"""First-order RC filters: -3 dB at 1 / (2·π·r·c)."""

from __future__ import annotations

from kicad.boardkit.blocks.common import add_ceramic, add_resistor
from kicad.boardkit.circuit import Circuit, Part, Pin, Port

_VOLTS_MAX = 50.0  # of the capacitor


def rc_lowpass(circuit: Circuit, r: str, c: str) -> list[Port]:
    """Ports IN, OUT and GND; the resistor is in series, the capacitor (1 µF at most) to ground."""
    return _ports(circuit, "rc_lowpass", add_resistor(circuit, r), add_ceramic(circuit, c))


def rc_highpass(circuit: Circuit, r: str, c: str) -> list[Port]:
    """Ports IN, OUT and GND; the capacitor (1 µF at most) is in series, the resistor to ground."""
    shunt, series = add_resistor(circuit, r), add_ceramic(circuit, c)
    return _ports(circuit, "rc_highpass", series, shunt)


def _ports(circuit: Circuit, name: str, series: Part, shunt: Part) -> list[Port]:
    circuit.join([series["2"], shunt["1"]])
    circuit.keep_near(series["2"], shunt["1"], 8.0)

    def signal(port: str, pin: Pin) -> Port:
        return Port(name, port, "signal", (pin,), volts_max=_VOLTS_MAX)

    return [signal("IN", series["1"]), signal("OUT", series["2"]), Port(name, "GND", "ground", (shunt["2"],))]
