"""Simulation of the built board against the requirement's measures, each figure a check.

Parts without a model are left out and told; a measure whose answer would hang on one of them, or whose
result fails the guards, fails and says so; it never passes in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kicad.checks import deck
from kicad.checks.bench import LIT_A, Bench, Corner, Readings, Stimulus
from kicad.checks.circuit import Circuit, supplies_of
from kicad.checks.finding import check, quantity, span
from kicad.checks.ngspice import SimulationError
from kicad.checks.unsimulated import leave_out
from kicad.shapes import Check, Measure, Requirement

CODES = {
    "led_current_A": ("LED_CURRENT", "current of the LED while lit"),
    "led_period_s": ("LED_PERIOD", "period of the LED"),
    "cutoff_Hz": ("CUTOFF", "-3 dB frequency"),
    "output_V": ("OUTPUT_VOLTAGE", "output voltage under load"),
    "on_voltage_V": ("ON_VOLTAGE", "voltage across the closed switch"),
    "off_current_A": ("OFF_CURRENT", "current of the open switch"),
    "junction_C": ("JUNCTION", "hottest junction"),
}
AMBIENT_C = 25.0
PORTS = {
    "cutoff_Hz": "OUT",
    "output_V": "VOUT",
    "on_voltage_V": "LOAD",
    "off_current_A": "LOAD",
}  # by default
POWER_KINDS = {"regulator", "nmos", "pmos", "bjt", "diode", "other"}  # what may be a board's hottest part
HOT_KINDS = {"regulator", "nmos", "pmos", "diode", "timer", "ic"}  # resistors have a rule of their own
_CORNERS: tuple[Corner, ...] = ("min", "nom", "max")
_NO_LOAD_A = 1e-3  # a regulator's lightest load: with none at all the output capacitor only ever charges
_STEPS = 250  # of the longest allowed period: the coarse run is then right within about 0.5 %
_PERIODS = 8  # of the longest allowed period, so that four pulses fit even when it is twice too long


class Simulator:
    """One board on the bench; the measures share its analyses."""

    def __init__(self, requirement: Requirement, circuit: Circuit, workdir: Path):
        self.requirement = requirement
        self.circuit = circuit
        supplies = supplies_of(requirement, circuit)
        self.deck = deck.build(circuit, supplies)
        self.absent = leave_out(requirement, circuit, supplies, self.deck)
        self.bench = Bench(requirement, self.deck, workdir)
        self.oscillates = any(part.ref not in self.deck.unmodelled for part in circuit.of_kind("timer"))

    def hangs(self, ref: str) -> bool:
        """Whether what happens in this part would hang on one that is not simulated."""
        return self.absent.touches(*self.circuit.parts[ref].nets())

    def load(self, measure: Measure | None = None) -> float:
        """The load in ampere: the measure's, or the largest that the requirement names for an output."""
        loads = [each.get("load_A", 0.0) for each in self.requirement["measures"]]
        roles = {"supply_out", "load"}
        loads += [port.get("current_A", 0.0) for port in self.requirement["ports"] if port["role"] in roles]
        return measure.get("load_A", max(loads)) if measure else max(loads, default=0.0)

    def logic(self, measure: Measure | None = None) -> float:
        """The high level of the inputs in volt, as the measure or any other measure or port says."""
        if measure and "logic_V" in measure:
            return measure["logic_V"]
        levels = [each["logic_V"] for each in self.requirement["measures"] if "logic_V" in each]
        ports = [port for port in self.requirement["ports"] if port["role"] == "signal_in"]
        return max(
            [*levels, *(port.get("volts_nom", port.get("volts_max", 0.0)) for port in ports)], default=0.0
        )

    def window(self) -> float:
        """How long a transient must be, in seconds, for four pulses."""
        longest = [m["max"] or m["min"] for m in self.requirement["measures"] if m["what"] == "led_period_s"]
        return _PERIODS * max((period for period in longest if period), default=1.0)

    def readings(self, at: Stimulus) -> Readings:
        """Operating point, or a transient when a timer is there.  Raises SimulationError."""
        if not self.oscillates:
            return self.bench.point(at)
        window = self.window()
        step = window / _PERIODS / _STEPS
        try:
            return self.bench.wave(at, window, step)
        except SimulationError:
            return self.bench.wave(at, window, step * 0.6)  # other time steps pass a single bad point by


def check_measures(simulator: Simulator) -> list[Check]:
    """One or more checks for every measure of the requirement, and what was not simulated."""
    checks = list(simulator.absent.told())
    for measure in simulator.requirement["measures"]:
        if measure["what"] not in CODES:
            checks.append(_failed(measure, "not simulated", f"no simulation is known for {measure['what']}"))
        elif why := _hangs_on(simulator, measure):
            checks.append(_failed(measure, "not simulated", why))
        else:
            try:
                checks += _MEASURES[measure["what"]](simulator, measure)
            except SimulationError as error:
                checks.append(_failed(measure, "no trustworthy result", str(error)))
    return checks


def _hangs_on(simulator: Simulator, measure: Measure) -> str:
    """Why the measure's answer would hang on a part that is not simulated; "" when it does not.

    Of LEDs each is looked at by itself.
    """
    absent, what = simulator.absent, measure["what"]
    if not absent.parts or what in {"led_current_A", "led_period_s"}:
        return ""
    if what in {"output_V", "junction_C"} and absent.unknown:
        return (
            f"the supply current of {', '.join(absent.unknown)} is not known, nor that of the supply's port"
        )
    if what == "junction_C":
        hot = [part.ref for part in absent.parts if part.kind in POWER_KINDS]
        warm = [part for part in simulator.circuit.of_kind(*POWER_KINDS) if "theta_ja" in part.limits]
        hot += [part.ref for part in warm if part.ref not in hot and simulator.hangs(part.ref)]
        return f"{', '.join(hot)} or what drives it has no SPICE model" if hot else ""
    ports = {measure.get("port", PORTS[what]), measure.get("source", "") if what == "cutoff_Hz" else ""}
    return f"no SPICE model for {absent.names()}" if absent.touches(*ports) else ""


def _failed(measure: Measure, measured: str, cause: str) -> Check:
    code, title = CODES.get(measure["what"], ("NOT_SIMULATED", measure["what"]))
    return check(
        code,
        "spice",
        False,
        title,
        place=measure.get("port", measure["id"]),
        measured=measured,
        required=span(measure["min"], measure["max"], measure["unit"]),
        cause=cause,
        fix="use parts with a SPICE model (column spice of the parts table) where it is measured, and check "
        "the netlist",
    )


def _judged(measure: Measure, place: str, value: float, fix: str, *, note: str = "") -> Check:
    code, title = CODES[measure["what"]]
    low, high = measure["min"], measure["max"]
    below, above = low is not None and value < low, high is not None and value > high
    return check(
        code,
        "heat" if measure["what"] == "junction_C" else "spice",
        not below and not above,
        title,
        place=place,
        measured=quantity(value, measure["unit"]) + note,
        required=span(low, high, measure["unit"]),
        cause=f"too {'low' if below else 'high'}",
        fix=fix,
    )


def _lit(simulator: Simulator, measure: Measure) -> Iterator[Check | str]:
    """The LEDs that are simulated, and a failure for each whose light hangs on a part that is not."""
    leds = [led.ref for led in simulator.circuit.of_kind("led")]
    for ref in leds:
        absent = ref in simulator.deck.unmodelled or simulator.hangs(ref)
        names = simulator.absent.names()
        yield (
            {**_failed(measure, "not simulated", f"no SPICE model for {names}"), "place": ref}
            if absent
            else ref
        )
    if not leds:
        yield _failed(measure, "no LED", "there is no LED on the board")


def _led_current(simulator: Simulator, measure: Measure) -> Iterator[Check]:
    for led in _lit(simulator, measure):
        if isinstance(led, str):
            amps = simulator.readings(Stimulus()).leds[led]
            fix = f"change the resistor in series with {led}: the current goes with 1/R"
            yield _judged(measure, led, amps, fix)
        else:
            yield led


def _led_period(simulator: Simulator, measure: Measure) -> Iterator[Check]:
    for ref in _lit(simulator, measure):
        if not isinstance(ref, str):
            yield ref
            continue
        readings = simulator.readings(Stimulus())
        period = readings.periods.get(ref)
        if period is not None:
            fix = "change the timing resistors or the timing capacitor: the period goes with R × C"
            yield _judged(measure, ref, period, fix, note=f" ({1 / period:.3g} Hz)")
        else:
            seen = f"never {quantity(LIT_A, 'A')}" if readings.leds[ref] == 0 else "no four pulses"
            cause = "the circuit does not oscillate, or far too slowly"
            yield _failed(measure, f"{seen} in {simulator.window():g} s", cause)


def _cutoff(simulator: Simulator, measure: Measure) -> Iterator[Check]:
    low, high = measure["min"], measure["max"]
    limits = [limit for limit in (low, high) if limit]
    around = (limits[0] * limits[-1]) ** 0.5 if limits else 1e3
    source, port = measure.get("source", "IN"), measure.get("port", "OUT")
    kind = measure.get("kind", "lowpass")
    found = simulator.bench.cutoff(source, port, kind, around)
    if found is None:
        yield _failed(measure, "none", f"no -3 dB point of a {kind} within three decades of {around:.3g} Hz")
    else:
        yield _judged(measure, port, found, "change R or C: the frequency is 1 / (2π R C)", note=f" ({kind})")


def _output(simulator: Simulator, measure: Measure) -> Iterator[Check]:
    """At every corner of the supply, with the load and without: the value farthest from the middle."""
    port = measure.get("port", "VOUT")
    found: list[tuple[float, str]] = []
    for corner in _CORNERS:
        for load in (_NO_LOAD_A, simulator.load(measure)):
            volts = simulator.bench.point(Stimulus(corner, simulator.logic(), load)).nodes.get(port, 0.0)
            found.append((volts, f" ({corner} supply, {quantity(load, 'A')})"))
    for volts, note in sorted({min(found), max(found)}):
        fix = "take another regulator, or more supply voltage: mind the dropout"
        yield _judged(measure, port, volts, fix, note=note)


def _on_voltage(simulator: Simulator, measure: Measure) -> Iterator[Check]:
    port = measure.get("port", "LOAD")
    at = Stimulus("nom", simulator.logic(measure), simulator.load(measure))
    volts = simulator.bench.point(at).nodes.get(port, 0.0)
    note = f" ({quantity(at.load_A, 'A')}, {at.logic_V:g} V on the gate)"
    yield _judged(measure, port, volts, "take a MOSFET with less Rds(on) at this gate voltage", note=note)


def _off_current(simulator: Simulator, measure: Measure) -> Iterator[Check]:
    port = measure.get("port", "LOAD")
    at = Stimulus("max", 0.0, simulator.load(measure))
    readings = simulator.bench.point(at)
    amps = sum(current for name, current in readings.currents.items())
    yield _judged(
        measure, port, amps, "the switch must be open with its input at 0 V", note=" (from all ports)"
    )


def junctions(simulator: Simulator) -> dict[str, float]:
    """Junction temperature in °C of every part with a thermal resistance, at 25 °C around the board.

    Tj = Ta + P θJA at the highest supply and full load; without those that hang on parts that are not
    simulated.  Raises SimulationError.
    """
    at = Stimulus("max", simulator.logic(), simulator.load())
    powers = simulator.readings(at).powers
    return {
        part.ref: AMBIENT_C + powers[part.ref] * part.limits["theta_ja"]
        for part in simulator.circuit.parts.values()
        if part.kind in HOT_KINDS and "theta_ja" in part.limits and part.ref in powers
        if not simulator.hangs(part.ref) and not (part.kind == "regulator" and simulator.absent.unknown)
    }


def _junction(simulator: Simulator, measure: Measure) -> Iterator[Check]:
    found = junctions(simulator)
    if not found:
        cause = "no part on the board has a thermal resistance in the parts table"
        yield _failed(measure, "not simulated", cause)
        return
    ref, hottest = max(found.items(), key=lambda item: item[1])
    watts = (hottest - AMBIENT_C) / simulator.circuit.parts[ref].limits["theta_ja"]
    fix = "less current, less voltage across the part, or a part with a lower thermal resistance"
    yield _judged(measure, ref, hottest, fix, note=f" ({quantity(watts, 'W')})")


_MEASURES = {
    "led_current_A": _led_current,
    "led_period_s": _led_period,
    "cutoff_Hz": _cutoff,
    "output_V": _output,
    "on_voltage_V": _on_voltage,
    "off_current_A": _off_current,
    "junction_C": _junction,
}
