"""Placing, routing and labelling of boards: pure functions on plain data (`kicad.shapes`).

>>> from kicad.layout import LayoutError, layout
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kicad.layout.errors import LayoutError

if TYPE_CHECKING:
    from kicad.shapes import Geometry, Layout

__all__ = ["LayoutError", "layout"]


def layout(
    geometry: Geometry,
    *,
    seeds: Sequence[int] = (1, 2, 3, 4, 5, 6),
    progress: Callable[[str], None] | None = None,
    cpu_budget_s: float = 120.0,
) -> Layout:
    """Place, route and label a board: the same geometry and seeds give the same layout.

    `progress` hears a sentence now and then; `cpu_budget_s` ends the search for a way in CPU seconds.
    Raises `LayoutError` with a finding for the designer.
    """
    from kicad.layout.run import make_layout  # noqa: PLC0415 - numba takes its time to load

    return make_layout(geometry, seeds=seeds, progress=progress, cpu_budget_s=cpu_budget_s)
