"""From cells to copper: straight runs become tracks, changes of layer become vias."""

from __future__ import annotations

import math

from kicad.layout.raster import Grid
from kicad.layout.route import Router, Wire
from kicad.shapes import Track, Via

LAYERS = ("front", "back")


def tracks_of(router: Router) -> list[Track]:
    """All tracks, runs in one direction, layer and width merged into one."""
    grid, found = router.grid, []
    for net, laid in sorted(router.laid.items()):
        rule = grid.classes[grid.class_of(grid.nets[net])]
        thin = grid.classes[grid.neck_class_of(grid.nets[net])]
        for wire in laid.wires:
            for start, end, neck in _runs(wire, grid, router.area):
                layer = start // router.area
                found.append(
                    Track(
                        net=grid.nets[net],
                        layer="back" if layer else "front",
                        width_mm=thin.width_mm if neck else rule.width_mm,
                        start=grid.point(start % router.area),
                        end=grid.point(end % router.area),
                    )
                )
    return found


def vias_of(router: Router) -> list[Via]:
    """All vias."""
    grid, rules = router.grid, router.grid.rules
    return [
        Via(
            net=grid.nets[net],
            at=grid.point(cell),
            diameter_mm=rules["via_mm"],
            drill_mm=rules["via_drill_mm"],
        )
        for net, laid in sorted(router.laid.items())
        for cell in sorted(laid.vias)
    ]


def _runs(wire: Wire, grid: Grid, area: int) -> list[tuple[int, int, bool]]:
    """(first cell, last cell, neck) of each straight run."""
    cells = [int(cell) for cell in wire.cells]
    runs: list[tuple[int, int, bool]] = []
    way: tuple[int, bool] | None = None
    for i in range(len(cells) - 1):
        a, b = cells[i], cells[i + 1]
        if a // area != b // area:
            way = None
            continue
        here = (b - a, bool(wire.necks[i] or wire.necks[i + 1]))
        if here == way:
            runs[-1] = (runs[-1][0], b, here[1])
        else:
            runs.append((a, b, here[1]))
        way = here
    return runs


def wire_length(tracks: list[Track]) -> float:
    """Length of all tracks in mm."""
    return math.fsum(math.dist(track["start"], track["end"]) for track in tracks)
