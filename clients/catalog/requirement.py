"""Makes the requirement that the user approves: ports with roles, limits in numbers, what was assumed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from clients.catalog import power, sizing
from clients.catalog.sizing import Impossible, Supply
from clients.catalog.slots import Reading, Slot
from clients.catalog.text import clean
from clients.catalog.units import show
from kicad.shapes import Measure, Port, Requirement

UNITS = {"V": "V", "A": "A", "Hz": "Hz", "ohm": "Ω", "F": "F"}
QUESTIONS = {
    "supply_V": "Which supply voltage?",
    "frequency_Hz": "How often shall it blink?",
    "cutoff_Hz": "Which cutoff frequency (-3 dB)?",
    "input_V": "Which input voltage, or range of it?",
    "output_V": "Which output voltage?",
    "load_A": "How much current does the load take?",
    "load_V": "Which voltage does the load need?",
    "logic_V": "Which logic level drives the input?",
}
_REQUIRED = {
    "led_indicator": ("supply_V",),
    "astable_555": ("frequency_Hz", "supply_V"),
    "rc_lowpass": ("cutoff_Hz",),
    "rc_highpass": ("cutoff_Hz",),
    "linear_regulator": ("input_V", "output_V", "load_A"),
    "lowside_switch": ("load_V", "load_A", "logic_V"),
}
_DEFAULTS = {
    "cutoff_Hz": 1000.0, "frequency_Hz": 1.0, "output_V": 5.0, "load_V": 12.0, "logic_V": 3.3,
}  # fmt: skip
MOST_LEDS = 8
# The least tolerance that stocked parts and the timer's own effects leave room for.
LEAST_TOLERANCE = 0.05
OFF_MOST_A = 100e-6
ON_MOST_V = 0.2


@dataclass(frozen=True)
class Missing:
    """A slot that must be filled, and the value that is offered."""

    slot: str
    default: float


def missing(reading: Reading) -> Missing | None:
    """The next slot that the brief left open, or None."""
    family = reading.family or ""
    for slot in _REQUIRED[family]:
        if slot in reading.slots:
            continue
        if slot == "cutoff_Hz" and {"resistor_ohm", "capacitor_F"} <= reading.slots.keys():
            continue
        return Missing(slot, _default(reading, slot))
    return None


def _default(reading: Reading, slot: str) -> float:
    if slot == "supply_V":
        return 9.0 if reading.family == "astable_555" else 5.0
    if slot == "input_V":
        output = reading.slots.get("output_V")
        return 12.0 if output is None or output.value <= 9 else output.value + 3
    if slot == "load_A":
        return 0.5 if reading.family == "lowside_switch" else _safe_load(reading)
    return _DEFAULTS[slot]


def _safe_load(reading: Reading) -> float:
    """100 mA, or less where that would be too hot."""
    source, output = reading.slots["input_V"], reading.slots["output_V"]
    try:
        power.size_regulator(_supply(source), output.value, 0.1, reading.words.get("regulator"))
    except Impossible as problem:
        return problem.offer if problem.slot == "load_A" and problem.offer else 0.1
    return 0.1


def unit_of_slot(slot: str) -> str:
    """The unit of a slot by its name: "supply_V" → "V"."""
    return UNITS.get(slot.rpartition("_")[2], "")


def say(slot: str, value: float) -> str:
    """A slot's value for people."""
    return f"{value * 100:.3g} %" if slot == "duty" else show(value, unit_of_slot(slot))


def _supply(slot: Slot) -> Supply:
    return Supply(slot.low, slot.value, slot.high)


def supply_of(values: dict[str, float | str], name: str) -> Supply:
    """The supply "supply", "input" or "load" from a requirement's values."""
    nominal = float(values[f"{name}_V"])
    low, high = float(values.get(f"{name}_min_V", nominal)), float(values.get(f"{name}_max_V", nominal))
    return Supply(low, nominal, high)


def number_in(values: dict[str, float | str], name: str) -> float | None:
    """A number among the values, None where there is none."""
    value = values.get(name)
    return None if value is None else float(value)


def build_requirement(reading: Reading, brief: str) -> Requirement:
    """The requirement for a reading; slots still open take their defaults, which `assumptions` says.

    Raises Impossible, with the slot that has to change, when no board can meet it.
    """
    family = reading.family
    assert family is not None
    reading = replace(
        reading, slots=dict(reading.slots), remarks=list(reading.remarks), unused=list(reading.unused)
    )
    while (gap := missing(reading)) is not None:
        reading.slots[gap.slot] = Slot(gap.default, gap.default, gap.default)
        question = QUESTIONS[gap.slot].rstrip("?")
        reading.remarks.append(
            f"{question[0].upper()}{question[1:]}: not said, {say(gap.slot, gap.default)} is taken."
        )
    values: dict[str, float | str] = {}
    for name, slot in reading.slots.items():
        values[name] = slot.value
        if slot.low != slot.high and name in {"supply_V", "input_V", "load_V"}:
            values[f"{name[:-2]}_min_V"], values[f"{name[:-2]}_max_V"] = slot.low, slot.high
    title, ports, measures = _FAMILY[family](reading, values)
    connector = reading.words.get("connector") or _usual_connector(family, values)
    if "connector" not in reading.words:
        name = "screw terminals" if connector == "screw" else "pin headers"
        reading.remarks.append(f"Connectors: {name}.")
    for word in ("pins", "holes"):
        if word in reading.words:
            values[word] = float(reading.words[word])
    if reading.size is None:
        reading.remarks.append("Board size: as small as it gets.")
    requirement: Requirement = {
        "format": 1,
        "title": title,
        "brief": clean(brief),
        "family": family,
        "size_mm": reading.size,
        "ports": ports,
        "measures": measures,
        "values": values,
        "connector": connector,
        "assumptions": list(dict.fromkeys(reading.remarks)),
        "unused": list(dict.fromkeys(reading.unused)),
    }
    return requirement


def _usual_connector(family: str, values: dict[str, float | str]) -> str:
    powerful = family == "lowside_switch" or (family == "linear_regulator" and float(values["load_A"]) >= 0.5)
    return "screw" if powerful else "header"


def _round(value: float) -> float:
    """Six digits are plenty for a limit."""
    return float(f"{value:.6g}")


def _supply_port(name: str, supply: Supply, current_A: float) -> Port:
    return {
        "name": name,
        "role": "supply_in",
        "volts_min": supply.low,
        "volts_nom": supply.nominal,
        "volts_max": supply.high,
        "current_A": current_A,
    }


_GROUND: Port = {"name": "GND", "role": "ground"}
_Parts = tuple[str, list[Port], list[Measure]]


def _measure(
    name: str, what: str, low: float | None, high: float | None, unit: str, **more: object
) -> Measure:
    measure: Measure = {"id": name, "what": what, "min": low, "max": high, "unit": unit}  # type: ignore[typeddict-item]
    measure.update(more)  # type: ignore[typeddict-item]
    return measure


def _span(supply: Supply) -> str:
    return (
        f"{supply.nominal:.4g} V" if supply.low == supply.high else f"{supply.low:.4g} to {supply.high:.4g} V"
    )


def _colour(reading: Reading, values: dict[str, float | str]) -> str:
    if "colour" not in reading.words:
        reading.remarks.append("LED colour: red.")
    values["colour"] = reading.words.get("colour", "red")
    return str(values["colour"])


def _led(reading: Reading, values: dict[str, float | str]) -> _Parts:
    if reading.count > MOST_LEDS:
        raise Impossible(
            "count", f"At most {MOST_LEDS} LEDs go on a board here; {reading.count} is too many.", MOST_LEDS
        )
    supply, colour = supply_of(values, "supply"), _colour(reading, values)
    values["count"] = reading.count
    led = sizing.size_led(
        supply, colour, number_in(values, "led_current_A"), given_ohm=number_in(values, "resistor_ohm")
    )
    total = round(led.band_A[1] * reading.count, 4)
    several = f"{reading.count} {colour} LEDs" if reading.count > 1 else f"{colour} LED indicator"
    return (
        f"{several[0].upper()}{several[1:]} for {_span(supply)}",
        [_supply_port("VCC", supply, total), _GROUND],
        [_measure("led_current", "led_current_A", led.band_A[0], led.band_A[1], "A")],
    )


def tolerance_of(slot: Slot) -> float:
    """As a fraction: the stated one, 20 % for "about" and for defaults, else 10 %."""
    if slot.tolerance is not None:
        return max(slot.tolerance, LEAST_TOLERANCE)
    return 0.2 if slot.approximate or not slot.said else 0.1


def _tight(reading: Reading, slot: Slot) -> None:
    if slot.tolerance is not None and slot.tolerance < LEAST_TOLERANCE:
        reading.unused.append(
            f"±{slot.tolerance * 100:g} % is more than stocked parts hold; ±5 % is what is checked."
        )


def _limits(slot: Slot) -> tuple[float, float]:
    """The allowed range of a slot with its tolerance."""
    if slot.low != slot.high and slot.tolerance is None:
        return slot.low, slot.high
    off = tolerance_of(slot)
    return slot.value * (1 - off), slot.value * (1 + off)


def _astable(reading: Reading, values: dict[str, float | str]) -> _Parts:
    supply, colour = supply_of(values, "supply"), _colour(reading, values)
    rate = reading.slots["frequency_Hz"]
    if rate.value <= 0:
        raise Impossible("frequency_Hz", "0 Hz never blinks.", 1.0)
    sizing.size_astable(supply, rate.value, number_in(values, "duty"))
    led = sizing.size_led(
        supply, colour, number_in(values, "led_current_A"), drop_V=sizing.TIMER_DROP_V, one_piece=True
    )
    if reading.count > 1:
        reading.unused.append(f"{reading.count} LEDs: the blinker has one.")
    if rate.value > 30 and not {"out"} & reading.words.keys():
        reading.remarks.append("Above about 30 Hz the LED looks steadily lit; its current still pulses.")
    if "duty" in values:
        reading.remarks.append("The duty is computed, not checked.")
    _tight(reading, rate)
    values["package"] = reading.words.get("package", "")
    low, high = _limits(rate)
    if rate.low != rate.high and rate.tolerance is None:
        period = (1 / high, 1 / low)
    else:
        off = tolerance_of(rate)
        period = ((1 - off) / rate.value, (1 + off) / rate.value)
    ports = [_supply_port("VCC", supply, 0.03), _GROUND]
    if reading.words.get("out"):
        values["out"] = "yes"
        ports.append({"name": "OUT", "role": "signal_out", "volts_max": supply.high})
    word = "blinker" if rate.value <= 30 else "oscillator"
    return (
        f"555 {word}, {show(rate.value, 'Hz')} from {_span(supply)}",
        ports,
        [
            _measure("blink_period", "led_period_s", _round(period[0]), _round(period[1]), "s"),
            _measure("led_current", "led_current_A", led.band_A[0], led.band_A[1], "A"),
        ],
    )


def _filter(reading: Reading, values: dict[str, float | str]) -> _Parts:
    wanted = reading.slots.get("cutoff_Hz")
    made = sizing.size_filter(
        number_in(values, "cutoff_Hz"), number_in(values, "resistor_ohm"), number_in(values, "capacitor_F")
    )
    slot = wanted or Slot(made.cutoff_Hz, made.cutoff_Hz, made.cutoff_Hz, "R and C")
    values["cutoff_Hz"] = slot.value
    _tight(reading, slot)
    low, high = _limits(slot)
    volts = number_in(values, "signal_V")
    if volts is None:
        reading.remarks.append("Signals up to 12 V.")
        volts = 12.0
    if volts > 40:
        raise Impossible(
            "signal_V",
            f"The filter's 50 V capacitors take signals up to 40 V; {volts:g} V is too much.",
            40.0,
        )
    kind = "lowpass" if reading.family == "rc_lowpass" else "highpass"
    reading.remarks.append("The source has little resistance, and what follows takes little current.")
    return (
        f"RC {kind[:-4]}-pass filter, {show(slot.value, 'Hz')}",
        [
            {"name": "IN", "role": "signal_in", "volts_max": volts},
            {"name": "OUT", "role": "signal_out", "volts_max": volts},
            _GROUND,
        ],
        [
            _measure(
                "cutoff",
                "cutoff_Hz",
                _round(low),
                _round(high),
                "Hz",
                port="OUT",
                source="IN",
                kind=kind,
            )
        ],
    )


def _regulator(reading: Reading, values: dict[str, float | str]) -> _Parts:
    supply, output, load = supply_of(values, "input"), float(values["output_V"]), float(values["load_A"])
    if load < 0.0005:
        raise Impossible("load_A", f"{show(load, 'A')} is too small a load to design for.", 0.01)
    chosen = power.size_regulator(supply, output, load, reading.words.get("regulator"))
    if "regulator" in reading.words:
        values["regulator"] = reading.words["regulator"]
        if not chosen.name.startswith(reading.words["regulator"]):
            reading.remarks.append(f"{chosen.name} is taken: the other kind does not fit here.")
    return (
        f"{output:g} V regulator from {_span(supply)}, {show(load, 'A')}",
        [
            _supply_port("VIN", supply, round(load + power.QUIESCENT_A, 4)),
            {"name": "VOUT", "role": "supply_out", "volts_nom": output, "current_A": load},
            _GROUND,
        ],
        [
            _measure(
                "output",
                "output_V",
                round(output * 0.95, 4),
                round(output * 1.05, 4),
                "V",
                port="VOUT",
                load_A=load,
            ),
            _measure("junction", "junction_C", None, power.JUNCTION_MOST_C, "°C"),
        ],
    )


def _switch(reading: Reading, values: dict[str, float | str]) -> _Parts:
    supply, load, logic = supply_of(values, "load"), float(values["load_A"]), float(values["logic_V"])
    if load < 0.0005:
        raise Impossible("load_A", f"{show(load, 'A')} is too small a load to switch.", 0.1)
    if supply.low < 1.0:
        raise Impossible("load_V", f"{supply.low:g} V is too little for a load.", 12.0)
    power.size_switch(supply, load, logic)
    if "mosfet" in reading.words:
        values["mosfet"] = reading.words["mosfet"]
    return (
        f"Low-side switch, {_span(supply)} {show(load, 'A')} from {logic:g} V logic",
        [
            _supply_port("VLOAD", supply, load),
            {"name": "LOAD", "role": "load", "current_A": load},
            {"name": "IN", "role": "signal_in", "volts_nom": logic, "volts_max": logic},
            _GROUND,
        ],
        [
            _measure(
                "on_voltage", "on_voltage_V", None, ON_MOST_V, "V", port="LOAD", load_A=load, logic_V=logic
            ),
            _measure("off_current", "off_current_A", None, OFF_MOST_A, "A", port="LOAD"),
            _measure("junction", "junction_C", None, power.JUNCTION_MOST_C, "°C"),
        ],
    )


_FAMILY = {
    "led_indicator": _led,
    "astable_555": _astable,
    "rc_lowpass": _filter,
    "rc_highpass": _filter,
    "linear_regulator": _regulator,
    "lowside_switch": _switch,
}
