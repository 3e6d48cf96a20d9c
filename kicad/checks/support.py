"""Parts that others cannot work without: supply capacitors, a timer's control capacitor."""

from __future__ import annotations

from collections.abc import Iterator

from kicad.checks.circuit import Circuit, Component, Pin, Supplies
from kicad.checks.finding import check, quantity
from kicad.shapes import Check

# "100 nF class": half of it as the least; beyond 10 µF a ceramic is a reservoir and no bypass.
BYPASS_F = (47e-9, 10.0e-6)
# NE555 (TI SLFS022, "CONT ... bypass to ground, typically 10 nF").
CONTROL_F = (4.7e-9, 220e-9)
# The least for any regulator; rows of the parts table ask for more (Cin_min, Cout_min).
REGULATOR_F = {"IN": 0.1e-6, "OUT": 0.1e-6}
_SLACK = 0.999  # of a limit, so that 0.1 µF written in floating point is 0.1 µF


def check_support(circuit: Circuit, supplies: Supplies) -> list[Check]:
    """Every supply pin, regulator and timer has the capacitors that its data sheet asks for."""
    checks = list(_bypass(circuit, supplies))
    for regulator in circuit.of_kind("regulator"):
        checks += _regulator(regulator, circuit, supplies)
    for timer in circuit.of_kind("timer"):
        checks.append(_control(timer, circuit, supplies))
    return checks


def supply_pins(circuit: Circuit, supplies: Supplies) -> list[Pin]:
    """Supply pins of integrated circuits that want a bypass capacitor (regulators have their own rule)."""
    return [
        pin
        for part in circuit.of_kind("timer", "ic")
        for pin in part.pins
        if part.supplied_by(pin) and pin.net and pin.net not in supplies.ground
    ]


def to_ground(
    circuit: Circuit, supplies: Supplies, net: str, low: float, high: float, *kinds: str
) -> list[Component]:
    """Capacitors of `low` to `high` farad from the net to ground."""
    return [
        part
        for ground in sorted(supplies.ground)
        for part in circuit.between(net, ground, *kinds)
        if part.value_si is not None and low * _SLACK <= part.value_si <= high / _SLACK
    ]


def bypass(circuit: Circuit, supplies: Supplies, pin: Pin) -> list[Component]:
    """The ceramic capacitors that may serve the supply pin."""
    return to_ground(circuit, supplies, pin.net, *BYPASS_F, "capacitor")


def regulator_capacitors(
    regulator: Component, side: str, circuit: Circuit, supplies: Supplies
) -> tuple[list[Component], float]:
    """The capacitors at a regulator's "IN" or "OUT", and the least farad that count."""
    least = regulator.limits.get("Cin_min" if side == "IN" else "Cout_min", REGULATOR_F[side])
    net = regulator.net(side)
    return to_ground(circuit, supplies, net, least, 1.0, "capacitor", "polarised"), least


def _bypass(circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    served: dict[str, int] = {}
    for pin in supply_pins(circuit, supplies):
        found = bypass(circuit, supplies, pin)
        number = served[pin.net] = served.get(pin.net, 0) + 1  # each pin needs one of its own
        yield check(
            "DECOUPLING_MISSING",
            "intent",
            len(found) >= number,
            "supply pin has its capacitor",
            place=pin.place,
            measured=", ".join(f"{part.ref} {part.value}" for part in found) or "none",
            required=f"{quantity(BYPASS_F[0], 'F')} – {quantity(BYPASS_F[1], 'F')} ceramic to ground",
            cause="no bypass capacitor, or one of the wrong value",
            fix=f"put 100n from {pin.place} to ground, near(…, max_mm=5)",
        )


def _regulator(regulator: Component, circuit: Circuit, supplies: Supplies) -> Iterator[Check]:
    for side, code in (("IN", "REGULATOR_INPUT_CAPACITOR"), ("OUT", "REGULATOR_OUTPUT_CAPACITOR")):
        found, least = regulator_capacitors(regulator, side, circuit, supplies)
        yield check(
            code,
            "intent",
            bool(found),
            f"regulator has its {'input' if side == 'IN' else 'output'} capacitor",
            place=f"{regulator.ref}.{side}",
            measured=", ".join(f"{part.ref} {part.value}" for part in found) or "none",
            required=f"≥ {quantity(least, 'F')} to ground",
            cause="without it the regulator may oscillate",
            fix=f"put a capacitor of at least {quantity(least, 'F')} from {regulator.ref}.{side} to ground",
        )


def _control(timer: Component, circuit: Circuit, supplies: Supplies) -> Check:
    net = timer.net("CV")
    found = to_ground(circuit, supplies, net, *CONTROL_F, "capacitor") if net else []
    driven = bool(net) and any(circuit.parts[pin.ref].kind == "connector" for pin in circuit.nets[net])
    return check(
        "CONTROL_CAPACITOR_MISSING",
        "intent",
        bool(found) or driven,
        "timer's control pin has its capacitor",
        place=f"{timer.ref}.CV",
        measured=", ".join(f"{part.ref} {part.value}" for part in found) or "none",
        required="10 nF class to ground",
        cause="noise on the control pin moves both thresholds",
        fix=f"put 10n from {timer.ref}'s CV to ground",
    )
