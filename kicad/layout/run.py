"""From a geometry to a finished layout: size, placement, routes, texts; several tries, the best kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shapely.geometry import Polygon as Area

from kicad.layout.compiled import is_compiled
from kicad.layout.errors import LayoutError
from kicad.layout.place import (
    SPREADS,
    Placed,
    Placer,
    Spread,
    courtyard_area,
    hole_centres,
    least_side,
    needed_area,
)
from kicad.layout.raster import Grid, placed_pads
from kicad.layout.route import Router
from kicad.layout.texts import Board, place_texts, text_areas
from kicad.layout.textsize import BOX_HEIGHT, text_width
from kicad.layout.tracks import tracks_of, vias_of, wire_length
from kicad.shapes import Geometry, Layout, Placement

VIA_WORTH_MM = 3.0  # a via counts as much as this much wire
COMFORTABLE_USE = 0.42  # of the area, for a board whose size is ours to choose
GOOD_USE = 0.5  # of the area with the gaps, for a board of given size
ASPECT = 1.35
TIGHT = 4  # the spread to begin with on a crowded board
FREE_GAP_MM = 1.0  # least gap of courtyards on a board whose size is ours to choose
SMALL_TEXT_WORTH_MM = 25.0
ROUTED_TRIES = 2  # placements that are routed before the best is taken
MANY_PARTS = 15  # from here on fewer seeds do: each is annealed longer
SEEDS_OF_MANY = 4
GRID_MM = 0.1
FINE_GRID_MM = 0.05

Progress = Callable[[str], None]


@dataclass
class Clock:
    """CPU time spent and allowed, in seconds."""

    budget_s: float
    start: float

    def spent(self) -> float:
        """CPU seconds since the start."""
        return time.process_time() - self.start

    def over(self) -> bool:
        """Is the budget used up?"""
        return self.spent() > self.budget_s


def make_layout(
    geometry: Geometry,
    *,
    seeds: Sequence[int] = (1, 2, 3, 4, 5, 6),
    progress: Progress | None = None,
    cpu_budget_s: float = 120.0,
) -> Layout:
    """Place, route and label a board; deterministic for the same geometry and seeds.

    Raises `LayoutError` BOARD_TOO_SMALL, UNPLACEABLE, UNROUTABLE or LABEL_NO_ROOM.
    """
    clock = Clock(cpu_budget_s, time.process_time())
    say = progress or (lambda _: None)
    placer = Placer(geometry)
    last: LayoutError | None = None
    for size_mm in _sizes(geometry):
        try:
            return _at_size(placer, size_mm, seeds, say, clock)
        except LayoutError as error:
            last = error
            if clock.over():
                break
    assert last is not None
    raise last


def _sizes(geometry: Geometry) -> Iterator[tuple[float, float]]:
    """The outline to be made: the given one, or ever larger ones, in whole millimetres."""
    if geometry["size_mm"] is not None:
        width, height = geometry["size_mm"]
        _check_size(geometry, float(width), float(height))
        yield float(width), float(height)
        return
    area = (needed_area(geometry) + 0.5 * _text_area(geometry)) / COMFORTABLE_USE
    short = max((least_side(part)[0] for part in geometry["parts"]), default=5.0) + 3
    long = max((least_side(part)[1] for part in geometry["parts"]), default=5.0) + 3
    for grow in range(12):
        now = area * 1.15**grow
        height = max(math.sqrt(now / ASPECT), short)
        yield float(math.ceil(max(now / height, long))), float(math.ceil(height))


def _text_area(geometry: Geometry) -> float:
    """Area in mm² that references and labels take."""
    height = geometry["rules"]["text_mm"]
    texts = [part["ref"] for part in geometry["parts"]] + [label["text"] for label in geometry["labels"]]
    return math.fsum(text_width(text, height) * height * BOX_HEIGHT for text in texts)


def _check_size(geometry: Geometry, width: float, height: float) -> None:
    """Refuse a size that cannot hold the parts whatever is tried."""
    needed, given = needed_area(geometry), width * height
    edge = geometry["rules"]["edge_mm"]
    for part in geometry["parts"]:
        short, long = least_side(part)
        if short > min(width, height) or long > max(width, height):
            raise LayoutError(
                "BOARD_TOO_SMALL",
                part["ref"],
                f"{width:g} × {height:g} mm",
                f"at least {long + 2 * edge:.1f} × {short + 2 * edge:.1f} mm for {part['ref']} alone",
                f"{part['ref']} ({part['footprint'].split(':')[-1]}) alone is larger than the board",
                "a larger board, or a smaller package",
            )
    if needed > 0.85 * given:
        raise LayoutError(
            "BOARD_TOO_SMALL",
            "board",
            f"{width:g} × {height:g} mm = {given:.0f} mm²",
            f"about {needed / COMFORTABLE_USE:.0f} mm², e.g. {_example(geometry)}"
            f"; the parts alone take {needed:.0f} mm²",
            "the parts need more room than the board has",
            "a larger board, smaller packages or fewer parts",
        )


def _example(geometry: Geometry) -> str:
    free: Geometry = {**geometry, "size_mm": None}
    width, height = next(_sizes(free))
    return f"{width:g} × {height:g} mm"


def _spreads(geometry: Geometry, width: float, height: float) -> list[Spread]:
    """The gaps to try on a board of this size, the roomiest that is sensible first."""

    def use(spread: Spread) -> float:
        sides = [least_side(part) for part in geometry["parts"]]
        room = math.fsum((a + spread.gap) * (b + spread.gap) for a, b in sides)
        return room / max(1.0, (width - 2 * spread.margin) * (height - 2 * spread.margin))

    first = next((i for i, spread in enumerate(SPREADS) if use(spread) <= GOOD_USE), TIGHT)
    tighter = SPREADS[first:]
    if geometry["size_mm"] is None:  # a larger board is better than a crowded one
        return [spread for spread in tighter if spread.gap >= FREE_GAP_MM] or [SPREADS[TIGHT]]
    return list(tighter)


def _at_size(
    placer: Placer, size_mm: tuple[float, float], seeds: Sequence[int], say: Progress, clock: Clock
) -> Layout:
    """The best layout on a board of this size."""
    width, height = size_mm
    problem: LayoutError | None = None
    for spread in _spreads(placer.geometry, width, height):
        first = "" if is_compiled() else "; placer and router are compiled first, once"
        say(f"placing {len(placer.geometry['parts'])} parts on {width:g} × {height:g} mm{first}")
        few = seeds if len(placer.geometry["parts"]) <= MANY_PARTS else seeds[:SEEDS_OF_MANY]
        placed = [found for seed in few if (found := placer.place(width, height, spread, seed))]
        placed.sort(key=lambda each: (each.cost, each.seed))
        done: list[Layout] = []
        for each in placed[: ROUTED_TRIES * 2]:
            try:
                done.append(_finish(placer.geometry, each, width, height, clock))
            except LayoutError as error:
                problem = error
            if len(done) >= ROUTED_TRIES or clock.over():
                break
        if done:
            best = min(done, key=_score)
            best["figures"]["cpu_s"] = round(clock.spent(), 3)
            return best
        if clock.over():
            break
    raise problem or _unplaceable(placer.geometry, width, height)


def _score(layout: Layout) -> float:
    figures = layout["figures"]
    small = sum(text["height_mm"] < max(t["height_mm"] for t in layout["texts"]) for text in layout["texts"])
    wire = figures["wire_mm"] + VIA_WORTH_MM * figures["signal_vias"] + figures["placing_cost"]
    return wire + SMALL_TEXT_WORTH_MM * small


def _unplaceable(geometry: Geometry, width: float, height: float) -> LayoutError:
    needed, given = needed_area(geometry), width * height
    return LayoutError(
        "BOARD_TOO_SMALL",
        "board",
        f"{width:g} × {height:g} mm; the parts take {100 * needed / given:.0f} % of it",
        f"about {_example(geometry)}",
        "no placement was found in which parts, connectors on their edges and labels do not overlap",
        "a larger board, smaller packages, or fewer connectors on one side",
    )


def _finish(geometry: Geometry, placed: Placed, width: float, height: float, clock: Clock) -> Layout:
    """Check the near-terms, then route and label a placement."""
    _check_near(geometry, placed.placements)
    centres = hole_centres(geometry["holes"], width, height)
    holes = [(at, hole["diameter_mm"]) for at, hole in zip(centres, geometry["holes"], strict=True)]
    router = _routed(geometry, placed.placements, (width, height), holes, clock)
    signal_vias = sum(len(laid.vias) for laid in router.laid.values())
    signals = vias_of(router)
    texts = place_texts(Board(geometry, placed.placements, router.grid.pads, signals, (width, height), holes))
    router.stitch(text_areas(texts))
    tracks, vias = tracks_of(router), vias_of(router)
    used = math.fsum(courtyard_area(part) for part in geometry["parts"])
    ground = geometry["ground"]
    return {
        "size_mm": (width, height),
        "placements": placed.placements,
        "tracks": tracks,
        "vias": vias,
        "pours": [{"net": ground, "layer": layer} for layer in ("front", "back")] if ground else [],
        "holes": [{"x": x, "y": y, "diameter_mm": float(diameter)} for (x, y), diameter in holes],
        "texts": texts,
        "seed": placed.seed,
        "figures": {
            "wire_mm": round(wire_length(tracks), 2),
            "vias": float(len(vias)),
            "signal_vias": float(signal_vias),
            "area_use": round(used / (width * height), 4),
            "rounds": float(router.rounds),
            "placing_cost": round(placed.cost, 3),
        },
    }


def _routed(
    geometry: Geometry,
    placements: list[Placement],
    size_mm: tuple[float, float],
    holes: list[tuple[tuple[float, float], float]],
    clock: Clock,
) -> Router:
    """A router that is done.  Raises `LayoutError` UNROUTABLE."""
    grid = Grid(geometry, placements, size_mm, holes, GRID_MM)
    if grid.unreachable:  # pads so narrow that no point of the grid lies where a track may end
        grid = Grid(geometry, placements, size_mm, holes, FINE_GRID_MM)
    router = Router(grid)
    if router.route(clock.start + clock.budget_s):
        return router
    stuck = sorted({grid.nets[net] for net in (*router.open_nets, *router.crossing)})
    stuck += sorted(f"{pad.ref}.{pad.number}" for pad in grid.unreachable)
    raise LayoutError(
        "UNROUTABLE",
        ", ".join(stuck[:5]),
        f"{len(stuck)} of {len(grid.nets)} nets",
        "every net connected",
        "the tracks find no way between the parts",
        "a larger board, fewer wide nets, or other pins where the choice is free",
    )


def _check_near(geometry: Geometry, placements: list[Placement]) -> None:
    """Raise `LayoutError` when two pads are farther apart than their near-term allows."""
    areas: dict[tuple[str, str], list[Area]] = {}
    if not geometry["near"]:
        return
    for pad in placed_pads(geometry, placements):
        areas.setdefault((pad.ref, pad.number), []).append(pad.area)
    for near in geometry["near"]:
        a, b = (near["a"][0], near["a"][1]), (near["b"][0], near["b"][1])
        distance = min(one.distance(other) for one in areas[a] for other in areas[b])
        if distance > near["max_mm"]:
            raise LayoutError(
                "UNPLACEABLE",
                f"{a[0]}.{a[1]} – {b[0]}.{b[1]}",
                f"{distance:.1f} mm",
                f"≤ {near['max_mm']:g} mm",
                "too many parts want to stand near the same pin",
                "a larger limit, a larger board, or fewer parts near this pin",
            )
