"""Parts without a simulation model: left out of the deck, told, and how far their influence reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kicad.checks.circuit import Circuit, Component, Supplies
from kicad.checks.deck import SILENT_KINDS, Deck
from kicad.checks.finding import check, quantity
from kicad.checks.logic import driven_leds
from kicad.checks.rails import net_range
from kicad.shapes import Check, Requirement

_OPEN_OHM = 1e9  # from a net that an absent part would hold to ground, so that it has a potential at all


@dataclass
class Unsimulated:
    """What is left out of a deck: `open` are nets that only the absent parts could tell the volts of."""

    parts: list[Component]
    open: set[str]
    drains: dict[str, float] = field(default_factory=dict)  # ampere that each absent part takes, by reference
    at: dict[str, str] = field(default_factory=dict)  # the net that feeds each, by reference
    unknown: list[str] = field(default_factory=list)  # parts behind a regulator whose current nobody says

    def touches(self, *nets: str) -> bool:
        """Whether the answer at one of the nets would hang on a part that is not simulated."""
        return not self.open.isdisjoint(nets)

    def names(self) -> str:
        """The parts in words."""
        return ", ".join(f"{part.ref} ({part.value})" for part in self.parts)

    def told(self) -> Iterator[Check]:
        """One passed check that names the parts; none when everything is simulated."""
        if not self.parts:
            return
        taken = [f"{ref} takes {quantity(amps, 'A')}" for ref, amps in sorted(self.drains.items())]
        taken += [f"what {ref} takes is not known" for ref in self.unknown]
        yield check(
            "UNSIMULATED",
            "spice",
            True,
            "parts without a simulation model are checked by rules alone",
            place=", ".join(part.ref for part in self.parts),
            measured="; ".join([f"not simulated: {self.names()}", *taken]),
            required="told",
        )


def leave_out(requirement: Requirement, circuit: Circuit, supplies: Supplies, deck: Deck) -> Unsimulated:
    """What the deck leaves out; the supply currents of absent parts are added to the deck's lines."""
    parts = [circuit.parts[ref] for ref in deck.unmodelled]
    found = Unsimulated(parts, _reached(circuit, supplies, set(deck.unmodelled)))
    if parts:
        _find_drains(found, requirement, circuit, supplies)
    for ref, amps in found.drains.items():
        node = deck.node(found.at[ref])
        if node != "0":  # a current that fades away with the voltage
            deck.lines.append(f"B_drain_{deck.names[ref]} {node} 0 I={amps:g}*tanh(10*v({node}))")
    for net in sorted(found.open | _bare_nets(circuit)):
        node = deck.node(net)
        if node != "0":
            deck.lines.append(f"R_open_{node} {node} 0 {_OPEN_OHM:g}")
    return found


def _bare_nets(circuit: Circuit) -> set[str]:
    """Nets with nothing on them that the deck has: SPICE would not know them."""
    return {
        net
        for net, members in circuit.nets.items()
        if all(circuit.parts[pin.ref].kind in SILENT_KINDS for pin in members)
    }


def _reached(circuit: Circuit, supplies: Supplies, absent: set[str]) -> set[str]:
    """Nets whose potential the absent parts could set, or change by more than a load on a supply does.

    From every pin that is no supply's, on through all parts; ground, the sources at the ports and what a
    regulator holds are where it ends.
    """
    held = {part.net("OUT") for part in circuit.of_kind("regulator") if part.ref not in absent}
    stiff = supplies.ground | supplies.inputs | held
    todo = [
        pin.net
        for ref in sorted(absent)
        for pin in circuit.parts[ref].pins
        if pin.net and pin.net not in stiff and not circuit.parts[ref].supplied_by(pin)
    ]
    found: set[str] = set()
    while todo:
        net = todo.pop()
        if net in found:
            continue
        found.add(net)
        for part in {pin.ref: circuit.parts[pin.ref] for pin in circuit.nets.get(net, [])}.values():
            if part.kind in SILENT_KINDS or part.ref in absent:
                continue
            if part.kind == "regulator":  # what it gives hangs on what it gets
                todo += [part.net("OUT")] if net != part.net("OUT") else []
            else:
                todo += [other for other in part.nets() if other not in stiff]
    return found - supplies.ground - supplies.inputs


def _find_drains(found: Unsimulated, requirement: Requirement, circuit: Circuit, supplies: Supplies) -> None:
    """Supply currents: the parts table's, else what the ports leave over; with the LEDs that pins light."""
    leds: dict[str, float] = {}
    for led, pin, _, amps, _ in driven_leds(circuit, supplies):
        if amps < led.limits.get("Imax", 0.1):
            leds[pin.ref] = leds.get(pin.ref, 0.0) + amps
    silent: list[str] = []
    for part in found.parts:
        nets = {pin.net for pin in part.pins if pin.net and part.supplied_by(pin)} - supplies.ground
        if not nets:
            continue
        found.at[part.ref] = max(sorted(nets), key=lambda net: _volts(net, circuit, supplies))
        if "Icc" in part.limits:
            found.drains[part.ref] = part.limits["Icc"] + leds.get(part.ref, 0.0)
        else:
            silent.append(part.ref)
    left = _left_over(requirement) - sum(found.drains.values())
    for ref in silent:
        if left > 0:
            found.drains[ref] = left / len(silent)
        elif found.at[ref] not in supplies.inputs:
            found.unknown.append(ref)


def _volts(net: str, circuit: Circuit, supplies: Supplies) -> float:
    known = net_range(net, circuit, supplies)
    return known[1] if known else 0.0


def _left_over(requirement: Requirement) -> float:
    """Ampere that the board itself may take: what comes in by the ports, less what goes out by them."""

    def total(*roles: str) -> float:
        return sum(port.get("current_A", 0.0) for port in requirement["ports"] if port["role"] in roles)

    return total("supply_in") - total("supply_out", "load")
