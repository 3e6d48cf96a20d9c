"""One way to write a check down, so that every gate reports the same facts."""

from __future__ import annotations

import math
from typing import Literal

from kicad.shapes import Check

Stage = Literal["script", "intent", "layout", "copper", "drc", "spice", "heat", "fabrication"]


def check(
    code: str,
    stage: Stage,
    ok: bool,
    title: str,
    *,
    place: str = "",
    measured: str = "",
    required: str = "",
    cause: str = "",
    fix: str = "",
) -> Check:
    """A `Check`; `cause` and `fix` say what to do when it failed and are dropped when it passed."""
    return Check(
        code=code,
        stage=stage,
        passed=ok,
        title=title,
        place=place,
        measured=measured,
        required=required,
        cause="" if ok else cause,
        fix="" if ok else fix,
    )


_PREFIXES = (
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "µ"),
    (1e-9, "n"),
    (1e-12, "p"),
)


def quantity(value: float, unit: str) -> str:
    """`value` with three significant digits and a prefix: `quantity(0.0103, "A")` is "10.3 mA"."""
    if unit in {"°C", "mm", "%", ""}:
        return f"{value:.4g} {unit}".strip()
    size = abs(value)
    if size == 0 or not math.isfinite(size):
        return f"{value:g} {unit}"
    factor, prefix = next((each for each in _PREFIXES if size >= each[0] * 0.9995), _PREFIXES[-1])
    return f"{value / factor:.3g} {prefix}{unit}"


def span(low: float | None, high: float | None, unit: str) -> str:
    """The wanted range in words: "5–15 mA", "≤ 110 °C"."""
    if low is not None and high is not None:
        return f"{quantity(low, unit)} – {quantity(high, unit)}"
    if high is not None:
        return f"≤ {quantity(high, unit)}"
    if low is not None:
        return f"≥ {quantity(low, unit)}"
    return "any"


class Unavailable(Exception):
    """The machine cannot check (a program is missing or hangs): no fault of the board's.

    `permanent` says that trying again will not help before somebody has mended the machine.
    """

    def __init__(self, reason: str, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent
