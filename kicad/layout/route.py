"""Routing: every net becomes a tree of tracks, by A* and negotiated congestion on a grid of 0.1 mm.

Nets may cross at first; crossings grow dearer with every round and only nets that cross are laid anew
(PathFinder: McMurchie, Ebeling, FPGA 1995).
"""

from __future__ import annotations

import itertools
import random
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kicad.layout import astar
from kicad.layout.raster import FREE, NO_COPPER, NO_VIA, Grid, Pin

ROUNDS = 40
PATIENCE = (
    10  # rounds without fewer crossings, after which there is no way: each round then only grows dearer
)
STITCH_MM = 8.0  # between ground vias that hold the two pours together
BACK_COST = 1.3  # signals stay on the front, so that the ground below them stays whole


@dataclass
class Wire:
    """One branch of a net's tree: cells in order, and which of them are necks."""

    cells: Any
    necks: Any


@dataclass
class Laid:
    """The tree of one net."""

    wires: list[Wire] = field(default_factory=list)
    vias: set[int] = field(default_factory=set)  # cells of one layer


class Router:
    """Routes all nets of a grid; `open_nets` and `crossing` name what could not be done."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.area = grid.rows * grid.columns
        classes = len(grid.classes)
        self.taken = np.zeros((classes, 2 * self.area), np.float32)
        self.via_taken = np.zeros(self.area, np.float32)
        self.history = np.zeros(2 * self.area, np.float32)
        self.laid: dict[int, Laid] = {}
        self.open_nets: set[int] = set()
        self.crossing: list[int] = []
        self.rounds = 0
        self._mark = np.zeros(2 * self.area, np.int64)
        self._stamp = np.zeros(2 * self.area, np.int64)
        self._distance = np.zeros(2 * self.area)
        self._before = np.zeros(2 * self.area, np.int64)
        self._target = np.zeros(2 * self.area, np.bool_)
        self._now = 1
        self._permits = {net: grid.permits(grid.nets[net]).reshape(-1) for net in grid.pins}
        self._classes = [(grid.class_of(name), grid.neck_class_of(name)) for name in grid.nets]

    def route(self, deadline: float = float("inf")) -> bool:
        """Lay all nets; True when nothing crosses and everything is connected.  `deadline`: process_time."""
        if self.grid.unreachable:
            return False
        nets = sorted((net for net, pins in self.grid.pins.items() if len(pins) > 1), key=self._extent)
        todo, present = nets, 0.5
        fewest, since = len(nets) + 1, 0
        for turn in range(ROUNDS):
            self.rounds = turn + 1
            for net in todo:
                if net in self.laid:
                    self._apply(net, -1.0)
                self._lay(net, present)
                self._apply(net, 1.0)
            self.crossing = self._find_crossings(nets)
            since = since + 1 if len(self.crossing) >= fewest else 0
            fewest = min(fewest, len(self.crossing))
            if self.open_nets or (not self.crossing and turn > 0) or time.process_time() > deadline:
                break
            if self.crossing and since >= PATIENCE:
                break
            if not self.crossing:  # once more over all, now that everybody's place is known
                todo, present = nets, 8.0
                continue
            present = min(present * 1.4, 60.0)
            todo = nets[:] if turn % 8 == 7 else self.crossing[:]
            random.Random(turn).shuffle(todo)  # noqa: S311 - breaks cycles, guards nothing
        return not self.crossing and not self.open_nets

    def _extent(self, net: int) -> tuple[float, int]:
        cells = [pin.cell for pin in self.grid.pins[net]]
        rows, columns = [cell[0] for cell in cells], [cell[1] for cell in cells]
        return max(rows) - min(rows) + max(columns) - min(columns), net

    def _costs(self, net: int, present: float) -> astar.Costs:
        grid = self.grid
        wide, neck = self._classes[net]
        ground = grid.nets[net] == grid.geometry["ground"]
        return astar.Costs(
            net=net,
            rows=grid.rows,
            columns=grid.columns,
            owner=grid.owner[wide].reshape(-1),
            neck_owner=grid.owner[neck].reshape(-1),
            via_owner=grid.via_owner.reshape(-1),
            through=grid.through.reshape(-1),
            permits=self._permits[net],
            taken=self.taken[wide],
            neck_taken=self.taken[neck],
            via_taken=self.via_taken,
            history=self.history,
            present=present,
            layer_cost=(1.0, 1.0) if ground else (1.0, BACK_COST),
            via_cost=astar.VIA_COST * (1.0 if wide == neck else 2.0),
        )

    def _pin_cells(self, pin: Pin) -> list[int]:
        row, column = pin.cell
        return [layer * self.area + row * self.grid.columns + column for layer in pin.layers]

    def _lay(self, net: int, present: float) -> None:
        """Lay one net as a tree: from its middle pin, always the nearest open pin next."""
        pins, laid = self.grid.pins[net], Laid()
        self.laid[net] = laid
        middle = np.mean([pin.cell for pin in pins], axis=0)
        first = min(range(len(pins)), key=lambda i: float(np.abs(np.array(pins[i].cell) - middle).sum()))
        tree = set(self._pin_cells(pins[first]))
        left = [i for i in range(len(pins)) if i != first and not tree.intersection(self._pin_cells(pins[i]))]
        costs = self._costs(net, present)
        while left:
            path = self._find_path(costs, tree, [pins[i] for i in left])
            if path is None:
                self.open_nets.add(net)
                return
            reached = path[-1]
            path = astar.straighten(costs, path)
            necks = np.array([astar.cell_cost(costs, cell)[1] for cell in path], np.bool_)
            laid.wires.append(Wire(path, necks))
            for a, b in itertools.pairwise(path):
                if a // self.area != b // self.area and not costs.through[a % self.area]:
                    laid.vias.add(int(a % self.area))
            tree.update(int(cell) for cell in path)
            for i in left[:]:
                cells = self._pin_cells(pins[i])
                if reached in cells:
                    tree.update(cells)
                    left.remove(i)
        self.open_nets.discard(net)

    def _find_path(self, costs: astar.Costs, tree: set[int], pins: list[Pin]) -> Any:
        cells = [cell for pin in pins for cell in self._pin_cells(pin)]
        sources = np.array(sorted(tree), np.int64)
        box = self._nearest(sources, pins)
        self._target[cells] = True
        self._now += 2
        found = astar.search(
            costs,
            sources,
            self._target,
            box,
            self._distance,
            self._before,
            self._stamp,
            self._now,
        )
        self._target[cells] = False
        if found < 0:
            return None
        path = [found]
        while self._before[path[-1]] >= 0:
            path.append(int(self._before[path[-1]]))
        return np.array(path[::-1], np.int64)

    def _nearest(self, sources: Any, pins: list[Pin]) -> tuple[int, int, int, int]:
        """The pin nearest to the tree, as a box that the search heads for."""
        rows, columns = sources % self.area // self.grid.columns, sources % self.grid.columns
        far = [int(np.maximum(abs(rows - pin.cell[0]), abs(columns - pin.cell[1])).min()) for pin in pins]
        row, column = pins[int(np.argmin(far))].cell
        return column, row, column, row

    def _apply(self, net: int, sign: float) -> None:
        """Add (or take back) what the net's tracks and vias keep from the others."""
        grid, laid = self.grid, self.laid[net]
        rules, step = grid.rules, grid.step
        cells = _joined([wire.cells[~wire.necks] for wire in laid.wires])
        necks = _joined([wire.cells[wire.necks] for wire in laid.wires])
        vias = np.array(sorted(laid.vias), np.int64)
        own, thin = (grid.classes[index] for index in self._classes[net])
        size = (grid.rows, grid.columns)
        for index, each in enumerate(grid.classes):
            clearance = max(own.clearance_mm, each.clearance_mm)
            self._now += 1
            for some, width in ((cells, own.width_mm), (necks, thin.width_mm)):
                radius = ((width + each.width_mm) / 2 + clearance) / step + 0.1
                astar.stamp_disc(self.taken[index], some, radius, *size, 0, sign, self._mark, self._now)
            radius = ((rules["via_mm"] + each.width_mm) / 2 + clearance) / step + 0.1
            astar.stamp_disc(self.taken[index], vias, radius, *size, 2, sign, self._mark, self._now)
        self._now += 1
        for some, width in ((cells, own.width_mm), (necks, thin.width_mm)):
            radius = ((width + rules["via_mm"]) / 2 + own.clearance_mm) / step + 0.1
            astar.stamp_disc(self.via_taken, some, radius, *size, 1, sign, self._mark, self._now)
        between = max(rules["via_mm"] + own.clearance_mm, rules["via_drill_mm"] + 0.27)
        astar.stamp_disc(self.via_taken, vias, between / step + 0.1, *size, 1, sign, self._mark, self._now)

    def _find_crossings(self, nets: list[int]) -> list[int]:
        """Nets that are where others are; their cells become dearer for good."""
        found = []
        for net in nets:
            laid = self.laid[net]
            if not laid.wires:
                continue
            self._apply(net, -1.0)
            wide, neck = self._classes[net]
            cells = _joined([wire.cells[~wire.necks] for wire in laid.wires])
            necks = _joined([wire.cells[wire.necks] for wire in laid.wires])
            bad = np.concatenate([cells[self.taken[wide][cells] > 0.5], necks[self.taken[neck][necks] > 0.5]])
            vias = np.array(sorted(laid.vias), np.int64)
            bad_vias = vias[self.via_taken[vias] > 0.5] if len(vias) else vias
            if len(bad) or len(bad_vias):
                found.append(net)
                self.history[bad] += 0.3
                self.history[bad_vias] += 1.0
                self.history[bad_vias + self.area] += 1.0
            self._apply(net, 1.0)
        return found

    def stitch(self, keep_clear: Any) -> None:
        """Ground vias at free places outside the areas `keep_clear`, so that the two pours are one ground."""
        grid = self.grid
        ground = grid.geometry["ground"]
        if ground not in grid.nets:
            return
        net = grid.nets.index(ground)
        laid = self.laid.setdefault(net, Laid())
        room = round((grid.rules["via_mm"] / 2 + grid.rules["clearance_mm"] + 0.4) / grid.step)
        self._apply(net, -1.0)
        free = np.all((grid.owner[-1] == FREE) | (grid.owner[-1] == net), axis=0)
        free &= (grid.via_owner == FREE) & (self.via_taken < 0.5).reshape(free.shape)
        free &= (self._permits[net].reshape(free.shape) & (NO_COPPER | NO_VIA)) == 0
        texts = grid.inside(keep_clear)
        pitch = round(STITCH_MM / grid.step)
        placed = [(v // grid.columns, v % grid.columns) for v in laid.vias]
        placed += [pin.cell for pin in grid.pins[net] if pin.pad.kind == "through"]
        for row in range(pitch // 2, grid.rows, pitch):
            for column in range(pitch // 2, grid.columns, pitch):
                cell = _free_near(free, texts, (row, column), room, pitch // 3)
                if cell and all(np.hypot(cell[0] - r, cell[1] - c) > pitch * 0.6 for r, c in placed):
                    placed.append(cell)
                    laid.vias.add(cell[0] * grid.columns + cell[1])
        self._apply(net, 1.0)


def _free_near(free: Any, avoid: Any, near: tuple[int, int], room: int, reach: int) -> tuple[int, int] | None:
    """The cell nearest to `near` (row, column), within `reach`, with free copper `room` cells around it."""
    rows, columns = free.shape
    offsets = sorted(
        ((dr, dc) for dr in range(-reach, reach + 1, 2) for dc in range(-reach, reach + 1, 2)),
        key=lambda o: o[0] ** 2 + o[1] ** 2,
    )
    for dr, dc in offsets:
        r, c = near[0] + dr, near[1] + dc
        if not (room <= r < rows - room and room <= c < columns - room):
            continue
        window = (slice(r - room, r + room + 1, 2), slice(c - room, c + room + 1, 2))
        if free[window].all() and not avoid[r, c]:
            return r, c
    return None


def _joined(arrays: list[Any]) -> Any:
    return np.unique(np.concatenate(arrays)) if arrays else np.zeros(0, np.int64)
