"""An independent judge of layouts: exact polygons, nothing of the layout's grid or arithmetic."""

from __future__ import annotations

import itertools
import math
from typing import Any

from shapely import unary_union
from shapely.geometry import LineString, Point, Polygon, box

from kicad.shapes import Geometry, Layout, Placement

LAYERS = ("front", "back")
TOLERANCE_MM = 1e-3
ADVANCE = 0.95  # a capital's width, as a part of the text's height


def moved(point: Any, placement: Placement) -> tuple[float, float]:
    """A footprint's point on the board: counter-clockwise while y grows downwards."""
    angle = math.radians(placement["rotation"])
    x, y = point[0], point[1]
    return (
        x * math.cos(angle) + y * math.sin(angle) + placement["x"],
        -x * math.sin(angle) + y * math.cos(angle) + placement["y"],
    )


class Judge:
    """Copper, courtyards and texts of a layout as shapely shapes; each method gives faults as sentences."""

    def __init__(self, geometry: Geometry, layout: Layout) -> None:
        self.geometry, self.layout = geometry, layout
        self.outline = box(0, 0, *layout["size_mm"])
        self.at = {placement["ref"]: placement for placement in layout["placements"]}
        self.copper: list[tuple[str, str, Any, str]] = []  # layer, net, shape, what
        self.pads: dict[tuple[str, str], Any] = {}
        holes = layout["holes"]
        self.drills = [Point(h["x"], h["y"]).buffer(h["diameter_mm"] / 2) for h in holes]
        self._collect()

    def _collect(self) -> None:
        for part in self.geometry["parts"]:
            placement = self.at[part["ref"]]
            for pad in part["pads"]:
                shape = Polygon([moved(p, placement) for p in pad["polygon"]]).buffer(0)
                name = f"{part['ref']}.{pad['number']}"
                key = (part["ref"], pad["number"])
                self.pads[key] = self.pads[key].union(shape) if key in self.pads else shape
                if pad["kind"] == "hole":
                    self.drills.append(shape)
                    continue
                for layer in LAYERS if pad["kind"] == "through" else pad["layers"]:
                    self.copper.append((layer, pad["net"] or f"~{name}", shape, name))
        for track in self.layout["tracks"]:
            line = LineString([track["start"], track["end"]]).buffer(track["width_mm"] / 2, 32)
            self.copper.append((track["layer"], track["net"], line, f"track of {track['net']}"))
        for via in self.layout["vias"]:
            disc = Point(via["at"]).buffer(via["diameter_mm"] / 2, 32)
            self.copper += [(layer, via["net"], disc, f"via of {via['net']}") for layer in LAYERS]

    def clearance(self) -> list[str]:
        """Copper of different nets that is too close."""
        least = self.geometry["rules"]["clearance_mm"] - TOLERANCE_MM
        return [
            f"{a[3]} – {b[3]}: {a[2].distance(b[2]):.3f} mm"
            for a, b in itertools.combinations(self.copper, 2)
            if a[0] == b[0] and a[1] != b[1] and a[2].distance(b[2]) < least
        ]

    def edges(self) -> list[str]:
        """Copper too close to the outline or to a hole."""
        rules = self.geometry["rules"]
        inner = self.outline.buffer(-(rules["edge_mm"] - TOLERANCE_MM))
        found = [f"{name} at the edge" for _, _, shape, name in self.copper if not inner.contains(shape)]
        return found + [
            f"{name} at a hole"
            for _, _, shape, name in self.copper
            for drill in self.drills
            if shape.distance(drill) < rules["hole_mm"] - TOLERANCE_MM
        ]

    def connections(self) -> list[str]:
        """Nets whose pads are not one piece, by tracks and vias alone (the pour only adds to it)."""
        found = []
        for net in {net for _, net, _, _ in self.copper if not net.startswith("~")}:
            mine = [(layer, shape, name) for layer, n, shape, name in self.copper if n == net]
            groups = [{i} for i in range(len(mine))]
            for i, j in itertools.combinations(range(len(mine)), 2):
                joined = mine[i][0] == mine[j][0] and mine[i][1].intersects(mine[j][1])
                plated = mine[i][2] == mine[j][2] and mine[i][1].equals(mine[j][1])
                if joined or plated:
                    one = next(g for g in groups if i in g)
                    other = next(g for g in groups if j in g)
                    if one is not other:
                        one |= other
                        groups.remove(other)
            pads = {i for i in range(len(mine)) if "." in mine[i][2]}
            if sum(bool(group & pads) for group in groups) > 1:
                found.append(net)
        return found

    def courtyards(self) -> list[str]:
        """Courtyards that overlap, or leave the board."""
        rooms = {
            part["ref"]: Polygon(
                [
                    moved((part["courtyard"][x], part["courtyard"][y]), self.at[part["ref"]])  # type: ignore[literal-required]
                    for x, y in (("x0", "y0"), ("x1", "y0"), ("x1", "y1"), ("x0", "y1"))
                ]
            )
            for part in self.geometry["parts"]
        }
        found = [
            f"{a} – {b}"
            for a, b in itertools.combinations(rooms, 2)
            if rooms[a].intersection(rooms[b]).area > 1e-6
        ]
        return found + [ref for ref, room in rooms.items() if not self.outline.buffer(1e-6).contains(room)]

    def near(self) -> list[str]:
        """Pads farther apart than their near-term allows."""
        return [
            f"{near['a']} – {near['b']}"
            for near in self.geometry["near"]
            if self.pads[near["a"][0], near["a"][1]].distance(self.pads[near["b"][0], near["b"][1]])
            > near["max_mm"]
        ]

    def widths(self) -> list[str]:
        """Tracks thinner than their net's rule, except necks near a pad."""
        found = []
        for track in self.layout["tracks"]:
            rule = self.geometry["rules"]["nets"][track["net"]]
            if track["width_mm"] >= rule["width_mm"] - 1e-9:
                continue
            line = LineString([track["start"], track["end"]])
            reach = unary_union(
                [
                    self.pads[part["ref"], pad["number"]]
                    for part in self.geometry["parts"]
                    for pad in part["pads"]
                    if pad["net"] == track["net"]
                ]
            ).buffer(rule["neck_length_mm"])
            if track["width_mm"] < rule["neck_mm"] - 1e-9 or not reach.contains(line):
                found.append(f"{track['net']} {track['width_mm']} mm at {track['start']}")
        return found

    def stubs(self) -> list[str]:
        """Tracks that branch off another without leaving its width: KiCad calls their end a loose one."""
        tracks = self.layout["tracks"]
        ends = [(t["net"], t["layer"], at) for t in tracks for at in (t["start"], t["end"])]
        found = []
        for one, other in itertools.permutations(tracks, 2):
            if (one["net"], one["layer"]) != (other["net"], other["layer"]):
                continue
            inner = LineString([other["start"], other["end"]]).buffer(other["width_mm"] / 2 - 0.015)
            if inner.covers(LineString([one["start"], one["end"]])):
                found += [
                    f"{one['net']} at {at}"
                    for at in (one["start"], one["end"])
                    if ends.count((one["net"], one["layer"], at)) == 1
                    and not any(pad.intersects(Point(at)) for pad in self.pads.values())
                    and all(via["at"] != at for via in self.layout["vias"])
                ]
        return found

    def texts(self) -> list[str]:
        """Texts that lie on a pad, a hole, other silk, each other, or leave the board."""
        boxes = []
        for text in self.layout["texts"]:
            w, h = ADVANCE * len(text["text"]) * text["height_mm"] / 2, 1.1 * text["height_mm"] / 2
            w, h = (h, w) if text["rotation"] == 90 else (w, h)
            x, y = text["at"]
            boxes.append((text["text"], box(x - w, y - h, x + w, y + h)))
        hard = [(f"pad {ref}.{number}", shape) for (ref, number), shape in self.pads.items()]
        hard += [("a hole", drill) for drill in self.drills]
        for part in self.geometry["parts"]:
            rings = [[moved(p, self.at[part["ref"]]) for p in ring] for ring in part["silk"] if len(ring) > 2]
            hard += [(f"{part['ref']}'s silk", Polygon(ring)) for ring in rings]
        found = [
            f"{text} on {name}" for text, area in boxes for name, shape in hard if area.intersects(shape)
        ]
        found += [f"{a[0]} on {b[0]}" for a, b in itertools.combinations(boxes, 2) if a[1].intersects(b[1])]
        return found + [text for text, area in boxes if not self.outline.contains(area)]

    def faults(self) -> dict[str, list[str]]:
        """All faults by kind; empty when the layout is good."""
        kinds = ("clearance", "edges", "connections", "courtyards", "near", "widths", "stubs", "texts")
        return {kind: found for kind in kinds if (found := getattr(self, kind)())}
