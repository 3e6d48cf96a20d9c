"""The intent: a circuit as plain data, and its validation where nobody trusts who wrote it."""

from __future__ import annotations

import re
from typing import Any, cast

from kicad.boardkit.circuit import NET_NAME, REFERENCE, Circuit
from kicad.boardkit.compose import check_ports
from kicad.boardkit.findings import Finding, Refused, finding
from kicad.library import footprint_pads, symbol_pins
from kicad.parts import parts_table
from kicad.shapes import Intent, IntentNet, IntentPart, IntentPin

MOST_PARTS, MOST_PINS, MOST_ENTRIES = 500, 2000, 2000
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{0,200}")
_LISTS = ("parts", "nets", "netclasses", "near", "edges", "groups", "keepouts", "holes", "labels", "blocks")


def intent_of(circuit: Circuit) -> Intent:
    """The circuit as data; raises `Refused` with every fault of the script."""
    nets = circuit.nets()
    check_ports(circuit, nets)
    if not circuit.parts:
        circuit.fault("EMPTY", "", "the script declares no part", fix="declare parts with part()")
    if circuit.findings:
        raise Refused(circuit.findings)
    name_of = {pad: name for name, pads in nets.items() for pad in pads}
    return Intent(
        format=1,
        parts=[_part(part) for part in circuit.parts.values()],
        nets=[IntentNet(name=name, pins=pads) for name, pads in nets.items()],
        netclasses=[
            {"name": name, "current_A": current, "nets": sorted({name_of[pad] for pad in pads})}
            for name, current, pads in circuit.classes
        ],
        near=[{"a": a, "b": b, "max_mm": limit} for a, b, limit in circuit.near],
        edges=circuit.edges,
        groups=circuit.groups,
        keepouts=circuit.keepouts,
        holes=circuit.holes,
        labels=circuit.labels,
        blocks=[
            {
                "name": use["name"],
                "refs": use["refs"],
                "ports": {port.name: name_of[circuit.pads(port)[0]] for port in block.ports.values()},
            }
            for use, block in circuit.blocks
        ],
        raw=bool(circuit.raw_steps),
    )


def _part(part: Any) -> IntentPart:
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
        raise Refused(
            [_fault("intent", f"the intent is not of the agreed shape ({type(error).__name__}: {error})")]
        ) from None
    for part in intent["parts"]:
        faults += _part_faults(part)
    pads = {(part["ref"], pin["number"]) for part in intent["parts"] for pin in part["pins"]}
    refs = {part["ref"] for part in intent["parts"]}
    if len(refs) != len(intent["parts"]):
        faults.append(_fault("parts", "a reference stands twice"))
    faults += _net_faults(intent, pads)
    faults += _constraint_faults(intent, pads, refs)
    if faults:
        raise Refused(faults[:20])
    return intent


def _fault(place: str, cause: str) -> Finding:
    return finding("BAD_INTENT", place, cause, fix="use boardkit's vocabulary and nothing else", line=0)


def _shaped(data: object) -> Intent:
    """The data rebuilt entry by entry, so that nothing else comes through."""
    raw = cast(dict[str, Any], data)
    if raw["format"] != 1 or any(
        not isinstance(raw[name], list) or len(raw[name]) > MOST_ENTRIES for name in _LISTS
    ):
        raise ValueError("format or lists")
    if len(raw["parts"]) > MOST_PARTS or sum(len(part["pins"]) for part in raw["parts"]) > MOST_PINS:
        raise ValueError("too many parts or pins")
    return Intent(
        format=1,
        parts=[_shaped_part(part) for part in raw["parts"]],
        nets=[
            {"name": _name(net["name"]), "pins": [_pin(pin) for pin in net["pins"]]} for net in raw["nets"]
        ],
        netclasses=[
            {
                "name": _name(c["name"]),
                "current_A": _number(c["current_A"]),
                "nets": [_name(n) for n in c["nets"]],
            }
            for c in raw["netclasses"]
        ],
        near=[{"a": _pin(n["a"]), "b": _pin(n["b"]), "max_mm": _number(n["max_mm"])} for n in raw["near"]],
        edges=[
            {
                "ref": _ref(e["ref"]),
                "side": _one_of(e["side"], "left right top bottom any"),
                "facing": _one_of(e["facing"], "out any"),
            }
            for e in raw["edges"]
        ],
        groups=[[_ref(ref) for ref in group] for group in raw["groups"]],
        keepouts=[
            {
                "ref": _ref(k["ref"]),
                "margin_mm": _number(k["margin_mm"]),
                "what": [_one_of(w, "copper parts vias") for w in k["what"]],
            }
            for k in raw["keepouts"]
        ],
        holes=[
            {
                "diameter_mm": _number(h["diameter_mm"]),
                "corner": _one_of(h["corner"], "top_left top_right bottom_left bottom_right"),
            }
            for h in raw["holes"]
        ],
        labels=[_shaped_label(label) for label in raw["labels"]],
        blocks=[
            {
                "name": _text(b["name"]),
                "refs": [_ref(ref) for ref in b["refs"]],
                "ports": {_text(k): _name(v) for k, v in b["ports"].items()},
            }
            for b in raw["blocks"]
        ],
        raw=raw["raw"] is True,
    )


def _shaped_part(part: dict[str, Any]) -> IntentPart:
    made = IntentPart(
        ref=_ref(part["ref"]),
        symbol=_text(part["symbol"]),
        footprint=_text(part["footprint"]),
        value=_text(part["value"]),
        part=None if part["part"] is None else _text(part["part"]),
        pins=[
            {"number": _text(p["number"]), "name": _text(p["name"]), "type": _text(p["type"])}
            for p in part["pins"]
        ],
    )
    if isinstance(part.get("line"), int):
        made["line"] = part["line"]
    return made


def _shaped_label(label: dict[str, Any]) -> Any:
    made: dict[str, Any] = {"text": _text(label["text"])}
    if label.get("pin") is not None:
        made["pin"] = _pin(label["pin"])
    return made


def _part_faults(part: IntentPart) -> list[Finding]:
    pins = symbol_pins(part["symbol"])
    pads = footprint_pads(part["footprint"])
    if pins is None or pads is None:
        return [_fault(part["ref"], f"{part['symbol']} or {part['footprint']} is not in KiCad's libraries")]
    real = {pin.number: (pin.name, pin.type) for pin in pins}
    said = {pin["number"]: (pin["name"], pin["type"]) for pin in part["pins"]}
    if said != real or not set(real) <= pads:
        return [_fault(part["ref"], f"the pins are not those of {part['symbol']} on {part['footprint']}")]
    row = parts_table().get(part["part"]) if part["part"] is not None else None
    if part["part"] is not None and (row is None or row.symbol != part["symbol"]):
        return [_fault(part["ref"], f"{part['part']} is no part of the table with symbol {part['symbol']}")]
    return []


def _net_faults(intent: Intent, pads: set[tuple[str, str]]) -> list[Finding]:
    faults = []
    seen: set[tuple[str, str]] = set()
    for net in intent["nets"]:
        if len({net["name"] for net in intent["nets"]}) != len(intent["nets"]):
            return [_fault("nets", "a net's name stands twice")]
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
    missing += [name for klass in intent["netclasses"] for name in klass["nets"] if name not in names]
    return [_fault(what, f"a constraint names {what}, which is not there") for what in missing]


def _text(value: object) -> str:
    if not isinstance(value, str) or not _TEXT.fullmatch(value):
        raise ValueError(f"no plain text: {str(value)[:40]!r}")
    return value


def _matching(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"no name: {str(value)[:40]!r}")
    return value


def _name(value: object) -> str:
    return _matching(NET_NAME, value)


def _ref(value: object) -> str:
    return _matching(REFERENCE, value)


def _pin(value: Any) -> tuple[str, str]:
    ref, number = value
    return _ref(ref), _text(number)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1000:
        raise ValueError(f"no number from 0 to 1000: {str(value)[:40]!r}")
    return float(value)


def _one_of(value: object, words: str) -> Any:
    if value not in words.split():
        raise ValueError(f"{str(value)[:40]!r} is not one of {words}")
    return value
