"""boardkit: the vocabulary in which a board is described.

A design script says which parts there are, which pins meet, and what must hold; never a coordinate, never a
track:

    from boardkit import *

    j1 = part("J1", "HDR_1x02")
    power = block("led_indicator", resistor="680", colour="red")
    net("VCC", j1["1"], power["VCC"], volts=5)
    net("GND", j1["2"], power["GND"])
    edge(j1, "left")
    label("VCC", j1["1"])
    label("GND", j1["2"])

Pins are found by alias (`CV`), by unit (`U1A.+`), by KiCad's name (`DISCH`) or by pad number.  An end is a
pin (`"U1.OUT"` or `part["OUT"]`), a net, or a block's port.  Faults are collected: a script hears of all of
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from kicad.boardkit.blocks import make_block
from kicad.boardkit.circuit import Block, Circuit, Net, Part, Pin, Port, is_text

__all__ = [
    "block",
    "connect",
    "edge",
    "group",
    "hole",
    "keepout",
    "label",
    "near",
    "net",
    "netclass",
    "part",
    "raw",
]

CIRCUIT = Circuit()  # one script, one process, one circuit

SIDES = ("left", "right", "top", "bottom", "any")
CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")
KEPT_OUT = ("copper", "parts", "vias")

Side = Literal["left", "right", "top", "bottom", "any"]
Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]
Kept = Literal["copper", "parts", "vias"]
Place = str | Pin | Port
End = Place | Net


def part(ref: str, what: str, value: str | float | None = None, *, footprint: str | None = None) -> Part:
    """Declare a part.

    `ref` is its reference ("R1"); `what` a key of the parts table ("R_0805") or an installed
    "Library:Symbol", which needs `footprint="Library:Name"` unless the symbol names its own; `value` is what
    the bill of materials says ("4.7k", "100n"; resistors, capacitors and inductors must have one).
    `part["PIN"]` is a pin of it.
    """
    return CIRCUIT.add_part(ref, what, value, footprint)


def net(name: str, *ends: End, volts: float | None = None) -> Net:
    """Join the ends under a name.

    `volts` says that the net is a supply of so many volts from outside of the board; the blocks on it are
    held against that.
    """
    if volts is not None:
        CIRCUIT.name_volts(name, volts)
    return CIRCUIT.join(ends, name)


def connect(*ends: End) -> Net:
    """Join the ends without giving the net a name."""
    return CIRCUIT.join(ends)


def near(a: Place, b: Place, max_mm: float) -> None:
    """Two pins must lie within `max_mm` of each other, pad centre to pad centre."""
    CIRCUIT.keep_near(a, b, max_mm)


def edge(which: Part | str, side: Side = "any", facing: Literal["out", "any"] = "out") -> None:
    """A part sits on an edge of the board ("left", "right", "top", "bottom" or "any"), opening outwards."""
    ref = CIRCUIT.reference(which)
    chosen = CIRCUIT.one_of(side, "edge", "side", SIDES)
    way = CIRCUIT.one_of(facing, "edge", "facing", ("out", "any"))
    if ref and chosen and way:
        CIRCUIT.edges[ref] = {"ref": ref, "side": chosen, "facing": way}


def group(*parts: Part | str) -> None:
    """Parts that belong together are placed together."""
    CIRCUIT.groups.append([ref for one in parts if (ref := CIRCUIT.reference(one))])


def keepout(which: Part | str, margin_mm: float, what: Iterable[Kept] = ("copper",)) -> None:
    """Nothing of `what` ("copper", "parts", "vias") within `margin_mm` around a part, e.g. an antenna."""
    ref = CIRCUIT.reference(which)
    margin = CIRCUIT.number(margin_mm, "keepout", "margin_mm", 0.0, 100.0)
    words = (what,) if isinstance(what, str) else tuple(what)
    kept = [word for one in words if (word := CIRCUIT.one_of(one, "keepout", "what", KEPT_OUT))]
    if ref and margin is not None and kept:
        CIRCUIT.keepouts.append({"ref": ref, "margin_mm": margin, "what": kept})


def netclass(*ends: End, current_A: float, name: str | None = None) -> None:
    """The nets of these ends carry `current_A`; their tracks become wide enough for it."""
    current = CIRCUIT.number(current_A, "netclass", "current_A", 0.0, 100.0)
    nodes = [node for end in ends for node in CIRCUIT.nodes(end)]
    if current is not None:
        CIRCUIT.classes.append((str(name) if name else f"current_{current:g}A", current, nodes))


def block(name: str, **parameters: Any) -> Block:
    """Add a tested block with its parts, nets and constraints; `block["PORT"]` is a typed port of it.

    led_indicator(resistor, colour="red") has ports VCC and GND; astable_555(ra, rb, ct, led_resistor,
    colour="red", package="dip") VCC, GND and OUT; rc_lowpass(r, c) and rc_highpass(r, c) IN, OUT and GND;
    linear_regulator( regulator, c_in, c_out, c_bulk) VIN, VOUT and GND; lowside_switch(mosfet, gate_resistor,
    pulldown, diode) VLOAD, LOAD, IN and GND.  Values are written like "4.7k" and "100n".
    """
    return make_block(CIRCUIT, name, parameters)


def hole(diameter_mm: float = 3.2, corner: Corner = "top_left") -> None:
    """A mounting hole in a corner of the board ("top_left", "top_right", "bottom_left", "bottom_right")."""
    size = CIRCUIT.number(diameter_mm, "hole", "diameter_mm", 1.0, 10.0)
    where = CIRCUIT.one_of(corner, "hole", "corner", CORNERS)
    if where and any(other["corner"] == where for other in CIRCUIT.holes):
        CIRCUIT.fault("BAD_PARAMETER", "hole", f"there is a hole at {where} already", fix="one hole a corner")
    elif where and size is not None:
        CIRCUIT.holes.append({"diameter_mm": size, "corner": where})


def label(text: str, pin: Place | None = None) -> None:
    """A text on the silk: beside `pin`, or in a free place."""
    pads = CIRCUIT.pads(pin) if pin is not None else []
    if not is_text(text) or not text.strip():
        CIRCUIT.fault(
            "BAD_PARAMETER", "label", f"{repr(text)[:40]} is no text for a board", fix="use a few plain words"
        )
    else:
        CIRCUIT.labels.append({"text": text, "pin": pads[0]} if pads else {"text": text})


def raw(step: Callable[[Any], None]) -> Callable[[Any], None]:
    """Decorator: run `step(board)` on the finished pcbnew board, for silk and mechanics.

    Copper, nets, pads and rules must come out of it unchanged.
    """
    CIRCUIT.raw_steps.append(step)
    return step
