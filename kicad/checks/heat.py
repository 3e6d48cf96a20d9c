"""What the parts dissipate at the highest supply and full load, against what they bear."""

from __future__ import annotations

from collections.abc import Iterator

from kicad.checks.bench import Stimulus
from kicad.checks.finding import check, quantity
from kicad.checks.ngspice import SimulationError
from kicad.checks.spice import Simulator, junctions
from kicad.shapes import Check

TJ_MAX_C = 125.0  # where the parts table says nothing else


def check_heat(simulator: Simulator) -> list[Check]:
    """Resistors within their power, LEDs within their current, junctions within their limit.

    What hangs on a part that is not simulated has rules of its own (`kicad.checks.logic`).
    """
    try:
        return [*_powers(simulator), *_led_limits(simulator), *_junctions(simulator)]
    except SimulationError as error:
        return [
            check(
                "HEAT_UNKNOWN",
                "heat",
                False,
                "dissipation at the highest supply",
                measured="no trustworthy result",
                required="a simulation",
                cause=str(error),
                fix="check the netlist: the circuit has no sound operating point",
            )
        ]


def _powers(simulator: Simulator) -> Iterator[Check]:
    powers = simulator.readings(Stimulus("max", simulator.logic(), simulator.load())).powers
    for part in simulator.circuit.of_kind("resistor"):
        if simulator.hangs(part.ref):
            continue
        limit = part.limits.get("Pmax")
        watts = powers.get(part.ref, 0.0)
        yield check(
            "RESISTOR_POWER",
            "heat",
            limit is not None and watts <= limit,
            "resistor stays within its power",
            place=part.ref,
            measured=quantity(watts, "W"),
            required=f"≤ {quantity(limit, 'W')}" if limit is not None else "a known limit",
            cause="the resistor gets too hot" if limit is not None else "no power rating in the parts table",
            fix=f"take a larger resistor for {part.ref}, or a higher value",
        )


def _led_limits(simulator: Simulator) -> Iterator[Check]:
    leds = simulator.readings(Stimulus("max", simulator.logic(), simulator.load())).leds
    for ref, amps in sorted(leds.items()):
        if simulator.hangs(ref):
            continue
        limit = simulator.circuit.parts[ref].limits.get("Imax")
        yield check(
            "LED_OVERLOAD",
            "heat",
            limit is not None and amps <= limit,
            "LED stays within its current at the highest supply",
            place=ref,
            measured=quantity(amps, "A"),
            required=f"≤ {quantity(limit, 'A')}" if limit is not None else "a known limit",
            cause="too much current" if limit is not None else "no current rating in the parts table",
            fix=f"raise the resistor in series with {ref}",
        )


def _junctions(simulator: Simulator) -> Iterator[Check]:
    for ref, celsius in sorted(junctions(simulator).items()):
        limit = simulator.circuit.parts[ref].limits.get("Tjmax", TJ_MAX_C)
        yield check(
            "JUNCTION_LIMIT",
            "heat",
            celsius <= limit,
            "junction stays within the part's limit",
            place=ref,
            measured=quantity(celsius, "°C"),
            required=f"≤ {quantity(limit, '°C')}",
            cause="the part dissipates more than its package can carry away",
            fix=f"less current or voltage across {ref}, or a package with a lower thermal resistance",
        )
