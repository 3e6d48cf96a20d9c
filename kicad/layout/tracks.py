"""From cells to copper: straight runs become tracks, changes of layer become vias."""

from __future__ import annotations

import math

from kicad.layout.route import Router, Wire
from kicad.shapes import Point, Track, Via


def tracks_of(router: Router) -> list[Track]:
    """All tracks, runs in one direction, layer and width merged into one."""
    grid, found = router.grid, []
    for net, laid in sorted(router.laid.items()):
        width = grid.classes[grid.class_of(grid.nets[net])].width_mm
        thin = grid.classes[grid.neck_class_of(grid.nets[net])].width_mm
        trunk: list[Track] = []
        for wire in laid.wires:
            branch = [
                Track(
                    net=grid.nets[net],
                    layer="back" if start // router.area else "front",
                    width_mm=thin if neck else width,
                    start=grid.point(start % router.area),
                    end=grid.point(end % router.area),
                )
                for start, end, neck in _runs(wire, router.area)
            ]
            trunk += _without_stub(branch, trunk)
        found += trunk
    return found


def _without_stub(branch: list[Track], trunk: list[Track]) -> list[Track]:
    """A branch without first runs within the trunk's width: KiCad takes their ends for loose ones."""
    while len(branch) > 1 and branch[0]["layer"] == branch[1]["layer"]:
        inner = [
            track
            for track in trunk
            if track["layer"] == branch[0]["layer"]
            and _distance(branch[0]["start"], track) < track["width_mm"] / 2 - 0.01
            and _distance(branch[0]["end"], track) < track["width_mm"] / 2 - 0.01
        ]
        if not inner:
            break
        branch = branch[1:]
    return branch


def _distance(point: Point, track: Track) -> float:
    """From a point to the middle line of a track, in mm."""
    (ax, ay), (bx, by) = track["start"], track["end"]
    along = (point[0] - ax) * (bx - ax) + (point[1] - ay) * (by - ay)
    part = min(1.0, max(0.0, along / ((bx - ax) ** 2 + (by - ay) ** 2)))
    return math.dist(point, (ax + part * (bx - ax), ay + part * (by - ay)))


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


def _runs(wire: Wire, area: int) -> list[tuple[int, int, bool]]:
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
