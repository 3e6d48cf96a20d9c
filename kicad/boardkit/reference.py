"""boardkit in words, made from its docstrings, signatures and tables: it never says what is not so."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import kicad.boardkit
from kicad.boardkit.blocks import BLOCKS
from kicad.boardkit.circuit import closest_keys
from kicad.library import (
    SymbolPin,
    closest_footprints,
    closest_symbols,
    fitting_footprints,
    footprint_pads,
    symbol_footprint,
    symbol_pins,
    symbol_property,
)
from kicad.parts import PartRow, parts_table

# How parts are grouped, by how their symbol begins; the first that fits counts.
GROUPS = (
    ("Device:R", "resistors"),
    ("Device:C_P", "electrolytic capacitors (pad 1 is plus)"),
    ("Device:Crystal", "crystals"),
    ("Device:C", "ceramic capacitors"),
    ("Device:LED", "LEDs (pins A, K)"),
    ("Device:L", "coils and beads"),
    ("Device:Ferrite", "coils and beads"),
    ("Device:D", "diodes (pins A, K)"),
    ("Diode:", "diodes (pins A, K)"),
    ("Transistor_", "transistors (pins G, D, S or B, C, E)"),
    ("Timer:", "timers"),
    ("Regulator_Linear:", "regulators (pins IN, GND, OUT)"),
    ("Amplifier_", "amplifiers"),
    ("MCU_", "microcontrollers"),
    ("Connector", "connectors (pins 1, 2 …)"),
    ("Switch:", "switches"),
)
_LONGEST = 60  # of a part's description, in letters
_LIMITS = {"Vmax": "V", "Imax": "A"}  # what a line of the table names


def reference() -> str:
    """The vocabulary, the blocks and the parts table, as a designer reads them; at most about 12 kB."""
    return "\n\n".join([_head(), _vocabulary(), _blocks(), _parts()]) + "\n"


def _head() -> str:
    return "# boardkit\n\n" + inspect.cleandoc(kicad.boardkit.__doc__ or "").partition("\n\n")[2]


def _vocabulary() -> str:
    entries = [_entry(name, getattr(kicad.boardkit, name), 0) for name in kicad.boardkit.__all__]
    return "\n\n".join(["# Vocabulary", *entries])


def _blocks() -> str:
    entries = [_entry(name, maker, 1) for name, maker in BLOCKS.items()]
    return "\n\n".join(['# Blocks, as block("name", parameter=…)', *entries])


def _entry(name: str, what: Callable[..., Any], skip: int) -> str:
    """A signature without types, and the docstring set in."""
    told = inspect.cleandoc(what.__doc__ or "")
    if name == "block":  # the blocks have a chapter of their own
        told = told.partition("\n")[0]
    words = re.sub(r"(?<!\n)\n(?!\n)", " ", told)
    return f"{name}({_takes(what, skip)})\n    " + words.replace("\n\n", "\n    ")


def _takes(what: Callable[..., Any], skip: int) -> str:
    signature = inspect.signature(what)
    bare = [
        each.replace(annotation=inspect.Parameter.empty)
        for each in list(signature.parameters.values())[skip:]
    ]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))[1:-1]


def _parts() -> str:
    groups: dict[str, list[str]] = {}
    for key, row in parts_table().items():
        group = next((name for start, name in GROUPS if row.symbol.startswith(start)), "others")
        groups.setdefault(group, []).append(_line(key, row))
    head = (
        '# Parts, as part("R1", "KEY", value); any installed "Library:Symbol" does as well, with footprint='
    )
    return "\n".join([head, *(f"\n## {name}\n" + "\n".join(lines) for name, lines in groups.items())])


def _line(key: str, row: PartRow) -> str:
    """A part's key and what it is, with the names of its pins where people need them."""
    said = row.description if len(row.description) <= _LONGEST else row.description[:_LONGEST] + "…"
    pins = ", ".join(name for name in row.aliases if not name.isdigit())
    plain = row.symbol.startswith(("Device:", "Regulator_Linear:"))
    return f"{key}: {said}" + (f" ({pins})" if pins and not plain else "")


def pin_table(what: str) -> str:
    """The pins of a key of the parts table or of a "Library:Symbol": number, name, aliases, type, unit.

    For a name that is neither a sentence that says what comes closest.
    """
    row = parts_table().get(what)
    symbol = row.symbol if row else what
    pins = symbol_pins(symbol) if ":" in symbol else None
    if pins is None:
        near = closest_symbols(symbol) if ":" in symbol else closest_keys(what)
        return f"There is no {what[:80]}" + (f"; closest: {', '.join(near)}." if near else ".")
    head = f"{what}: {symbol}" if row else symbol
    said = row.description if row else symbol_property(symbol, "Description")
    lines = [f"{head}. {said}. {_footprint(symbol, row)}", "number name aliases type unit"]
    return "\n".join([*lines, *(_pin(pin, row) for pin in pins)]) + "\n"


def _footprint(symbol: str, row: PartRow | None) -> str:
    own = row.footprint if row else symbol_footprint(symbol)
    if own and footprint_pads(own) is not None:
        return f"Footprint: {own}."
    near = fitting_footprints(symbol) or (closest_footprints(own) if own else [])
    return "It needs footprint=" + (f", like {', '.join(near)}." if near else " of an installed footprint.")


def _pin(pin: SymbolPin, row: PartRow | None) -> str:
    aliases = [name for name, number in row.aliases.items() if number == pin.number] if row else []
    aliases += [word for word in re.split(r"[/(),]", pin.name) if word]
    others = [name for name in dict.fromkeys(aliases) if name != pin.name]
    unit = chr(ord("A") + pin.unit - 1) if pin.unit > 0 else "all"
    return f"{pin.number} {pin.name or '-'} {','.join(others) or '-'} {pin.type} {unit}"
