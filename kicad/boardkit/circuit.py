"""The circuit that a script declares: parts, pins, nets, and blocks with typed ports.

Faults are collected, not raised, so that a designer hears of all of them at once.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from kicad.boardkit.findings import Finding, finding, script_line
from kicad.boardkit.values import number_of, value_text
from kicad.library import (
    SymbolPin,
    closest_footprints,
    closest_symbols,
    fitting_footprints,
    footprint_pads,
    natural,
    symbol_footprint,
    symbol_pins,
)
from kicad.parts import PartRow, parts_table
from kicad.shapes import Edge, Hole, Keepout, Label, PinRef

REFERENCE = re.compile(r"[A-Z]{1,3}[0-9]{1,4}", re.ASCII)
NET_NAME = re.compile(r"[A-Za-z0-9_+\-./~#]{1,64}")
VALUED = ("Device:R", "Device:R_Small", "Device:C", "Device:C_Small", "Device:C_Polarized", "Device:L")
MOST_TEXT = 200
MOST_SUGGESTIONS = 10  # looking through the libraries for the closest name takes 50 ms a time

Role = Literal["supply", "source", "ground", "input", "output", "signal"]


@dataclass(frozen=True)
class Port:
    """A typed end of a block.

    `supply` takes power (volts_min to volts_max, up to current_A); `source` gives it (volts_max, up to
    current_A), and takes what it gives from the supply port `fed_by` of its block; `ground` is 0 V; `input`
    stands up to volts_max; `output` drives, up to the volts of the supply port `fed_by`; `signal` is driven
    by nobody in particular.  `inner` ports need no connection outside of the block.
    """

    block: str
    name: str
    role: Role
    pins: tuple[Pin, ...]
    volts_min: float | None = None
    volts_max: float | None = None
    current_A: float = 0.0
    fed_by: str = ""
    inner: bool = False


@dataclass(frozen=True)
class Pin:
    """One pad or several pads of a part under one name."""

    ref: str
    name: str
    numbers: tuple[str, ...]

    def refs(self) -> list[PinRef]:
        """The pads as (reference, number)."""
        return [(self.ref, number) for number in self.numbers]


@dataclass
class Part:
    """A part; `part["PIN"]` is a pin by alias, unit, name or number."""

    ref: str
    symbol: str
    footprint: str
    value: str
    row: PartRow | None
    pins: tuple[SymbolPin, ...]
    circuit: Circuit
    line: int | None

    def __getitem__(self, name: str | int) -> Pin:
        return self.circuit.pin(self, str(name))


@dataclass
class Net:
    """What `net` and `connect` give back, to be joined further; a net without a name gets one at the end."""

    node: PinRef | None
    name: str | None


@dataclass
class Block:
    """A tested sub-circuit; `block["PORT"]` is one of its typed ports."""

    name: str
    refs: list[str]
    ports: dict[str, Port]
    circuit: Circuit
    line: int | None = None
    failed: bool = False

    def __getitem__(self, name: str) -> Port:
        if name in self.ports:
            return self.ports[name]
        if not self.failed:
            self.circuit.fault(
                "UNKNOWN_PORT",
                f"{self.name}.{name}",
                f"block {self.name} has no port {name}",
                required=f"one of {', '.join(self.ports)}",
                fix=f"use one of {', '.join(self.ports)}",
            )
        return Port(self.name, str(name), "signal", ())


@dataclass
class Circuit:
    """Everything one script has said so far.

    Pads are joined by union-find; a net's name is a node of its own, ("", name), so that it can be spoken of
    before anything is on it.
    """

    parts: dict[str, Part] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    joined: dict[PinRef, PinRef] = field(default_factory=dict)
    names: dict[PinRef, str] = field(default_factory=dict)  # of the nets, by their roots
    volts: dict[str, float] = field(default_factory=dict)  # supplies that the script names
    lines: dict[str, int | None] = field(default_factory=dict)  # where a net is named last
    near: list[tuple[PinRef, PinRef, float]] = field(default_factory=list)
    edges: dict[str, Edge] = field(default_factory=dict)
    groups: list[list[str]] = field(default_factory=list)
    keepouts: list[Keepout] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    classes: list[tuple[str, float, list[PinRef]]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    raw_steps: list[Any] = field(default_factory=list)
    suggestions: int = 0

    def fault(
        self,
        code: str,
        place: str,
        cause: str,
        *,
        measured: str = "",
        required: str = "",
        fix: str = "",
        line: int | None = None,
    ) -> None:
        """Note a fault, at the script's present line unless another is given."""
        found = finding(code, place, cause, measured=measured, required=required, fix=fix, line=line)
        if found not in self.findings:
            self.findings.append(found)

    def unknown(
        self, code: str, place: str, cause: str, closest: Iterable[str], *, fix: str, otherwise: str = ""
    ) -> None:
        """Note that a name is not known, with the names that come closest."""
        near = ", ".join(closest)
        required = f"closest: {near}" if near else otherwise or "nothing comes close"
        self.fault(code, place, cause, required=required, fix=fix)

    # ------------------------------------------------------------------ parts

    def add_part(self, ref: str, what: str, value: object = None, footprint: str | None = None) -> Part:
        """A part by key of the parts table, or by `Library:Symbol` and its own or the given footprint."""
        ref, what = str(ref), str(what)
        row = parts_table().get(what)
        symbol = row.symbol if row else what
        pins = symbol_pins(symbol) if ":" in symbol else None
        chosen = footprint or (row.footprint if row else symbol_footprint(symbol) if pins is not None else "")
        if not REFERENCE.fullmatch(ref):
            self.fault(
                "BAD_REFERENCE", ref[:40], f"{ref[:40]!r} is no reference", fix="write it like R1, C12 or U3"
            )
        elif ref in self.parts:
            free = self.next_ref(ref.rstrip("0123456789"))
            self.fault("DUPLICATE_REFERENCE", ref, f"{ref} is there already", fix=f"call it {free}")
        if pins is None:
            self._unknown_part(ref, what)
        else:
            self._check_pads(ref, symbol, str(chosen), pins)
        text = self._value(ref, symbol, value) or (row.mpn or row.key if row else symbol.partition(":")[2])
        part = Part(ref, symbol, str(chosen), text, row, pins or (), self, script_line())
        self.parts.setdefault(ref, part)
        return part

    def _value(self, ref: str, symbol: str, value: object) -> str:
        """The value as text; resistors, capacitors and inductors must have one that can be read."""
        try:
            text = value_text(value) if value is not None else ""
            if symbol in VALUED:
                number_of(text.split()[0] if text.strip() else "")
        except ValueError as error:
            self.fault("BAD_VALUE", ref, str(error), fix='give a value like "4.7k", "100n" or "10u"')
            return ""
        if not is_text(text):
            self.fault(
                "BAD_VALUE", ref, "the value has characters that cannot be printed", fix="use plain text"
            )
            return ""
        return text

    def _unknown_part(self, ref: str, what: str) -> None:
        self.suggestions += 1
        if self.suggestions > MOST_SUGGESTIONS:
            near = []
        elif ":" in what:
            near = closest_symbols(what)
        else:
            near = closest_keys(what)
        self.unknown(
            "UNKNOWN_SYMBOL" if ":" in what else "UNKNOWN_PART",
            ref,
            f"there is no {what[:80]}",
            near,
            fix="use a key of the parts table or an installed Library:Symbol",
        )

    def _check_pads(self, ref: str, symbol: str, footprint: str, pins: tuple[SymbolPin, ...]) -> None:
        pads = footprint_pads(footprint) if footprint else None
        if pads is None:
            self.suggestions += 1
            near = closest_footprints(footprint) if footprint else []
            self.unknown(
                "UNKNOWN_FOOTPRINT",
                ref,
                f"there is no footprint {footprint[:80]}" if footprint else f"{symbol} needs a footprint",
                near if near or self.suggestions > MOST_SUGGESTIONS else fitting_footprints(symbol),
                fix='give footprint="Library:Name" of an installed footprint',
            )
            return
        lacking = sorted({pin.number for pin in pins} - pads, key=natural)
        if lacking:
            self.fault(
                "PAD_MISSING",
                ref,
                f"{footprint} has no pad for pin {', '.join(lacking[:8])} of {symbol}",
                measured=f"pads {', '.join(sorted(pads, key=natural)[:24])}",
                fix="choose a footprint with a pad for every pin",
            )

    def next_ref(self, prefix: str) -> str:
        """The next free reference of a prefix: R1, R2 …"""
        number = 1
        while f"{prefix}{number}" in self.parts:
            number += 1
        return f"{prefix}{number}"

    def reference(self, which: object) -> str | None:
        """The reference of a part that is given as itself or by name; None and a fault when there is none."""
        ref = which.ref if isinstance(which, Part) else which
        if isinstance(ref, str) and ref in self.parts:
            return ref
        self._unknown_reference(str(ref)[:40], str(ref)[:40])
        return None

    def _unknown_reference(self, place: str, ref: str) -> None:
        near = difflib.get_close_matches(ref, self.parts, n=3, cutoff=0.3)
        fix = "declare it with part() first"
        if NET_NAME.fullmatch(ref) and ("", ref) in self.joined:
            fix = f'{ref} is a net: join pins to it with net("{ref}", …)'
        self.unknown("UNKNOWN_REFERENCE", place, f"there is no part {ref}", near, fix=fix)

    # ------------------------------------------------------------------ pins

    def pin(self, part: Part, name: str) -> Pin:
        """Alias, then unit (`U1["A.+"]`), name without its bar, pad number, a word of "XTAL2/PB4"."""
        found = _lookup(part, name)
        if not found and part.pins:
            names = sorted(
                {p.name or p.number for p in part.pins} | set(part.row.aliases if part.row else ()),
                key=natural,
            )
            near = difflib.get_close_matches(name.upper(), names, n=3, cutoff=0.5)
            self.unknown(
                "UNKNOWN_PIN",
                f"{part.ref}.{name}"[:60],
                f"{part.symbol} has no pin {name[:40]}",
                near,
                otherwise=f"one of {', '.join(names[:24])}",
                fix=f"use one of {', '.join(names[:24])}",
            )
        elif _ambiguous(found):
            self.fault(
                "AMBIGUOUS_PIN",
                f"{part.ref}.{name}",
                f"{name} is the name of {len(found)} pins",
                measured=", ".join(f"{p.number} (unit {chr(ord('A') + max(0, p.unit - 1))})" for p in found),
                fix="name the pad number, or the unit like A.OUT; for all of them "
                + ", ".join(f'{part.ref}["{p.number}"]' for p in found[:8]),
            )
        return Pin(part.ref, name, tuple(dict.fromkeys(p.number for p in found)))

    def find_pin(self, text: str) -> Pin:
        """`"U1.OUT"`, or `"U1A.+"` for a pin of unit A."""
        ref, _, name = text.partition(".")
        unit = re.fullmatch(r"([A-Z]{1,3}[0-9]+)([A-Z])", ref)
        if ref not in self.parts and unit and unit[1] in self.parts:
            ref, name = unit[1], f"{unit[2]}.{name}"
        if ref not in self.parts:
            self._unknown_reference(text[:60], ref[:40])
        elif not name:
            self._pin_needed(self.parts[ref])
        else:
            return self.pin(self.parts[ref], name)
        return Pin(ref, name, ())

    def _pin_needed(self, part: Part) -> None:
        first = next((p.name or p.number for p in part.pins), "1")
        self.fault(
            "PIN_NEEDED",
            part.ref,
            f"{part.ref} is a part, not a pin",
            fix=f'name a pin, like {part.ref}["{first}"]',
        )

    def pads(self, end: object) -> list[PinRef]:
        """The pads that a pin or a port stands for; a fault for anything else."""
        if isinstance(end, str):
            return self.find_pin(end).refs()
        if isinstance(end, Pin):
            return end.refs()
        if isinstance(end, Port):
            return [pad for pin in end.pins for pad in pin.refs()]
        if isinstance(end, Part):
            self._pin_needed(end)
        else:
            what = f"net {end.name or ''}" if isinstance(end, Net) else repr(end)[:40]
            self.fault("BAD_END", what, f"{what} is no pin", fix='use "U1.OUT", part["OUT"] or block["PORT"]')
        return []

    # ------------------------------------------------------------------ nets

    def join(self, ends: Iterable[object], name: str | None = None) -> Net:
        """Put all ends on one net; joining two nets that have names is a fault."""
        nodes = [node for end in ends for node in self.nodes(end)]
        if name is not None:
            nodes.insert(0, self._named(name))
        for node in nodes:
            self._union(nodes[0], node)
        return Net(nodes[0] if nodes else None, name)

    def nodes(self, end: object) -> list[PinRef]:
        """What an end stands for among the joined: its pads, or a net."""
        if isinstance(end, Net):
            return [end.node] if end.node else []
        return self.pads(end)

    def _named(self, name: str) -> PinRef:
        if not isinstance(name, str) or not NET_NAME.fullmatch(name):
            self.fault(
                "BAD_NET_NAME", str(name)[:60], f"{str(name)[:60]!r} is no net name",
                fix="use 1 to 64 letters, digits and _ + - . / ~ #",
            )  # fmt: skip
        self.lines[name] = script_line()
        node = ("", name)
        if node not in self.joined:
            self.names[self.root(node)] = name
        return node

    def root(self, pad: PinRef) -> PinRef:
        """The node that stands for the whole net of `pad`."""
        top = pad
        while (up := self.joined.setdefault(top, top)) != top:
            top = up
        self.joined[pad] = top  # the next search is shorter
        return top

    def _union(self, a: PinRef, b: PinRef) -> None:
        a, b = self.root(a), self.root(b)
        if a == b:
            return
        one, other = self.names.get(a), self.names.pop(b, None)
        if one and other:
            self.fault(
                "NET_CLASH",
                f"{one}, {other}",
                f"nets {one} and {other} are joined here",
                fix="give the net one name, or keep them apart",
            )
        elif other:
            self.names[a] = other
        self.joined[b] = a

    def nets(self) -> dict[str, list[PinRef]]:
        """Every net with its pads, by name; unnamed ones are called after their first pad."""
        members: dict[PinRef, list[PinRef]] = {}
        for node in list(self.joined):
            members.setdefault(self.root(node), []).append(node)
        named: dict[str, list[PinRef]] = {}
        others: dict[str, list[PinRef]] = {}
        for top, nodes in members.items():
            pads = sorted((node for node in nodes if node[0]), key=_pad_order)
            name = self.names.get(top)
            if name and pads:
                named[name] = pads
            elif len(pads) > 1:
                others[self._free_name(pads[0])] = pads
        return dict([*sorted(named.items()), *sorted(others.items())])

    def _free_name(self, pad: PinRef) -> str:
        name = "N_{}_{}".format(pad[0], re.sub(r"[^A-Za-z0-9]", "_", pad[1]))
        while ("", name) in self.joined:
            name += "_"
        return name

    def name_volts(self, name: str, volts: object) -> None:
        """The script says that a net is a supply of so many volts."""
        value = self.number(volts, name, "volts", 0.0, 1000.0)
        if value is not None and self.volts.setdefault(name, value) != value:
            self.fault(
                "SUPPLY_CLASH", name, f"{name} is given two voltages", fix="use two nets",
                measured=f"{self.volts[name]:g} V and {value:g} V",
            )  # fmt: skip

    # ------------------------------------------------------------------ constraints

    def keep_near(self, a: object, b: object, max_mm: object) -> None:
        """The first pads of two ends must lie within `max_mm` of each other."""
        one, other = self.pads(a), self.pads(b)
        limit = self.number(max_mm, "near", "max_mm", 0.5, 500.0)
        if one and other and limit is not None:
            self.near.append((one[0], other[0], limit))

    def number(self, value: object, place: str, what: str, least: float, most: float) -> float | None:
        """The number, if it is one within its bounds; else None and a fault."""
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if good and math.isfinite(value) and least <= value <= most:  # type: ignore[arg-type, operator]
            return float(value)  # type: ignore[arg-type]
        self.fault(
            "BAD_PARAMETER",
            place,
            f"{what} is {repr(value)[:40]}",
            required=f"a number from {least:g} to {most:g}",
            fix="give such a number",
        )
        return None

    def one_of(self, value: object, place: str, what: str, words: tuple[str, ...]) -> Any:
        """The word, if it is one of them; else None and a fault."""
        if isinstance(value, str) and value in words:
            return value
        self.fault(
            "BAD_PARAMETER", place, f"{what} is {repr(value)[:40]}", required=f"one of {', '.join(words)}",
            fix="use one of these words",
        )  # fmt: skip
        return None


def is_text(text: object) -> bool:
    """Whether a text can go onto a board, into a database and over a terminal: printable and not too long."""
    return isinstance(text, str) and len(text) <= MOST_TEXT and text.isprintable()


def closest_keys(what: str) -> list[str]:
    """Up to five keys of the parts table that look or are described like it."""
    table = parts_table()
    low = what.lower()
    inside = [
        key for key, row in table.items() if low and (low in key.lower() or low in row.description.lower())
    ]
    folded = {key.lower(): key for key in table}
    alike = [folded[key] for key in difflib.get_close_matches(low, folded, n=5, cutoff=0.4)]
    return list(dict.fromkeys([*inside[:3], *alike]))[:5]


def _lookup(part: Part, name: str) -> list[SymbolPin]:
    if part.row and name in part.row.aliases:
        return [p for p in part.pins if p.number == part.row.aliases[name]]
    unit, dot, rest = name.partition(".")
    if dot and re.fullmatch(r"[A-Z]", unit):
        number = ord(unit) - ord("A") + 1
        in_unit = [p for p in part.pins if p.unit == number]
        if found := [p for p in in_unit if p.name == rest] or [p for p in in_unit if p.number == rest]:
            return found
    by_name = [p for p in part.pins if p.name == name]
    by_number = by_name or [p for p in part.pins if p.number == name]
    return by_number or [p for p in part.pins if name and name in re.split(r"[/(),]", p.name)]


def _ambiguous(pins: list[SymbolPin]) -> bool:
    """Whether pins of one name are different things: they are not when they are a supply's, or stacked."""
    if len({pin.number for pin in pins}) < 2:
        return False
    stacked = len({(pin.unit, pin.at) for pin in pins}) == 1
    supply = any(pin.type.startswith("power") for pin in pins) and all(
        pin.type.startswith("power") or pin.type == "passive" for pin in pins
    )
    return not (stacked or supply)


def _pad_order(pad: PinRef) -> tuple[str, int, tuple[int, str]]:
    prefix = pad[0].rstrip("0123456789")
    return prefix, int(pad[0][len(prefix) :] or 0), natural(pad[1])
