"""An NE555 that flashes an LED."""

from __future__ import annotations

from kicad.boardkit.blocks.common import capacitor, led, negative, positive
from kicad.boardkit.blocks.common import resistor as add_resistor
from kicad.boardkit.circuit import Circuit, Port

PACKAGES = {"dip": "NE555_DIP", "soic": "NE555_SO8"}


def astable_555(
    circuit: Circuit, ra: str, rb: str, ct: str, led_resistor: str, colour: str = "red", package: str = "dip"
) -> list[Port]:
    """Ports VCC, GND and OUT.  Period ln 2 · (ra + 2·rb) · ct, lit for ln 2 · (ra + rb) · ct (TI SLFS022, 8.3.2).

    The control pin has its 10 nF and the supply its 100 nF, both close by.
    """
    if package not in PACKAGES:
        raise ValueError(f"package is one of {', '.join(PACKAGES)}")
    u = circuit.add_part(circuit.next_ref("U"), PACKAGES[package], None, None)
    r_charge, r_both, timing = (
        add_resistor(circuit, ra),
        add_resistor(circuit, rb),
        capacitor(circuit, ct, 16),
    )
    control, supply = capacitor(circuit, "10n"), capacitor(circuit, "100n")
    r_led, lamp = add_resistor(circuit, led_resistor), led(circuit, colour)
    circuit.join([u["VCC"], u["RESET"], r_charge["1"], positive(supply)])
    circuit.join([u["GND"], negative(timing), negative(control), negative(supply), lamp["K"]])
    circuit.join([u["DIS"], r_charge["2"], r_both["1"]])
    circuit.join([u["THR"], u["TRIG"], r_both["2"], positive(timing)])
    circuit.join([u["CV"], positive(control)])
    circuit.join([u["OUT"], r_led["1"]])
    circuit.join([r_led["2"], lamp["A"]])
    for a, b, limit in (
        (supply["1"], u["VCC"], 5.0),
        (control["1"], u["CV"], 5.0),
        (timing["1"], u["THR"], 12.0),
    ):
        circuit.keep_near(a, b, limit)
    name = "astable_555"
    return [
        Port(name, "VCC", "supply", (u["VCC"],), volts_min=4.5, volts_max=16.0, current_A=0.035),
        Port(name, "GND", "ground", (u["GND"],)),
        Port(name, "OUT", "signal", (u["OUT"],), volts_max=None),
    ]
