"""The circuit that a script declares: parts, pins, nets, and blocks with typed ports.

Faults are collected, not raised, so that a designer hears of all of them at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kicad.boardkit.findings import Finding, finding, script_line
from kicad.library import SymbolPin, closest_footprints, closest_symbols, footprint_pads, symbol_pins
from kicad.parts import PartRow, parts_table
from kicad.shapes import BlockUse, Edge, Hole, Keepout, Label, PinRef

REFERENCE = re.compile(r"[A-Z]{1,3}[0-9]{1,4}")
NET_NAME = re.compile(r"[A-Za-z0-9_+\-./~#]{1,64}")


@dataclass(frozen=True)
class Port:
    """A typed end of a block.

    `role` is `supply` (takes power: volts_min to volts_max, current_A), `source` (gives `volts`), `ground` or
    `signal` (swings up to volts_max).
    """

    block: str
    name: str
    role: str
    pins: tuple[Pin, ...]
    volts_min: float | None = None
    volts_max: float | None = None
    current_A: float = 0.0


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
    """What `net` and `connect` give back; its name may still be the circuit's to choose."""

    root: PinRef | None
    name: str | None


@dataclass
class Block:
    """A tested sub-circuit; `block["PORT"]` is one of its typed ports."""

    name: str
    refs: list[str]
    ports: dict[str, Port]
    circuit: Circuit

    def __getitem__(self, name: str) -> Port:
        if name not in self.ports:
            self.circuit.fault(
                "UNKNOWN_PORT",
                f"{self.name}.{name}",
                f"block {self.name} has no port {name}",
                required=f"one of {', '.join(self.ports)}",
                fix=f"use one of {', '.join(self.ports)}",
            )
            return Port(self.name, name, "signal", ())
        return self.ports[name]


End = "str | Pin | Part | Net | Port"


@dataclass
class Circuit:
    """Everything one script has said so far."""

    parts: dict[str, Part] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    joined: dict[PinRef, PinRef] = field(default_factory=dict)  # union-find over pads
    named: dict[str, PinRef | None] = field(default_factory=dict)  # net name -> one of its pads
    volts: dict[str, float] = field(default_factory=dict)  # supplies that the script names
    ports: list[Port] = field(default_factory=list)
    near: list[tuple[PinRef, PinRef, float]] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    groups: list[list[str]] = field(default_factory=list)
    keepouts: list[Keepout] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    classes: list[tuple[str, float, list[PinRef]]] = field(default_factory=list)
    blocks: list[tuple[BlockUse, Block]] = field(default_factory=list)
    raw_steps: list[object] = field(default_factory=list)

    def fault(
        self, code: str, place: str, cause: str, *, measured: str = "", required: str = "", fix: str = ""
    ) -> None:
        """Note a fault at the script's present line."""
        self.findings.append(finding(code, place, cause, measured=measured, required=required, fix=fix))

    # ------------------------------------------------------------------ parts and pins

    def add_part(self, ref: str, what: str, value: str | None, footprint: str | None) -> Part:
        """A part by key of the parts table or by `Library:Symbol` and footprint."""
        row = parts_table().get(what)
        symbol = row.symbol if row else what
        chosen = footprint or (row.footprint if row else "")
        pins = symbol_pins(symbol) if ":" in symbol else None
        if not REFERENCE.fullmatch(ref):
            self.fault(
                "BAD_REFERENCE", ref, f"{ref!r} is no reference", required="letters and a number, like R1"
            )
        elif ref in self.parts:
            self.fault(
                "DUPLICATE_REFERENCE", ref, f"{ref} is there already", fix="give it the next free number"
            )
        if pins is None:
            self._unknown_part(ref, what)
        else:
            self._check_pads(ref, symbol, chosen, pins)
        part = Part(
            ref,
            symbol,
            chosen,
            value or (row.mpn or row.key if row else ""),
            row,
            pins or (),
            self,
            script_line(),
        )
        self.parts.setdefault(ref, part)
        return part

    def _unknown_part(self, ref: str, what: str) -> None:
        near = (
            closest_symbols(what)
            if ":" in what
            else difflib.get_close_matches(what, parts_table(), n=5, cutoff=0.4)
        )
        self.fault(
            "UNKNOWN_SYMBOL" if ":" in what else "UNKNOWN_PART",
            ref,
            f"there is no {what}",
            required=f"closest: {', '.join(near) or 'nothing like it'}",
            fix="use a key of the parts table or an installed Library:Symbol",
        )

    def _check_pads(self, ref: str, symbol: str, footprint: str, pins: tuple[SymbolPin, ...]) -> None:
        pads = footprint_pads(footprint) if footprint else None
        if pads is None:
            near = closest_footprints(footprint) if footprint else []
            self.fault(
                "UNKNOWN_FOOTPRINT",
                ref,
                f"there is no footprint {footprint}" if footprint else f"{symbol} needs a footprint",
                required=f"closest: {', '.join(near) or 'nothing like it'}",
                fix="give footprint='Library:Name' of an installed footprint",
            )
            return
        lacking = sorted({pin.number for pin in pins} - pads)
        if lacking:
            self.fault(
                "PAD_MISSING",
                ref,
                f"{footprint} has no pad for pin {', '.join(lacking)} of {symbol}",
                measured=f"pads {', '.join(sorted(pads))}",
                fix="choose a footprint with a pad for every pin",
            )

    def pin(self, part: Part, name: str) -> Pin:
        """Alias, then unit (`U1["A.+"]`), then name without its bar, then pad number."""
        found = self._lookup(part, name)
        if not found and part.pins:
            names = sorted(
                {p.name or p.number for p in part.pins} | set(part.row.aliases if part.row else ())
            )
            near = difflib.get_close_matches(name, names, n=3, cutoff=0.3)
            self.fault(
                "UNKNOWN_PIN",
                f"{part.ref}.{name}",
                f"{part.symbol} has no pin {name}",
                required=f"closest: {', '.join(near) or ', '.join(names[:12])}",
                fix=f"use one of {', '.join(names[:24])}",
            )
        elif len(found) > 1 and not all(p.type.startswith("power") for p in found):
            self.fault(
                "AMBIGUOUS_PIN",
                f"{part.ref}.{name}",
                f"{name} is the name of {len(found)} pins",
                measured=", ".join(f"{p.number} (unit {p.unit})" for p in found),
                fix="name the pad number, or the unit like A.OUT",
            )
        return Pin(part.ref, name, tuple(dict.fromkeys(p.number for p in found)))

    @staticmethod
    def _lookup(part: Part, name: str) -> list[SymbolPin]:
        if part.row and name in part.row.aliases:
            return [p for p in part.pins if p.number == part.row.aliases[name]]
        unit, dot, rest = name.partition(".")
        if dot and re.fullmatch(r"[A-Z]", unit):
            in_unit = [
                p for p in part.pins if p.unit == ord(unit) - ord("A") + 1 and rest in (p.name, p.number)
            ]
            if in_unit:
                return in_unit
        by_name = [p for p in part.pins if p.name == name]
        return by_name or [p for p in part.pins if p.number == name]

    def find_pin(self, text: str) -> Pin:
        """`"U1.OUT"`, or `"U1A.+"` for a pin of unit A."""
        ref, _, name = text.partition(".")
        unit = re.fullmatch(r"([A-Z]{1,3}[0-9]+)([A-Z])", ref)
        if ref not in self.parts and unit and unit[1] in self.parts:
            ref, name = unit[1], f"{unit[2]}.{name}"
        if ref not in self.parts:
            near = difflib.get_close_matches(ref, self.parts, n=3, cutoff=0.1)
            self.fault(
                "UNKNOWN_REFERENCE", text, f"there is no part {ref}", required=f"one of {', '.join(near)}"
            )
            return Pin(ref, name, ())
        return self.pin(self.parts[ref], name)

    def keep_near(self, a: object, b: object, max_mm: float) -> None:
        """The first pads of two ends must lie within `max_mm` of each other."""
        one, other = self.pads(a), self.pads(b)
        if one and other:
            self.near.append((one[0], other[0], float(max_mm)))

    # ------------------------------------------------------------------ nets

    def join(self, ends: Iterable[object], name: str | None = None) -> Net:
        """Put all ends on one net; a name given twice to different nets is a fault."""
        root = self.named.get(name) if name else None
        for end in ends:
            for pad in self.pads(end):
                root = pad if root is None else self._union(root, pad)
            if isinstance(end, Net) and end.name and end.name != name:
                self._rename(end.name, name)
        if name:
            if not NET_NAME.fullmatch(name):
                self.fault(
                    "BAD_NET_NAME",
                    name,
                    f"{name!r} is no net name",
                    required="letters, digits and _ + - . / ~ #",
                )
            self.named[name] = root
        return Net(root, name)

    def _rename(self, old: str, new: str | None) -> None:
        if new:
            self.fault(
                "NET_CLASH", f"{old}, {new}", f"nets {old} and {new} are joined", fix="give the net one name"
            )

    def pads(self, end: object) -> list[PinRef]:
        """The pads that an end stands for."""
        if isinstance(end, str):
            return self.find_pin(end).refs()
        if isinstance(end, Pin):
            return end.refs()
        if isinstance(end, Port):
            return [pad for pin in end.pins for pad in pin.refs()]
        if isinstance(end, Net):
            return [end.root] if end.root else []
        if isinstance(end, Part):
            self.fault(
                "PIN_NEEDED",
                end.ref,
                f"{end.ref} is a part, not a pin",
                fix=f'name a pin, like {end.ref}["1"]',
            )
            return []
        self.fault(
            "BAD_END",
            repr(end)[:60],
            "this cannot be connected",
            fix='use "U1.OUT", part["OUT"], a net or a port',
        )
        return []

    def root(self, pad: PinRef) -> PinRef:
        """The pad that stands for the whole net of `pad`."""
        while (up := self.joined.setdefault(pad, pad)) != pad:
            pad = up
        return pad

    def _union(self, a: PinRef, b: PinRef) -> PinRef:
        a, b = self.root(a), self.root(b)
        self.joined[b] = a
        return a

    def nets(self) -> dict[str, list[PinRef]]:
        """Every net with its pads; unnamed ones are called after their first pad."""
        members: dict[PinRef, list[PinRef]] = {}
        for pad in self.joined:
            members.setdefault(self.root(pad), []).append(pad)
        for alone in (pad for pad in self.named.values() if pad is not None):
            members.setdefault(self.root(alone), [alone])
        names: dict[PinRef, str] = {}
        for name, first in self.named.items():
            if first is None:
                continue
            top = self.root(first)
            if top in names:
                self.fault(
                    "NET_CLASH",
                    f"{names[top]}, {name}",
                    f"nets {names[top]} and {name} are joined",
                    fix="give the net one name",
                )
            names.setdefault(top, name)
        order = sorted(members.items(), key=lambda item: names.get(item[0], f"~{sorted(item[1])[0]}"))
        return {
            names.get(top) or "N_{}_{}".format(*sorted(pads)[0]): sorted(set(pads)) for top, pads in order
        }

    def next_ref(self, prefix: str) -> str:
        """The next free reference of a prefix: R1, R2 …"""
        number = 1
        while f"{prefix}{number}" in self.parts:
            number += 1
        return f"{prefix}{number}"
