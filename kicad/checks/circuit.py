"""A netlist with part identities, as the predicates and the simulator read it.

Built either from the intent or from the board; in both cases pins, their names and types come from
KiCad's symbols and ratings from the parts table, never from what the script says about them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kicad.checks import truth
from kicad.shapes import Board, Intent, Requirement

TIMER_PINS = {
    "GND": "GND",
    "VCC": "VCC",
    "VDD": "VCC",
    "TR": "TRIG",
    "TRIG": "TRIG",
    "Q": "OUT",
    "OUT": "OUT",
    "R": "RESET",
    "RST": "RESET",
    "RESET": "RESET",
    "CV": "CV",
    "CONT": "CV",
    "THR": "THR",
    "THRES": "THR",
    "DIS": "DIS",
    "DISCH": "DIS",
}
REGULATOR_PINS = {"VI": "IN", "IN": "IN", "VIN": "IN", "VO": "OUT", "OUT": "OUT", "VOUT": "OUT", "GND": "GND"}
DIODE_KINDS = {"diode", "zener"}
PASSIVE_KINDS = {"resistor", "inductor", "fuse"}
CONTACT_KINDS = {"button", "switch"}
IC_KINDS = {"timer", "ic", "regulator"}


@dataclass(frozen=True)
class Pin:
    """A pin with its net; `role` is the pin's name without KiCad's spelling ("OUT", "K", "G")."""

    ref: str
    number: str
    role: str
    type: str
    net: str  # "" when it is connected to nothing
    barred: bool = False  # acts while it is low, as the bar over its name says

    @property
    def place(self) -> str:
        """For people: "U1.8 (VCC)"."""
        return f"{self.ref}.{self.number}" + (
            f" ({self.role})" if self.role and self.role != self.number else ""
        )


@dataclass(frozen=True)
class Component:
    """A part in the circuit; `value_si` is None where its value is no number."""

    ref: str
    symbol: str
    footprint: str
    value: str
    kind: str
    pins: tuple[Pin, ...]
    model: str
    limits: dict[str, float]
    listed: bool = True  # in the parts table, so that its limits are known

    @property
    def value_si(self) -> float | None:
        """Ohm, farad or henry."""
        return truth.value_of(self.value)

    def pin(self, role: str) -> Pin | None:
        """The first pin with that role."""
        return next((pin for pin in self.pins if pin.role == role), None)

    def net(self, role: str) -> str:
        """The net of that role's pin, "" when there is none."""
        pin = self.pin(role)
        return pin.net if pin else ""

    def nets(self) -> set[str]:
        """All nets that the part touches."""
        return {pin.net for pin in self.pins if pin.net}

    def supplied_by(self, pin: Pin) -> bool:
        """Whether the pin takes the part's supply; KiCad calls further pins of the same name passive."""
        return pin.type == "power_in" or (
            self.kind in IC_KINDS
            and pin.type == "passive"
            and any(other.type == "power_in" and other.role == pin.role for other in self.pins)
        )

    @property
    def ways(self) -> set[str]:
        """The nets between which current flows through the part: of two pins, or of a switch's contacts."""
        if len(self.pins) == 2 or self.kind in CONTACT_KINDS:
            return self.nets()
        return {self.net("D"), self.net("S")} - {""} if self.kind in {"nmos", "pmos"} else set()


@dataclass
class Circuit:
    """Parts by reference and pins by net."""

    parts: dict[str, Component]
    nets: dict[str, list[Pin]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        grouped: dict[str, list[Pin]] = defaultdict(list)
        for part in self.parts.values():
            for pin in part.pins:
                if pin.net:
                    grouped[pin.net].append(pin)
        self.nets = dict(grouped)

    def of_kind(self, *kinds: str) -> Iterator[Component]:
        """Parts of the given kinds, in the order of their references."""
        return (part for _, part in sorted(self.parts.items()) if part.kind in kinds)

    def between(self, one: str, other: str, *kinds: str) -> list[Component]:
        """Two-pin parts of the kinds that lie across two nets."""
        return [part for part in self.of_kind(*kinds) if part.nets() == {one, other}]

    def walk(
        self, start: str, through: Callable[[Component], bool], stop: Callable[[str], bool]
    ) -> dict[str, list[Component]]:
        """Nets reached from `start` by parts that `through` allows, each with the parts on its way.

        Breadth first, so that each way is a shortest one; `stop` nets are reached but not passed.
        """
        ways: dict[str, list[Component]] = {start: []}
        queue = deque([start])
        while queue:
            net = queue.popleft()
            if stop(net):
                continue
            for pin in self.nets.get(net, []):
                part = self.parts[pin.ref]
                if net not in part.ways or not through(part):
                    continue
                for other in sorted(part.ways - {net}):
                    if other not in ways:
                        ways[other] = [*ways[net], part]
                        queue.append(other)
        return ways


def _role(kind: str, number: str, name: str) -> str:
    bare = name.upper()
    if kind == "timer":
        return TIMER_PINS.get(bare, bare)
    if kind == "regulator":
        return REGULATOR_PINS.get(bare, bare)
    return bare or number


_DEVICE = (
    ("Device:R_Potentiometer", "potentiometer"),
    ("Device:R_Photo", "other"),
    ("Device:Crystal", "crystal"),
    ("Device:Resonator", "crystal"),
    ("Device:Battery", "connector"),
    ("Switch:SW_Push", "button"),
    ("Switch:", "switch"),
    ("Transistor_BJT:", "bjt"),
    ("Device:Q_NPN", "bjt"),
    ("Device:Q_PNP", "bjt"),
    ("Device:R", "resistor"),
    ("Device:C_Polarized", "polarised"),
    ("Device:CP", "polarised"),
    ("Device:C", "capacitor"),
    ("Device:LED", "led"),
    ("LED:", "led"),
    ("Device:D_Zener", "zener"),
    ("Device:D_TVS", "tvs"),
    ("Device:D", "diode"),
    ("Diode:", "diode"),
    ("Device:L", "inductor"),
    ("Device:FerriteBead", "inductor"),
    ("Device:Fuse", "fuse"),
    ("Device:Polyfuse", "fuse"),
    ("Connector", "connector"),
    ("Mechanical:", "mechanical"),
    ("Regulator_Linear:", "regulator"),
)


_TWO_PINS = PASSIVE_KINDS | DIODE_KINDS | {"capacitor", "polarised", "led"}


def kind_of(symbol: str, pins: tuple[truth.SymbolPin, ...]) -> str:
    """The kind of part behind a symbol, by its library and, for timers, by its pins."""
    roles = {_role("timer", pin.number, pin.name) for pin in pins}
    if {"TRIG", "THR", "OUT", "DIS", "CV"} <= roles:
        return "timer"
    if {"G", "D", "S"} == {pin.name for pin in pins}:
        return "pmos" if truth.is_p_channel(symbol) else "nmos"
    for prefix, kind in _DEVICE:
        exact = prefix in {"Device:R", "Device:C", "Device:D", "Device:L"}
        if symbol == prefix or symbol.startswith(prefix + "_" if exact else prefix):
            if kind in _TWO_PINS and len(pins) != 2:
                break  # a network of resistors, an LED with a controller in it
            return kind
    powered = any(pin.type.startswith("power") or pin.name.upper() in {"VCC", "VDD"} for pin in pins)
    return "ic" if powered else "other"


def _component(
    ref: str, *, symbol: str, footprint: str, value: str, key: str | None, nets: dict[str, str]
) -> Component:
    found = truth.symbol_pins(symbol) or ()
    row = truth.part_row(key, symbol)
    kind = kind_of(symbol, found)
    pins = tuple(
        Pin(
            ref, pin.number, _role(kind, pin.number, pin.name), pin.type, nets.get(pin.number, ""), pin.barred
        )
        for pin in found
    )
    model, limits = (row.spice, row.limits) if row else ("", {})
    return Component(ref, symbol, footprint, value, kind, pins, model, limits, row is not None)


def from_intent(intent: Intent) -> Circuit:
    """The circuit that the intent declares."""
    nets: dict[str, dict[str, str]] = defaultdict(dict)
    for net in intent["nets"]:
        for ref, number in net["pins"]:
            nets[ref][number] = net["name"]
    return Circuit(
        {
            part["ref"]: _component(
                part["ref"],
                symbol=part["symbol"],
                footprint=part["footprint"],
                value=part["value"],
                key=part["part"],
                nets=nets[part["ref"]],
            )
            for part in intent["parts"]
        }
    )


def from_board(board: Board) -> Circuit:
    """The circuit that the board's pads make; parts without a symbol (holes) are left out."""
    nets: dict[str, dict[str, str]] = defaultdict(dict)
    for pad in board["pads"]:
        if pad["net"]:
            nets[pad["ref"]][pad["number"]] = pad["net"]
    return Circuit(
        {
            part["ref"]: _component(
                part["ref"],
                symbol=part["symbol"],
                footprint=part["footprint"],
                value=part["value"],
                key=part["part"],
                nets=nets[part["ref"]],
            )
            for part in board["footprints"]
            if part["symbol"]
        }
    )


@dataclass(frozen=True)
class Supplies:
    """Where current comes from and goes to, by the requirement's roles and the board's regulators."""

    ground: set[str]
    volts: dict[str, float]  # highest voltage of each supply, coming in or going out
    inputs: set[str]  # supplies that come in
    signals: dict[str, float]  # highest voltage of each input
    least: dict[str, float] = field(default_factory=dict)  # lowest voltage of each supply
    rails: dict[str, float] = field(default_factory=dict)  # what regulators give on the nets within

    @property
    def highest(self) -> float:
        """The highest voltage on the board: a bound for every inner net without inductors."""
        return max([*self.volts.values(), *self.signals.values(), *self.rails.values()], default=0.0)

    def bound(self, net: str) -> float:
        """The most volts that the net can have against ground."""
        return 0.0 if net in self.ground else self.volts.get(net, self.rails.get(net, self.highest))

    def is_supply(self, net: str) -> bool:
        """Whether the net's voltage is known to be a supply's."""
        return net in self.volts or net in self.rails


def supplies_of(requirement: Requirement, circuit: Circuit | None = None) -> Supplies:
    """Grounds, supplies and inputs as the requirement names them, with the circuit's regulators if given."""
    tops: dict[str, dict[str, float]] = defaultdict(dict)
    least: dict[str, float] = {}
    for port in requirement["ports"]:
        nominal = port.get("volts_nom", port.get("volts_min", 0.0))
        tops[port["role"]][port["name"]] = port.get("volts_max", nominal)
        least[port["name"]] = port.get("volts_min", nominal)
    rails = _rails(circuit) if circuit else {}
    top = max(tops["supply_in"].values(), default=0.0)
    given = {net: volts or rails.get(net, top) for net, volts in tops["supply_out"].items()}
    volts = tops["supply_in"] | given
    return Supplies(
        ground=set(tops["ground"]),
        volts=volts,
        inputs=set(tops["supply_in"]),
        signals=tops["signal_in"] | tops["signal"],
        least=least,
        rails={net: given for net, given in rails.items() if net not in volts},
    )


def _rails(circuit: Circuit) -> dict[str, float]:
    """The nets at the outputs of regulators whose voltage is fixed."""
    rails: dict[str, float] = {}
    for part in circuit.of_kind("regulator"):
        volts, net = truth.regulated_volts(part.symbol), part.net("OUT")
        if volts is not None and net:
            rails[net] = max(volts, rails.get(net, 0.0))
    return rails
