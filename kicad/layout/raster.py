"""The routing grid: where each net's track or via may have its middle, from exact pad polygons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point as Dot
from shapely.geometry import Polygon as Area
from shapely.geometry import box

from kicad.layout.turn import placed_box, placed_point, placed_polygon
from kicad.shapes import Geometry, Pad, Placement, Point, Rules

FREE, BLOCKED = -1, -2
NECK, NO_COPPER, NO_VIA = 1, 2, 4  # bits of a net's permits
SLACK_MM = 0.012  # the grid's rounding: half a diagonal step seen from a track beside it
SCREW_MM = 0.5  # copper keeps this far from a mounting hole

Cells = NDArray[np.int32]


@dataclass(frozen=True)
class PlacedPad:
    """A pad on the board."""

    ref: str
    number: str
    net: str
    kind: str
    layers: tuple[int, ...]  # 0 front, 1 back
    area: Any  # shapely polygon
    centre: Point
    drill_mm: float


@dataclass(frozen=True)
class TrackClass:
    """Nets whose tracks are equally wide and keep the same clearance share one map of the board."""

    width_mm: float
    clearance_mm: float


@dataclass
class Pin:
    """A pad of a net that is to be routed: the cell where tracks end and its layers."""

    cell: tuple[int, int]  # row, column
    layers: tuple[int, ...]
    pad: PlacedPad


@dataclass
class Grid:
    """A board rasterised: owners are net numbers, FREE or BLOCKED."""

    geometry: Geometry
    placements: list[Placement]
    size_mm: tuple[float, float]
    holes: list[tuple[Point, float]]
    step: float = 0.1
    rows: int = field(init=False)
    columns: int = field(init=False)
    nets: list[str] = field(init=False)
    classes: list[TrackClass] = field(init=False)
    owner: Cells = field(init=False)  # (classes, 2, rows, columns)
    via_owner: Cells = field(init=False)  # (rows, columns)
    through: NDArray[np.uint8] = field(init=False)  # 1: middle of a plated hole
    pads: list[PlacedPad] = field(init=False)
    pins: dict[int, list[Pin]] = field(init=False)
    unreachable: list[PlacedPad] = field(init=False)

    def __post_init__(self) -> None:
        self.columns = round(self.size_mm[0] / self.step) + 1
        self.rows = round(self.size_mm[1] / self.step) + 1
        self.pads = placed_pads(self.geometry, self.placements)
        counts: dict[str, int] = {}
        for pad in self.pads:
            counts[pad.net] = counts.get(pad.net, 0) + 1
        self.nets = sorted(name for name, count in counts.items() if name)
        self.classes = self._track_classes()
        self.owner = np.full((len(self.classes), 2, self.rows, self.columns), FREE, np.int32)
        self.via_owner = np.full((self.rows, self.columns), FREE, np.int32)
        self.through = np.zeros((self.rows, self.columns), np.uint8)
        self._draw_edge()
        self._draw_holes()
        for pad in self.pads:
            self._draw_pad(pad)
        self._draw_small_parts()
        self._place_pins()

    @property
    def rules(self) -> Rules:
        """The design rules."""
        return self.geometry["rules"]

    def class_of(self, net: str) -> int:
        """Index of the map for the net's tracks."""
        rule = self.rules["nets"].get(net)
        width = rule["width_mm"] if rule else self.rules["track_mm"]
        clearance = rule["clearance_mm"] if rule else self.rules["clearance_mm"]
        return self.classes.index(TrackClass(width, clearance))

    def neck_class_of(self, net: str) -> int:
        """Index of the map for the net's necks."""
        rule = self.rules["nets"].get(net)
        if rule is None or rule["neck_mm"] >= rule["width_mm"]:
            return self.class_of(net)
        return self.classes.index(TrackClass(rule["neck_mm"], rule["clearance_mm"]))

    def point(self, cell: int) -> Point:
        """Where a cell (row · columns + column) lies on the board, in mm."""
        return (
            round(float(cell % self.columns * self.step), 4),
            round(float(cell // self.columns * self.step), 4),
        )

    def permits(self, net: str) -> NDArray[np.uint8]:
        """Bits by cell: NECK near the net's narrow pads, NO_COPPER and NO_VIA in others' keep-outs."""
        bits = np.zeros((self.rows, self.columns), np.uint8)
        rule = self.rules["nets"].get(net)
        if rule and rule["neck_mm"] < rule["width_mm"]:
            index = self.class_of(net)
            for pin in self.pins.get(self.nets.index(net), []):
                blocked = any(self.owner[index, lay, *pin.cell] != self.nets.index(net) for lay in pin.layers)
                narrow = pin.pad.area.buffer(-(rule["width_mm"] / 2 - 0.01)).is_empty
                if narrow or blocked:
                    self._mark(bits, pin.pad.area.buffer(max(0.3, rule["neck_length_mm"] - 1.0)), NECK)
        own = {pad.ref for pad in self.pads if pad.net == net}
        by_ref = {placement["ref"]: placement for placement in self.placements}
        courtyards = {part["ref"]: part["courtyard"] for part in self.geometry["parts"]}
        for keepout in self.geometry["keepouts"]:
            ref = keepout["ref"]
            b = placed_box(courtyards[ref], by_ref[ref])
            area = box(b["x0"], b["y0"], b["x1"], b["y1"]).buffer(keepout["margin_mm"])
            width = self.classes[self.class_of(net)].width_mm
            if "copper" in keepout["what"] and ref not in own:
                self._mark(bits, area.buffer(width / 2 + SLACK_MM), NO_COPPER)
            if "vias" in keepout["what"] or ("copper" in keepout["what"] and ref not in own):
                self._mark(bits, area.buffer(self.rules["via_mm"] / 2 + SLACK_MM), NO_VIA)
        return bits

    # ------------------------------------------------------------------ drawing

    def _track_classes(self) -> list[TrackClass]:
        default = TrackClass(self.rules["track_mm"], self.rules["clearance_mm"])
        found = {default}
        for net in self.nets:
            rule = self.rules["nets"].get(net)
            if rule:
                found.add(TrackClass(rule["width_mm"], rule["clearance_mm"]))
                found.add(TrackClass(min(rule["neck_mm"], rule["width_mm"]), rule["clearance_mm"]))
        return sorted(found, key=lambda each: (each.width_mm, each.clearance_mm))

    def _draw_edge(self) -> None:
        for index, each in enumerate(self.classes):
            self._frame(self.owner[index, 0], each.width_mm / 2)
            self._frame(self.owner[index, 1], each.width_mm / 2)
        self._frame(self.via_owner, self.rules["via_mm"] / 2)

    def _frame(self, cells: Any, radius: float) -> None:
        inset = self.rules["edge_mm"] + radius + SLACK_MM
        xs = np.arange(self.columns) * self.step
        ys = np.arange(self.rows) * self.step
        cells[:, (xs < inset) | (xs > self.size_mm[0] - inset)] = BLOCKED
        cells[(ys < inset) | (ys > self.size_mm[1] - inset), :] = BLOCKED

    def _draw_holes(self) -> None:
        distance = max(self.rules["hole_mm"], SCREW_MM) + SLACK_MM
        for at, diameter in self.holes:
            for index, each in enumerate(self.classes):
                area = Dot(at).buffer(diameter / 2 + distance + each.width_mm / 2, 32)
                for layer in (0, 1):
                    self._claim(self.owner[index, layer], area, BLOCKED)
            via = Dot(at).buffer(diameter / 2 + distance + self.rules["via_mm"] / 2, 32)
            self._claim(self.via_owner, via, BLOCKED)

    def _draw_pad(self, pad: PlacedPad) -> None:
        rules = self.rules
        net = self.nets.index(pad.net) if pad.net else BLOCKED
        rule = rules["nets"].get(pad.net)
        own = rule["clearance_mm"] if rule else rules["clearance_mm"]
        least = rules["hole_mm"] if pad.kind == "hole" else 0.0
        for index, each in enumerate(self.classes):
            grown = pad.area.buffer(each.width_mm / 2 + max(own, each.clearance_mm, least) + SLACK_MM, 16)
            for layer in pad.layers:
                self._claim(self.owner[index, layer], grown, net)
        radius = rules["via_mm"] / 2
        self._claim(self.via_owner, pad.area.buffer(radius + max(own, least) + SLACK_MM, 16), net)
        if pad.kind == "smd":  # a via in a pad drinks its solder
            self._claim(self.via_owner, pad.area.buffer(radius + 0.05, 16), BLOCKED)
        else:
            holes = pad.drill_mm / 2 + rules["via_drill_mm"] / 2 + 0.27
            self._claim(self.via_owner, Dot(pad.centre).buffer(holes, 16), BLOCKED)
            self._claim(self.via_owner, pad.area.buffer(radius + 0.05, 16), BLOCKED)

    def _draw_small_parts(self) -> None:
        """No vias between the pads of chip parts: there is no room for them under the solder mask."""
        for part in self.geometry["parts"]:
            pads = [pad for pad in self.pads if pad.ref == part["ref"]]
            if 2 <= len(pads) <= 3 and all(pad.kind == "smd" for pad in pads):
                hull = shapely.unary_union([pad.area for pad in pads]).convex_hull
                self._claim(self.via_owner, hull.buffer(self.rules["via_mm"] / 2), BLOCKED)

    def inside(self, areas: list[Any]) -> NDArray[np.bool_]:
        """The cells that lie in one of the areas."""
        bits = np.zeros((self.rows, self.columns), np.uint8)
        for area in areas:
            self._mark(bits, area, 1)
        return bits > 0

    def _window(self, area: Any) -> tuple[slice, slice, Any] | None:
        x0, y0, x1, y1 = (value / self.step for value in area.bounds)
        left, right = max(0, int(x0)), min(self.columns - 1, int(x1) + 1)
        top, bottom = max(0, int(y0)), min(self.rows - 1, int(y1) + 1)
        if left > right or top > bottom:
            return None
        xs, ys = np.meshgrid(np.arange(left, right + 1) * self.step, np.arange(top, bottom + 1) * self.step)
        inside = shapely.contains_xy(area, xs, ys)
        return slice(top, bottom + 1), slice(left, right + 1), inside

    def _claim(self, cells: Any, area: Any, net: int) -> None:
        """Cells of the area become the net's; those that another net has claimed become nobody's."""
        window = self._window(area)
        if window is None:
            return
        rows, columns, inside = window
        part = cells[rows, columns]
        part[inside & (part != FREE) & (part != net)] = BLOCKED
        part[inside & (part == FREE)] = net

    def _mark(self, bits: Any, area: Any, bit: int) -> None:
        window = self._window(area)
        if window is not None:
            rows, columns, inside = window
            bits[rows, columns][inside] |= bit

    # ------------------------------------------------------------------ pins

    def _place_pins(self) -> None:
        self.pins, self.unreachable = {}, []
        for pad in self.pads:
            if not pad.net:
                continue
            cell = self._pin_cell(pad)
            if cell is None:
                self.unreachable.append(pad)
                continue
            self.pins.setdefault(self.nets.index(pad.net), []).append(Pin(cell, pad.layers, pad))
            if pad.kind == "through":
                self.through[cell] = 1

    def _pin_cell(self, pad: PlacedPad) -> tuple[int, int] | None:
        """The cell in the pad nearest to its middle where the net's thinnest track may end."""
        window = self._window(pad.area)
        if window is None:
            return None
        rows, columns, inside = window
        net, index = self.nets.index(pad.net), self.neck_class_of(pad.net)
        for layer in pad.layers:
            inside = inside & (self.owner[index, layer, rows, columns] == net)
        found = np.argwhere(inside)
        if not len(found):
            return None
        found += (rows.start, columns.start)
        middle = np.array([pad.centre[1], pad.centre[0]]) / self.step
        row, column = found[np.argmin(((found - middle) ** 2).sum(1))]
        return int(row), int(column)


def placed_pads(geometry: Geometry, placements: list[Placement]) -> list[PlacedPad]:
    """All pads where the placements put them."""
    by_ref = {placement["ref"]: placement for placement in placements}
    return [
        _placed_pad(part["ref"], pad, by_ref[part["ref"]])
        for part in geometry["parts"]
        for pad in part["pads"]
    ]


def _placed_pad(ref: str, pad: Pad, placement: Placement) -> PlacedPad:
    layers = (0, 1) if pad["kind"] != "smd" else tuple(int(layer == "back") for layer in pad["layers"])
    return PlacedPad(
        ref=ref,
        number=pad["number"],
        net=pad["net"],
        kind=pad["kind"],
        layers=layers,
        area=Area(placed_polygon(pad["polygon"], placement)).buffer(0),
        centre=placed_point(pad["centre"], placement),
        drill_mm=pad["drill_mm"],
    )
