"""An NE555 that flashes an LED."""

from __future__ import annotations

from kicad.boardkit.blocks.common import add_capacitor, add_ceramic, add_led, add_resistor
from kicad.boardkit.circuit import Circuit, Port

PACKAGES = {"dip": "NE555_DIP", "soic": "NE555_SO8"}
VOLTS = (4.5, 16.0)  # of an NE555's supply (TI SLFS022)


def astable_555(
    circuit: Circuit, ra: str, rb: str, ct: str, led_resistor: str, colour: str = "red", package: str = "dip"
) -> list[Port]:
    """Ports VCC, GND and OUT.  Period ln 2 · (ra + 2·rb) · ct, lit for ln 2 · (ra + rb) · ct (TI SLFS022,
    8.3.2).

    The control pin has its 10 nF and the supply its 100 nF, both close by; the LED is lit while OUT is high.
    """
    if package not in PACKAGES:
        raise ValueError(f"package is one of {', '.join(PACKAGES)}")
    u = circuit.add_part(circuit.next_ref("U"), PACKAGES[package])
    upper, lower = add_resistor(circuit, ra), add_resistor(circuit, rb)
    timing = add_capacitor(circuit, ct, VOLTS[1])
    control, supply = add_ceramic(circuit, "10n"), add_ceramic(circuit, "100n")
    r_led, lamp = add_resistor(circuit, led_resistor), add_led(circuit, colour)
    circuit.join([u["VCC"], u["RESET"], upper["1"], supply["1"]])
    circuit.join([u["GND"], timing["2"], control["2"], supply["2"], lamp["K"]])
    circuit.join([u["DIS"], upper["2"], lower["1"]])
    circuit.join([u["THR"], u["TRIG"], lower["2"], timing["1"]])
    circuit.join([u["CV"], control["1"]])
    circuit.join([u["OUT"], r_led["1"]])
    circuit.join([r_led["2"], lamp["A"]])
    circuit.keep_near(supply["1"], u["VCC"], 5.0)
    circuit.keep_near(control["1"], u["CV"], 5.0)
    circuit.keep_near(timing["1"], u["THR"], 12.0)
    name = "astable_555"
    return [
        Port(name, "VCC", "supply", (u["VCC"],), volts_min=VOLTS[0], volts_max=VOLTS[1], current_A=0.035),
        Port(name, "GND", "ground", (u["GND"],)),
        Port(name, "OUT", "output", (u["OUT"],), fed_by="VCC", inner=True),
    ]
