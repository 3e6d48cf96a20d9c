"""Routing by negotiated congestion (PathFinder, McMurchie and Ebeling 1995) on the two-layer grid.

Every net is grown pin by pin as a tree with A*.  At first nets may overlap; what overlaps pays a price that rises
with every round, now (present) and for ever (history), until each cell belongs to one net.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kicad.layout.grid import LAYERS, PITCH, Grid, Pin
from kicad.layout.search import FREE, find_path, stamp_use
from kicad.shapes import NetRule, Point, Track, Via

ROUNDS = 40
VIA_COST = 12.0  # cells
FIRST_PRESENT, PRESENT_GROWTH, MOST_PRESENT = 0.5, 1.4, 60.0
HISTORY_STEP, VIA_HISTORY_STEP = 0.3, 1.0
REROUTE_ALL_EVERY = 8
HOLE_TO_HOLE = 0.27  # mm, drill to drill, and a little
SLACK = 0.1  # cells, against rounding


@dataclass
class NetState:
    """One net: its rule, its obstacles, and its present way."""

    number: int
    rule: NetRule
    pins: list[Pin]
    owner: NDArray[np.int32]
    neck: NDArray[np.bool_]
    paths: list[list[int]] = field(default_factory=list)
    cells: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    vias: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass
class Routed:
    """Tracks and vias; `open_nets` could not be connected, `conflicts` still overlap (both empty: done)."""

    tracks: list[Track]
    vias: list[Via]
    open_nets: list[str]
    conflicts: list[str]
    rounds: int


def route(grid: Grid) -> Routed:
    """Connect every net of the grid."""
    return _Router(grid).run()


class _Router:
    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.rules = grid.geometry["rules"]
        cells = 2 * grid.plane
        self.via_owner, self.through = grid.vias(), grid.through_pads()
        self.distance, self.previous = np.zeros(cells), np.zeros(cells, np.int64)
        self.stamp, self.mark = np.zeros(cells, np.int64), np.zeros(cells, np.int64)
        self.targets = np.zeros(cells, np.bool_)
        self.now, self.marks = 10, 0
        self.via_use = np.zeros(cells, np.float32)
        self.history = np.zeros(cells, np.float32)
        self.owners: dict[float, NDArray[np.int32]] = {}
        self.use: dict[float, NDArray[np.float32]] = {}
        self.states = [self._state(net) for net, pins in grid.pins.items() if len(pins) > 1]
        self.states.sort(key=self._spread)
        self.present = FIRST_PRESENT

    def _state(self, net: int) -> NetState:
        rule = self.rules["nets"][self.grid.nets[net]]
        wide, narrow = rule["width_mm"], min(rule["neck_mm"], rule["width_mm"])
        for width in {wide, narrow}:
            if width not in self.owners:
                self.owners[width] = self.grid.tracks(width)
                self.use[width] = np.zeros(2 * self.grid.plane, np.float32)
        owner, zone = self.owners[wide].copy(), np.zeros(2 * self.grid.plane, np.bool_)
        if narrow < wide:
            zone = self.grid.neck_zone(net, wide, rule["neck_length_mm"] - wide / 2)
            zone &= (owner != FREE) & (owner != net)  # a neck only where the full width does not fit
            owner = np.where(zone, self.owners[narrow], owner)
        owner[self.grid.pin_cells(net)] = net
        return NetState(net, rule, self.grid.pins[net], owner, zone)

    def _spread(self, state: NetState) -> int:
        xs, ys = [pin.x for pin in state.pins], [pin.y for pin in state.pins]
        return max(xs) - min(xs) + max(ys) - min(ys)

    # ------------------------------------------------------------------ the rounds

    def run(self) -> Routed:
        todo, open_nets, conflicts = list(self.states), set[int](), list[NetState]()
        done = 0
        for done in range(1, ROUNDS + 1):  # noqa: B007 - how many rounds it took is told
            for state in todo:
                self._occupy(state, -1)
                if not self._connect(state):
                    open_nets.add(state.number)
                self._occupy(state, +1)
            conflicts = [state for state in self.states if self._in_conflict(state)]
            if not conflicts or open_nets:
                break
            self.present = min(self.present * PRESENT_GROWTH, MOST_PRESENT)
            todo = list(self.states) if done % REROUTE_ALL_EVERY == 0 else conflicts
            random.Random(done).shuffle(todo)  # noqa: S311 - an order, no secret
        names = self.grid.nets
        tracks = [track for state in self.states for track in self._tracks(state)]
        vias = [via for state in self.states for via in self._vias(state)]
        return Routed(
            tracks, vias, [names[n] for n in sorted(open_nets)], [names[s.number] for s in conflicts], done
        )

    def _occupy(self, state: NetState, sign: int) -> None:
        """Book the net's cells with their clearance, for tracks of every width and for vias."""
        if not len(state.cells):
            return
        half = np.where(state.neck[state.cells], state.rule["neck_mm"], state.rule["width_mm"]) / 2
        gap, via = self.rules["clearance_mm"], self.rules["via_mm"] / 2
        via_half = np.full(len(state.vias), via)
        for width, use in self.use.items():
            self.marks += 1
            self._stamp(use, state.cells, half + gap + width / 2, False, sign)
            self._stamp(use, state.vias, via_half + gap + width / 2, True, sign)
        self.marks += 1
        self._stamp(self.via_use, state.cells, half + gap + via, True, sign)
        apart = max(2 * via + gap, self.rules["via_drill_mm"] + HOLE_TO_HOLE)
        self._stamp(self.via_use, state.vias, np.full(len(state.vias), apart), True, sign)

    def _stamp(
        self,
        use: NDArray[np.float32],
        cells: NDArray[np.int64],
        radii: NDArray[np.float64],
        both: bool,
        sign: int,
    ) -> None:
        if len(cells):
            stamp_use(
                use,
                cells,
                radii / PITCH + SLACK,
                self.grid.width,
                self.grid.height,
                both,
                sign,
                self.mark,
                self.marks,
            )

    def _use_for(self, state: NetState) -> NDArray[np.float32]:
        wide = self.use[state.rule["width_mm"]]
        if not state.neck.any():
            return wide
        return np.where(state.neck, self.use[min(state.rule["neck_mm"], state.rule["width_mm"])], wide)

    def _in_conflict(self, state: NetState) -> bool:
        """Whether another net is in this one's way; makes the cells dearer for ever."""
        self._occupy(state, -1)
        use = self._use_for(state)
        cells = state.cells[use[state.cells] > 0.5]
        vias = state.vias[self.via_use[state.vias] > 0.5]
        self.history[cells] += HISTORY_STEP
        self.history[vias] += VIA_HISTORY_STEP
        self.history[vias + self.grid.plane] += VIA_HISTORY_STEP
        self._occupy(state, +1)
        return bool(len(cells) or len(vias))

    # ------------------------------------------------------------------ one net

    def _connect(self, state: NetState) -> bool:
        """Grow the net's tree from its middle pin; False when a pin cannot be reached."""
        pins = state.pins
        middle = (sum(p.x for p in pins) / len(pins), sum(p.y for p in pins) / len(pins))
        first = min(range(len(pins)), key=lambda i: abs(pins[i].x - middle[0]) + abs(pins[i].y - middle[1]))
        left = set(range(len(pins))) - {first}
        tree = set(self._cells(pins[first]))
        state.paths, use = [], self._use_for(state)
        complete = True
        while left:
            end = self._search(state, tree, [pins[i] for i in left], use)
            if end < 0:
                complete = False
                break
            path = self._back(end)
            state.paths.append(path)
            tree.update(path)
            for i in [i for i in left if end in self._cells(pins[i])]:
                left.discard(i)
                tree.update(self._cells(pins[i]))
        state.cells = np.array(sorted({c for path in state.paths for c in path} or tree), np.int64)
        state.vias = np.array(sorted(self._changes(state)), np.int64)
        return complete

    def _search(self, state: NetState, tree: set[int], pins: list[Pin], use: NDArray[np.float32]) -> int:
        goals = [cell for pin in pins for cell in self._cells(pin)]
        self.targets[goals] = True
        box = np.array(
            [min(p.x for p in pins), min(p.y for p in pins), max(p.x for p in pins), max(p.y for p in pins)]
        )
        end = find_path(
            self.grid.width, self.grid.height, state.number, np.array(sorted(tree), np.int64), self.targets, box,
            state.owner, self.via_owner, self.through, state.neck, use, self.via_use, self.history, self.present,
            VIA_COST, self.distance, self.previous, self.stamp, self.now,
        )  # fmt: skip
        self.now += 2
        self.targets[goals] = False
        return int(end)

    def _cells(self, pin: Pin) -> list[int]:
        return [layer * self.grid.plane + pin.y * self.grid.width + pin.x for layer in pin.layers]

    def _back(self, end: int) -> list[int]:
        path = [end]
        while (before := int(self.previous[path[-1]])) >= 0:
            path.append(before)
        return path[::-1]

    def _changes(self, state: NetState) -> set[int]:
        """Places where the net changes layers outside its own plated holes."""
        plane = self.grid.plane
        pairs = ((a, b) for path in state.paths for a, b in zip(path, path[1:], strict=False))
        return {
            a % plane
            for a, b in pairs
            if a // plane != b // plane and self.through[a % plane] != state.number
        }

    # ------------------------------------------------------------------ copper

    def _point(self, cell: int) -> Point:
        rest = cell % self.grid.plane
        return (round(rest % self.grid.width * PITCH, 3), round(rest // self.grid.width * PITCH, 3))

    def _tracks(self, state: NetState) -> list[Track]:
        """The net's paths as straight tracks, collinear steps merged."""
        made = []
        for path in state.paths:
            start = 0
            while start < len(path) - 1:
                step = path[start + 1] - path[start]
                if abs(step) >= self.grid.plane:  # a change of layers
                    start += 1
                    continue
                narrow = self._is_neck(state, path[start], path[start + 1])
                end = start + 1
                while (
                    end + 1 < len(path)
                    and path[end + 1] - path[end] == step
                    and self._is_neck(state, path[end], path[end + 1]) == narrow
                ):
                    end += 1
                made.append(
                    Track(
                        net=self.grid.nets[state.number],
                        layer=LAYERS[path[start] // self.grid.plane],  # type: ignore[typeddict-item]
                        width_mm=min(state.rule["neck_mm"], state.rule["width_mm"])
                        if narrow
                        else state.rule["width_mm"],
                        start=self._point(path[start]),
                        end=self._point(path[end]),
                    )
                )
                start = end
        return made

    @staticmethod
    def _is_neck(state: NetState, a: int, b: int) -> bool:
        return bool(state.neck[a] or state.neck[b])

    def _vias(self, state: NetState) -> list[Via]:
        return [
            Via(
                net=self.grid.nets[state.number],
                at=self._point(int(cell)),
                diameter_mm=self.rules["via_mm"],
                drill_mm=self.rules["via_drill_mm"],
            )
            for cell in state.vias
        ]
