"""A fixed linear regulator with its capacitors."""

from __future__ import annotations

from dataclasses import dataclass

from kicad.boardkit.blocks.common import capacitor, negative, positive
from kicad.boardkit.circuit import Circuit, Port


@dataclass(frozen=True)
class _Kind:
    part: str
    volts: float
    dropout: float
    volts_in: float
    input_pin: str = "VI"
    output_pin: str = "VO"


def _kinds() -> dict[str, _Kind]:
    found = {
        f"LM78{v:02d}": _Kind(f"L78{v:02d}_TO220", v, 2.0, 35.0, "IN", "OUT") for v in (5, 6, 8, 9, 12, 15)
    }
    for volts in (1.8, 2.5, 3.3, 5.0):
        found[f"AMS1117-{volts}"] = _Kind(f"AMS1117-{volts}", volts, 1.3, 15.0)
    return found


REGULATORS = _kinds()


def linear_regulator(
    circuit: Circuit, regulator: str, c_in: str = "330n", c_out: str = "100n", c_bulk: str | None = None
) -> list[Port]:
    """Ports VIN, VOUT and GND; `regulator` like "LM7805" or "AMS1117-3.3"; `c_bulk` adds an electrolytic at the output."""
    if regulator not in REGULATORS:
        raise ValueError(f"there is no regulator {regulator}; use {', '.join(REGULATORS)}")
    kind = REGULATORS[regulator]
    u = circuit.add_part(circuit.next_ref("U"), kind.part, regulator, None)
    source, load = u[kind.input_pin], u[kind.output_pin]
    at_input, at_output = (
        capacitor(circuit, c_in, kind.volts_in / 1.25),
        capacitor(circuit, c_out, kind.volts),
    )
    extra = [capacitor(circuit, c_bulk, kind.volts)] if c_bulk else []
    circuit.join([source, positive(at_input)])
    circuit.join([load, *(positive(c) for c in (at_output, *extra))])
    circuit.join([u["GND"], *(negative(c) for c in (at_input, at_output, *extra))])
    for pin, part in ((source, at_input), (load, at_output), *((load, c) for c in extra)):
        circuit.keep_near(part["1"], pin, 10.0)
    name = "linear_regulator"
    return [
        Port(
            name,
            "VIN",
            "supply",
            (source,),
            volts_min=kind.volts + kind.dropout,
            volts_max=kind.volts_in,
            current_A=1.0,
        ),
        Port(name, "VOUT", "source", (load,), volts_min=kind.volts, volts_max=kind.volts, current_A=1.0),
        Port(name, "GND", "ground", (u["GND"],)),
    ]
