"""Finds every quantity in a brief: sizes, ranges, rates, numbers with units, each with its place in the text.

The grammar is our own: general readers of quantities misread "9 to 15 V" and miss "40x30".
"""

# ruff: noqa: E501 - patterns of words read best in one line each
from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from clients.catalog.text import normalise
from clients.catalog.units import UNIT, Kind, unit_of


@dataclass(frozen=True)
class Quantity:
    """A quantity in SI units; a size is in millimetres, `value` its width and `second` its height.

    `span` is the place in the text given to `find_quantities`; `low` and `high` differ from `value`
    for a range or a stated tolerance only.  `bound` is "max" or "min" where the words say so.
    """

    kind: Kind
    value: float
    low: float
    high: float
    span: tuple[int, int]
    text: str
    second: float = 0.0
    approximate: bool = False
    tolerance: float | None = None  # as a fraction
    bound: str = ""
    source: str = ""  # "9 V battery", "coin cell" …: what implies the value
    phase: str = ""  # "on" or "off", of a time; "period" where the words say it
    alternating: bool = False  # volts of an alternating current


_NUM = r"(?:(?<![A-Za-z0-9_.,±])(?<!\d/)[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+[ -]\d/\d|\d/\d|\d+(?:[.,]\d+)?|\.\d+)(?:[eE][-+]?\d+)?)"
_INFIX = (
    r"(?<![A-Za-z0-9_.,])(?P<whole>\d+)(?P<letter>[kKMRΩVvnuµp])(?P<decimals>\d{1,3})"
    r"\s?(?P<tail>Hz|hz|F|Ω|(?i:ohms?))?(?![A-Za-z0-9])"
)
_TO = r"(?:\s*(?:-|\.\.\.?|~|/)\s*|\s+(?:to|through|thru|till|until|up\s+to|and|or)\s+|-to-)"
_ARROW = r"(?:\s*(?:->|=>|>)\s*|\s+(?:down\s+to|into|in\s+to)\s+)"
_PERIOD = (
    r"(?P<every>(?i:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|hr|h))(?![A-Za-z0-9])"
)
_EVENT = (
    r"(?:times?|x|flash(?:es)?|blinks?|cycles?|pulses?|beats?|ticks?|toggles?|clicks?|winks?|strobes?|"
    r"oscillations?|periods?|repetitions?|blips?)"
)

# Part names and the like whose digits are no quantities; masked before anything is read.
NAMES = re.compile(
    r"(?i)(?<![a-z0-9])(?:(?:lm|l|mc|ua|µa|ka|ts|uA)?-?78[lm]?(?:0[5689]|1[0258]|24)[a-z]{0,3}"
    r"|(?:ams|lm|ld|ld-?|lt|ap|ncp|reg|tlv|az)?-?1117[a-z]{0,2}(?:-?(?:[1-9]\.\d{1,2}|adj)v?)?"
    r"|(?:ne|se|na|lm|lmc|tlc|ts|icm|tlc|ca)-?75{2}5[a-z]{0,2}|(?:ne|se|na|lm|lmc|tlc|ts|icm|ca)-?55[56][a-z]{0,2}"
    r"|55[56](?=$|[^a-z0-9.,%]|[.,](?!\d))(?!\s*(?:k?hz|ohms?|Ω|ma\b|mv\b|v\b|ms\b|hertz|times|mm))"
    r"|1n\d{4}[a-z]?|2n\d{3,4}[a-z]?|bss\d+|ao\d{4}[a-z]?|irl[a-z]{0,4}\d+[a-z]*|irf[a-z]{0,4}\d+[a-z]*|si\d{4}[a-z]*"
    r"|tip\d+[a-z]?|bc\d{3}[a-z]?|(?!cr\d{4}|(?:approx|about|to|by|at|from|off|of|is|r|c|l|v|vin|vout|max|min|vcc|vdd|and|x)\d)[a-z]+\d+[a-z\d]*(?:-\d+)?|sot-?\d+(?:-\d+)?|to-?\d{2,3}|dip-?\d+|soic?-?\d+"
    r"|(?:0402|0603|0805|1206)(?!\s?[a-z])|(?<!\d)\d{4}\s(?=footprint|package|size)"
    r"|(?:1|2)\s?x\s?\d{1,2}(?=\s*(?:way|pin|pos|header|connector|socket|male|female))|m[2345](?=\s*(?:hole|screw|bolt|mount)))"
    r"(?![a-z0-9])"
)


def find_quantities(text: str) -> list[Quantity]:
    """Every quantity of a cleaned text in the order of the text; bare numbers have the kind "number"."""
    normal = normalise(text)
    masked = NAMES.sub(lambda match: "\x00" * len(match[0]), normal.text)
    found: list[Quantity] = []
    for pattern, reader in _READERS:
        for match in pattern.finditer(masked):
            read = reader(match)
            if not read:
                continue
            for quantity in read:
                start, end = quantity.span
                span = normal.span(start, end)
                around = _neighbours(quantity, masked)
                found.append(replace(around, span=span, text=text[span[0] : span[1]].strip()))
            masked = masked[: match.start()] + "\x01" * (match.end() - match.start()) + masked[match.end() :]
    # "12 V car battery" is one quantity, though both its halves say it.
    stated = {each.source for each in found if each.source and any(char.isdigit() for char in each.text)}
    once = [each for each in found if each.source not in stated or any(char.isdigit() for char in each.text)]
    return sorted(once, key=lambda quantity: quantity.span)


def number(text: str) -> float:
    """ "1,000" → 1000, "3,3" → 3.3, "1 1/2" → 1.5, "-5" → -5."""
    text = text.strip()
    if re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        text = text.replace(",", "")
    text = text.replace(",", ".")
    if match := re.fullmatch(r"([-+]?)(?:(\d+)[ -])?(\d+)/(\d+)", text):
        sign = -1 if match[1] == "-" else 1
        return sign * (int(match[2] or 0) + int(match[3]) / max(1, int(match[4])))
    return float(text)


def _plain(kind: Kind, value: float, match: re.Match[str], second: float = 0.0) -> Quantity:
    return Quantity(kind, value, value, value, match.span(), "", second)


_SECONDS = {"m": 60.0, "s": 1.0, "h": 3600.0}


def _seconds(word: str) -> float:
    word = word.lower()
    return 1e-3 if word.startswith("ms") or word.startswith("milli") else _SECONDS[word[0]]


def _rate(match: re.Match[str]) -> list[Quantity]:
    """ "twice a second", "30 times a minute", "2/s"."""
    often = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
    word = (match["often"] or "").lower()
    times = often[word] if word in often else number(match["times"]) if match["times"] else 1.0
    return [_plain("frequency", times / _seconds(match["every"]), match)]


def _every(match: re.Match[str]) -> list[Quantity]:
    """ "once every two seconds", "every half second", "every other second", "every 500 ms"."""
    often = {"once": 1.0, "twice": 2.0, "thrice": 3.0, "": 1.0}
    times = number(match["times"]) if match["times"] else often[(match["often"] or "").lower()]
    count = 2.0 if match["other"] else number(match["count"]) if match["count"] else 1.0
    seconds = count * _seconds(match["every"])
    if seconds <= 0:
        return [_plain("time", 0.0, match)]
    if times == 1.0:
        return [replace(_plain("time", seconds, match), phase="period")]
    return [_plain("frequency", times / seconds, match)]


def _millimetres(text: str, unit: str | None, other: str | None) -> float:
    kind, factor = unit_of(unit or other or "mm")
    return number(text) * factor * 1000 if kind == "length" else -1.0


def _size(match: re.Match[str]) -> list[Quantity] | None:
    """ "40x30", "40 mm by 30 mm", "4 cm x 3 cm", "1.5 x 1 inch"."""
    unit1, unit2 = match["unit1"], match["unit2"]
    width = _millimetres(match["a"], unit1, unit2)
    height = _millimetres(match["b"], unit2, unit1)
    bare = not unit1 and not unit2
    if (bare and min(width, height) < 5) or (width < 0 < height and not bare and unit1 and unit2):
        return None
    return [_plain("size", width, match, height)]


def _square(match: re.Match[str]) -> list[Quantity]:
    side = _millimetres(match["a"] or match["b"], match["unit1"] or match["unit2"], None)
    return [_plain("size", side, match, side)]


def _sides(match: re.Match[str]) -> list[Quantity]:
    """ "40 mm wide and 30 mm high", "width 40 mm, height 30 mm"."""
    first = _millimetres(match["a"], match["unit1"], match["unit2"])
    second = _millimetres(match["b"], match["unit2"], match["unit1"])
    upright = re.match(r"(?i)high|tall|height", match["side"] or "") is not None
    return [_plain("size", second if upright else first, match, first if upright else second)]


def _range(match: re.Match[str]) -> list[Quantity] | None:
    """ "9 to 15 V", "9-15V", "between 9 and 15 volts"; a falling one is "from … to …" and gives two."""
    kind, factor = unit_of(match["unit2"])
    kind1, factor1 = unit_of(match["unit1"]) if match["unit1"] else (kind, factor)
    separator = match["sep"].strip().lower()
    if kind1 != kind:
        return None
    a, b = number(match["a"]) * factor1, number(match["b"]) * factor
    between = match["between"] is not None
    if separator in {"and", "or"} and not between:
        return None
    if separator == "/" and (a, b) != (min(a, b), max(a, b)):
        separator = "to"
    quantities = [
        replace(_plain(kind, a, match), span=match.span("first")),
        replace(_plain(kind, b, match), span=(match.start("b"), match.end())),
    ]
    if between:
        a, b = min(a, b), max(a, b)
    if a >= b or match["arrow"]:
        return quantities
    return [Quantity(kind, (a + b) / 2, a, b, match.span(), "")]


def _single(match: re.Match[str]) -> list[Quantity]:
    kind, factor = unit_of(match["unit"])
    quantity = _plain(kind, number(match["a"]) * factor, match)
    if match["plusminus"]:
        amount = number(match["plusminus"])
        off_kind, off_factor = unit_of(match["pmunit"]) if match["pmunit"] else (kind, factor)
        part = (
            amount * off_factor if off_kind == "percent" else amount * off_factor / (abs(quantity.value) or 1)
        )
        spread = abs(quantity.value) * part
        quantity = replace(
            quantity, tolerance=part, low=quantity.value - spread, high=quantity.value + spread
        )
    ac = re.search(r"(?i)ac\s*$", match["unit"]) is not None
    return [replace(quantity, alternating=kind == "voltage" and ac)]


_INFIXES: dict[str, tuple[Kind, float]] = {
    "k": ("resistance", 1e3), "K": ("resistance", 1e3), "M": ("resistance", 1e6), "R": ("resistance", 1.0),
    "Ω": ("resistance", 1.0), "V": ("voltage", 1.0), "v": ("voltage", 1.0), "n": ("capacitance", 1e-9),
    "u": ("capacitance", 1e-6), "µ": ("capacitance", 1e-6), "p": ("capacitance", 1e-12),
}  # fmt: skip


def _infix(match: re.Match[str]) -> list[Quantity]:
    """ "4k7", "3V3", "2u2", "1k5Hz"."""
    kind, factor = _INFIXES[match["letter"]]
    if (match["tail"] or "").lower() == "hz":
        kind = "frequency"
    return [_plain(kind, float(f"{match['whole']}.{match['decimals']}") * factor, match)]


def _number(match: re.Match[str]) -> list[Quantity]:
    return [_plain("number", number(match[0]), match)]


def _implied(
    kind: Kind, value: float, low: float, high: float, source: str
) -> Callable[[re.Match[str]], list[Quantity]]:
    def read(match: re.Match[str]) -> list[Quantity]:
        return [Quantity(kind, value, low, high, match.span(), "", source=source)]

    return read


_U1, _U2 = rf"(?P<unit1>{UNIT})", rf"(?P<unit2>{UNIT})"
_LENGTH = r"(?i:mm|millimet(?:re|er)s?|cms?|centimet(?:re|er)s?|inch(?:es)?|in\b|mils?|\"|'')"
_L1, _L2 = rf"(?P<unit1>{_LENGTH})", rf"(?P<unit2>{_LENGTH})"
_SIDE = r"(?i:wide|width|high|height|tall|long|length|deep|depth)"

_READERS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], list[Quantity] | None]]] = [
    # rates
    (re.compile(
        rf"(?:(?P<often>(?i:once|twice|thrice))|(?P<times>{_NUM})(?:\s*-?\s*(?i:full\s+|complete\s+|led\s+|light\s+)?(?i:{_EVENT})\b)?)"
        rf"(?i:\s*/\s*|\s+(?:per|in\s+an?|in\s+1|in\s+every|an?|each|1|in\s+one)\s+(?:single\s+)?|\s+every\s+(?=second|sec\b|minute|hour)){_PERIOD}"), _rate),
    (re.compile(
        rf"(?:(?:(?P<often>(?i:once|twice|thrice))|(?P<times>{_NUM})\s*-?\s*(?i:{_EVENT})\b)\s+(?:(?i:in|for)\s+)?)?"
        rf"(?i:every|each|per)\s+(?:(?P<other>(?i:other|2nd|second(?=\s+second)))\s+|(?P<count>{_NUM})[\s-]*(?:of\s+an?\s+)?)?{_PERIOD}"), _every),
    # sizes
    (re.compile(rf"(?P<a>{_NUM})\s*-?{_L1}?\s*(?i:x|\*|by)\s*(?P<b>(?<![\d.])[-+]?\d+(?:[.,]\d+)?)\s*-?{_L2}?"
                rf"(?!\s*(?:{_EVENT})\b)(?![\w.]*\d)(?!\s*(?i:pin|way|header))"), _size),
    (re.compile(rf"(?P<a>{_NUM})\s*-?{_L1}\s*-?(?i:square|on\s+a\s+side|per\s+side|each\s+side|a\s+side)\b(?P<b>)(?P<unit2>)"
                rf"|(?i:square\s+(?:of\s+)?)(?P<c>)(?P<d>{_NUM})\s*(?P<unit3>{_LENGTH})"),
     lambda m: _square(m) if m["a"] else [_plain("size", _millimetres(m["d"], m["unit3"], None), m, _millimetres(m["d"], m["unit3"], None))]),
    (re.compile(rf"(?P<a>{_NUM})\s*-?{_L1}?\s*(?:in\s+)?(?P<side>{_SIDE})\W*(?i:(?:and|by|x)\W*)?(?P<b>{_NUM})\s*-?{_L2}?\s*(?:in\s+)?{_SIDE}"), _sides),
    (re.compile(rf"(?P<side>{_SIDE})\W*(?i:(?:is|of)\s+)?(?P<a>{_NUM})\s*{_L1}?\W*(?i:(?:and|by)\W*)?{_SIDE}\W*(?i:(?:is|of)\s+)?(?P<b>{_NUM})\s*{_L2}?"), _sides),
    (re.compile(r"(?i)(?:credit|business)[\s-]card[\s-](?:sized?|format)"),
     lambda m: [replace(_plain("size", 85.6, m, 54.0), source="credit card")]),
    # ranges
    (re.compile(rf"(?P<between>(?i:between|anything\s+from|anywhere\s+from|range\s+of|ranging\s+from)\s+)?(?P<first>(?P<a>{_NUM})\s*-?{_U1}?)"
                rf"(?P<sep>{_TO}|(?P<arrow>{_ARROW}))(?P<b>[-+]?(?:\d+(?:[.,]\d+)?|\.\d+))\s*-?{_U2}"), _range),
    # numbers with units
    (re.compile(_INFIX), _infix),
    (re.compile(rf"(?P<a>{_NUM})\s*-?\s?(?P<unit>{UNIT})(?:\s*\(?(?:±|\+\s?/?\s?-|(?i:plus(?:\s+or\s+|[/-]|\s+)minus|within|give\s+or\s+take))"
                rf"\s*(?P<plusminus>\d+(?:[.,]\d+)?)\s*(?P<pmunit>{UNIT}|%)?\)?)?"), _single),
    # what a name implies
    (
        re.compile(rf"(?P<a>{_NUM})\s*x?\s*(?i:AAA?|alkaline|mignon)\s*(?i:alkaline\s+)?(?i:cells?|batter(?:y|ies))"),
        lambda m: [replace(_plain("voltage", 1.5 * number(m["a"]), m), source="alkaline cells")],
    ),
    (re.compile(r"(?i)\b(?:coin[\s-]?cells?|button[\s-]cells?|cr\s?-?\d{4}(?:\s+(?:coin\s+)?(?:cells?|batter(?:y|ies)))?|lithium\s+coin)\b"),
     _implied("voltage", 3.0, 2.7, 3.2, "coin cell")),
    (re.compile(r"(?i)\b(?:car|vehicle|automotive|motorcycle|motorbike|truck|boat|lead[\s-]acid)(?:'s)?[\s-](?:12\s?v(?:olts?)?\s+)?(?:batter(?:y|ies)|supply|electrics|power|system)\b"),
     _implied("voltage", 12.0, 9.0, 15.0, "car battery")),
    (re.compile(r"(?i)\b(?:li-?(?:ion|po|poly(?:mer)?)|lithium(?:[\s-](?:ion|polymer))?|18650)(?:[\s-](?:battery|cell|pack))?\b"),
     _implied("voltage", 3.7, 3.0, 4.2, "Li-ion cell")),
    (re.compile(r"(?i)\b(?:pp3|9\s?v\s?block)\b"), _implied("voltage", 9.0, 7.2, 9.6, "9 V battery")),
    (re.compile(r"(?i)\b(?:usb(?:[\s-]?(?:power|port|supply|charger|cable|adapter|voltage|bus|c|[\s-]a))*)\b"),
     _implied("voltage", 5.0, 4.75, 5.25, "USB")),
    (re.compile(rf"(?<!\d[xX])(?<![/-]){_NUM}(?![\w/])(?!\.\d)"), _number),
]  # fmt: skip


_APPROXIMATE = re.compile(
    r"(?i)(?:\b(?:about|around|approx(?:imately)?\.?|roughly|circa|ca\.?|some|nearly|almost|near|or\s+so)|[~≈])\s*"
    r"(?:(?:of|at|a|an|to)\s+)?$"
)
_MOST = re.compile(
    r"(?i)(?:\b(?:up\s+to|at\s+most|max(?:imum|\.)?(?:\s+of)?|no\s+more\s+than|not\s+over|under|below|less\s+than|within|<=?))\s*$"
)
_LEAST = re.compile(
    r"(?i)(?:\b(?:at\s+least|min(?:imum|\.)?(?:\s+of)?|no\s+less\s+than|more\s+than|over|above|>=?))\s*$"
)
_BATTERY = re.compile(r"(?i)^\s*-?(?:block\s+|alkaline\s+|pp3\s+|transistor\s+radio\s+)?batter(?:y|ies)")
_CAR = re.compile(r"(?i)^\s*-?(?:car|vehicle|automotive|lead[\s-]acid)\b")


def _neighbours(quantity: Quantity, text: str) -> Quantity:
    """The quantity with what the words beside it say: "about", "max", "on", "battery" …"""
    before, after = text[max(0, quantity.span[0] - 24) : quantity.span[0]], text[quantity.span[1] :][:30]
    if _APPROXIMATE.search(before) or re.match(
        r"(?i)\s*(?:-?ish\b|or\s+so|approx|(?:give|more)\s+or\s+(?:take|less))", after
    ):
        quantity = replace(quantity, approximate=True)
    if _MOST.search(before) or re.match(r"(?i)\s*(?:max(?:imum)?\b|or\s+less|at\s+most|peak)", after):
        quantity = replace(quantity, bound="max")
    elif _LEAST.search(before) or re.match(r"(?i)\s*(?:min(?:imum)?\b|or\s+more|at\s+least)", after):
        quantity = replace(quantity, bound="min")
    if quantity.kind == "time" and not quantity.phase:
        quantity = replace(quantity, phase=_phase(before, after))
    if quantity.kind == "voltage" and quantity.low == quantity.high and not quantity.source:
        if quantity.value == 9.0 and _BATTERY.match(after):
            return replace(quantity, low=7.2, high=9.6, source="9 V battery")
        if quantity.value == 12.0 and _CAR.match(after):
            return replace(quantity, low=9.0, high=15.0, source="car battery")
    return quantity


_PHASE_AFTER = re.compile(
    r"(?i)[\s(]*(?:of\s+|is\s+|it\s+is\s+)?(?:(on|lit|high)|(off|dark|low)|(period|cycle))\b(?P<next>\W*(?:for\s+)?\d)?"
)
_PHASE_BEFORE = re.compile(
    r"(?i)\b(?:(on|lit|high)|(off|dark|low)|(period|cycle))(?:[\s-]*(?:time|for|of|is|=|:|about))*\s*$"
)


def _phase(before: str, after: str) -> str:
    """What a time is: in "on 0.7 s off 0.3 s" the word before it says so, in "0.7 s on" the word behind."""
    lead, trail = _PHASE_BEFORE.search(before), _PHASE_AFTER.match(after)
    chosen = lead if lead and (trail is None or trail["next"]) else trail
    if chosen is None:
        return ""
    return "on" if chosen[1] else "off" if chosen[2] else "period"


def all_of(quantities: list[Quantity], *kinds: Kind) -> Iterator[Quantity]:
    """The quantities of these kinds."""
    return (quantity for quantity in quantities if quantity.kind in kinds)
