"""Reads a brief: which family, and which quantity fills which slot of it.

Roles follow from neighbouring words ("from 9 V", "to 5 V", "24 V 2 A motor", "3.3 V logic") and, where
those say nothing, from sense: a regulator's input is its larger voltage, a switch's logic the smaller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from clients.catalog import ontology
from clients.catalog.quantities import Quantity, find_quantities
from clients.catalog.text import clean

# Slots by family and the kind of quantity that fills them.
SLOTS: dict[str, dict[str, str]] = {
    "led_indicator": {"supply_V": "voltage", "led_current_A": "current", "resistor_ohm": "resistance"},
    "astable_555": {"frequency_Hz": "frequency", "supply_V": "voltage", "led_current_A": "current", "duty": "percent"},
    "rc_lowpass": {"cutoff_Hz": "frequency", "resistor_ohm": "resistance", "capacitor_F": "capacitance", "signal_V": "voltage"},
    "rc_highpass": {"cutoff_Hz": "frequency", "resistor_ohm": "resistance", "capacitor_F": "capacitance", "signal_V": "voltage"},
    "linear_regulator": {"input_V": "voltage", "output_V": "voltage", "load_A": "current"},
    "lowside_switch": {"load_V": "voltage", "load_A": "current", "logic_V": "voltage"},
}  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """A quantity in its place, SI units; `said` is how the user wrote it ("" for a default)."""

    low: float
    value: float
    high: float
    said: str = ""
    approximate: bool = False
    tolerance: float | None = None


@dataclass
class Reading:
    """All that is understood of a conversation so far."""

    family: str | None = None
    refusal: str | None = None
    slots: dict[str, Slot] = field(default_factory=dict)
    words: dict[str, str] = field(
        default_factory=dict
    )  # colour, connector, regulator, pins, holes, package, out
    size: tuple[float, float] | None = None
    count: int = 1  # of LEDs
    remarks: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def read_brief(brief: str) -> Reading:
    """What the brief says; `refusal` is set where it is out of scope."""
    text = clean(brief)
    found = ontology.recognise(text)
    family = found.family
    if family == "led_indicator" and any(each.kind in {"frequency", "time"} for each in find_quantities(text)):
        family = "astable_555"  # a light with a rate is a blinker
    reading = Reading(family=family, refusal=found.refusal)
    if found.family is None:
        return reading
    for other in found.others:
        if {other, found.family} == {"rc_lowpass", "rc_highpass"}:
            reading.unused.append("Low-pass or high-pass: one filter a board; the other is left out.")
        else:
            reading.unused.append(f"One function a board: {ontology.FAMILIES[other]} is left out.")
    absorb(reading, text)
    return reading


def absorb(reading: Reading, text: str, pending: str | None = None) -> bool:
    """Take what `text` says into the reading; `pending` is the slot that was asked for.

    Returns whether anything was understood.
    """
    family = reading.family
    assert family is not None
    quantities = find_quantities(text)
    before = (dict(reading.slots), dict(reading.words), reading.size, reading.count)
    _read_words(reading, text)
    left = _layers_and_pins(reading, text, quantities)
    if pending in SLOTS[family]:
        left = _fill_pending(reading, left, str(pending))
    for quantity in [each for each in left if each.kind == "size"]:
        reading.size = (round(quantity.value, 2), round(quantity.second, 2))
        left.remove(quantity)
    left = _ASSIGN[family](reading, text, left)
    for quantity in left:
        if quantity.kind == "number" and not any(char.isdigit() for char in quantity.text):
            continue
        if quantity.text.strip():
            reading.unused.append(f"“{quantity.text}” has no use in this board.")
    return before != (reading.slots, reading.words, reading.size, reading.count)


def _read_words(reading: Reading, text: str) -> None:
    if reading.family in {"led_indicator", "astable_555"}:
        colour, remark, further = ontology.colour_of(text)
        if colour:
            reading.words["colour"] = colour
        elif remark:
            reading.unused.append(
                f"There is no {remark} LED in stock; red, green, yellow, blue and white are."
            )
        if colour and remark:
            reading.remarks.append(f"{remark[0].upper()}{remark[1:]}.")
        reading.unused += [
            f"A second colour ({word}) has no place here: one colour a board." for word in further
        ]
    connector, others = ontology.connector_of(text)
    if connector:
        reading.words["connector"] = connector
    for other in dict.fromkeys(word.strip() for word in others):
        reading.unused.append(f"“{other}” is not to be had yet; pin headers and screw terminals are.")
    for wish in ontology.wishes_of(text):
        reading.unused.append(f"{wish[0].upper()}{wish[1:]} cannot be had yet.")
    if ontology.HOLES.search(text):
        reading.words["holes"] = "4"
    if reading.family == "astable_555":
        if ontology.SOIC.search(text):
            reading.words["package"] = "soic"
        elif re.search(r"(?i)\bdip\b|\bdip-?8\b|ne555p|through[\s-]?hole", text):
            reading.words["package"] = "dip"
        if ontology.OUT_PIN.search(text):
            reading.words["out"] = "yes"
    if reading.family == "linear_regulator":
        if re.search(r"(?i)(?<![a-z0-9])(?:lm|l|mc|ua|ka)?-?78[lm]?(?:0[5689]|1[0258]|24)|to-?220", text):
            reading.words["regulator"] = "LM78"
        elif re.search(r"(?i)1117|sot-?223|\bldo\b|low[\s-]*drop|\bsmd\b|surface[\s-]mount", text):
            reading.words["regulator"] = "AMS1117"
        if part := re.search(
            r"(?i)(?<![a-z0-9])(?:lm|l|mc|ua|ka)?-?78[lm]?(05|06|08|09|10|12|15|18|24)(?!\d)", text
        ):
            volts = float(part[1])
            reading.slots["output_V"] = Slot(volts, volts, volts, part[0])
        elif part := re.search(r"(?i)1117[a-z]{0,2}[\s-]?([1-9]\.\d{1,2}|5)\s?v?(?![\w.])", text):
            volts = float(part[1])
            reading.slots["output_V"] = Slot(volts, volts, volts, part[0])
    if reading.family == "lowside_switch" and (part := re.search(r"(?i)AO3400A?|IRLZ44N?", text)):
        reading.words["mosfet"] = "AO3400A" if part[0].upper().startswith("AO") else "IRLZ44N"


_PINS = re.compile(r"(?i)^[\s-]*(?:x\s*)?(?:pins?|ways?|pos(?:ition)?s?|poles?|pos)\b")
_LAYERS = re.compile(r"(?i)^[\s-]*(?:layers?|sided?|copper)\b")
_LEDS = re.compile(
    r"(?i)^\s*(?:x\s+)?(?:[a-z-]+\s+){0,3}?(?:leds?|lights?|lamps?|indicators?)\b(?![\s-]*strip)"
)


def _layers_and_pins(reading: Reading, text: str, quantities: list[Quantity]) -> list[Quantity]:
    """Take counts of pins, layers, LEDs and holes; the rest is returned."""
    left: list[Quantity] = []
    for quantity in quantities:
        after, before = text[quantity.span[1] :], text[: quantity.span[0]]
        count = quantity.value
        if quantity.kind == "number" and _PINS.match(after):
            reading.words["pins"] = str(int(count))
            reading.words.setdefault("connector", "header")
        elif quantity.kind == "number" and (_LAYERS.match(after) and count in {1, 2}):
            pass
        elif quantity.kind == "number" and re.match(
            r"(?i)[\s-]*(?:mounting|m\d|holes?|corners?|screw\s?holes?)", after
        ):
            pass
        elif quantity.kind == "number" and re.match(
            r"(?i)[\s-]*(?:st|nd|rd|th|order|poles?|of|board|pcb|terminal|screw|connector|header|resistor|capacitor|part|piece|chip|chann\w*|timer|output|input)\b",
            after,
        ):
            pass
        elif quantity.kind == "number" and _LEDS.match(after) and count == int(count) and 1 <= count <= 100:
            if count > 1:
                reading.count = int(count)
        elif quantity.kind == "length" and (
            re.match(
                r"(?i)\s*(?:pitch|spac\w+|pin|header|connector|led|grid|mounting|hole|screw|thick|trace|track|high)",
                after,
            )
            or re.search(r"(?i)(?:pitch|spacing)\s*(?:of\s+|is\s+)?$", before)
        ):
            if not re.match(r"(?i)\s*(?:pitch|spac|pin|header|connector|grid)", after):
                left.append(quantity)
        else:
            left.append(quantity)
    return left


def _slot(quantity: Quantity, factor: float = 1.0) -> Slot:
    return Slot(
        quantity.low * factor,
        quantity.value * factor,
        quantity.high * factor,
        quantity.text,
        quantity.approximate,
        quantity.tolerance,
    )


def _fill_pending(reading: Reading, quantities: list[Quantity], pending: str) -> list[Quantity]:
    """An answer to a question: the first quantity of the right kind, or a bare number in the usual unit."""
    assert reading.family is not None
    kind = SLOTS[reading.family][pending]
    for quantity in quantities:
        same = quantity.kind == kind
        period = kind == "frequency" and quantity.kind == "time" and quantity.value > 0
        power = kind == "current" and quantity.kind == "power" and _volts_of_load(reading)
        if same:
            reading.slots[pending] = _slot(quantity)
        elif period:
            reading.slots[pending] = _inverse(quantity)
        elif power:
            reading.slots[pending] = _slot(quantity, 1 / _volts_of_load(reading))
        elif quantity.kind == "number":
            factor = {"current": 0.001 if quantity.value > 5 else 1.0, "percent": 0.01}.get(kind, 1.0)
            reading.slots[pending] = _slot(quantity, factor)
        else:
            continue
        return [each for each in quantities if each is not quantity]
    return quantities


def _volts_of_load(reading: Reading) -> float:
    slot = reading.slots.get("load_V" if reading.family == "lowside_switch" else "output_V")
    return slot.value if slot else 0.0


def _inverse(quantity: Quantity) -> Slot:
    return Slot(
        1 / quantity.high,
        1 / quantity.value,
        1 / quantity.low,
        quantity.text,
        quantity.approximate,
        quantity.tolerance,
    )


# ------------------------------------------------------------------------------- roles


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
_LOAD_AFTER = re.compile(rf"(?i)^[\s,/@-]*(?:(?:and|at|dc|up\s+to|max|drawing|taking|,)\s+)*(?:[\d.,]+\s?(?:m?a|amps?|milliamps?|m?w|watts?)\b[\s,]*)?(?:[a-z-]+\s+){{0,3}}?(?:{ontology._LOAD}|motor|strip)")  # fmt: skip
_LOAD_BEFORE = re.compile(
    rf"(?i)(?:{ontology._LOAD})\s*(?:\(|of|at|on|from|is|rated|running|runs|with|that|:|,|needs?|takes?|draws?|supply|powered|by|off|for|which)*"
    + _ART
)


def _led(reading: Reading, text: str, quantities: list[Quantity]) -> list[Quantity]:
    left: list[Quantity] = []
    volts = [each for each in quantities if each.kind == "voltage"]
    chosen = _pick_supply(text, volts) if volts else None
    for quantity in quantities:
        if quantity is chosen:
            reading.slots["supply_V"] = _slot(quantity)
        elif quantity.kind == "voltage" and (
            quantity.source or (chosen and abs(quantity.value - chosen.value) < 1e-6)
        ):
            continue  # "5 V from USB": said twice
        elif quantity.kind == "current" and "led_current_A" not in reading.slots and _of_led(text, quantity):
            reading.slots["led_current_A"] = _slot(quantity)
        elif (
            reading.family == "led_indicator"
            and quantity.kind == "resistance"
            and "resistor_ohm" not in reading.slots
        ):
            reading.slots["resistor_ohm"] = _slot(quantity)
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
        reading.slots["frequency_Hz"] = _slot(rates.pop(0))
        times = [each for each in times if abs(each.value * reading.slots["frequency_Hz"].value - 1) > 0.01]
    elif times:
        full = [each for each in times if each.phase in {"", "period"}]
        chosen = (full or times)[0]
        if chosen.value > 0:
            slot = _inverse(chosen)
            if chosen.phase in {"on", "off"}:
                slot = Slot(slot.low / 2, slot.value / 2, slot.high / 2, slot.said, slot.approximate)
                reading.remarks.append(f"On and off times are taken as equal ({chosen.text} each).")
            reading.slots["frequency_Hz"] = slot
        times.remove(chosen)
    for quantity in [each for each in quantities if each.kind == "percent"]:
        around = _before(text, quantity)[-20:] + _after(text, quantity)[:24]
        if re.search(r"(?i)duty|on\b|lit|high|cycle|of\s+the\s+time", around):
            if abs(quantity.value - 0.5) > 0.02:
                reading.slots["duty"] = _slot(quantity)
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
    return left + times + rates


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
        slot = where.get(quantity.kind)
        around = _before(text, quantity)[-24:] + _after(text, quantity)[:24]
        load = quantity.kind == "resistance" and re.search(r"(?i)\b(?:load|into|impedance|source)\b", around)
        if (
            quantity.kind == "frequency"
            and re.search(r"(?i)pwm|sampl|sps|clock|carrier", around)
            and any(each.kind == "frequency" and each is not quantity for each in quantities)
        ):
            left.append(quantity)
        elif slot and slot not in taken and not load:
            reading.slots[slot] = _slot(quantity)
            taken.add(slot)
        elif quantity.kind == "time" and quantity.value > 0 and re.search(r"(?i)constant|tau|τ|rc\b", around):
            hertz = 1 / (2 * 3.141592653589793 * quantity.value)
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
        if _IN_AFTER.match(after):
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
        reading.slots["input_V"], reading.slots["output_V"] = _slot(first), _slot(second)
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
        reading.slots["output_V" if as_output else "input_V"] = _slot(only)
    _load_current(reading, text, quantities, left, "output_V")
    return left


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
        reading.slots["logic_V"], reading.slots["load_V"] = _slot(ordered[0]), _slot(ordered[-1])
        left += [each for each in ordered[1:-1] if not _repeats(each, ordered[0], ordered[-1])]
    elif ordered:
        only = ordered[0]
        logic = standing(only) < 0 or (
            standing(only) == 0 and "load_V" in reading.slots and only.value <= 5.5
        )
        reading.slots["logic_V" if logic else "load_V"] = _slot(only)
    if implied and "logic_V" not in reading.slots:
        reading.slots["logic_V"] = Slot(implied[0], implied[0], implied[0], implied[1])
    _load_current(reading, text, quantities, left, "load_V")
    return left


_ASSIGN = {
    "led_indicator": _led,
    "astable_555": _astable,
    "rc_lowpass": _filter,
    "rc_highpass": _filter,
    "linear_regulator": _regulator,
    "lowside_switch": _switch,
}
