"""Tested blocks: the sub-circuits that scripts compose boards from, by name."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from kicad.boardkit.blocks.astable_555 import astable_555
from kicad.boardkit.blocks.led_indicator import led_indicator
from kicad.boardkit.blocks.linear_regulator import linear_regulator
from kicad.boardkit.blocks.lowside_switch import lowside_switch
from kicad.boardkit.blocks.rc_filter import rc_highpass, rc_lowpass
from kicad.boardkit.circuit import Block, Circuit, Port
from kicad.boardkit.findings import script_line

BLOCKS: dict[str, Callable[..., list[Port]]] = {
    "astable_555": astable_555,
    "led_indicator": led_indicator,
    "linear_regulator": linear_regulator,
    "lowside_switch": lowside_switch,
    "rc_highpass": rc_highpass,
    "rc_lowpass": rc_lowpass,
}


def make_block(circuit: Circuit, name: str, parameters: Mapping[str, Any]) -> Block:
    """Add a block to the circuit; one that cannot be made is a fault, and has no ports."""
    made = Block(str(name), [], {}, circuit, script_line(), failed=True)
    maker = BLOCKS.get(made.name)
    if maker is None:
        near = difflib.get_close_matches(made.name, BLOCKS, n=3, cutoff=0.4)
        fix = f"use one of {', '.join(BLOCKS)}"
        circuit.unknown("UNKNOWN_BLOCK", made.name, f"there is no block {made.name}", near, fix=fix)
        return made
    signature = inspect.signature(maker)
    before = set(circuit.parts)
    try:
        arguments = signature.bind(circuit, **parameters)
        ports = maker(*arguments.args, **arguments.kwargs)
    except (TypeError, ValueError) as error:
        takes = f"{made.name}({_takes(signature)})"
        circuit.fault("BAD_PARAMETER", made.name, str(error), required=takes, fix="mend the parameters")
        return made
    made.refs = [ref for ref in circuit.parts if ref not in before]
    made.ports = {port.name: port for port in ports}
    made.failed = False
    circuit.blocks.append(made)
    return made


def _takes(signature: inspect.Signature) -> str:
    """What a block takes, as one would write it: `resistor, colour="red"`."""
    words = []
    for each in list(signature.parameters.values())[1:]:
        optional = "" if each.default is inspect.Parameter.empty else f"={each.default!r}".replace("'", '"')
        words.append(each.name + optional)
    return ", ".join(words)
