"""Turning of points and boxes by quarter turns: counter-clockwise as seen, with y growing downwards."""

from __future__ import annotations

from kicad.shapes import Box, LayoutPart, Placement, Point, Polygon


def turn(point: Point, quarter: int) -> Point:
    """The point turned by `quarter` × 90° around the origin."""
    x, y = point
    return ((x, y), (y, -x), (-x, -y), (-y, x))[quarter % 4]


def turn_box(box: Box, quarter: int) -> Box:
    """The box turned around the origin."""
    (ax, ay), (bx, by) = turn((box["x0"], box["y0"]), quarter), turn((box["x1"], box["y1"]), quarter)
    return {"x0": min(ax, bx), "y0": min(ay, by), "x1": max(ax, bx), "y1": max(ay, by)}


def placed_polygon(polygon: Polygon, placement: Placement) -> list[Point]:
    """A footprint's polygon where the placement puts it."""
    quarter = placement["rotation"] // 90
    turned = [turn((p[0], p[1]), quarter) for p in polygon]
    return [(x + placement["x"], y + placement["y"]) for x, y in turned]


def placed_point(point: Point, placement: Placement) -> Point:
    """A footprint's point where the placement puts it."""
    x, y = turn((point[0], point[1]), placement["rotation"] // 90)
    return (x + placement["x"], y + placement["y"])


def placed_box(box: Box, placement: Placement) -> Box:
    """A footprint's box where the placement puts it."""
    turned = turn_box(box, placement["rotation"] // 90)
    return {
        "x0": turned["x0"] + placement["x"],
        "y0": turned["y0"] + placement["y"],
        "x1": turned["x1"] + placement["x"],
        "y1": turned["y1"] + placement["y"],
    }


def centre_of(part: LayoutPart) -> Point:
    """The middle of the part's courtyard, relative to its origin."""
    box = part["courtyard"]
    return ((box["x0"] + box["x1"]) / 2, (box["y0"] + box["y1"]) / 2)
