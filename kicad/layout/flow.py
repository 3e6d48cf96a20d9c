"""Placing, lettering and routing, tried until one result has everything."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

from kicad.layout.errors import LayoutError
from kicad.layout.grid import Grid
from kicad.layout.place import hole_centres, place, smallest_size
from kicad.layout.route import Routed, route
from kicad.layout.texts import place_texts
from kicad.shapes import Geometry, Layout, Placement, Text

GAPS = (1.8, 1.2, 0.7, 0.3)  # mm between courtyards: roomy first, so that texts and tracks find a way
SEEDS_A_GAP = 3
COMFORTABLE_USE = 0.42  # of the area, when nobody says how large the board is to be
SIZE_GROWTH, MOST_GROWTHS = 1.15, 8
ASPECT = 1.3
DENSEST_USE = 0.85  # nothing was ever legal above


def layout(
    geometry: Geometry,
    *,
    progress: Callable[[str], None] | None = None,
    cpu_budget_s: float = 60.0,
    first_seed: int = 1,
) -> Layout:
    """Place and route a board.

    A given size is kept exactly; without one the smallest comfortable size is searched.  Deterministic by
    `first_seed`.  Raises `LayoutError`: BOARD_TOO_SMALL, LABEL_NO_ROOM or UNROUTABLE.
    """
    began = time.process_time()
    trouble: LayoutError | None = None
    tried = 0
    for size in _sizes(geometry):
        _refuse_impossible(geometry, size)
        for gap in GAPS:
            for seed in range(first_seed, first_seed + SEEDS_A_GAP):
                if time.process_time() - began > cpu_budget_s and trouble is not None:
                    raise trouble
                tried += 1
                if progress is not None:
                    progress(f"placing and routing {size[0]:g} x {size[1]:g} mm, try {tried}")
                try:
                    return _attempt(geometry, size, gap, seed, began)
                except LayoutError as error:
                    if trouble is None or error.code != "BOARD_TOO_SMALL":
                        trouble = error
    assert trouble is not None
    raise trouble


def _attempt(geometry: Geometry, size: tuple[float, float], gap: float, seed: int, began: float) -> Layout:
    placed = place(geometry, size, gap, seed)
    if placed is None:
        raise _too_small(geometry, size)
    texts = place_texts(geometry, size, placed.placements)
    grid = Grid(geometry, size, {spot["ref"]: spot for spot in placed.placements})
    routed = route(grid)
    if routed.open_nets or routed.conflicts:
        names = ", ".join(routed.open_nets or routed.conflicts)
        raise LayoutError(
            "UNROUTABLE",
            names,
            f"{len(routed.open_nets or routed.conflicts)} nets found no way on {size[0]:g} x {size[1]:g} mm",
            "every net connected",
            f"there is no room for the tracks of {names}",
            "allow a larger board, or use smaller packages",
        )
    return _result(geometry, size, placed.placements, texts, routed, seed, time.process_time() - began)


def _result(
    geometry: Geometry,
    size: tuple[float, float],
    placements: list[Placement],
    texts: list[Text],
    routed: Routed,
    seed: int,
    cpu: float,
) -> Layout:
    ground = geometry["ground"]
    wire = sum(math.dist(track["start"], track["end"]) for track in routed.tracks)
    return Layout(
        size_mm=size,
        placements=placements,
        tracks=routed.tracks,
        vias=routed.vias,
        pours=[{"net": ground, "layer": layer} for layer in ("front", "back")] if ground else [],
        holes=[{"x": x, "y": y, "diameter_mm": d} for x, y, d in hole_centres(geometry, size)],
        texts=texts,
        seed=seed,
        figures={
            "cpu_s": round(cpu, 3),
            "wire_mm": round(wire, 1),
            "vias": float(len(routed.vias)),
            "area_use": round(smallest_size(geometry) / (size[0] * size[1]), 3),
            "rounds": float(routed.rounds),
        },
    )


def _sizes(geometry: Geometry) -> Iterator[tuple[float, float]]:
    """The size that was asked for, or growing ones from a comfortable start, whole millimetres."""
    if geometry["size_mm"] is not None:
        yield (float(geometry["size_mm"][0]), float(geometry["size_mm"][1]))
        return
    boxes = [part["courtyard"] for part in geometry["parts"]]
    longest = max(max(b["x1"] - b["x0"], b["y1"] - b["y0"]) for b in boxes) + 3
    area = max(smallest_size(geometry) / COMFORTABLE_USE, 200.0)
    for step in range(MOST_GROWTHS):
        wide = math.sqrt(area * SIZE_GROWTH**step * ASPECT)
        yield (float(math.ceil(max(wide, longest))), float(math.ceil(max(wide / ASPECT, min(longest, wide)))))


def _refuse_impossible(geometry: Geometry, size: tuple[float, float]) -> None:
    """Say at once what no placing could mend."""
    too_long = any(
        min(b["x1"] - b["x0"], b["y1"] - b["y0"]) > min(size)
        or max(b["x1"] - b["x0"], b["y1"] - b["y0"]) > max(size)
        for b in (part["courtyard"] for part in geometry["parts"])
    )
    if too_long or smallest_size(geometry) > DENSEST_USE * size[0] * size[1]:
        raise _too_small(geometry, size)


def _too_small(geometry: Geometry, size: tuple[float, float]) -> LayoutError:
    need = smallest_size(geometry)
    return LayoutError(
        "BOARD_TOO_SMALL",
        "board",
        f"{size[0]:g} x {size[1]:g} mm ({size[0] * size[1]:.0f} mm²)",
        f"parts take {need:.0f} mm²; about {need / COMFORTABLE_USE:.0f} mm² make a comfortable board",
        "the parts do not fit into the outline",
        "allow a larger board, or use smaller packages",
    )
