"""Silk texts: references, pin labels and free texts, each in a place of its own.

A text keeps clear of pads, holes, silk, other parts and other texts, and stays on the board.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kicad.layout.errors import LayoutError
from kicad.layout.place import CHARACTER, hole_centres
from kicad.layout.turn import turn_box, turn_point, turn_polygon
from kicad.shapes import Box, Geometry, LayoutPart, Placement, Point, Polygon, Text

PAD_GAP = 0.2  # silk to the opening of the mask
SILK_GAP = 0.16
EDGE_GAP = 0.35
SMALLEST = 0.8  # mm, what board houses print legibly
STEP = 0.25
FARTHEST_LABEL, FARTHEST_REFERENCE = 5.0, 4.0


@dataclass(frozen=True)
class _Wish:
    """A text that wants a place near `near`, best first."""

    text: str
    ref: str | None
    spots: tuple[tuple[Point, int], ...]
    what: str


def place_texts(geometry: Geometry, size: tuple[float, float], placements: list[Placement]) -> list[Text]:
    """Place every text; raises `LayoutError` LABEL_NO_ROOM when one finds none."""
    where = {spot["ref"]: spot for spot in placements}
    taken = list(_obstacles(geometry, size, where))
    bodies = {part["ref"]: _moved(part["body"], where[part["ref"]]) for part in geometry["parts"]}
    made = []
    for height in (geometry["rules"]["text_mm"],):
        for wish in _wishes(geometry, size, where, height):
            text = _fit(wish, geometry, size, taken, bodies)
            taken.append(_box(text["text"], text["at"], text["rotation"], text["height_mm"], SILK_GAP))
            made.append(text)
    return made


def _fit(
    wish: _Wish, geometry: Geometry, size: tuple[float, float], taken: list[Box], bodies: dict[str, Box]
) -> Text:
    rules = geometry["rules"]
    for height in (rules["text_mm"], (rules["text_mm"] + SMALLEST) / 2, SMALLEST):
        for respect_bodies in (True, False):
            for at, rotation in wish.spots:
                box = _box(wish.text, at, rotation, height, 0.0)
                if not _on_board(box, size) or any(_meet(box, other) for other in taken):
                    continue
                if respect_bodies and any(_meet(box, body) for body in bodies.values()):
                    continue
                stroke = min(rules["text_stroke_mm"], height * 0.15)
                return Text(
                    text=wish.text,
                    ref=wish.ref,
                    at=at,
                    rotation=rotation,
                    height_mm=round(height, 3),
                    stroke_mm=round(stroke, 3),
                )
    raise LayoutError(
        "LABEL_NO_ROOM",
        wish.what,
        "no free place on the silk",
        f"{SMALLEST} mm high text clear of pads and parts",
        f"there is no room for the text {wish.text!r}",
        "allow a larger board, or shorten the label",
    )


# ---------------------------------------------------------------------------- wishes


def _wishes(
    geometry: Geometry, size: tuple[float, float], where: dict[str, Placement], height: float
) -> Iterator[_Wish]:
    parts = {part["ref"]: part for part in geometry["parts"]}
    for label in geometry["labels"]:
        if "pin" in label:
            ref, number = label["pin"]
            yield _pin_label(label["text"], parts[ref], number, where[ref], size, height)
    for part in sorted(geometry["parts"], key=lambda p: _area(p["courtyard"])):
        yield _reference(part, where[part["ref"]], height)
    for label in geometry["labels"]:
        if "pin" not in label:
            yield _Wish(label["text"], None, tuple(_anywhere(size)), label["text"])


def _pin_label(
    text: str, part: LayoutPart, number: str, spot: Placement, size: tuple[float, float], height: float
) -> _Wish:
    """Beside the pin, away from the nearest edge of the board first, then around it."""
    pad = next(p for p in part["pads"] if p["number"] == number)
    dx, dy = turn_point(pad["centre"], spot["rotation"])
    x, y = spot["x"] + dx, spot["y"] + dy
    long, tall = _extent(text, height)
    distance = {(1, 0): x, (-1, 0): size[0] - x, (0, 1): y, (0, -1): size[1] - y}
    spots: list[tuple[float, tuple[Point, int]]] = []
    for rank, (ux, uy) in enumerate(sorted(distance, key=lambda u: distance[u])):
        for rotation in (0, 90):
            half = (long if (rotation == 0) == (ux != 0) else tall) / 2
            for k in range(int(FARTHEST_LABEL / STEP)):
                reach = 0.6 + half + k * STEP
                for aside in (0.0, 0.5, -0.5):
                    at = (round(x + ux * reach + uy * aside, 3), round(y + uy * reach + ux * aside, 3))
                    spots.append((k * STEP + 2.0 * rank + (rotation == 90) + abs(aside), (at, rotation)))
    return _Wish(text, None, _by_price(spots), f"{part['ref']}.{number}")


def _reference(part: LayoutPart, spot: Placement, height: float) -> _Wish:
    """Above, below or beside the part, as close as there is room; on its body when nothing else is free."""
    box = _moved(part["courtyard"], spot)
    long, tall = _extent(part["ref"], height)
    cx, cy = (box["x0"] + box["x1"]) / 2, (box["y0"] + box["y1"]) / 2
    spots: list[tuple[float, tuple[Point, int]]] = [(9.0, ((round(cx, 3), round(cy, 3)), r)) for r in (0, 90)]
    for rotation, (w, h) in ((0, (long, tall)), (90, (tall, long))):
        for k in range(int(FARTHEST_REFERENCE / STEP)):
            far = k * STEP
            across = max(box["x1"] - box["x0"], box["y1"] - box["y0"]) / 2
            for j in range(int(across / STEP) + 1):
                for aside in {j * STEP, -j * STEP}:
                    price = far * 1.5 + abs(aside) * 0.4 + 1.5 * (rotation == 90)
                    for at, extra in (
                        ((cx + aside, box["y0"] - h / 2 - far + 0.2), 0.0),
                        ((cx + aside, box["y1"] + h / 2 + far - 0.2), 0.1),
                        ((box["x0"] - w / 2 - far + 0.2, cy + aside), 0.2),
                        ((box["x1"] + w / 2 + far - 0.2, cy + aside), 0.2),
                    ):
                        spots.append((price + extra, ((round(at[0], 3), round(at[1], 3)), rotation)))
    return _Wish(part["ref"], part["ref"], _by_price(spots), part["ref"])


def _anywhere(size: tuple[float, float]) -> Iterator[tuple[Point, int]]:
    """Every place of the board, from the middle of the bottom edge upwards, then standing upright."""
    columns = [size[0] / 2 + side * k * STEP * 2 for k in range(int(size[0])) for side in (1, -1)]
    for rotation in (0, 90):
        for row in range(1, int(size[1] / STEP)):
            for x in columns:
                if 0 < x < size[0]:
                    yield (round(x, 3), round(size[1] - row * STEP, 3)), rotation


def _by_price(spots: list[tuple[float, tuple[Point, int]]]) -> tuple[tuple[Point, int], ...]:
    return tuple(spot for _, spot in sorted(spots, key=lambda entry: entry[0]))


# ---------------------------------------------------------------------------- boxes


def _extent(text: str, height: float) -> tuple[float, float]:
    """Length and height of a text as KiCad's stroke font draws it, millimetres."""
    return max(len(text), 1) * height * CHARACTER + 0.15, height * 1.25


def _box(text: str, at: Point, rotation: int, height: float, gap: float) -> Box:
    long, tall = _extent(text, height)
    w, h = (long, tall) if rotation == 0 else (tall, long)
    return Box(x0=at[0] - w / 2 - gap, y0=at[1] - h / 2 - gap, x1=at[0] + w / 2 + gap, y1=at[1] + h / 2 + gap)


def _obstacles(geometry: Geometry, size: tuple[float, float], where: dict[str, Placement]) -> Iterator[Box]:
    for part in geometry["parts"]:
        spot = where[part["ref"]]
        for pad in part["pads"]:
            yield _around(turn_polygon(pad["polygon"], spot["rotation"], (spot["x"], spot["y"])), PAD_GAP)
        for silk in part["silk"]:
            yield _around(turn_polygon(silk, spot["rotation"], (spot["x"], spot["y"])), SILK_GAP)
    for x, y, diameter in hole_centres(geometry, size):
        reach = diameter / 2 + PAD_GAP
        yield Box(x0=x - reach, y0=y - reach, x1=x + reach, y1=y + reach)


def _around(polygon: Polygon, gap: float) -> Box:
    xs, ys = [p[0] for p in polygon], [p[1] for p in polygon]
    return Box(x0=min(xs) - gap, y0=min(ys) - gap, x1=max(xs) + gap, y1=max(ys) + gap)


def _moved(box: Box, spot: Placement) -> Box:
    return turn_box(box, spot["rotation"], (spot["x"], spot["y"]))


def _meet(a: Box, b: Box) -> bool:
    return a["x0"] < b["x1"] and b["x0"] < a["x1"] and a["y0"] < b["y1"] and b["y0"] < a["y1"]


def _on_board(box: Box, size: tuple[float, float]) -> bool:
    return (
        box["x0"] > EDGE_GAP
        and box["y0"] > EDGE_GAP
        and box["x1"] < size[0] - EDGE_GAP
        and box["y1"] < size[1] - EDGE_GAP
    )


def _area(box: Box) -> float:
    return (box["x1"] - box["x0"]) * (box["y1"] - box["y0"])
