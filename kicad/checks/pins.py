"""Electrical rules by pin type, in the place of KiCad's ERC (there is no schematic)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kicad.checks.circuit import CONTACT_KINDS, DIODE_KINDS, PASSIVE_KINDS, Circuit, Component, Pin, Supplies
from kicad.checks.finding import check
from kicad.shapes import Check

_DRIVERS = {"output", "power_out", "tri_state"}
_MUST_CONNECT = {
    "resistor",
    "capacitor",
    "polarised",
    "inductor",
    "fuse",
    "led",
    "diode",
    "zener",
    "nmos",
    "pmos",
}
_GROUND_NAMES = {"GND", "VSS", "AGND", "DGND", "PGND", "GNDA", "VSSA", "AVSS"}
_REGULATED = re.compile(
    r"V?REGIN|VREG_?(?:IN|VIN)|REG_?IN|VIN|VUSB|DCDC_?IN"
)  # what a regulator within takes
_WITHIN = re.compile(r"VDD|V33|3V3|VOUT|DVDD|VCORE|VCAP\d?|VIO|VDDIO")  # where its output may be fed back
_SUPPLY_NAMES = {"VCC", "VDD", "AVCC", "AVDD", "VDDA", "VDDIO", "VIN", "V+"}


def check_pins(circuit: Circuit, supplies: Supplies) -> list[Check]:
    """Unconnected, undriven and fighting pins, nets that lead nowhere, supplies shorted to ground."""
    return [
        *_unconnected(circuit),
        *_undriven(circuit, supplies),
        *_conflicts(circuit),
        *_dangling(circuit),
        *_ground_pins(circuit, supplies),
        *_shorts(circuit, supplies),
    ]


def _unconnected_code(part: Component, pin: Pin) -> str | None:
    """The code for this pin being left open, None when it may be: an MCU's pins that go both ways may."""
    if part.supplied_by(pin):
        return "POWER_UNCONNECTED"
    if (
        pin.type == "input" and pin.role != "DIS"
    ):  # a timer's discharge pin is an output that KiCad calls input
        return "GATE_FLOATING" if part.kind in {"nmos", "pmos"} else "INPUT_FLOATING"
    if part.kind in _MUST_CONNECT:
        return "PIN_UNCONNECTED"
    return None


def _unconnected(circuit: Circuit) -> Iterator[Check]:
    looked = 0
    for part in circuit.parts.values():
        for pin in part.pins:
            code = _unconnected_code(part, pin)
            if code is None:
                continue
            looked += 1
            if pin.net:
                continue
            yield check(
                code,
                "intent",
                False,
                "pin is connected",
                place=pin.place,
                measured="in no net",
                required="connected",
                cause="the script names the pin in no net",
                fix=f"connect {pin.place} to the net that it belongs to",
            )
    yield check(
        "PINS_CONNECTED",
        "intent",
        True,
        "pins that need a net",
        measured=f"{looked} looked at",
        required="all",
    )


def _undriven(circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    """A supply pin's net comes from a port or a power output, if need be through a filter or a diode."""
    sources = {
        name
        for name, members in circuit.nets.items()
        if any(pin.type == "power_out" for pin in members)
        or (
            name in supplies.inputs | supplies.ground
            and any(circuit.parts[pin.ref].kind == "connector" for pin in members)
        )
    }
    sources |= _made_within(circuit)
    passes = PASSIVE_KINDS | DIODE_KINDS | CONTACT_KINDS | {"nmos", "pmos"}
    for part in circuit.parts.values():
        for pin in part.pins:
            if pin.type != "power_in" or not pin.net:
                continue
            reached = circuit.walk(pin.net, lambda other: other.kind in passes, sources.__contains__)
            yield check(
                "POWER_UNDRIVEN",
                "intent",
                not sources.isdisjoint(reached),
                "supply pin is fed",
                place=pin.place,
                measured=f"net {pin.net}",
                required="a supply port, ground or a regulator's output",
                cause=f"net {pin.net} comes from no supply",
                fix=f"connect {pin.place} to a supply port's net",
            )


def _made_within(circuit: Circuit) -> set[str]:
    """Nets that a part with a regulator of its own feeds: KiCad calls its output a supply pin, too."""
    return {
        pin.net
        for part in circuit.of_kind("ic")
        if any(other.net and _REGULATED.fullmatch(other.role) for other in part.pins)
        for pin in part.pins
        if pin.type == "power_in" and pin.net and _WITHIN.fullmatch(pin.role)
    }


def _conflicts(circuit: Circuit) -> Iterator[Check]:
    for name, members in sorted(circuit.nets.items()):
        drivers = [pin for pin in members if pin.type in _DRIVERS]
        if len({pin.ref for pin in drivers}) > 1 or len(drivers) > 1:
            yield check(
                "PIN_CONFLICT",
                "intent",
                False,
                "one output a net",
                place=name,
                measured=", ".join(pin.place for pin in drivers),
                required="one output at most",
                cause="two outputs drive the same net",
                fix=f"give {drivers[1].place} a net of its own",
            )


def _dangling(circuit: Circuit) -> Iterator[Check]:
    for name, members in sorted(circuit.nets.items()):
        if len(members) == 1:
            yield check(
                "NET_DANGLING",
                "intent",
                False,
                "net joins two pins or more",
                place=name,
                measured=f"only {members[0].place}",
                required="two pins",
                cause="a pin is missing from the net, or the net's name is spelt in two ways",
                fix=f"connect {members[0].place} to what it belongs to, or drop net {name}",
            )


def _ground_pins(circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    """A pin called ground is on ground, one called supply is not, nor any other of a timer or a regulator."""
    for part in circuit.of_kind("timer", "regulator", "ic"):
        for pin in part.pins:
            if pin.type != "power_in" or not pin.net:
                continue
            grounded = pin.net in supplies.ground
            wants_ground = pin.role in _GROUND_NAMES
            if part.kind == "ic" and not wants_ground and pin.role not in _SUPPLY_NAMES:
                continue
            yield check(
                "SUPPLY_SWAPPED",
                "intent",
                grounded == wants_ground,
                "supply and ground pins are on the right side",
                place=pin.place,
                measured=f"net {pin.net}",
                required="ground" if wants_ground else "not ground",
                cause="supply and ground are swapped",
                fix=f"connect {pin.place} to {'ground' if wants_ground else 'its supply'}",
            )


def _shorts(circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    """No way from a supply to ground through nothing but wire, coils, fuses, 0 Ω or a conducting diode."""

    def wire(part: Component) -> bool:
        return part.kind in {"inductor", "fuse"} or (part.kind == "resistor" and (part.value_si or 1.0) < 0.5)

    for name in sorted(supplies.volts):
        reached = circuit.walk(name, wire, supplies.ground.__contains__)
        guilty = [part for net, way in reached.items() if net in supplies.ground for part in way]
        guilty += [
            part
            for part in circuit.of_kind("diode", "zener")
            if part.net("A") in reached and part.net("K") in supplies.ground
        ]
        yield check(
            "SUPPLY_SHORT",
            "intent",
            not guilty,
            "supply is not shorted to ground",
            place=name,
            measured="through " + ", ".join(part.ref for part in guilty) if guilty else "no short",
            required="no path without a load",
            cause="the way from the supply to ground holds back no current",
            fix=f"turn or move {guilty[0].ref}" if guilty else "",
        )
