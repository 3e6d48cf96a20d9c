"""Placing: a Geometry on a board of given size becomes placements, by simulated annealing."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kicad.layout import anneal
from kicad.layout.textsize import text_width
from kicad.layout.turn import centre_of, turn
from kicad.shapes import Geometry, Hole, LayoutPart, Placement

SIDES = ("left", "right", "top", "bottom")
_SIDE_FACED = {0: 1, 90: 2, 180: 0, 270: 3}  # the side of the board that an opening of this angle faces
EDGE_GAP_MM = 0.25  # a connector's courtyard stands this far inside its edge
NEAR_GAP_MM = 0.3  # between courtyards of parts that should be near each other
NEAR_GOAL = 0.5  # aim for half of what a near-term allows
GROUND_WEIGHT = 0.1  # the pour connects ground
BUS_WEIGHT = 0.4  # nets of more than four pads
GROUP_WEIGHT = 0.5
LYING_COST = 6.0
MOVES_PER_PART = 7000


@dataclass
class Spread:
    """How roomy a placement is: the gap between courtyards, the margin to the edge and the grid, in mm."""

    gap: float
    margin: float
    step: float
    label_room: bool = True  # beside connectors, for their pins' names


SPREADS = (
    Spread(3.0, 2.5, 0.5),
    Spread(2.0, 2.0, 0.5),
    Spread(1.5, 1.5, 0.5),
    Spread(1.1, 1.0, 0.5),
    Spread(0.7, 0.8, 0.2),
    Spread(0.3, 0.6, 0.1),
    Spread(0.3, 0.6, 0.1, label_room=False),
)


@dataclass
class Placed:
    """A legal placement and its cost."""

    cost: float
    seed: int
    placements: list[Placement]


def hole_room(hole: Hole) -> float:
    """Half the side of the square that a mounting hole's screw head and courtyard take, in mm."""
    return hole["diameter_mm"] + 0.3


def hole_centres(holes: list[Hole], width: float, height: float) -> list[tuple[float, float]]:
    """Middles of the mounting holes, each as far in its corner as its screw head allows."""
    centres = []
    for hole in holes:
        inset = hole_room(hole)
        x = inset if hole["corner"].endswith("left") else width - inset
        y = inset if hole["corner"].startswith("top") else height - inset
        centres.append((x, y))
    return centres


def courtyard_area(part: LayoutPart) -> float:
    """Area of the part's courtyard in mm²."""
    box = part["courtyard"]
    return (box["x1"] - box["x0"]) * (box["y1"] - box["y0"])


@dataclass
class Placer:
    """A geometry prepared for placing on boards of any size."""

    geometry: Geometry
    index: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.index = {part["ref"]: i for i, part in enumerate(self.geometry["parts"])}

    def place(
        self, width: float, height: float, spread: Spread, seed: int, effort: float = 1.0
    ) -> Placed | None:
        """A placement in which nothing overlaps, or None when this seed found none."""
        problem, x, y, k, s = self._problem(width, height, spread)
        moves = int(max(50_000, MOVES_PER_PART * problem.movable) * effort)
        hot = 1.2 * (width + height)
        cost, x, y, k, s = anneal.anneal(problem, seed, moves, hot, x, y, k, s)
        if cost > 1e17:
            return None
        placements = []
        for i, part in enumerate(self.geometry["parts"]):
            quarter = int(k[i])
            dx, dy = turn(centre_of(part), quarter)
            placements.append(_placement(part["ref"], float(x[i]) - dx, float(y[i]) - dy, quarter))
        return Placed(float(cost), seed, placements)

    def _problem(
        self, width: float, height: float, spread: Spread
    ) -> tuple[anneal.Problem, Any, Any, Any, Any]:
        geometry, parts = self.geometry, self.geometry["parts"]
        holes = list(zip(geometry["holes"], hole_centres(geometry["holes"], width, height), strict=True))
        count = len(parts) + len(holes)
        half = np.zeros((count, 4, 2))
        for i, part in enumerate(parts):
            box = part["courtyard"]
            w, h = (box["x1"] - box["x0"]) / 2, (box["y1"] - box["y0"]) / 2
            half[i] = [(w, h), (h, w), (w, h), (h, w)]
        x, y = np.zeros(count), np.zeros(count)
        for i, (hole, (hx, hy)) in enumerate(holes, len(parts)):
            half[i], x[i], y[i] = hole_room(hole), hx, hy
        slots = self._slots(count)
        problem = anneal.Problem(
            half=half,
            reach=self._label_room(count) if spread.label_room else np.zeros(count),
            inset=self._insets(count),
            lying=self._lying(count),
            header=np.array([_is_header(part) for part in parts] + [0] * len(holes), np.int64),
            gap=self._gaps(count, spread),
            movable=len(parts),
            width=float(width),
            height=float(height),
            margin=spread.margin,
            step=spread.step,
            slot_first=_firsts([len(each) for each in slots]),
            slot_turn=np.array([slot[0] for each in slots for slot in each], np.int64),
            slot_side=np.array([slot[1] for each in slots for slot in each], np.int64),
            **self._wires(count),
        )
        return problem, x, y, np.zeros(count, np.int64), np.full(count, -1, np.int64)

    def _slots(self, count: int) -> list[list[tuple[int, int]]]:
        """For each part on an edge the allowed (quarter turn, side)."""
        slots: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        for edge in self.geometry["edges"]:
            i = self.index[edge["ref"]]
            part = self.geometry["parts"][i]
            sides = range(4) if edge["side"] == "any" else [SIDES.index(edge["side"])]
            found = [(quarter, side) for side in sides for quarter in _turns_for(part, side, edge["facing"])]
            slots[i] = found
        return slots

    def _lying(self, count: int) -> Any:
        """Connectors that may choose their side stand at the left or the right, where wires are expected."""
        costs = np.zeros(count)
        for edge in self.geometry["edges"]:
            if edge["side"] == "any":
                costs[self.index[edge["ref"]]] = LYING_COST
        return costs

    def _label_room(self, count: int) -> Any:
        """How far the labels of a connector's pins reach inwards from its courtyard, in mm."""
        room = np.zeros(count)
        height = self.geometry["rules"]["text_mm"]
        for label in self.geometry["labels"]:
            if "pin" in label and label["pin"][0] in self.index:
                i = self.index[label["pin"][0]]
                room[i] = max(room[i], text_width(label["text"], height) + 0.2)
        return room

    def _insets(self, count: int) -> Any:
        """From the edge to each courtyard: enough for the copper's clearance to the edge."""
        insets = np.zeros(count)
        for i, part in enumerate(self.geometry["parts"]):
            box = part["courtyard"]
            points = [p for pad in part["pads"] for p in pad["polygon"]]
            if points:
                xs, ys = [p[0] for p in points], [p[1] for p in points]
                inner = min(
                    min(xs) - box["x0"], box["x1"] - max(xs), min(ys) - box["y0"], box["y1"] - max(ys)
                )
                insets[i] = max(EDGE_GAP_MM, self.geometry["rules"]["edge_mm"] + 0.05 - inner)
        return insets

    def _gaps(self, count: int, spread: Spread) -> Any:
        """Least distance between courtyards by pair, in mm."""
        gaps = np.full((count, count), spread.gap)
        gaps[:, len(self.geometry["parts"]) :] = min(spread.gap, 0.3)
        gaps[len(self.geometry["parts"]) :, :] = min(spread.gap, 0.3)
        for near in self.geometry["near"]:
            i, j = self.index[near["a"][0]], self.index[near["b"][0]]
            gaps[i, j] = gaps[j, i] = min(spread.gap, max(NEAR_GAP_MM, (near["max_mm"] - 5.0) * 0.3))
        for keepout in self.geometry["keepouts"]:
            if "parts" in keepout["what"]:
                i = self.index[keepout["ref"]]
                gaps[i, :] = np.maximum(gaps[i, :], keepout["margin_mm"])
                gaps[:, i] = np.maximum(gaps[:, i], keepout["margin_mm"])
        return gaps

    def _wires(self, count: int) -> dict[str, Any]:
        """Pads, nets, near-terms and groups as arrays."""
        parts = self.geometry["parts"]
        pad_part: list[int] = []
        pad_at: list[list[tuple[float, float]]] = []
        nets: dict[str, list[int]] = {}
        pins: dict[tuple[str, str], int] = {}

        def add(i: int, dx: float, dy: float) -> int:
            pad_part.append(i)
            pad_at.append([turn((dx, dy), quarter) for quarter in range(4)])
            return len(pad_part) - 1

        for i, part in enumerate(parts):
            cx, cy = centre_of(part)
            for pad in part["pads"]:
                j = add(i, pad["centre"][0] - cx, pad["centre"][1] - cy)
                pins.setdefault((part["ref"], pad["number"]), j)
                if pad["net"]:
                    nets.setdefault(pad["net"], []).append(j)
        wired = {name: pads for name, pads in nets.items() if len(pads) > 1}
        weights = [_net_weight(name, pads, self.geometry["ground"]) for name, pads in wired.items()]
        members = list(wired.values())
        for group in self.geometry["groups"]:
            members.append([add(self.index[ref], 0.0, 0.0) for ref in group])
            weights.append(GROUP_WEIGHT * len(group))
        touching = [
            sorted({n for n, pads in enumerate(members) if any(pad_part[j] == i for j in pads)})
            for i in range(count)
        ]
        nears = self.geometry["near"]
        ends = [(pins[near["a"][0], near["a"][1]], pins[near["b"][0], near["b"][1]]) for near in nears]
        by_part = [
            [m for m, end in enumerate(ends) if i in (pad_part[end[0]], pad_part[end[1]])]
            for i in range(count)
        ]
        limits = np.array([near["max_mm"] for near in nears], np.float64)
        return {
            "pad_part": np.array(pad_part, np.int64),
            "pad_at": np.array(pad_at, np.float64).reshape(-1, 4, 2),
            "net_first": _firsts([len(pads) for pads in members]),
            "net_pads": np.array([j for pads in members for j in pads], np.int64),
            "net_weight": np.array(weights, np.float64),
            "part_net_first": _firsts([len(each) for each in touching]),
            "part_nets": np.array([n for each in touching for n in each], np.int64),
            "near_a": np.array([end[0] for end in ends], np.int64),
            "near_b": np.array([end[1] for end in ends], np.int64),
            "near_goal": limits * NEAR_GOAL,
            "near_weight": np.clip(10.0 / np.maximum(limits, 0.5), 0.5, 4.0),
            "part_near_first": _firsts([len(each) for each in by_part]),
            "part_nears": np.array([m for each in by_part for m in each], np.int64),
        }


def _placement(ref: str, x: float, y: float, quarter: int) -> Placement:
    return {"ref": ref, "x": round(x, 4), "y": round(y, 4), "rotation": 90 * quarter}


def _firsts(counts: list[int]) -> Any:
    return np.array([0, *itertools.accumulate(counts)], np.int64)


def _net_weight(name: str, pads: list[int], ground: str | None) -> float:
    if name == ground:
        return GROUND_WEIGHT
    return 1.0 if len(pads) <= 4 else BUS_WEIGHT


def _is_header(part: LayoutPart) -> int:
    """1 for a connector on a pitch of 2.54 mm, by its footprint's name."""
    return int("PinHeader" in part["footprint"] or "PinSocket" in part["footprint"])


def _turns_for(part: LayoutPart, side: int, facing: str) -> list[int]:
    """Quarter turns that a part may have on a side: opening outwards, else long side along the edge."""
    if part["pin1_out"] >= 0 and facing == "out":
        return [q for q in range(4) if _SIDE_FACED[round(part["pin1_out"] + 90 * q) % 360] == side]
    box = part["courtyard"]
    w, h = box["x1"] - box["x0"], box["y1"] - box["y0"]
    if max(w, h) < 1.15 * min(w, h):
        return [0, 1, 2, 3]
    upright = (h > w) == (side < 2)  # the long side lies along the edge without a turn
    return [0, 2] if upright else [1, 3]


def least_side(part: LayoutPart) -> tuple[float, float]:
    """The short and the long side of the part's courtyard in mm."""
    box = part["courtyard"]
    w, h = box["x1"] - box["x0"], box["y1"] - box["y0"]
    return min(w, h), max(w, h)


def needed_area(geometry: Geometry) -> float:
    """Area in mm² of all courtyards and mounting holes, without any gap."""
    holes = sum((2 * hole_room(hole)) ** 2 for hole in geometry["holes"])
    return math.fsum(courtyard_area(part) for part in geometry["parts"]) + holes
