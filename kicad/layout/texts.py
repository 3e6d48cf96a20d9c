"""Silk texts: references, names of connector pins and free labels, each where nothing is in its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point as Dot
from shapely.geometry import Polygon as Area
from shapely.geometry import box
from shapely.strtree import STRtree

from kicad.layout.errors import LayoutError
from kicad.layout.raster import PlacedPad
from kicad.layout.textsize import BOX_HEIGHT, text_width
from kicad.layout.turn import placed_box, placed_polygon
from kicad.shapes import Box, Geometry, Placement, Point, Text, Via

CLEAR_MM = 0.15  # text to pads, holes, silk and other texts
OUTLINE_MM = 0.3
LEAST_HEIGHT_MM = 0.8
TRIES = 12
_SIDES: tuple[tuple[int, int], ...] = ((0, -1), (1, 0), (0, 1), (-1, 0))  # above, right, below, left


@dataclass
class Place:
    """Where a text could stand; the lower the cost, the better."""

    at: Point
    rotation: int
    cost: float


@dataclass
class Wanted:
    """A text to be placed: its candidates at each height that may be tried."""

    text: str
    ref: str | None
    owner: str | None  # the part that it belongs to
    pad: PlacedPad | None
    height: float
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class Board:
    """A board that is placed and routed."""

    geometry: Geometry
    placements: list[Placement]
    pads: list[PlacedPad]
    vias: list[Via]
    size_mm: tuple[float, float]
    holes: list[tuple[Point, float]]


@dataclass
class Scene:
    """All that texts keep clear of."""

    size_mm: tuple[float, float]
    bodies: dict[str, Box]
    hard: STRtree  # pads, holes, silk
    rooms: STRtree  # what parts cover when they are mounted
    room_refs: list[str]
    vias: STRtree
    pins: dict[str, list[Any]]  # middles of a part's pads


def place_texts(board: Board) -> list[Text]:
    """All texts of the board.  Raises `LayoutError` LABEL_NO_ROOM for a text that finds no place."""
    geometry, size_mm = board.geometry, board.size_mm
    scene = _scene(board)
    wanted = _wanted(geometry, board.pads)
    for each in wanted:
        each.places = _free_places(each, scene, geometry)
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i].pad is None, len(wanted[i].places)))
    for _ in range(TRIES):
        found, failed = _greedy([wanted[i] for i in order])
        if failed is None:
            by_index = dict(zip(order, found, strict=True))
            stroke = geometry["rules"]["text_stroke_mm"]
            return [_text(wanted[i], by_index[i], stroke) for i in range(len(wanted))]
        worst = order.pop(failed)
        order.insert(0, worst)
        if not wanted[worst].places:
            break
        wanted[worst].places = _free_places(wanted[worst], scene, geometry, more=True)
    raise LayoutError(
        "LABEL_NO_ROOM",
        wanted[worst].ref or wanted[worst].text,
        f"no free place for “{wanted[worst].text}” on {size_mm[0]:g} × {size_mm[1]:g} mm",
        f"{LEAST_HEIGHT_MM:g} mm high text clear of pads, holes and other silk",
        "the parts leave no room for the text",
        "a larger board, shorter labels or fewer parts",
    )


def _text(wanted: Wanted, place: Place, stroke: float) -> Text:
    return {
        "text": wanted.text,
        "ref": wanted.ref,
        "at": (round(place.at[0], 3), round(place.at[1], 3)),
        "rotation": place.rotation,
        "height_mm": wanted.height,
        "stroke_mm": stroke,
    }


def _scene(board: Board) -> Scene:
    geometry, pads = board.geometry, board.pads
    by_ref = {placement["ref"]: placement for placement in board.placements}
    hard: list[Any] = [pad.area.buffer(CLEAR_MM) for pad in pads]
    hard += [Dot(at).buffer(diameter / 2 + 2 * CLEAR_MM) for at, diameter in board.holes]
    bodies: dict[str, Box] = {}
    rooms: list[Any] = []
    for part in geometry["parts"]:
        placement = by_ref[part["ref"]]
        bodies[part["ref"]] = placed_box(part["body"], placement)
        hard += [
            Area(placed_polygon(each, placement)).buffer(CLEAR_MM) for each in part["silk"] if len(each) > 2
        ]
        b = bodies[part["ref"]]
        rooms.append(box(b["x0"], b["y0"], b["x1"], b["y1"]))
    drills = [Dot(via["at"]).buffer(via["diameter_mm"] / 2) for via in board.vias]
    refs = [part["ref"] for part in geometry["parts"]]
    pins = {ref: [Dot(pad.centre) for pad in pads if pad.ref == ref and pad.number] for ref in refs}
    return Scene(board.size_mm, bodies, STRtree(hard), STRtree(rooms), refs, STRtree(drills), pins)


def _wanted(geometry: Geometry, pads: list[PlacedPad]) -> list[Wanted]:
    height = geometry["rules"]["text_mm"]
    by_pin: dict[tuple[str, str], PlacedPad] = {}
    for pad in pads:
        by_pin.setdefault((pad.ref, pad.number), pad)
    found = []
    for label in geometry["labels"]:
        named = by_pin.get((label["pin"][0], label["pin"][1])) if "pin" in label else None
        found.append(Wanted(label["text"], None, named.ref if named else None, named, height))
    found += [Wanted(part["ref"], part["ref"], part["ref"], None, height) for part in geometry["parts"]]
    return found


# ---------------------------------------------------------------------- candidates


def _free_places(wanted: Wanted, scene: Scene, geometry: Geometry, more: bool = False) -> list[Place]:
    """The text's places clear of everything that does not move, best first.

    Smaller texts and the room under the part's own body come last, when nothing else is free (or `more`).
    """
    heights = [wanted.height]
    if wanted.height > LEAST_HEIGHT_MM:
        heights.append(LEAST_HEIGHT_MM)
    if more and len(heights) > 1:
        heights = heights[1:]
    for height in heights:
        for inside in (False, True):
            wanted.height = height
            places = _clear(list(_candidates(wanted, scene, geometry, inside)), wanted, scene, inside)
            if places:
                return places
    return []


def _candidates(wanted: Wanted, scene: Scene, geometry: Geometry, inside: bool) -> Iterator[Place]:
    w, h = text_width(wanted.text, wanted.height), BOX_HEIGHT * wanted.height
    if wanted.pad is not None and wanted.owner is not None:
        yield from _beside_pin(wanted, scene, geometry, w, h)
    elif wanted.owner is not None:
        yield from _around(scene.bodies[wanted.owner], w, h, inside)
    else:
        yield from _anywhere(scene.size_mm, w, h)


def _beside_pin(wanted: Wanted, scene: Scene, geometry: Geometry, w: float, h: float) -> Iterator[Place]:
    """Places in line with the pin beside the connector, on the side away from the board's edge first."""
    assert wanted.pad is not None
    assert wanted.owner is not None
    body, (px, py) = scene.bodies[wanted.owner], wanted.pad.centre
    upright = _upright_names(wanted, geometry)
    for dx, dy in _SIDES:
        inward = _inward(body, scene.size_mm, dx, dy)
        for rotation in (0, 90):
            tw, th = (w, h) if rotation == 0 else (h, w)
            cost = (0.0 if inward else 4.0) + (3.0 if (rotation == 90) != (upright and dy != 0) else 0.0)
            for gap in (0.2, 0.6, 1.2, 2.0):
                for slide in (0.0, 0.3, -0.3, 0.7, -0.7):
                    if dy:
                        edge = body["y0"] if dy < 0 else body["y1"]
                        at = (px + slide, edge + dy * (gap + th / 2))
                    else:
                        edge = body["x0"] if dx < 0 else body["x1"]
                        at = (edge + dx * (gap + tw / 2), py + slide)
                    yield Place(at, rotation, cost + gap + 1.5 * abs(slide))


def _upright_names(wanted: Wanted, geometry: Geometry) -> bool:
    """Are the connector's names too wide to stand side by side above their pins?"""
    labels = [label for label in geometry["labels"] if "pin" in label and label["pin"][0] == wanted.owner]
    part = next(part for part in geometry["parts"] if part["ref"] == wanted.owner)
    named = {label["pin"][1] for label in labels}
    middles = [pad["centre"] for pad in part["pads"] if pad["number"] in named]
    distances = [
        float(np.hypot(a[0] - b[0], a[1] - b[1])) for i, a in enumerate(middles) for b in middles[:i]
    ]
    widest = max(text_width(label["text"], wanted.height) for label in labels)
    return widest + 2 * CLEAR_MM > min(distances, default=99.0)


def _inward(body: Box, size: tuple[float, float], dx: int, dy: int) -> bool:
    """Does the direction lead away from the edge that the body stands at?"""
    gaps = {
        (-1, 0): body["x0"],
        (1, 0): size[0] - body["x1"],
        (0, -1): body["y0"],
        (0, 1): size[1] - body["y1"],
    }
    nearest = min(gaps, key=lambda key: gaps[key])
    return (dx, dy) == (-nearest[0], -nearest[1])


def _around(body: Box, w: float, h: float, inside: bool) -> Iterator[Place]:
    """Places around a body, or within it."""
    cx, cy = (body["x0"] + body["x1"]) / 2, (body["y0"] + body["y1"]) / 2
    wide, high = body["x1"] - body["x0"], body["y1"] - body["y0"]
    for rotation in (0, 90):
        tw, th = (w, h) if rotation == 0 else (h, w)
        turned = 0.0 if rotation == 0 else 2.5
        if inside:
            for dx in np.arange(-wide / 2, wide / 2 + 0.1, 0.5):
                for dy in np.arange(-high / 2, high / 2 + 0.1, 0.5):
                    yield Place((cx + float(dx), cy + float(dy)), rotation, 8 + turned + abs(dx) + abs(dy))
        for side, (dx, dy) in enumerate(_SIDES):
            reach = (wide + tw) / 2 if dy else (high + th) / 2
            slides = [0.0, *(sign * s for s in np.arange(0.25, reach, 0.25) for sign in (1, -1))]
            for gap in (0.15, 0.5, 1.0, 1.6):
                for slide in slides:
                    x = cx + slide if dy else cx + dx * (wide / 2 + gap + tw / 2)
                    y = cy + slide if dx else cy + dy * (high / 2 + gap + th / 2)
                    cost = 0.2 * side + turned + 1.5 * gap + 0.4 * abs(slide)
                    yield Place((float(x), float(y)), rotation, float(cost))


def _anywhere(size: tuple[float, float], w: float, h: float) -> Iterator[Place]:
    """Places all over the board, those at the bottom in the middle first."""
    for rotation in (0, 90):
        tw, th = (w, h) if rotation == 0 else (h, w)
        for x in np.arange(tw / 2 + 0.5, size[0] - tw / 2, 0.5):
            for y in np.arange(th / 2 + 0.5, size[1] - th / 2, 0.5):
                cost = 10.0 * (rotation == 90) + abs(x - size[0] / 2) * 0.3 + (size[1] - y)
                yield Place((float(x), float(y)), rotation, float(cost))


def _clear(places: list[Place], wanted: Wanted, scene: Scene, inside: bool) -> list[Place]:
    """Those of the places that touch no pad, hole, silk or part and are on the board, best first."""
    if not places:
        return []
    boxes = np.array([_box(place, wanted) for place in places])
    good = (boxes[:, 0] > OUTLINE_MM) & (boxes[:, 1] > OUTLINE_MM)
    good &= (boxes[:, 2] < scene.size_mm[0] - OUTLINE_MM) & (boxes[:, 3] < scene.size_mm[1] - OUTLINE_MM)
    shapes = shapely.box(boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3])
    good[scene.hard.query(shapes, predicate="intersects")[0]] = False
    which, rooms = scene.rooms.query(shapes, predicate="intersects")
    for place, room in zip(which, rooms, strict=True):
        if not inside or scene.room_refs[room] != wanted.owner:
            good[place] = False
    costs = np.array([place.cost for place in places])
    costs[scene.vias.query(shapes, predicate="intersects")[0]] += 1.0
    if wanted.pad is not None:
        good &= _nearest_own(shapes, wanted, scene)
    elif wanted.owner is not None:
        costs += _strangeness(shapes, wanted.owner, scene)
    return [
        Place(places[i].at, places[i].rotation, float(costs[i]))
        for i in np.argsort(costs, kind="stable")
        if good[i]
    ]


def _nearest_own(shapes: Any, wanted: Wanted, scene: Scene) -> Any:
    """Which places are nearer to the text's own pin than to the connector's other pins."""
    assert wanted.pad is not None
    own = Dot(wanted.pad.centre)
    pins = scene.pins[wanted.pad.ref]
    others = [pin for pin in pins if pin.distance(own) > 0.01]
    rows = min(len({round(pin.x, 2) for pin in pins}), len({round(pin.y, 2) for pin in pins}))
    if not others or rows > 1:  # between two rows there is no place that would tell them apart
        return True
    far = shapely.distance(shapes[:, None], np.array(others)[None, :]).min(axis=1)
    return shapely.distance(shapes, own) < far - 0.2


def text_areas(texts: list[Text]) -> list[Any]:
    """The rectangles that texts take, as shapely polygons."""
    areas = []
    for text in texts:
        w, h = text_width(text["text"], text["height_mm"]) / 2, BOX_HEIGHT * text["height_mm"] / 2
        w, h = (h, w) if text["rotation"] == 90 else (w, h)
        areas.append(box(text["at"][0] - w, text["at"][1] - h, text["at"][0] + w, text["at"][1] + h))
    return areas


def _strangeness(shapes: Any, owner: str, scene: Scene) -> Any:
    """Cost of standing nearer to another part than to one's own."""
    own = scene.bodies[owner]
    others = [box(b["x0"], b["y0"], b["x1"], b["y1"]) for ref, b in scene.bodies.items() if ref != owner]
    if not others:
        return 0.0
    far = shapely.distance(shapes[:, None], np.array(others)[None, :]).min(axis=1)
    mine = shapely.distance(shapes, box(own["x0"], own["y0"], own["x1"], own["y1"]))
    return np.where(far < mine + 0.1, 3.0, 0.0)


def _box(place: Place, wanted: Wanted) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the text at a place."""
    w, h = text_width(wanted.text, wanted.height) / 2, BOX_HEIGHT * wanted.height / 2
    if place.rotation == 90:
        w, h = h, w
    return place.at[0] - w, place.at[1] - h, place.at[0] + w, place.at[1] + h


def _greedy(wanted: list[Wanted]) -> tuple[list[Place], int | None]:
    """The best place of each in turn that is clear of those before; the second is who found none."""
    boxes = np.zeros((0, 4))
    found: list[Place] = []
    for index, each in enumerate(wanted):
        for place in each.places:
            b = _box(place, each)
            clash = (boxes[:, 0] < b[2] + CLEAR_MM) & (boxes[:, 2] > b[0] - CLEAR_MM)
            clash &= (boxes[:, 1] < b[3] + CLEAR_MM) & (boxes[:, 3] > b[1] - CLEAR_MM)
            if not clash.any():
                found.append(place)
                boxes = np.vstack([boxes, b])
                break
        else:
            return found, index
    return found, None
