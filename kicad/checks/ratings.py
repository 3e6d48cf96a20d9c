"""Voltages and currents that parts must bear, from the requirement's figures and the parts table.

Voltages are bounds: a net that is no port can be as high as the highest supply, which holds
wherever no inductor stores energy.
"""

from __future__ import annotations

from collections.abc import Iterator

from kicad.checks import truth
from kicad.checks.circuit import Circuit, Component, Supplies
from kicad.checks.finding import check, quantity
from kicad.checks.rails import net_range, supply_volts
from kicad.shapes import Check, Port, Requirement

TABLED_KINDS = {
    "resistor",
    "capacitor",
    "polarised",
    "led",
}  # whose rating is that of a row of the parts table
VOLTAGE_MARGIN = 1.25  # of what a capacitor, diode or transistor must bear


def check_ratings(requirement: Requirement, circuit: Circuit, supplies: Supplies) -> list[Check]:
    """Every part bears what the requirement lets happen to it."""
    checks = [
        _voltage("CAPACITOR_RATING", part, _across(part, supplies), VOLTAGE_MARGIN)
        for part in circuit.of_kind("capacitor", "polarised")
    ]
    checks += [
        _voltage("DIODE_RATING", part, _across(part, supplies), VOLTAGE_MARGIN)
        for part in circuit.of_kind("diode")
    ]
    checks += _mosfets(requirement, circuit, supplies)
    checks += _loads(requirement, circuit)
    checks += _supplied(requirement, circuit, supplies)
    return checks


def _across(part: Component, supplies: Supplies) -> float:
    """The most volts that can lie across a two-pin part."""
    bounds = [supplies.bound(net) for net in part.nets()]
    return max(bounds, default=0.0)


def _limit(
    code: str, part: Component, what: str, *, stress: float, name: str, unit: str, margin: float = 1.0
) -> Check:
    """`stress` times `margin` stays within the limit `name`.

    One that nobody wrote down is a failure where the parts table has others of the kind to choose from; of a
    part that is one of its own it is told.
    """
    limit = part.limits.get(name)
    told = limit is None and not part.listed and part.kind not in TABLED_KINDS
    rule = f"≥ {quantity(stress * margin, unit)}" + (
        f" ({margin:g} × {quantity(stress, unit)})" if margin > 1 else ""
    )
    return check(
        "RATING_UNKNOWN" if told else code,
        "intent",
        told or (limit is not None and limit >= stress * margin * 0.999),
        f"{what}: the part's limit is not known" if told else f"{what} is within the part's limit",
        place=part.ref,
        measured=quantity(limit, unit) if limit is not None else "limit unknown",
        required=rule,
        cause=f"{part.ref} ({part.value}) bears less than it is given"
        if limit is not None
        else "the part has no rating in the parts table",
        fix=f"take a part for {part.ref} with a higher rating"
        + ("" if limit is not None else ", by its key of the parts table"),
    )


def _voltage(code: str, part: Component, volts: float, margin: float) -> Check:
    return _limit(code, part, "voltage", stress=volts, name="Vmax", unit="V", margin=margin)


def _ports(requirement: Requirement, *roles: str) -> list[Port]:
    return [port for port in requirement["ports"] if port["role"] in roles]


def _mosfets(requirement: Requirement, circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    loads = {port["name"]: port.get("current_A", 0.0) for port in _ports(requirement, "load")}
    for part in circuit.of_kind("nmos", "pmos"):
        yield _voltage("MOSFET_VOLTAGE", part, supplies.highest, VOLTAGE_MARGIN)
        gate = _gate_volts(requirement, part, circuit, supplies)
        yield _limit("MOSFET_GATE", part, "gate voltage", stress=gate, name="Vgs_max", unit="V")
        current = loads.get(part.net("D"), 0.0)
        if current:
            yield _limit("MOSFET_CURRENT", part, "drain current", stress=current, name="Imax", unit="A")


def _gate_volts(requirement: Requirement, part: Component, circuit: Circuit, supplies: Supplies) -> float:
    """The most volts on a gate: of the inputs, or of the supplies of the parts that drive it."""
    logic = [port.get("volts_max", port.get("volts_nom")) for port in _ports(requirement, "signal_in")]
    reached = circuit.walk(
        part.net("G"), lambda other: other.kind == "resistor", supplies.ground.__contains__
    )
    drivers = {pin.ref for net in reached for pin in circuit.nets.get(net, []) if net not in supplies.ground}
    chips = [circuit.parts[ref] for ref in sorted(drivers) if circuit.parts[ref].kind in {"ic", "timer"}]
    levels = [*logic, *(supply_volts(chip, circuit, supplies) for chip in chips)]
    return max((volts for volts in levels if volts is not None), default=supplies.highest)


def _loads(requirement: Requirement, circuit: Circuit) -> Iterator[Check]:
    """Connectors carry their port's current, flyback diodes the load's."""
    for port in requirement["ports"]:
        current = port.get("current_A", 0.0)
        if not current:
            continue
        pins = {(pin.ref, pin.role): pin for pin in circuit.nets.get(port["name"], [])}
        for ref in sorted({pin.ref for pin in circuit.nets.get(port["name"], [])}):
            part = circuit.parts[ref]
            if part.kind == "connector":
                yield _limit(
                    "CONNECTOR_CURRENT",
                    part,
                    f"current of {port['name']}",
                    stress=current,
                    name="Imax",
                    unit="A",
                )
            elif part.kind == "diode" and port["role"] == "load" and (ref, "A") in pins:
                yield _limit(
                    "DIODE_CURRENT", part, "the load's current", stress=current, name="Imax", unit="A"
                )


def _supplied(requirement: Requirement, circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    """Integrated circuits work at every voltage that their supply may have."""
    load = max((port.get("current_A", 0.0) for port in _ports(requirement, "supply_out")), default=0.0)
    for part in circuit.of_kind("timer", "ic", "regulator"):
        taking = {pin.net for pin in part.pins if pin.net and part.supplied_by(pin)} - supplies.ground
        for net in sorted(taking | (part.nets() & supplies.inputs)):
            yield _range(part, net, circuit, supplies)
        if part.kind == "regulator" and load and part.listed:
            yield _limit("REGULATOR_CURRENT", part, "output current", stress=load, name="Imax", unit="A")


def _range(part: Component, net: str, circuit: Circuit, supplies: Supplies) -> Check:
    """A supply's range held against the part's, from the parts table or from KiCad's description of it.

    A part whose range neither of them says is told, not failed: nothing that a script can say would mend it.
    """
    told = truth.supply_range(part.symbol) or (0.0, None)
    least = part.limits.get("Vmin", told[0])
    most = part.limits.get("Vin_max", part.limits.get("Vmax", told[1]))
    given = net_range(net, circuit, supplies)
    if (most is None and not part.listed) or given is None:
        what = "the part's range is" if given is not None else f"the voltage of {net} is"
        return check(
            "SUPPLY_RANGE_UNKNOWN",
            "intent",
            True,
            f"{what} not known: to be held against its data sheet",
            place=part.ref,
            measured=f"{given[0]:g} – {given[1]:g} V at {net}" if given else f"{net}, from no known supply",
            required=f"{least:g} – {most:g} V" if most is not None else "not in the parts table",
        )
    low, high = given
    return check(
        "SUPPLY_RANGE",
        "intent",
        most is not None and least <= low and high <= most,
        "supply is within the part's range",
        place=part.ref,
        measured=f"{low:g} – {high:g} V at {net}",
        required=f"{least:g} – {most:g} V" if most is not None else "a known range",
        cause=f"{part.value} does not work over the whole range of {net}",
        fix=f"take another part for {part.ref}, or another supply",
    )
