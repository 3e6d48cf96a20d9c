"""A MOSFET between a load and ground."""

from __future__ import annotations

from kicad.boardkit.blocks.common import resistor
from kicad.boardkit.circuit import Circuit, Port
from kicad.parts import parts_table

PREFIX = {"diode": "D", "mosfet": "Q"}


def lowside_switch(
    circuit: Circuit,
    mosfet: str = "AO3400A",
    gate_resistor: str = "100",
    pulldown: str = "100k",
    diode: str = "SS14",
) -> list[Port]:
    """Ports VLOAD, LOAD, IN and GND: the load sits between VLOAD and LOAD.

    The diode carries an inductive load's current on when the switch opens: cathode at VLOAD, anode at LOAD.  The
    pull-down keeps the switch open while nobody drives it.
    """
    for key in (mosfet, diode):
        if key not in parts_table():
            raise ValueError(f"there is no {key} in the parts table")
    q = circuit.add_part(circuit.next_ref(PREFIX["mosfet"]), mosfet, None, None)
    series, down = resistor(circuit, gate_resistor), resistor(circuit, pulldown)
    flyback = circuit.add_part(circuit.next_ref(PREFIX["diode"]), diode, None, None)
    circuit.join([series["2"], q["G"], down["1"]])
    circuit.join([q["S"], down["2"]])
    circuit.join([q["D"], flyback["A"]])
    circuit.keep_near(down["1"], q["G"], 10.0)
    circuit.keep_near(flyback["A"], q["D"], 20.0)
    limit = parts_table()[mosfet].limits
    name = "lowside_switch"
    return [
        Port(
            name,
            "VLOAD",
            "supply",
            (flyback["K"],),
            volts_min=0.0,
            volts_max=limit.get("Vmax", 20.0),
            current_A=limit.get("Imax", 1.0),
        ),
        Port(name, "LOAD", "signal", (q["D"],), volts_max=limit.get("Vmax", 20.0)),
        Port(name, "IN", "signal", (series["1"],), volts_max=limit.get("Vgs_max", 20.0)),
        Port(name, "GND", "ground", (q["S"],)),
    ]
