"""Does the declared netlist meet the requirement?  Predicates that need no copper.

Every predicate yields one check per subject (a port, a part, a net), passed or not, so that the
report shows what was looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from kicad.checks import logic, named, pins, polarity, ratings, support, truth
from kicad.checks.circuit import Circuit, from_intent, supplies_of
from kicad.checks.finding import check
from kicad.shapes import Check, Intent, Requirement

POWER_CURRENT_A = 0.15  # from here on a net needs a declared current, so that its tracks are made wide


def check_intent(requirement: Requirement, intent: Intent) -> list[Check]:
    """All predicates on the netlist; every one runs, whatever the others found."""
    circuit = from_intent(intent)
    supplies = supplies_of(requirement, circuit)
    checks = [*identities(intent, circuit), *ports(requirement, intent, circuit)]
    checks += labels(requirement, intent, circuit)
    checks += named.check_named(requirement, intent)
    checks += power_nets(requirement, intent)
    checks += pins.check_pins(circuit, supplies)
    checks += polarity.check_polarity(requirement, circuit, supplies)
    checks += support.check_support(circuit, supplies)
    checks += ratings.check_ratings(requirement, circuit, supplies)
    checks += logic.check_logic(circuit, supplies)
    return checks


def identities(intent: Intent, circuit: Circuit) -> Iterator[Check]:
    """Parts are what KiCad's libraries and the parts table say they are."""
    for part in intent["parts"]:
        ref = part["ref"]
        found = truth.symbol_pins(part["symbol"])
        declared = {(pin["number"], pin["name"], pin["type"]) for pin in part["pins"]}
        real = {(pin.number, pin.name, pin.type) for pin in found or ()}
        if found is None or declared != real:
            yield check(
                "PIN_MISMATCH",
                "intent",
                False,
                "pins are those of KiCad's symbol",
                place=ref,
                measured=f"{len(declared ^ real)} pins that differ from {part['symbol']}",
                required="the symbol's own pins",
                cause="the intent was changed after the script wrote it, or the symbol is unknown",
                fix="take the part by its key from the parts table",
            )
        if circuit.parts[ref].kind in {"resistor", "capacitor", "polarised", "inductor"}:
            yield check(
                "VALUE_UNREADABLE",
                "intent",
                circuit.parts[ref].value_si is not None,
                "value is a number with a unit prefix",
                place=ref,
                measured=part["value"] or "none",
                required="e.g. 4.7k, 100n, 10u",
                cause="the value cannot be read",
                fix=f"write {ref}'s value as a number with a prefix",
            )


def ports(requirement: Requirement, intent: Intent, circuit: Circuit) -> Iterator[Check]:
    """Every port is a net of its name on a connector pin, with its name beside that pin."""
    labelled = {(label["text"], tuple(label["pin"])) for label in intent["labels"] if "pin" in label}
    for port in requirement["ports"]:
        name = port["name"]
        at = [pin for pin in circuit.nets.get(name, []) if circuit.parts[pin.ref].kind == "connector"]
        yield check(
            "PORT_MISSING",
            "intent",
            bool(at),
            "port is on a connector",
            place=name,
            measured=", ".join(pin.place for pin in at) or "on no connector pin",
            required=f"net {name} on a connector pin",
            cause="the port's net has another name, or it ends before the connector",
            fix=f'connect a connector pin with net("{name}", …)',
        )
        if at:
            yield check(
                "PORT_UNLABELLED",
                "intent",
                any((name, (pin.ref, pin.number)) in labelled for pin in at),
                "connector pin is named on the board",
                place=name,
                measured="labelled" if any(text == name for text, _ in labelled) else "no label",
                required=f"label {name} beside {at[0].place}",
                cause="the connector pin has no label",
                fix=f'label("{name}", {at[0].ref}["{at[0].number}"])',
            )


def labels(requirement: Requirement, intent: Intent, circuit: Circuit) -> Iterator[Check]:
    """A pin that bears a port's name is on that port's net: people wire by what is written."""
    names = {port["name"] for port in requirement["ports"]}
    net_of = {(pin.ref, pin.number): name for name, members in circuit.nets.items() for pin in members}
    for label in intent["labels"]:
        if "pin" not in label or label["text"] not in names:
            continue
        ref, number = label["pin"]
        net = net_of.get((ref, number), "")
        yield check(
            "LABEL_NOT_ITS_NET",
            "intent",
            net == label["text"],
            "pin is on the net that is written beside it",
            place=f"{ref}.{number}",
            measured=net or "in no net",
            required=label["text"],
            cause="the label names another net than the pin's",
            fix=f'connect {ref}["{number}"] to net {label["text"]}, or correct the label',
        )


def power_nets(requirement: Requirement, intent: Intent) -> Iterator[Check]:
    """Ports that carry power have a net class with their current."""
    declared: dict[str, float] = {}
    for netclass in intent["netclasses"]:
        for net in netclass["nets"]:
            declared[net] = max(declared.get(net, 0.0), netclass["current_A"])
    for port in requirement["ports"]:
        current = port.get("current_A", 0.0)
        if current < POWER_CURRENT_A:
            continue
        name = port["name"]
        yield check(
            "NETCLASS_MISSING",
            "intent",
            declared.get(name, 0.0) >= current * 0.999,
            "power net declares its current",
            place=name,
            measured=f"{declared.get(name, 0.0):g} A",
            required=f"≥ {current:g} A",
            cause="the net would be routed as a signal",
            fix=f'netclass("{name}", current_A={current:g})',
        )
