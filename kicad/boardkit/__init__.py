"""boardkit: the vocabulary in which a board is described.

A design script says which parts there are, which pins meet, and what must hold; never a coordinate, never a track:

    from boardkit import *

    j1 = part("J1", "HDR_1x02")
    power = block("led_indicator", resistor="680", colour="red")
    net("VCC", j1["1"], power["VCC"], volts=5)
    net("GND", j1["2"], power["GND"])
    edge(j1, "left")
    label("5V", j1["1"])

Pins are found by alias (`CV`), by unit (`U1A.+`), by KiCad's name (`DISCH`) or by pad number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from kicad.boardkit.blocks import BLOCKS
from kicad.boardkit.circuit import Block, Circuit, Net, Part, Pin, Port

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

Side = Literal["left", "right", "top", "bottom", "any"]
Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]
End = str | Pin | Net | Port


def part(ref: str, what: str, value: str | None = None, *, footprint: str | None = None) -> Part:
    """Declare a part.

    `ref` is its reference ("R1"); `what` a key of the parts table ("R_0805") or an installed "Library:Symbol", which
    then needs `footprint="Library:Name"`; `value` is what the bill of materials says ("4.7k", "100n").
    `part["PIN"]` is a pin of it.
    """
    return CIRCUIT.add_part(ref, what, value, footprint)


def net(name: str, *ends: End, volts: float | None = None) -> Net:
    """Join the ends under a name; `volts` says that the net is a supply of so many volts."""
    if volts is not None:
        CIRCUIT.volts[name] = volts
    return CIRCUIT.join(ends, name)


def connect(*ends: End) -> Net:
    """Join the ends without giving the net a name."""
    return CIRCUIT.join(ends)


def near(a: End, b: End, max_mm: float) -> None:
    """Two pins must lie within `max_mm` of each other, pad centre to pad centre."""
    CIRCUIT.keep_near(a, b, max_mm)


def edge(which: Part, side: Side = "any", facing: Literal["out", "any"] = "out") -> None:
    """A part sits on an edge of the board, its opening facing out."""
    CIRCUIT.edges.append({"ref": which.ref, "side": side, "facing": facing})


def group(*parts: Part) -> None:
    """Parts that belong together are placed together."""
    CIRCUIT.groups.append([one.ref for one in parts])


def keepout(
    which: Part, margin_mm: float, what: tuple[Literal["copper", "parts", "vias"], ...] = ("copper",)
) -> None:
    """Nothing of `what` within `margin_mm` around a part, e.g. under an antenna."""
    CIRCUIT.keepouts.append({"ref": which.ref, "margin_mm": float(margin_mm), "what": list(what)})


def netclass(*ends: End, current_A: float, name: str | None = None) -> None:
    """The nets of these ends carry `current_A`; their tracks become wide enough for it."""
    pads = [pad for end in ends for pad in CIRCUIT.pads(end)]
    CIRCUIT.classes.append((name or f"current_{current_A:g}A", float(current_A), pads))


def block(name: str, **parameters: Any) -> Block:
    """Add a tested block with its parts, nets and constraints; `block["PORT"]` is a typed port of it."""
    if name not in BLOCKS:
        CIRCUIT.fault(
            "UNKNOWN_BLOCK", name, f"there is no block {name}", required=f"one of {', '.join(BLOCKS)}"
        )
        return Block(name, [], {}, CIRCUIT)
    before = set(CIRCUIT.parts)
    try:
        ports = BLOCKS[name](CIRCUIT, **parameters)
    except (TypeError, ValueError) as error:
        CIRCUIT.fault("BAD_PARAMETER", name, str(error), fix="see the block's parameters")
        return Block(name, [], {}, CIRCUIT)
    made = Block(
        name,
        [ref for ref in CIRCUIT.parts if ref not in before],
        {port.name: port for port in ports},
        CIRCUIT,
    )
    CIRCUIT.ports += ports
    CIRCUIT.blocks.append(({"name": name, "refs": made.refs, "ports": {}}, made))
    return made


def hole(diameter_mm: float = 3.2, corner: Corner = "top_left") -> None:
    """A mounting hole in a corner of the board."""
    CIRCUIT.holes.append({"diameter_mm": float(diameter_mm), "corner": corner})


def label(text: str, pin: End | None = None) -> None:
    """A text on the silk: beside `pin`, or in a free place."""
    pads = CIRCUIT.pads(pin) if pin is not None else []
    CIRCUIT.labels.append({"text": text, "pin": pads[0]} if pads else {"text": text})


def raw(step: Callable[[Any], None]) -> Callable[[Any], None]:
    """Decorator: run `step(board)` on the finished pcbnew board, for silk and mechanics.

    Copper, nets, pads and rules must come out of it unchanged.
    """
    CIRCUIT.raw_steps.append(step)
    return step
