"""A MOSFET between a load and ground."""

from __future__ import annotations

from kicad.boardkit.blocks.common import add_resistor
from kicad.boardkit.circuit import Circuit, Port
from kicad.parts import parts_table


def lowside_switch(
    circuit: Circuit,
    mosfet: str = "AO3400A",
    gate_resistor: str = "100",
    pulldown: str = "100k",
    diode: str = "SS14",
) -> list[Port]:
    """Ports VLOAD, LOAD, IN and GND: the load sits between VLOAD and LOAD.

    The diode carries an inductive load's current on when the switch opens: cathode at VLOAD, anode at LOAD.
    The pull-down keeps the switch open while nobody drives it.  `mosfet` and `diode` are keys of the parts
    table.
    """
    for key, kind, symbols in (
        (mosfet, "MOSFET", ("Transistor_FET:",)),
        (diode, "diode", ("Diode:", "Device:D")),
    ):
        row = parts_table().get(key)
        if row is None or not row.symbol.startswith(symbols):
            raise ValueError(f"there is no {kind} {str(key)[:40]!r} in the parts table")
    q = circuit.add_part(circuit.next_ref("Q"), mosfet)
    series, down = add_resistor(circuit, gate_resistor), add_resistor(circuit, pulldown)
    flyback = circuit.add_part(circuit.next_ref("D"), diode)
    circuit.join([series["2"], q["G"], down["1"]])
    circuit.join([q["S"], down["2"]])
    circuit.join([q["D"], flyback["A"]])
    circuit.keep_near(down["1"], q["G"], 10.0)
    circuit.keep_near(flyback["A"], q["D"], 20.0)
    switch, carries = parts_table()[mosfet].limits, parts_table()[diode].limits
    bears = min(switch["Vmax"], carries["Vmax"])
    name = "lowside_switch"
    return [
        Port(
            name, "VLOAD", "supply", (flyback["K"],), volts_max=bears
        ),  # the load's own current is not known here
        Port(name, "LOAD", "signal", (q["D"],), volts_max=bears),
        Port(name, "IN", "input", (series["1"],), volts_max=switch["Vgs_max"]),
        Port(name, "GND", "ground", (q["S"],)),
    ]
