"""Values of resistors and capacitors as people write them: 4.7k, 4k7, 100n, 10uF."""

from __future__ import annotations

import re

FACTORS = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "k": 1e3, "K": 1e3, "M": 1e6}
_POINT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([pnuµμmkKM]?)(?:R|F|H|Ω|[oO]hm)?", re.ASCII)
_INFIX = re.compile(r"(\d{1,9})([pnuµμmkKMR])(\d{1,9})", re.ASCII)
_PREFIXES = ((1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p"))


def number_of(value: str) -> float:
    """Ohms, farads or henries of a value; `ValueError` when it is none, or zero."""
    if point := _POINT.fullmatch(value):
        number = float(point[1]) * FACTORS.get(point[2], 1.0)
    elif infix := _INFIX.fullmatch(value):
        number = float(f"{infix[1]}.{infix[3]}") * FACTORS.get(infix[2], 1.0)
    else:
        raise ValueError(f"{value!r} is no value; write it like 4.7k or 100n")
    if number <= 0:
        raise ValueError(f"{value!r} is no value: it must be more than zero")
    return number


def value_text(value: object) -> str:
    """A value as text: 4700 is "4.7k", 1e-7 is "100n", text stays text; else `ValueError`."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1e-13 < value < 1e9:
        raise ValueError(f"{value!r} is no value; write it like '4.7k' or '100n'")
    fitting = [pair for pair in _PREFIXES if value >= pair[0] * (1 - 1e-7)]
    factor, prefix = fitting[0] if fitting else _PREFIXES[-1]
    return f"{value / factor:.6g}{prefix}"
