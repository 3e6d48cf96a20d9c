"""Placing by simulated annealing.

A state is a position (0.25 mm steps) and a quarter turn for every part.  Its cost is the half-perimeter length of
every net (ground and large nets count less), near-terms from pad to pad, and penalties for overlap and for edge
parts off their edge, which weigh more as it cools.  Kept is the cheapest state without overlap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kicad.layout.anneal import anneal
from kicad.layout.turn import OUTWARD, SIDES, turn_box, turn_point
from kicad.shapes import Box, Geometry, LayoutPart, Placement

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EDGE_INSET = 0.25  # courtyard of an edge part to the board's edge
MARGIN = 1.0  # courtyard of any other part to the board's edge
STEPS_A_PART = 7000
GROUND_WEIGHT, LARGE_NET_WEIGHT = 0.08, 0.4
CHARACTER = 0.95  # advance of KiCad's stroke font, in heights
HOLE_RING = 1.3  # keep parts so far from a mounting hole: the screw's head


@dataclass
class Problem:
    """Geometry as arrays: parts, then mounting holes as parts that do not move."""

    geometry: Geometry
    width: float
    height: float
    gap: float
    seed: int
    rng: np.random.Generator = field(init=False)
    sides: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.sides = self._choose_sides()

    def _choose_sides(self) -> dict[str, str]:
        """A side for every edge part; `any` parts go where fewest are, the long sides last, then by chance."""
        taken = {side: 0.0 for side in SIDES}
        chosen = {}
        parts = {part["ref"]: part for part in self.geometry["parts"]}
        for entry in sorted(self.geometry["edges"], key=lambda e: e["side"] == "any"):
            side: str = entry["side"]
            if side == "any":
                usual = ("left", "right", "bottom", "top")
                side = min(usual, key=lambda s: (taken[s] > 0, self.rng.random() * (self.seed > 0)))
            box = parts[entry["ref"]]["courtyard"]
            taken[side] += max(box["x1"] - box["x0"], box["y1"] - box["y0"])
            chosen[entry["ref"]] = side
        return chosen

    def turns(self, part: LayoutPart) -> list[int]:
        """Rotations that the part may take: an edge part faces out, or lies along its edge."""
        side = self.sides.get(part["ref"])
        if side is None:
            return [0, 90, 180, 270]
        if part["pin1_out"] >= 0:
            return [int(OUTWARD[side] - part["pin1_out"]) % 360]
        box = part["courtyard"]
        tall = box["y1"] - box["y0"] > box["x1"] - box["x0"]
        along = (0, 180) if tall == (side in ("left", "right")) else (90, 270)
        return list(along)

    def box(self, part: LayoutPart, rotation: int) -> tuple[float, float, float, float]:
        """Courtyard with half the gap around it, and room for pin labels on the inner side of an edge part."""
        box = turn_box(part["courtyard"], rotation)
        x0, y0, x1, y1 = box["x0"], box["y0"], box["x1"], box["y1"]
        half = self.gap / 2
        side = self.sides.get(part["ref"])
        inward = self.label_room(part)
        return (
            x0 - (EDGE_INSET if side == "left" else half + (inward if side == "right" else 0)),
            y0 - (EDGE_INSET if side == "top" else half + (inward if side == "bottom" else 0)),
            x1 + (EDGE_INSET if side == "right" else half + (inward if side == "left" else 0)),
            y1 + (EDGE_INSET if side == "bottom" else half + (inward if side == "top" else 0)),
        )

    def label_room(self, part: LayoutPart) -> float:
        """How far the labels of an edge part's pins reach inwards."""
        height = self.geometry["rules"]["text_mm"]
        texts = [
            label["text"] for label in self.geometry["labels"] if label.get("pin", ("", ""))[0] == part["ref"]
        ]
        if not texts:
            return 0.0
        if self.sides.get(part["ref"]) in ("top", "bottom"):
            return height + 0.4
        return max(len(text) for text in texts) * height * CHARACTER + 0.4


@dataclass
class Placed:
    """A placing without overlap; `cost` compares placings of one board."""

    placements: list[Placement]
    cost: float


def smallest_size(geometry: Geometry) -> float:
    """Area in mm² that the courtyards take, with nothing between them."""
    return sum(_area(part["courtyard"]) for part in geometry["parts"])


def place(geometry: Geometry, size: tuple[float, float], gap: float, seed: int) -> Placed | None:
    """Place every part inside `size`, `gap` mm between courtyards; None when this seed finds no legal state."""
    problem = Problem(geometry, size[0], size[1], gap, seed)
    arrays = _arrays(problem)
    parts = geometry["parts"]
    steps = STEPS_A_PART * max(4, len(parts))
    temperature = 0.6 * (size[0] + size[1])  # a hot start must carry a part across the board
    cost, x, y, k = anneal(seed, steps, temperature, *arrays)
    if not math.isfinite(cost):
        return None
    placements = [
        Placement(ref=part["ref"], x=float(x[i]), y=float(y[i]), rotation=int(k[i]) * 90)
        for i, part in enumerate(parts)
    ]
    return Placed(placements, float(cost))


def _area(box: Box) -> float:
    return (box["x1"] - box["x0"]) * (box["y1"] - box["y0"])


def hole_centres(geometry: Geometry, size: tuple[float, float]) -> list[tuple[float, float, float]]:
    """Mounting holes as (x, y, diameter): the screw's head stays on the board."""
    found = []
    for hole in geometry["holes"]:
        inset = hole["diameter_mm"] / 2 + HOLE_RING
        x = inset if "left" in hole["corner"] else size[0] - inset
        y = inset if "top" in hole["corner"] else size[1] - inset
        found.append((x, y, hole["diameter_mm"]))
    return found


def _arrays(problem: Problem) -> tuple[object, ...]:
    """What the compiled annealer takes, in its order."""
    geometry, parts = problem.geometry, problem.geometry["parts"]
    holes = hole_centres(geometry, (problem.width, problem.height))
    count = len(parts)
    box = np.zeros((count + len(holes), 4, 4))
    allowed = np.zeros((count + len(holes), 4), np.bool_)
    edge = np.zeros(count + len(holes), np.int64)
    for i, part in enumerate(parts):
        for k in range(4):
            box[i, k] = problem.box(part, 90 * k)
        allowed[i, [turn // 90 for turn in problem.turns(part)]] = True
        edge[i] = 1 + SIDES.index(problem.sides[part["ref"]]) if part["ref"] in problem.sides else 0
    x = problem.rng.uniform(0.2, 0.8, count + len(holes)) * problem.width
    y = problem.rng.uniform(0.2, 0.8, count + len(holes)) * problem.height
    for j, (hx, hy, diameter) in enumerate(holes, start=count):
        reach = diameter / 2 + HOLE_RING - 0.1
        box[j] = (-reach, -reach, reach, reach)
        allowed[j, 0] = True
        x[j], y[j] = hx, hy
    k = np.array([problem.rng.choice(np.flatnonzero(row)) for row in allowed], np.int64)
    pads, owner, net_start, net_pads, weight = _nets(geometry)
    near_a, near_b, near_limit = _near(geometry)
    limits = np.array([problem.width, problem.height, MARGIN - problem.gap / 2 if problem.gap < 2 else 0.0])
    group = _groups(geometry)
    return (
        x,
        y,
        k,
        count,
        box,
        allowed,
        edge,
        pads,
        owner,
        net_start,
        net_pads,
        weight,
        near_a,
        near_b,
        near_limit,
        group,
        limits,
    )


def _nets(geometry: Geometry) -> tuple[Floats, Ints, Ints, Ints, Floats]:
    """Pad positions by rotation, their parts, and the nets as runs of pads with a weight each."""
    index: dict[str, list[int]] = {}
    where, owner = [], []
    for i, part in enumerate(geometry["parts"]):
        for pad in part["pads"]:
            if pad["kind"] != "hole" and pad["net"]:
                index.setdefault(pad["net"], []).append(len(owner))
            where.append([turn_point(pad["centre"], 90 * k) for k in range(4)])
            owner.append(i)
    nets = {name: pads for name, pads in index.items() if len(pads) > 1}
    start = np.cumsum([0, *(len(pads) for pads in nets.values())])
    members = np.array([pad for pads in nets.values() for pad in pads], np.int64)
    weight = [
        GROUND_WEIGHT if name == geometry["ground"] else 1.0 if len(pads) <= 4 else LARGE_NET_WEIGHT
        for name, pads in nets.items()
    ]
    return (
        np.array(where, np.float64).reshape(-1, 4, 2),
        np.array(owner, np.int64),
        start.astype(np.int64),
        members,
        np.array(weight, np.float64),
    )


def _near(geometry: Geometry) -> tuple[Ints, Ints, Floats]:
    pads = {}
    number = 0
    for part in geometry["parts"]:
        for pad in part["pads"]:
            pads.setdefault((part["ref"], pad["number"]), number)
            number += 1
    terms = [(pads[tuple(n["a"])], pads[tuple(n["b"])], n["max_mm"]) for n in geometry["near"]]
    a, b, limit = zip(*terms, strict=True) if terms else ((), (), ())
    return np.array(a, np.int64), np.array(b, np.int64), np.array(limit, np.float64)


def _groups(geometry: Geometry) -> Ints:
    """The group of each part, -1 for none."""
    number = {ref: g for g, refs in enumerate(geometry["groups"]) for ref in refs}
    return np.array([number.get(part["ref"], -1) for part in geometry["parts"]], np.int64)
