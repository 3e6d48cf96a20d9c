"""Readers of Gerber (RS-274X) and Excellon, enough to hold KiCad's output against the board (mm)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import hypot

from kicad.shapes import Point

_WORD = re.compile(r"%[^%]*%|[^*%]*\*")
_COORDINATE = re.compile(r"(?:X(-?\d+))?(?:Y(-?\d+))?(?:I-?\d+)?(?:J-?\d+)?(?:D0?([123]))?\*")
_APERTURE = re.compile(r"%ADD(\d+)([CROP]),([\d.X]+)\*%")
_FORMAT = re.compile(r"%FSLAX(\d)(\d)Y\1\2\*%")


class BadFile(ValueError):
    """The file does not parse."""


@dataclass
class Layer:
    """What one Gerber file draws: flashes with their aperture's least half-width, strokes, filled regions."""

    flashes: list[tuple[Point, float]] = field(default_factory=list)
    strokes: list[tuple[Point, Point, float]] = field(default_factory=list)
    regions: list[list[Point]] = field(default_factory=list)

    def bounds(self) -> tuple[float, float, float, float]:
        """Least x, least y, largest x, largest y of all centres and corners; raises `BadFile` when empty."""
        points = [at for at, _ in self.flashes]
        points += [end for start, stop, _ in self.strokes for end in (start, stop)]
        points += [point for region in self.regions for point in region]
        if not points:
            raise BadFile("the file draws nothing")
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)

    def covers(self, point: Point) -> bool:
        """Whether something is drawn at `point`."""
        return (
            any(hypot(point[0] - at[0], point[1] - at[1]) <= reach for at, reach in self.flashes)
            or any(_distance(point, start, stop) <= width / 2 for start, stop, width in self.strokes)
            or any(_inside(point, region) for region in self.regions)
        )


def read_gerber(text: str) -> Layer:
    """The drawing of a Gerber file; raises `BadFile` for an unknown format or aperture, or when cut short."""
    if not text.rstrip().endswith("M02*"):
        raise BadFile("the file does not end with M02")
    if "%MOMM*%" not in text:
        raise BadFile("the file is not in millimetres")
    scale_found = _FORMAT.search(text)
    if scale_found is None:
        raise BadFile("the file states no coordinate format")
    scale = 10.0 ** int(scale_found.group(2))
    apertures = {number: _sizes(sizes) for number, _, sizes in _APERTURE.findall(text)}
    return _draw(text, scale, apertures)


def _draw(text: str, scale: float, apertures: dict[str, tuple[float, float]]) -> Layer:
    layer = Layer()
    here: Point = (0.0, 0.0)
    aperture: tuple[float, float] | None = None
    region: list[Point] | None = None
    for word in map(str.strip, _WORD.findall(text)):
        if word == "G36*":
            region = []
        elif word == "G37*":
            if region:
                layer.regions.append(region)
            region = None
        elif chosen := re.fullmatch(r"(?:G54)?D(\d\d+)\*", word):
            if chosen.group(1) not in apertures:
                raise BadFile(f"aperture D{chosen.group(1)} is used but not defined")
            aperture = apertures[chosen.group(1)]
        elif (move := _COORDINATE.fullmatch(re.sub(r"^G0?[123]", "", word))) and (move[1] or move[2]):
            there = (
                int(move[1]) / scale if move[1] else here[0],
                int(move[2]) / scale if move[2] else here[1],
            )
            _step(layer, region, move[3] or "1", here, there, aperture)
            here = there
    return layer


def _step(
    layer: Layer,
    region: list[Point] | None,
    operation: str,
    here: Point,
    there: Point,
    aperture: tuple[float, float] | None,
) -> None:
    if region is not None:
        if operation == "2" and region:
            layer.regions.append(region.copy())
            region.clear()
        region.append(there)
    elif operation != "2":
        if aperture is None:
            raise BadFile("something is drawn before an aperture is chosen")
        if operation == "3":
            layer.flashes.append((there, min(aperture) / 2))
        else:
            layer.strokes.append((here, there, aperture[0]))


def _sizes(text: str) -> tuple[float, float]:
    numbers = [float(number) for number in text.split("X") if number]
    return (numbers[0], numbers[1] if len(numbers) > 1 else numbers[0])


def _distance(point: Point, start: Point, stop: Point) -> float:
    """From a point to a segment."""
    dx, dy = stop[0] - start[0], stop[1] - start[1]
    length2 = dx * dx + dy * dy
    along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length2 if length2 else 0.0
    along = min(1.0, max(0.0, along))
    return hypot(point[0] - start[0] - along * dx, point[1] - start[1] - along * dy)


def _inside(point: Point, ring: list[Point]) -> bool:
    """Even-odd rule."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


@dataclass(frozen=True)
class Hit:
    """One hole of an Excellon file: its place, the tool's diameter, and whether it is milled as a slot."""

    at: Point
    diameter_mm: float
    slot: bool = False


def read_drill(text: str) -> list[Hit]:
    """The holes of an Excellon file in metric decimals; raises `BadFile`."""
    if not text.startswith("M48") or not text.rstrip().endswith("M30"):
        raise BadFile("the file does not begin with M48 and end with M30")
    if "METRIC" not in text:
        raise BadFile("the file is not metric")
    tools: dict[str, float] = {}
    tool = 0.0
    hits: list[Hit] = []
    for line in text.splitlines():
        if defined := re.fullmatch(r"T(\d+)C([\d.]+)", line):
            tools[defined[1]] = float(defined[2])
        elif chosen := re.fullmatch(r"T(\d+)", line):
            tool = tools.get(chosen[1], 0.0)  # T0 puts the last tool away
        elif place := re.fullmatch(r"X(-?[\d.]+)Y(-?[\d.]+)(?:G85X(-?[\d.]+)Y(-?[\d.]+))?", line):
            if not tool:
                raise BadFile("a hole is drilled before a tool is chosen")
            x, y = float(place[1]), float(place[2])
            if place[3]:
                hits.append(Hit(((x + float(place[3])) / 2, (y + float(place[4])) / 2), tool, slot=True))
            else:
                hits.append(Hit((x, y), tool))
    return hits
