"""Turning points and boxes by quarter turns, as KiCad does: counter-clockwise with y downwards."""

from __future__ import annotations

from kicad.shapes import Box, Point, Polygon

SIDES = ("left", "top", "right", "bottom")
OUTWARD = {"right": 0, "top": 90, "left": 180, "bottom": 270}


def turn_point(point: Point, rotation: int) -> Point:
    """The point turned about the origin; `rotation` is 0, 90, 180 or 270 degrees."""
    x, y = point
    for _ in range(rotation // 90 % 4):
        x, y = y, -x
    return (x, y)


def turn_polygon(polygon: Polygon, rotation: int, at: Point) -> Polygon:
    """The polygon turned about the origin, then moved to `at`."""
    return [(x + at[0], y + at[1]) for x, y in (turn_point(point, rotation) for point in polygon)]


def turn_box(box: Box, rotation: int, at: Point = (0.0, 0.0)) -> Box:
    """The box turned about the origin, then moved to `at`."""
    ax, ay = turn_point((box["x0"], box["y0"]), rotation)
    bx, by = turn_point((box["x1"], box["y1"]), rotation)
    return Box(x0=min(ax, bx) + at[0], y0=min(ay, by) + at[1], x1=max(ax, bx) + at[0], y1=max(ay, by) + at[1])
