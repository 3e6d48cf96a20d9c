"""Preferred numbers of IEC 60063 and the values that are kept in stock."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

E6 = (1.0, 1.5, 2.2, 3.3, 4.7, 6.8)
E12 = (1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2)
E24 = (
    1.0, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0,
    3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2, 6.8, 7.5, 8.2, 9.1,
)  # fmt: skip
E96 = tuple(round(10 ** (step / 96), 2) for step in range(96))
SERIES = {"E6": E6, "E12": E12, "E24": E24, "E96": E96}

_FACTORS = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "": 1.0, "k": 1e3, "M": 1e6}

# 1 % chip resistors 0805 that assemblers keep at hand; E24 has gaps there (18k, 39k, 82k, 330k …).
_RESISTORS = """
10 15 20 22 27 33 47 51 56 68 100 120 150 180 200 220 240 270 300 330 390 470 510 560 680 750 820
1k 1.2k 1.5k 1.8k 2k 2.2k 2.4k 2.7k 3k 3.3k 3.6k 3.9k 4.3k 4.7k 5.1k 5.6k 6.2k 6.8k 7.5k 8.2k 9.1k
10k 11k 12k 13k 15k 16k 20k 22k 24k 27k 30k 33k 36k 43k 47k 51k 56k 62k 68k 75k
100k 120k 150k 180k 200k 220k 270k 300k 390k 470k 510k 680k 1M 2M 2.2M
"""
_CERAMICS = "100p 150p 220p 470p 1n 1.5n 2.2n 4.7n 6.8n 10n 22n 33n 47n 100n 220n 330n 470n 1u"
_ELECTROLYTICS = "2.2u 4.7u 10u 22u 47u 100u 220u 470u"


def parse_value(text: str) -> float:
    """ "4.7k" → 4700.0, "10n" → 1e-8 (ohms, farads)."""
    prefix = text[-1] if text[-1] in _FACTORS else ""
    return float(text[: len(text) - len(prefix)]) * _FACTORS[prefix]


def _values(text: str) -> tuple[float, ...]:
    return tuple(sorted(parse_value(word) for word in text.split()))


STOCKED_RESISTORS = _values(_RESISTORS)
CERAMICS = _values(_CERAMICS)  # C0G and X7R, 50 V
ELECTROLYTICS = _values(_ELECTROLYTICS)


def format_value(value: float) -> str:
    """A component's value as a parts list has it: 4700 → "4.7k", 1e-7 → "100n"."""
    scales: tuple[tuple[float, str], ...] = (
        (1e6, "M"),
        (1e3, "k"),
        (1.0, ""),
        (1e-6, "u"),
        (1e-9, "n"),
        (1e-12, "p"),
    )
    for factor, prefix in scales:
        if value >= factor * 0.9999:
            return f"{value / factor:.4g}{prefix}"
    raise ValueError(f"{value} is no component's value")


def nearest(value: float, series: str = "E24") -> float:
    """The number of a series ("E6", "E12", "E24", "E96") that is nearest to `value` in ratio."""
    if value <= 0:
        raise ValueError("preferred numbers are greater than 0")
    decade = 10.0 ** math.floor(math.log10(value))
    numbers = [*SERIES[series], 10.0]
    best = min(numbers, key=lambda number: abs(math.log(number * decade / value)))
    return float(f"{best * decade:.6g}")


def nearest_of(value: float, stock: Sequence[float]) -> float:
    """The value of a rising `stock` that is nearest to `value` in ratio."""
    place = bisect_left(stock, value)
    around = stock[max(0, place - 1) : place + 1]
    return min(around, key=lambda kept: abs(math.log(kept / value)))
