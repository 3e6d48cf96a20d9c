"""Which quantity plays which role, by neighbouring words and by sense."""

# ruff: noqa: E501 - patterns of words read best in one line each
from __future__ import annotations

import math
import re
from dataclasses import replace

from clients.catalog import ontology
from clients.catalog.quantities import Quantity
from clients.catalog.slots import Reading, Slot, inverse_slot, slot_of


def _before(text: str, quantity: Quantity) -> str:
    return text[max(0, quantity.span[0] - 40) : quantity.span[0]]


def _after(text: str, quantity: Quantity) -> str:
    return text[quantity.span[1] : quantity.span[1] + 40]


_ART = r"(?:\s+(?:an?|the|my|our|your|its?|any|single|old|fresh|small|standard|regular|regulated|unregulated|fixed|stable|about|around|roughly|approx\w*|nominal|~|up|least|most|at|some))*\s*[~(]?\s*$"
_FROM = re.compile(r"(?i)(?:\b(?:from|off(?:\s+of)?|on|at|with|using|by|via|powered|supply|supplied|runs?|running|input|in|vin|vcc|vdd|source|battery|fed|feed|takes?|taking|accepts?|given|have|uses?|out\s+of|v\s?in|converts?|turns?|drops?|steps?|brings?|lowers?|reduces?|between)\b\s*(?:is|of|=|:)?)" + _ART)  # fmt: skip
_TO = re.compile(r"(?i)(?:(?:->|=>|>|\bto\b|into|gives?|giving|output|out|provid\w+|deliver\w*|produc\w+|mak\w+|vout|v\s?out|regulated|down\s+to|get|getting|generat\w+|need\w*|want\w*|outputs?|yield\w*|for)\s*(?:is|of|=|:)?)" + _ART)  # fmt: skip
_IN_AFTER = re.compile(r"(?i)^\s*-?(?:dc\s+)?(?:in\b|input|supply(?!\s+(?:from|out|board|for))|batter\w+|source|adapt[eo]r|wall|psu|pack|feed|brick|bus|power\s+(?:supply|source|input|adapt)|line|rail\s+in|mains|cell|vehicle|car)")  # fmt: skip
_OUT_AFTER = re.compile(r"(?i)^\s*-?(?:dc\s+)?(?:(?:linear|fixed|voltage|ldo|low[\s-]drop\w*)\s+)*(?:out\b|output|regulat\w+|rail\b|ldo|stabili\w+|supply\s+(?:from|out|for|board)|(?:at\s+)?[\d.]+\s?m?a\b.{0,14}\bfrom|from\b|out\s+of)")  # fmt: skip
_LOGIC_AFTER = re.compile(r"(?i)^\s*-?(?:dc\s+)?(?:[a-z]+\s+)?(?:logic|gpio|mcu|micro\w*|arduino\w*|signals?|gate|control\w*|pwm|levels?|ttl|cmos|pin|i/?o|esp\S*|raspberry\w*|pico|stm\S*|input|drive|digital|output\s+pin|trigger|enable|command)")  # fmt: skip
_LOGIC_BEFORE = re.compile(r"(?i)(?:logic|gpio|gate|signal|input|pwm|controlled|driven|commanded|switched|triggered|micro\w*|mcu|arduino\w*|esp\S*|raspberry\w*(?:\s+pi)?|pico|stm\S*|pin|control)\s*(?:level|voltage|side)?\s*(?:is|of|at|by|from|with|=|:|\()?" + _ART)  # fmt: skip
_LOAD_AFTER = re.compile(rf"(?i)^[\s,/@-]*(?:(?:and|at|dc|up\s+to|max|drawing|taking|,)\s+)*(?:[\d.,]+\s?(?:m?a|amps?|milliamps?|m?w|watts?)\b[\s,]*)?(?:[a-z-]+\s+){{0,3}}?(?:{ontology.LOAD}|motor|strip)")  # fmt: skip
_LOAD_BEFORE = re.compile(
    rf"(?i)(?:{ontology.LOAD})\s*(?:\(|of|at|on|from|is|rated|running|runs|with|that|:|,|needs?|takes?|draws?|supply|powered|by|off|for|which)*"
    + _ART
)


def _led(reading: Reading, text: str, quantities: list[Quantity]) -> list[Quantity]:
    left: list[Quantity] = []
    volts = [each for each in quantities if each.kind == "voltage"]
    chosen = _pick_supply(text, volts) if volts else None
    for quantity in quantities:
        if quantity is chosen:
            reading.slots["supply_V"] = slot_of(quantity)
        elif quantity.kind == "voltage" and (
            quantity.source or (chosen and abs(quantity.value - chosen.value) < 1e-6)
        ):
            continue  # "5 V from USB": said twice
        elif quantity.kind == "current" and "led_current_A" not in reading.slots and _of_led(text, quantity):
            reading.slots["led_current_A"] = slot_of(quantity)
        elif (
            reading.family == "led_indicator"
            and quantity.kind == "resistance"
            and "resistor_ohm" not in reading.slots
        ):
            reading.slots["resistor_ohm"] = slot_of(quantity)
        else:
            left.append(quantity)
    return left


def _of_led(text: str, quantity: Quantity) -> bool:
    """Whether a current is the LED's, not the supply's."""
    supply = re.search(
        r"(?i)(?:supply|adapt[eo]r|can\s+(?:give|deliver)|capable|rated|psu)\W*(?:\w+\W+){0,2}$",
        _before(text, quantity),
    )
    return not supply and not re.match(
        r"(?i)\s*(?:supply|adapt[eo]r|psu|wall|charger|fuse|source)", _after(text, quantity)
    )


def _pick_supply(text: str, volts: list[Quantity]) -> Quantity:
    """The voltage that is the supply: by its words, a stated one before an implied one, the first before the rest."""

    def rank(quantity: Quantity) -> tuple[int, int]:
        cue = _FROM.search(_before(text, quantity)) or _IN_AFTER.match(_after(text, quantity))
        implied = quantity.source and not any(char.isdigit() for char in quantity.text)
        return (0 if cue and not implied else 1 if not implied else 2, quantity.span[0])

    return min(volts, key=rank)


def _astable(reading: Reading, text: str, quantities: list[Quantity]) -> list[Quantity]:
    left = _led(
        reading, text, [each for each in quantities if each.kind not in {"frequency", "time", "percent"}]
    )
    times = [each for each in quantities if each.kind == "time"]
    rates = [each for each in quantities if each.kind == "frequency"]
    on = next((each for each in times if each.phase == "on"), None)
    off = next((each for each in times if each.phase == "off"), None)
    if on and off is None and len(times) == 2:
        off = next(each for each in times if each is not on)
    if on and off and on.value + off.value > 0:
        period = on.value + off.value
        said = text[min(on.span[0], off.span[0]) : max(on.span[1], off.span[1])]
        reading.slots["frequency_Hz"] = Slot(1 / period, 1 / period, 1 / period, said, on.approximate)
        share = on.value / period
        if abs(share - 0.5) > 0.02:
            reading.slots["duty"] = Slot(share, share, share, said)
        times = [each for each in times if each is not on and each is not off]
    elif rates:
        reading.slots["frequency_Hz"] = slot_of(rates.pop(0))
        times = [each for each in times if abs(each.value * reading.slots["frequency_Hz"].value - 1) > 0.01]
    elif times:
        full = [each for each in times if each.phase in {"", "period"}]
        chosen = (full or times)[0]
        if chosen.value > 0:
            slot = inverse_slot(chosen)
            if chosen.phase in {"on", "off"}:
                slot = Slot(slot.low / 2, slot.value / 2, slot.high / 2, slot.said, slot.approximate)
                reading.remarks.append(f"On and off times are taken as equal ({chosen.text} each).")
            reading.slots["frequency_Hz"] = slot
        times.remove(chosen)
    left += _shares(reading, text, [each for each in quantities if each.kind == "percent"])
    return left + times + rates


def _shares(reading: Reading, text: str, quantities: list[Quantity]) -> list[Quantity]:
    """Duty and tolerance; other percentages are left over."""
    left: list[Quantity] = []
    for quantity in quantities:
        around = _before(text, quantity)[-20:] + _after(text, quantity)[:24]
        if re.search(r"(?i)duty|on\b|lit|high|cycle|of\s+the\s+time", around):
            if abs(quantity.value - 0.5) > 0.02:
                reading.slots["duty"] = slot_of(quantity)
            else:
                reading.remarks.append(
                    "The LED is lit for a little more than half of the time, as a 555 does."
                )
        elif re.search(r"(?i)toleran|accura|within|precis|±|\+", around) and "frequency_Hz" in reading.slots:
            old = reading.slots["frequency_Hz"]
            reading.slots["frequency_Hz"] = Slot(
                old.low, old.value, old.high, old.said, old.approximate, quantity.value
            )
        else:
            left.append(quantity)
    return left


_FREQUENCY_BEFORE = re.compile(
    r"(?i)(?:\bf[c0]?|f_?3db|cut-?\s?off|corner|frequency|\bat|around|above|below|pass)(?:\s+(?:of|is|at|frequency))*\s*[=:]?\s*$"
)


def _filter(reading: Reading, text: str, quantities: list[Quantity]) -> list[Quantity]:
    left: list[Quantity] = []
    where = {
        "frequency": "cutoff_Hz",
        "resistance": "resistor_ohm",
        "capacitance": "capacitor_F",
        "voltage": "signal_V",
    }
    taken: set[str] = set()
    for quantity in quantities:
        if (
            quantity.kind == "resistance"
            and _FREQUENCY_BEFORE.search(_before(text, quantity))
            and quantity.text[-1] in "kKM"
        ):
            quantity = replace(quantity, kind="frequency")  # noqa: PLW2901 - "fc = 10k"
        slot = where.get(quantity.kind)
        around = _before(text, quantity)[-24:] + _after(text, quantity)[:24]
        load = quantity.kind == "resistance" and (
            re.search(
                r"(?i)\b(?:load|into|impedance|source)(?:\s+(?:resistance|impedance|of|is|an?|=))*\s*$",
                _before(text, quantity),
            )
            or re.match(
                r"(?i)\s*(?:input\s+|output\s+|source\s+)?(?:load|impedance|source)", _after(text, quantity)
            )
        )
        if (
            quantity.kind == "frequency"
            and re.search(r"(?i)pwm|sampl|sps|clock|carrier", around)
            and any(each.kind == "frequency" and each is not quantity for each in quantities)
        ):
            left.append(quantity)
        elif slot and slot not in taken and not load:
            reading.slots[slot] = slot_of(quantity)
            taken.add(slot)
        elif quantity.kind == "time" and quantity.value > 0 and re.search(r"(?i)constant|tau|τ|rc\b", around):
            hertz = 1 / (2 * math.pi * quantity.value)
            reading.slots["cutoff_Hz"] = Slot(hertz, hertz, hertz, quantity.text, quantity.approximate)
        elif (quantity.kind == "decibel" and quantity.value in {-3.0, 3.0, 6.0, -6.0, 20.0, -20.0}) or (
            quantity.kind == "number"
            and abs(quantity.value) == 3.0
            and re.match(r"(?i)\s*-?db", _after(text, quantity))
        ):
            continue  # "-3 dB", "6 dB per octave": what every first-order filter has
        elif (
            quantity.kind == "percent"
            and "cutoff_Hz" in reading.slots
            and re.search(r"(?i)toleran|accura|within|±|\+", around)
        ):
            old = reading.slots["cutoff_Hz"]
            reading.slots["cutoff_Hz"] = Slot(
                old.low, old.value, old.high, old.said, old.approximate, quantity.value
            )
        else:
            left.append(quantity)
    return left


def _regulator(reading: Reading, text: str, quantities: list[Quantity]) -> list[Quantity]:
    volts = [each for each in quantities if each.kind == "voltage"]
    left = [each for each in quantities if each.kind not in {"voltage", "current", "power"}]
    known = reading.slots.get("output_V")
    named = known.value if known and known.said else None

    def standing(quantity: Quantity) -> int:
        before, after = _before(text, quantity), _after(text, quantity)
        if quantity.source and not re.search(r"(?i)(?:\bto|into|->)\s*$", before):
            return -3
        score = 0
        if re.match(r"(?i)\s*-?(?:dc\s+)?(?:power\s+)?(?:supply|supplies|psu)\b", after):
            score += -3 if _FROM.search(before) else 3  # "from a 12 V supply", "a 5 V supply"
        elif _IN_AFTER.match(after):
            score -= 3
        if _OUT_AFTER.match(after):
            score += 3
        if _FROM.search(before):
            score -= 2
        elif _TO.search(before):
            score += 2
        return score

    unsure = [each for each in volts if not (each.low == each.high and each.value == named)]
    extra = [each for each in volts if each not in unsure]
    exchange = re.search(r"(?i)\b(?:input|vin|in|supply)\b", text) is not None
    if len(unsure) >= 2:
        first, second = sorted(unsure, key=lambda each: (standing(each), -each.value))[0], None
        rest = [each for each in unsure if each is not first]
        second = max(rest, key=lambda each: (standing(each), -each.value))
        if standing(first) == standing(second) and first.value < second.value:
            first, second = second, first
        reading.slots["input_V"], reading.slots["output_V"] = slot_of(first), slot_of(second)
        left += [
            each
            for each in unsure
            if each is not first and each is not second and not _repeats(each, first, second)
        ]
    elif len(unsure) == 1:
        only = unsure[0]
        as_output = standing(only) > 0 or (
            standing(only) == 0 and named is None and "output_V" not in reading.slots
        )
        if "input_V" in reading.slots and not exchange and standing(only) >= 0:
            as_output = True
        if named is not None and extra and only.value > named:
            as_output = False
        if named is not None and as_output and only.value > named:
            as_output = False
        reading.slots["output_V" if as_output else "input_V"] = slot_of(only)
    _load_current(reading, text, quantities, left, "output_V")
    return [each for each in left if not (each.kind == "number" and each.value == named)]


def _repeats(quantity: Quantity, *others: Quantity) -> bool:
    return any(abs(quantity.value - other.value) < 1e-6 for other in others)


def _load_current(
    reading: Reading, text: str, quantities: list[Quantity], left: list[Quantity], volts_slot: str
) -> None:
    """The load's current, or its power over the voltage; further ones stay in `left`."""
    currents = [each for each in quantities if each.kind == "current"]
    supplies = [each for each in currents if not _of_led(text, each)]
    currents = [each for each in currents if each not in supplies] or supplies
    powers = [each for each in quantities if each.kind == "power"]
    if currents:
        chosen = max(currents, key=lambda each: (each.high, -each.span[0]))
        reading.slots["load_A"] = Slot(
            chosen.low, chosen.high, chosen.high, chosen.text, chosen.approximate, chosen.tolerance
        )
        left += [each for each in currents if each is not chosen]
        left += powers
    elif powers and volts_slot in reading.slots:
        amps = powers[0].high / (reading.slots[volts_slot].value or 1.0)
        reading.slots["load_A"] = Slot(amps, amps, amps, powers[0].text, powers[0].approximate)
        left += powers[1:]
    else:
        left += powers
    left += [each for each in supplies if each not in currents]


def _switch(reading: Reading, text: str, quantities: list[Quantity]) -> list[Quantity]:
    volts = [each for each in quantities if each.kind == "voltage"]
    left = [each for each in quantities if each.kind not in {"voltage", "current", "power"}]

    def standing(quantity: Quantity) -> int:
        before, after = _before(text, quantity), _after(text, quantity)
        score = 4 * bool(_LOAD_AFTER.match(after)) - 4 * bool(_LOGIC_AFTER.match(after))
        score -= 2 * bool(_LOGIC_BEFORE.search(before))
        score += bool(_LOAD_BEFORE.search(before)) + bool(_IN_AFTER.match(after)) * 2
        return score + (1 if quantity.source else 0) + (1 if quantity.value > 5.5 else 0)

    stated = [each for each in volts if not each.source or any(char.isdigit() for char in each.text)]
    implied = ontology.implied_logic(text)
    volts = stated if len(stated) >= 2 else volts
    ordered = sorted(volts, key=lambda each: (standing(each), each.value))
    if len(ordered) >= 2:
        reading.slots["logic_V"], reading.slots["load_V"] = slot_of(ordered[0]), slot_of(ordered[-1])
        left += [each for each in ordered[1:-1] if not _repeats(each, ordered[0], ordered[-1])]
    elif ordered:
        only = ordered[0]
        logic = standing(only) < 0 or (
            standing(only) == 0 and "load_V" in reading.slots and only.value <= 5.5
        )
        reading.slots["logic_V" if logic else "load_V"] = slot_of(only)
    if implied and "logic_V" not in reading.slots:
        reading.slots["logic_V"] = Slot(implied[0], implied[0], implied[0], implied[1])
    _load_current(reading, text, quantities, left, "load_V")
    return left


# How the quantities of a brief find their slots; each returns those that are left over.
ASSIGN = {
    "led_indicator": _led,
    "astable_555": _astable,
    "rc_lowpass": _filter,
    "rc_highpass": _filter,
    "linear_regulator": _regulator,
    "lowside_switch": _switch,
}
