"""The intent: a circuit as plain data, and its validation where nobody trusts who wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

from kicad.boardkit.circuit import NET_NAME, REFERENCE, Circuit, Part, is_text
from kicad.boardkit.compose import check_open_ports, check_ports
from kicad.boardkit.findings import Finding, Refused, finding
from kicad.library import footprint_pads, symbol_pins
from kicad.parts import parts_table
from kicad.shapes import (
    BlockUse,
    Edge,
    Hole,
    Intent,
    IntentNet,
    IntentPart,
    IntentPin,
    Keepout,
    Label,
    NetClass,
    PinRef,
)

MOST_PARTS, MOST_PINS, MOST_ENTRIES, MOST_FAULTS = 500, 2000, 2000, 20
T = TypeVar("T")


def intent_of(circuit: Circuit) -> Intent:
    """The circuit as data; raises `Refused` with every fault of the script."""
    nets = circuit.nets()
    check_ports(circuit, nets)
    if not circuit.parts:
        circuit.fault("EMPTY", "", "the script declares no part", fix="declare parts with part()")
    if not circuit.findings:  # else it may only be open for what was found already
        check_open_ports(circuit, nets)
    classes = _netclasses(circuit, nets)
    if circuit.findings:
        raise Refused(circuit.findings)
    name_of = {pad: name for name, pads in nets.items() for pad in pads}
    return Intent(
        format=1,
        parts=[_part(part) for part in circuit.parts.values()],
        nets=[IntentNet(name=name, pins=pads) for name, pads in nets.items()],
        netclasses=classes,
        near=[{"a": a, "b": b, "max_mm": limit} for a, b, limit in circuit.near],
        edges=list(circuit.edges.values()),
        groups=circuit.groups,
        keepouts=circuit.keepouts,
        holes=circuit.holes,
        labels=circuit.labels,
        blocks=[
            {
                "name": block.name,
                "refs": block.refs,
                "ports": {name: name_of[port.pins[0].refs()[0]] for name, port in block.ports.items()},
            }
            for block in circuit.blocks
        ],
        raw=bool(circuit.raw_steps),
    )


def _netclasses(circuit: Circuit, nets: dict[str, list[PinRef]]) -> list[NetClass]:
    """The classes with their nets: a net of several belongs to the one with the most current."""
    name_of = {circuit.root(pads[0]): name for name, pads in nets.items()}
    strongest: dict[str, tuple[float, str]] = {}
    for klass, current, nodes in circuit.classes:
        for node in nodes:
            net = name_of.get(circuit.root(node))
            if net is None:
                place = node[1] if not node[0] else ".".join(node)
                circuit.fault(
                    "EMPTY_NET", place, "a net class is given to a net without pins", fix="join pins to it"
                )
            elif (current, klass) > strongest.get(net, (-1.0, "")):
                strongest[net] = (current, klass)
    members: dict[tuple[float, str], list[str]] = {}
    for net, key in sorted(strongest.items()):
        members.setdefault(key, []).append(net)
    return [
        {"name": name, "current_A": current, "nets": of} for (current, name), of in sorted(members.items())
    ]


def _part(part: Part) -> IntentPart:
    pins = {pin.number: pin for pin in part.pins}
    made = IntentPart(
        ref=part.ref,
        symbol=part.symbol,
        footprint=part.footprint,
        value=part.value,
        part=part.row.key if part.row else None,
        pins=[IntentPin(number=pin.number, name=pin.name, type=pin.type) for pin in pins.values()],
    )
    if part.line is not None:
        made["line"] = part.line
    return made


# ---------------------------------------------------------------------------- validation


def validate_intent(data: object) -> Intent:
    """The intent, if it is one: shape, sizes, names, and every pin held against KiCad's libraries.

    `data` comes out of a sandbox in which anything may have written it.  Raises `Refused`.
    """
    faults: list[Finding] = []
    try:
        intent = _shaped(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {ascii(str(error))[1:-1]}"[:200]
        raise Refused([_fault("intent", f"the intent is not of the agreed shape ({what})")]) from None
    for part in intent["parts"]:
        faults += _part_faults(part)
    pads = {(part["ref"], pin["number"]) for part in intent["parts"] for pin in part["pins"]}
    refs = {part["ref"] for part in intent["parts"]}
    if len(refs) != len(intent["parts"]):
        faults.append(_fault("parts", "a reference stands twice"))
    faults += _net_faults(intent, pads)
    faults += _constraint_faults(intent, pads, refs)
    if faults:
        raise Refused(faults[:MOST_FAULTS])
    return intent


def _fault(place: str, cause: str) -> Finding:
    return finding("BAD_INTENT", place, cause, fix="use boardkit's vocabulary and nothing else", line=0)


def _shaped(data: object) -> Intent:
    """The data rebuilt entry by entry, so that nothing else comes through."""
    raw = cast(dict[str, Any], data)
    if type(raw["format"]) is not int or raw["format"] != 1 or len(raw["parts"]) > MOST_PARTS:
        raise ValueError("another format, or too many parts")
    if sum(len(part["pins"]) for part in raw["parts"]) > MOST_PINS:
        raise ValueError("too many pins")
    return Intent(
        format=1,
        parts=_each(raw["parts"], _shaped_part),
        nets=_each(raw["nets"], lambda n: {"name": _name(n["name"]), "pins": _each(n["pins"], _pin)}),
        netclasses=_each(raw["netclasses"], _shaped_class),
        near=_each(
            raw["near"], lambda n: {"a": _pin(n["a"]), "b": _pin(n["b"]), "max_mm": _number(n["max_mm"], 500)}
        ),
        edges=_each(raw["edges"], _shaped_edge),
        groups=_each(raw["groups"], lambda group: _each(group, _ref)),
        keepouts=_each(raw["keepouts"], _shaped_keepout),
        holes=_each(raw["holes"], _shaped_hole),
        labels=_each(raw["labels"], _shaped_label),
        blocks=_each(raw["blocks"], _shaped_block),
        raw=raw["raw"] is True,
    )


def _each(values: object, make: Callable[[Any], T]) -> list[T]:
    """A list of bounded length, each entry made anew."""
    if not isinstance(values, list) or len(values) > MOST_ENTRIES:
        raise ValueError(f"no list of at most {MOST_ENTRIES}: {_shown(values)}")
    return [make(value) for value in values]


def _shaped_part(part: Any) -> IntentPart:
    made = IntentPart(
        ref=_ref(part["ref"]),
        symbol=_text(part["symbol"]),
        footprint=_text(part["footprint"]),
        value=_text(part["value"]),
        part=None if part["part"] is None else _text(part["part"]),
        pins=_each(
            part["pins"],
            lambda p: {"number": _text(p["number"]), "name": _text(p["name"]), "type": _text(p["type"])},
        ),
    )
    if "line" in part:
        made["line"] = int(_number(part["line"], 1_000_000))
    return made


def _shaped_class(klass: Any) -> NetClass:
    return {
        "name": _name(klass["name"]),
        "current_A": _number(klass["current_A"], 100),
        "nets": _each(klass["nets"], _name),
    }


def _shaped_edge(edge: Any) -> Edge:
    side, facing = _one_of(edge["side"], "left right top bottom any"), _one_of(edge["facing"], "out any")
    return {"ref": _ref(edge["ref"]), "side": side, "facing": facing}


def _shaped_keepout(keepout: Any) -> Keepout:
    what = _each(keepout["what"], lambda word: _one_of(word, "copper parts vias"))
    return {"ref": _ref(keepout["ref"]), "margin_mm": _number(keepout["margin_mm"], 100), "what": what}


def _shaped_hole(hole: Any) -> Hole:
    corner = _one_of(hole["corner"], "top_left top_right bottom_left bottom_right")
    return {"diameter_mm": _number(hole["diameter_mm"], 10), "corner": corner}


def _shaped_label(label: Any) -> Label:
    made = Label(text=_text(label["text"]))
    if label.get("pin") is not None:
        made["pin"] = _pin(label["pin"])
    return made


def _shaped_block(block: Any) -> BlockUse:
    ports = block["ports"]
    if len(ports) > MOST_PINS:
        raise ValueError("too many ports")
    return {
        "name": _text(block["name"]),
        "refs": _each(block["refs"], _ref),
        "ports": {_text(port): _name(net) for port, net in ports.items()},
    }


def _part_faults(part: IntentPart) -> list[Finding]:
    pins = symbol_pins(part["symbol"])
    pads = footprint_pads(part["footprint"])
    if pins is None or pads is None:
        return [_fault(part["ref"], f"{part['symbol']} or {part['footprint']} is not in KiCad's libraries")]
    real = {pin.number: (pin.name, pin.type) for pin in pins}
    said = {pin["number"]: (pin["name"], pin["type"]) for pin in part["pins"]}
    if said != real or len(said) != len(part["pins"]) or not set(real) <= pads:
        return [_fault(part["ref"], f"the pins are not those of {part['symbol']} on {part['footprint']}")]
    row = parts_table().get(part["part"]) if part["part"] is not None else None
    if part["part"] is not None and (row is None or row.symbol != part["symbol"]):
        return [_fault(part["ref"], f"{part['part']} is no part of the table with symbol {part['symbol']}")]
    return []


def _net_faults(intent: Intent, pads: set[tuple[str, str]]) -> list[Finding]:
    faults = []
    if len({net["name"] for net in intent["nets"]}) != len(intent["nets"]):
        faults.append(_fault("nets", "a net's name stands twice"))
    seen: set[tuple[str, str]] = set()
    for net in intent["nets"]:
        for pin in net["pins"]:
            if pin not in pads:
                faults.append(_fault(net["name"], f"there is no pad {'.'.join(pin)}"))
            elif pin in seen:
                faults.append(_fault(net["name"], f"pad {'.'.join(pin)} is on two nets"))
            seen.add(pin)
    return faults


def _constraint_faults(intent: Intent, pads: set[tuple[str, str]], refs: set[str]) -> list[Finding]:
    names = {net["name"] for net in intent["nets"]}
    missing = [".".join(pin) for near in intent["near"] for pin in (near["a"], near["b"]) if pin not in pads]
    missing += [
        ".".join(label["pin"]) for label in intent["labels"] if "pin" in label and label["pin"] not in pads
    ]
    missing += [entry["ref"] for entry in [*intent["edges"], *intent["keepouts"]] if entry["ref"] not in refs]
    missing += [ref for group in intent["groups"] for ref in group if ref not in refs]
    missing += [ref for block in intent["blocks"] for ref in block["refs"] if ref not in refs]
    missing += [name for klass in intent["netclasses"] for name in klass["nets"] if name not in names]
    missing += [name for block in intent["blocks"] for name in block["ports"].values() if name not in names]
    return [_fault(what, f"a constraint names {what}, which is not there") for what in missing]


def _text(value: object) -> str:
    if not is_text(value):
        raise ValueError(f"no plain text: {_shown(value)}")
    return cast(str, value)


def _matching(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"no name: {_shown(value)}")
    return value


def _name(value: object) -> str:
    return _matching(NET_NAME, value)


def _ref(value: object) -> str:
    return _matching(REFERENCE, value)


def _pin(value: Any) -> tuple[str, str]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f"no pin: {_shown(value)}")
    return _ref(value[0]), _text(value[1])


def _number(value: object, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"no number from 0 to {most:g}: {_shown(value)}")
    return float(value)


def _one_of(value: object, words: str) -> Any:
    if not isinstance(value, str) or value not in words.split():
        raise ValueError(f"{_shown(value)} is not one of {words}")
    return value


def _shown(value: object) -> str:
    """A short, printable form of what somebody else wrote."""
    return ascii(value)[:60] if isinstance(value, str | int | float | None) else type(value).__name__
