"""A fixed linear regulator with its capacitors."""

from __future__ import annotations

from dataclasses import dataclass

from kicad.boardkit.blocks.common import add_capacitor
from kicad.boardkit.circuit import Circuit, Port
from kicad.parts import parts_table

QUIESCENT_A = 0.008  # of an L7805 at most (ST L78, table 4); an AMS1117 takes 10 mA at most, 5 mA typically


@dataclass(frozen=True)
class Kind:
    """A regulator: key of the parts table, volts out, dropout at full load, data sheet capacitors."""

    part: str
    volts: float
    dropout: float
    c_in: str
    c_out: str


# Names as people say them.  Dropout and capacitors: ST L78 data sheet; Advanced Monolithic Systems AMS1117.
REGULATORS = {f"LM78{v:02d}": Kind(f"L78{v:02d}_TO220", v, 2.0, "330n", "100n") for v in (5, 6, 8, 9, 12, 15)}
REGULATORS |= {
    f"AMS1117-{volts}": Kind(f"AMS1117-{volts}", volts, 1.3, "10u", "22u") for volts in (1.8, 2.5, 3.3, 5.0)
}


def linear_regulator(
    circuit: Circuit,
    regulator: str,
    c_in: str | None = None,
    c_out: str | None = None,
    c_bulk: str | None = None,
) -> list[Port]:
    """Ports VIN, VOUT and GND; `regulator` like "LM7805" or "AMS1117-3.3".

    Without `c_in` and `c_out` the capacitors are those of the data sheet; `c_bulk` adds one at the output.
    All of them lie within 10 mm.
    """
    if regulator not in REGULATORS:
        raise ValueError(f"there is no regulator {str(regulator)[:40]!r}; use {', '.join(REGULATORS)}")
    kind = REGULATORS[regulator]
    limits = parts_table()[kind.part].limits
    u = circuit.add_part(circuit.next_ref("U"), kind.part, regulator)
    at_input = add_capacitor(circuit, c_in or kind.c_in, limits["Vmax"])
    at_output = [
        add_capacitor(circuit, value, kind.volts) for value in (c_out or kind.c_out, c_bulk) if value
    ]
    circuit.join([u["IN"], at_input["1"]])
    circuit.join([u["OUT"], *(c["1"] for c in at_output)])
    circuit.join([u["GND"], *(c["2"] for c in (at_input, *at_output))])
    circuit.keep_near(at_input["1"], u["IN"], 10.0)
    for capacitor in at_output:
        circuit.keep_near(capacitor["1"], u["OUT"], 10.0)
    name, least = "linear_regulator", kind.volts + kind.dropout
    return [
        Port(
            name,
            "VIN",
            "supply",
            (u["IN"],),
            volts_min=least,
            volts_max=limits["Vmax"],
            current_A=QUIESCENT_A,
        ),
        Port(
            name, "VOUT", "source", (u["OUT"],), volts_max=kind.volts, current_A=limits["Imax"], fed_by="VIN"
        ),
        Port(name, "GND", "ground", (u["GND"],)),
    ]
