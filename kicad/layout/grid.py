"""The routing grid: which net may put a track of which width, or a via, into which cell."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from kicad.layout.place import hole_centres
from kicad.layout.search import BLOCKED, FREE
from kicad.layout.turn import turn_polygon
from kicad.shapes import Geometry, Placement, Point

PITCH = 0.1  # mm
SAFE = 0.012  # mm more than the rule: KiCad's polygons of round pads are inside their circles
LAYERS = ("front", "back")
NO_NET = -3


@dataclass(frozen=True)
class Pin:
    """A pad to be reached: its cell, its layers (0 front, 1 back), its centre and its narrow side in mm."""

    x: int
    y: int
    layers: tuple[int, ...]
    centre: Point
    narrow: float


@dataclass
class Pad:
    """A pad in its place on the board."""

    net: int
    kind: str
    layers: tuple[int, ...]
    shape: shapely.Polygon
    centre: Point


@dataclass
class Grid:
    """Obstacles of a placed board."""

    geometry: Geometry
    size: tuple[float, float]
    placements: dict[str, Placement]
    nets: list[str] = field(init=False)
    pads: list[Pad] = field(init=False)
    pins: dict[int, list[Pin]] = field(init=False)

    def __post_init__(self) -> None:
        self.width = round(self.size[0] / PITCH) + 1
        self.height = round(self.size[1] / PITCH) + 1
        self.nets = sorted(
            {pad["net"] for part in self.geometry["parts"] for pad in part["pads"] if pad["net"]}
        )
        self.pads = self._placed_pads()
        self.pins = {}
        for pad in self.pads:
            if pad.net >= 0 and pad.layers and pad.kind != "hole":
                x, y = self.cell(pad.centre)
                box = pad.shape.bounds
                narrow = min(box[2] - box[0], box[3] - box[1])
                self.pins.setdefault(pad.net, []).append(Pin(x, y, pad.layers, pad.centre, narrow))

    @property
    def plane(self) -> int:
        """Cells of one layer."""
        return self.width * self.height

    def cell(self, point: Point) -> tuple[int, int]:
        """The cell nearest to a point, kept on the board."""
        x, y = round(point[0] / PITCH), round(point[1] / PITCH)
        return min(max(x, 0), self.width - 1), min(max(y, 0), self.height - 1)

    def _placed_pads(self) -> list[Pad]:
        number = {name: i for i, name in enumerate(self.nets)}
        found = []
        for part in self.geometry["parts"]:
            spot = self.placements[part["ref"]]
            at, rotation = (spot["x"], spot["y"]), spot["rotation"]
            for pad in part["pads"]:
                shape = shapely.Polygon(turn_polygon(pad["polygon"], rotation, at))
                (centre,) = turn_polygon([pad["centre"]], rotation, at)
                layers = tuple(LAYERS.index(layer) for layer in pad["layers"])
                net = number.get(pad["net"], NO_NET) if pad["kind"] != "hole" else NO_NET
                found.append(Pad(net, pad["kind"], layers, shape, centre))
        return found

    def tracks(self, width: float) -> NDArray[np.int32]:
        """Owner of each cell for tracks of this width, by layer."""
        rules = self.geometry["rules"]
        owner = self._edged(2, rules["edge_mm"] + width / 2)
        for pad in self.pads:
            gap = (
                max(rules["hole_mm"], rules["clearance_mm"]) if pad.kind == "hole" else rules["clearance_mm"]
            )
            for layer in (0, 1) if pad.kind == "hole" else pad.layers:
                self._block(owner[layer], pad.shape.buffer(width / 2 + gap + SAFE), pad.net)
        for shape in self._forbidden("copper"):
            for layer in (0, 1):
                self._block(owner[layer], shape.buffer(width / 2 + SAFE), NO_NET)
        return owner.reshape(-1)

    def pin_cells(self, net: int) -> list[int]:
        """The cells of a net's pads: always its own, even in a neighbour's halo."""
        return [
            layer * self.plane + pin.y * self.width + pin.x for pin in self.pins[net] for layer in pin.layers
        ]

    def vias(self) -> NDArray[np.int32]:
        """Owner of each place for vias; none in an SMD pad, where solder would run away."""
        rules = self.geometry["rules"]
        radius, drill = rules["via_mm"] / 2, rules["via_drill_mm"] / 2
        (owner,) = self._edged(1, rules["edge_mm"] + radius)
        for pad in self.pads:
            hole_gap = drill + 0.25 if pad.kind != "smd" else 0.0  # drill to drill
            gap = max(
                radius
                + (
                    max(rules["hole_mm"], rules["clearance_mm"])
                    if pad.kind == "hole"
                    else rules["clearance_mm"]
                ),
                hole_gap,
            )
            self._block(owner, pad.shape.buffer(gap + SAFE), pad.net)
            if pad.kind == "smd":
                self._block(owner, pad.shape.buffer(radius + 0.05), NO_NET)
        for shape in [*self._forbidden("vias"), *self._forbidden("copper")]:
            self._block(owner, shape.buffer(radius + SAFE), NO_NET)
        for net, pins in self.pins.items():
            for pin in pins:
                if len(pin.layers) == 2:
                    owner[pin.y, pin.x] = net
        return owner.reshape(-1)

    def through_pads(self) -> NDArray[np.int32]:
        """The net of the plated hole at each place, BLOCKED elsewhere."""
        through = np.full((self.height, self.width), BLOCKED, np.int32)
        for net, pins in self.pins.items():
            for pin in pins:
                if len(pin.layers) == 2:
                    through[pin.y, pin.x] = net
        return through.reshape(-1)

    def neck_zone(self, net: int, width: float, reach: float) -> NDArray[np.bool_]:
        """Cells where a wide net may be narrow: within `reach` of its own pads that are narrower than the track."""
        zone = np.zeros((self.height, self.width), np.bool_)
        for pin in self.pins[net]:
            if pin.narrow < width:
                self._fill(zone, shapely.Point(pin.centre).buffer(reach), True)
        return np.concatenate([zone.reshape(-1), zone.reshape(-1)])

    def _forbidden(self, what: str) -> list[shapely.Polygon]:
        """Keep-outs and mounting holes."""
        shapes = []
        for keepout in self.geometry["keepouts"]:
            if what in keepout["what"]:
                part = next(p for p in self.geometry["parts"] if p["ref"] == keepout["ref"])
                spot = self.placements[keepout["ref"]]
                box = part["courtyard"]
                corners = [
                    (box["x0"], box["y0"]),
                    (box["x1"], box["y0"]),
                    (box["x1"], box["y1"]),
                    (box["x0"], box["y1"]),
                ]
                shape = shapely.Polygon(turn_polygon(corners, spot["rotation"], (spot["x"], spot["y"])))
                shapes.append(shape.buffer(keepout["margin_mm"]))
        if what == "copper":
            gap = self.geometry["rules"]["hole_mm"]
            shapes += [
                shapely.Point(x, y).buffer(d / 2 + gap) for x, y, d in hole_centres(self.geometry, self.size)
            ]
        return shapes

    def _edged(self, layers: int, inset: float) -> NDArray[np.int32]:
        owner = np.full((layers, self.height, self.width), FREE, np.int32)
        rim = math.ceil((inset + SAFE) / PITCH)
        owner[:, :rim] = owner[:, -rim:] = BLOCKED
        owner[:, :, :rim] = owner[:, :, -rim:] = BLOCKED
        return owner

    def _block(self, plane: NDArray[np.int32], shape: shapely.Polygon, net: int) -> None:
        """Give the cells inside `shape` to `net`; where another net has them already, to nobody."""
        rows, columns, inside = self._inside(shape)
        if inside is None:
            return
        part = plane[rows, columns]
        claimed = inside & (part != FREE) & (part != net)
        part[inside & (part == FREE)] = net if net >= 0 else BLOCKED
        part[claimed] = BLOCKED

    def _fill(self, plane: NDArray[np.bool_], shape: shapely.Polygon, value: bool) -> None:
        rows, columns, inside = self._inside(shape)
        if inside is not None:
            plane[rows, columns][inside] = value

    def _inside(self, shape: shapely.Polygon) -> tuple[slice, slice, NDArray[np.bool_] | None]:
        x0, y0, x1, y1 = (value / PITCH for value in shape.bounds)
        left, right = max(0, math.floor(x0)), min(self.width - 1, math.ceil(x1))
        top, bottom = max(0, math.floor(y0)), min(self.height - 1, math.ceil(y1))
        if right < left or bottom < top:
            return slice(0), slice(0), None
        xs, ys = np.meshgrid(np.arange(left, right + 1), np.arange(top, bottom + 1))
        inside = shapely.contains_xy(shape, xs * PITCH, ys * PITCH)
        return slice(top, bottom + 1), slice(left, right + 1), inside
