"""The SPICE deck of a board: its pads and nets as they were built, parts by their identity.

Parts become elements by their kind (resistor, capacitor …) or by the model that the parts table names;
models are our own, in kicad/parts/models.  Every part whose power matters gets a node that carries it
in volts, every LED a source that measures its current.
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from kicad.checks.circuit import Circuit, Component, Supplies

MODELS = Path(__file__).parent.parent / "parts" / "models"

# Order of the nodes in the sub-circuits, by the pin's role.
TERMINALS = {
    "timer": ("GND", "TRIG", "OUT", "RESET", "CV", "THR", "DIS", "VCC"),
    "regulator": ("IN", "GND", "OUT"),
    "nmos": ("D", "G", "S"),
}
# Aluminium electrolytic: tan δ 0.16 at 120 Hz for 25 V types (Panasonic M), ESR = 0.16 / (2π 120 Hz C).
_LOSS_120HZ = 0.16 / (2 * math.pi * 120)
_CERAMIC_ESR = 0.02  # ohm, X7R 0805 at some MHz
_COIL_OHM = 0.05
_FUSE_OHM = 0.05
SILENT_KINDS = {"connector", "mechanical", "button"}  # nobody presses a button


@functools.cache
def models() -> dict[str, str]:
    """Every model and sub-circuit of our libraries by name, as the text that defines it."""
    found: dict[str, str] = {}
    for path in sorted(MODELS.glob("*.lib")):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"^\.subckt (\S+).*?^\.ends$", text, re.MULTILINE | re.DOTALL):
            found[match[1]] = match[0]
        outside = re.sub(r"^\.subckt .*?^\.ends$", "", text, flags=re.MULTILINE | re.DOTALL)
        for match in re.finditer(r"^\.model (\S+) .*$", outside, re.MULTILINE):
            found[match[1]] = match[0]
    return found


def _with_needed(names: set[str]) -> list[str]:
    """The definitions of the named models and of the sub-circuits that they use, in a fixed order."""
    known, wanted, queue = models(), set[str](), sorted(names)
    while queue:
        name = queue.pop()
        if name in wanted:
            continue
        wanted.add(name)
        queue += [word for word in re.findall(r"\S+", known[name]) if word in known]
    return [known[name] for name in sorted(wanted)]


@dataclass
class Deck:
    """A netlist without sources: `lines` of SPICE, and where to find what in it."""

    nodes: dict[str, str]  # net -> SPICE node
    names: dict[str, str] = field(default_factory=dict)  # reference -> its name in SPICE
    lines: list[str] = field(default_factory=list)
    leds: dict[str, str] = field(default_factory=dict)  # LED -> vector of its current
    powers: dict[str, str] = field(default_factory=dict)  # part -> node whose volts are its watts
    unmodelled: list[str] = field(default_factory=list)
    inductive: bool = False

    def node(self, net: str) -> str:
        """The node of a net; a port that is on no net gets a node of its own."""
        return self.nodes.setdefault(net, f"n{len(self.nodes)}")


def build(circuit: Circuit, supplies: Supplies) -> Deck:
    """The deck of a circuit; ground nets are node 0."""
    deck = Deck(dict.fromkeys(supplies.ground, "0"), _names(sorted(circuit.parts)))
    for net in sorted(circuit.nets):
        deck.node(net)
    used: set[str] = set()
    for _, part in sorted(circuit.parts.items()):
        if part.kind in SILENT_KINDS:
            continue
        if not _element(deck, part, used):
            deck.unmodelled.append(part.ref)
    deck.inductive = any(True for _ in circuit.of_kind("inductor"))
    deck.lines += _with_needed(used)
    return deck


def _element(deck: Deck, part: Component, used: set[str]) -> bool:
    """Append the part's lines; False when there is no model for it."""
    if part.kind in {"resistor", "capacitor", "polarised", "inductor", "fuse"}:
        return _passive(deck, part)
    if part.model not in models():
        return False
    used.add(part.model)
    if part.kind in {"led", "diode"}:
        return _diode(deck, part)
    if part.kind in TERMINALS:
        return _subcircuit(deck, part)
    return False


def _names(refs: list[str]) -> dict[str, str]:
    """A name for each reference; SPICE knows no punctuation and no difference between R1 and r1."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for ref in refs:
        name = re.sub(r"\W", "_", ref)
        while name.lower() in taken:
            name += "_"
        taken.add(name.lower())
        names[ref] = name
    return names


def _passive(deck: Deck, part: Component) -> bool:
    name, value = deck.names[part.ref], part.value_si
    if len(part.pins) != 2 or (value is None and part.kind != "fuse"):
        return False
    a, b = (_open(deck, part, index) for index in (0, 1))
    if part.kind in {"resistor", "fuse"}:
        ohm = max(value or 0.0, 1e-3) if part.kind == "resistor" else _FUSE_OHM
        deck.lines.append(f"R_{name} {a} {b} {ohm:.6g}")
        _power(deck, part.ref, f"v({a},{b})*v({a},{b})/{ohm:.6g}")
        return True
    assert value is not None
    if part.kind == "inductor":
        deck.lines += [f"L_{name} {a} {name}_m {value:.6g}", f"R_{name} {name}_m {b} {_COIL_OHM}"]
        return True
    if value <= 0:
        return False
    esr = _LOSS_120HZ / value if part.kind == "polarised" else _CERAMIC_ESR
    deck.lines += [f"C_{name} {a} {name}_m {value:.6g}", f"R_{name} {name}_m {b} {esr:.4g}"]
    return True


def _open(deck: Deck, part: Component, index: int) -> str:
    """The node of the part's pin; an unconnected pin ends in a node of its own."""
    pin = part.pins[index]
    return deck.node(pin.net) if pin.net else f"open_{deck.names[part.ref]}_{index}"


def _power(deck: Deck, ref: str, watts: str) -> None:
    node = f"watts_{deck.names[ref]}"
    deck.lines.append(f"B_{node} {node} 0 V={watts}")
    deck.powers[ref] = node


def _diode(deck: Deck, part: Component) -> bool:
    name = deck.names[part.ref]
    roles = {pin.role: index for index, pin in enumerate(part.pins)}
    if not {"A", "K"} <= roles.keys():
        return False
    a, k = _open(deck, part, roles["A"]), _open(deck, part, roles["K"])
    deck.lines += [f"V_{name} {a} {name}_a 0", f"D_{name} {name}_a {k} {part.model}"]
    _power(deck, part.ref, f"v({a},{k})*i(V_{name})")
    if part.kind == "led":
        deck.leds[part.ref] = f"V_{name}"
    return True


def _subcircuit(deck: Deck, part: Component) -> bool:
    name = deck.names[part.ref]
    roles = {pin.role: index for index, pin in enumerate(part.pins)}
    order = TERMINALS[part.kind]
    if not set(order) <= roles.keys():
        return False
    inner = []
    for role in order:
        outer = _open(deck, part, roles[role])
        deck.lines.append(f"V_{name}_{role} {outer} {name}_{role} 0")
        inner.append(f"{name}_{role}")
    deck.lines.append(f"X_{name} {' '.join(inner)} {part.model}")
    _power(deck, part.ref, "+".join(f"v({name}_{role})*i(V_{name}_{role})" for role in order))
    return True
