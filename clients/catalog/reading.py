"""Reads a brief: which family, and which quantity fills which slot of it.

Roles follow from neighbouring words ("from 9 V", "to 5 V", "24 V 2 A motor", "3.3 V logic") and, where
those say nothing, from sense: a regulator's input is its larger voltage, a switch's logic the smaller.
"""

# ruff: noqa: E501 - patterns of words read best in one line each
from __future__ import annotations

import re

from clients.catalog import ontology
from clients.catalog.quantities import Quantity, find_quantities
from clients.catalog.roles import ASSIGN
from clients.catalog.slots import SLOTS, Reading, Slot, inverse_slot, slot_of
from clients.catalog.text import clean


def read_brief(brief: str) -> Reading:
    """What the brief says; `refusal` is set where it is out of scope."""
    text = clean(brief)
    found = ontology.recognise(text)
    family = found.family
    if (
        family == "led_indicator"
        and not found.others
        and any(each.kind in {"frequency", "time"} for each in find_quantities(text))
    ):
        family = "astable_555"  # a light with a rate is a blinker
    reading = Reading(family=family, refusal=found.refusal)
    if found.family is None:
        return reading
    if found.open_question:
        reading.remarks.append(found.open_question)
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
    if pending in SLOTS[family]:
        text = _with_unit(text, SLOTS[family][str(pending)])
    quantities = find_quantities(text)
    before = (dict(reading.slots), dict(reading.words), reading.size, reading.count)
    _read_words(reading, text)
    left = _layers_and_pins(reading, text, quantities)
    if pending in SLOTS[family]:
        left = _fill_pending(reading, left, str(pending))
    for quantity in [each for each in left if each.kind == "size"]:
        reading.size = (round(quantity.value, 2), round(quantity.second, 2))
        left.remove(quantity)
    left = ASSIGN[family](reading, text, left)
    for quantity in left:
        if quantity.kind == "number" and not any(char.isdigit() for char in quantity.text):
            continue
        if quantity.text.strip():
            reading.unused.append(f"“{quantity.text}” has no use in this board.")
    return before != (reading.slots, reading.words, reading.size, reading.count)


def _read_words(reading: Reading, text: str) -> None:
    """Colour, connectors, holes, packages and wishes."""
    if reading.family in {"led_indicator", "astable_555"}:
        _read_colour(reading, text)
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
        _read_regulator(reading, text)
    if reading.family == "lowside_switch" and (part := re.search(r"(?i)AO3400A?|IRLZ44N?", text)):
        reading.words["mosfet"] = "AO3400A" if part[0].upper().startswith("AO") else "IRLZ44N"


def _read_colour(reading: Reading, text: str) -> None:
    colour, remark, further = ontology.colour_of(text)
    if colour:
        reading.words["colour"] = colour
    elif remark:
        reading.unused.append(f"There is no {remark} LED in stock; red, green, yellow, blue and white are.")
    if colour and remark:
        reading.remarks.append(f"{remark[0].upper()}{remark[1:]}.")
    reading.unused += [f"A second colour ({word}) has no place here: one colour a board." for word in further]


def _read_regulator(reading: Reading, text: str) -> None:
    """The kind of regulator, and the output voltage that its name says."""
    if re.search(r"(?i)(?<![a-z0-9])(?:lm|l|mc|ua|ka)?-?78[lm]?(?:0[5689]|1[0258]|24)|to-?220", text):
        reading.words["regulator"] = "LM78"
    elif re.search(r"(?i)1117|sot-?223|\bldo\b|low[\s-]*drop|\bsmd\b|surface[\s-]mount", text):
        reading.words["regulator"] = "AMS1117"
    if (
        part := re.search(
            r"(?i)(?<![a-z0-9])(?:lm|l|mc|ua|ka)?-?78[lm]?(05|06|08|09|10|12|15|18|24)(?!\d)", text
        )
    ) or (part := re.search(r"(?i)1117[a-z]{0,2}[\s-]?([1-9]\.\d{1,2}|5)\s?v?(?![\w.])", text)):
        volts = float(part[1])
        reading.slots["output_V"] = Slot(volts, volts, volts, part[0])


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
        elif (
            (quantity.kind == "number" and (_LAYERS.match(after) and count in {1, 2}))
            or (
                quantity.kind == "number"
                and re.match(r"(?i)[\s-]*(?:mounting|m\d|holes?|corners?|screw\s?holes?)", after)
            )
            or (
                quantity.kind == "number"
                and re.match(
                    r"(?i)[\s-]*(?:st|nd|rd|th|order|poles?|of|board|pcb|terminal|screw|connector|header|resistor|capacitor|part|piece|chip|chann\w*|timer|output|input)\b",
                    after,
                )
            )
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


_BARE = re.compile(
    r"[^A-Za-z\d]*\d+(?:[.,]\d+)?\s*[kM]?(?:\s*(?:-|to|and|through|\.\.)\s*\d+(?:[.,]\d+)?)?\W*"
)
_USUAL = {"voltage": "V", "frequency": "Hz", "resistance": "Ω", "capacitance": "nF", "percent": "%"}


def _with_unit(text: str, kind: str) -> str:
    """A bare number or range that answers a question gets the usual unit: "9-12" → "9-12 V", "300" → "300 mA"."""
    if not _BARE.fullmatch(text):
        return text
    bare = text.rstrip(" .,!")
    first = re.search(r"\d+(?:[.,]\d+)?", bare)
    amps = "mA" if first and float(first[0].replace(",", ".")) > 5 else "A"
    return f"{bare} {_USUAL.get(kind, amps)}"


def _fill_pending(reading: Reading, quantities: list[Quantity], pending: str) -> list[Quantity]:
    """An answer to a question: the first quantity of the right kind, or a bare number in the usual unit."""
    assert reading.family is not None
    kind = SLOTS[reading.family][pending]
    for quantity in quantities:
        same = quantity.kind == kind
        period = kind == "frequency" and quantity.kind == "time" and quantity.value > 0
        power = kind == "current" and quantity.kind == "power" and _volts_of_load(reading)
        if same:
            reading.slots[pending] = slot_of(quantity)
        elif period:
            reading.slots[pending] = inverse_slot(quantity)
        elif power:
            reading.slots[pending] = slot_of(quantity, 1 / _volts_of_load(reading))
        elif quantity.kind == "number":
            factor = {"current": 0.001 if quantity.value > 5 else 1.0, "percent": 0.01}.get(kind, 1.0)
            reading.slots[pending] = slot_of(quantity, factor)
        else:
            continue
        return [each for each in quantities if each is not quantity]
    return quantities


def _volts_of_load(reading: Reading) -> float:
    slot = reading.slots.get("load_V" if reading.family == "lowside_switch" else "output_V")
    return slot.value if slot else 0.0
