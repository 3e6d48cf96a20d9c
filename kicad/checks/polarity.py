"""Parts that have a direction: LEDs, flyback diodes, MOSFETs, polarised capacitors.

A net's standing is found by walking through resistors and the like to the nearest place whose
potential is known: ground, a driven net (an output, a switch, a signal), a supply.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kicad.checks.circuit import CONTACT_KINDS, DIODE_KINDS, PASSIVE_KINDS, Circuit, Component, Supplies
from kicad.checks.finding import check
from kicad.shapes import Check, Requirement


class Standing(NamedTuple):
    """How high a net can be: rank 0 ground, 1 driven, 2 supply; then volts."""

    rank: int
    volts: float


class Source(NamedTuple):
    """Where a net leads to, and the parts on the way."""

    net: str
    standing: Standing
    way: list[Component]


def check_polarity(requirement: Requirement, circuit: Circuit, supplies: Supplies) -> list[Check]:
    """Every part with a direction stands the right way round."""
    known = standings(circuit, supplies)
    checks = [found for led in circuit.of_kind("led") for found in _led(led, circuit, known)]
    checks += [_capacitor(part, circuit, known, supplies) for part in circuit.of_kind("polarised")]
    checks += [
        found for part in circuit.of_kind("nmos", "pmos") for found in _mosfet(part, circuit, supplies)
    ]
    checks += _flyback(requirement, circuit, supplies)
    return checks


def standings(circuit: Circuit, supplies: Supplies) -> dict[str, Standing]:
    """Nets whose standing needs no walk."""
    known: dict[str, Standing] = {}
    for name, members in circuit.nets.items():
        if name in supplies.ground:
            known[name] = Standing(0, 0.0)
        elif supplies.is_supply(name) or any(pin.type == "power_out" for pin in members):
            known[name] = Standing(2, supplies.bound(name))
        elif name in supplies.signals or any(
            _drives(circuit.parts[pin.ref], pin.role, pin.type) for pin in members
        ):
            known[name] = Standing(1, 0.0)
    return known


def _drives(part: Component, role: str, kind: str) -> bool:
    driving = {"output", "tri_state", "open_collector", "open_emitter"}
    if part.kind in {"nmos", "pmos", "bjt"}:
        return role in {"D", "C"}
    return kind in driving or (part.kind == "ic" and kind == "bidirectional")


def nearest(
    circuit: Circuit, known: dict[str, Standing], start: str, without: Component, avoid: str
) -> Source | None:
    """The nearest known net from `start`, not through the part itself nor past its other side."""
    passes = PASSIVE_KINDS | DIODE_KINDS | CONTACT_KINDS | {"led"}

    def through(part: Component) -> bool:
        return part.kind in passes and part.ref != without.ref

    ways = circuit.walk(start, through, lambda net: net in known or net == avoid)
    hits = [Source(net, known[net], way) for net, way in ways.items() if net in known and net != avoid]
    return min(hits, key=lambda hit: len(hit.way), default=None)


def _led(led: Component, circuit: Circuit, known: dict[str, Standing]) -> Iterator[Check]:
    anode, cathode = led.net("A"), led.net("K")
    if not anode or not cathode:
        return  # reported as unconnected
    high = nearest(circuit, known, anode, led, cathode)
    low = nearest(circuit, known, cathode, led, anode)
    # Between two outputs it can be lit either way round.
    crossed = high is not None and low is not None and high.standing == low.standing == Standing(1, 0.0)
    if high is None or low is None or high.net == low.net or (high.standing == low.standing and not crossed):
        yield check(
            "LED_UNPOWERED",
            "intent",
            False,
            "LED lies between a supply and ground",
            place=led.ref,
            measured=" and ".join(end.net if end else "nothing" for end in (high, low)),
            required="anode towards the supply, cathode towards ground",
            cause="one side of the LED leads nowhere",
            fix=f"put {led.ref} with its resistor between a supply or output and ground",
        )
        return
    yield check(
        "LED_REVERSED",
        "intent",
        crossed or high.standing > low.standing,
        "LED's anode is on the side of the supply",
        place=led.ref,
        measured=f"anode to {high.net}, cathode to {low.net}",
        required="anode towards the supply, cathode towards ground",
        cause="anode and cathode are swapped",
        fix=f'swap {led.ref}["A"] and {led.ref}["K"]',
    )
    resistors = [part for part in [*high.way, *low.way] if part.kind == "resistor"]
    yield check(
        "LED_NO_RESISTOR",
        "intent",
        any((part.value_si or 0.0) >= 1.0 for part in resistors),
        "LED has a series resistor",
        place=led.ref,
        measured=", ".join(f"{part.ref} {part.value}" for part in resistors) or "none",
        required="a resistor in series",
        cause="nothing limits the LED's current",
        fix=f"put a resistor in series with {led.ref}",
    )


def _capacitor(part: Component, circuit: Circuit, known: dict[str, Standing], supplies: Supplies) -> Check:
    # Pin 1 is plus in KiCad's Device:C_Polarized (its drawing has the sign; the pins have no names).
    plus, minus = part.net("1"), part.net("2")
    reversed_ = plus in supplies.ground or minus in supplies.volts
    if not reversed_ and minus not in supplies.ground and plus and minus:
        over = nearest(circuit, known, plus, part, minus)
        under = nearest(circuit, known, minus, part, plus)
        reversed_ = bool(over and under and over.standing < under.standing)
    return check(
        "CAPACITOR_REVERSED",
        "intent",
        not reversed_,
        "polarised capacitor's plus is on the higher side",
        place=part.ref,
        measured=f"plus on {plus or 'nothing'}, minus on {minus or 'nothing'}",
        required="plus on the higher potential",
        cause="plus and minus are swapped",
        fix=f'swap {part.ref}["1"] (plus) and {part.ref}["2"] (minus)',
    )


def _mosfet(part: Component, circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    drain, source, gate = part.net("D"), part.net("S"), part.net("G")
    if not (drain and source and gate):
        return  # reported as unconnected
    wrong = drain in supplies.ground if part.kind == "nmos" else source in supplies.ground
    yield check(
        "MOSFET_REVERSED",
        "intent",
        not wrong,
        "MOSFET's drain and source are the right way round",
        place=part.ref,
        measured=f"drain on {drain}, source on {source}",
        required="source on ground" if part.kind == "nmos" else "source on the supply",
        cause="drain and source are swapped: the body diode always conducts",
        fix=f'swap {part.ref}["D"] and {part.ref}["S"]',
    )
    off = supplies.ground | {source} if part.kind == "nmos" else {source}
    reached = circuit.walk(gate, lambda other: other.kind == "resistor", off.__contains__)
    ends = [(net, way) for net, way in reached.items() if net in off and way]
    yield check(
        "GATE_FLOATING",
        "intent",
        bool(ends) or gate in off,
        "gate is held off when nothing drives it",
        place=f"{part.ref}.G",
        measured=f"{ends[0][1][-1].ref} {ends[0][1][-1].value} to {ends[0][0]}" if ends else "no resistor",
        required="a resistor from the gate's net to the source's side",
        cause="the pull-down is missing",
        fix=f"put e.g. 100k from {part.ref}'s gate to its source",
    )


def _flyback(requirement: Requirement, circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    """A diode from each load port (anode) to a supply port (cathode): it carries the coil's current on."""
    for port in requirement["ports"]:
        if port["role"] != "load":
            continue
        load = port["name"]
        diodes = [part for part in circuit.of_kind("diode") if load in part.nets()]
        right = [part for part in diodes if part.net("A") == load and part.net("K") in supplies.inputs]
        wrong = [part for part in diodes if part.net("K") == load and part.net("A") in supplies.inputs]
        code = "FLYBACK_REVERSED" if wrong and not right else "FLYBACK_MISSING"
        used = (right or wrong or diodes)[:1]
        yield check(
            code,
            "intent",
            bool(right) and not wrong,
            "load has its flyback diode, cathode on the load's plus",
            place=used[0].ref if used else load,
            measured=f"cathode on {used[0].net('K')}, anode on {used[0].net('A')}" if used else "no diode",
            required=f"cathode on the load's supply, anode on {load}",
            cause="the diode stands the wrong way round and shorts the supply when the switch is on"
            if wrong
            else "nothing carries the current of an inductive load when the switch opens",
            fix=f'swap {wrong[0].ref}["A"] and {wrong[0].ref}["K"]'
            if wrong
            else f"put a diode with its anode on {load} and its cathode on the load's supply",
        )
