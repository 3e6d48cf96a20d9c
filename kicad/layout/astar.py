"""The router's inner loops: A* over two layers, straightening of a path, and marking what a path takes.

A cell is layer · rows · columns + row · columns + column.  A cell costs 1 + history + present · occupancy, as
in PathFinder (McMurchie, Ebeling, FPGA 1995).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kicad.layout.compiled import compiled

NECK_COST = 3.0
VIA_COST = 14.0
TURN_COST = (0.0, 0.35, 2.0, 6.0, 9.0)  # for a turn by 0, 45, 90, 135, 180°
WALL = 1e18

_DX = (1, 1, 0, -1, -1, -1, 0, 1)  # eight directions, by 45° each
_DY = (0, 1, 1, 1, 0, -1, -1, -1)


class Costs(NamedTuple):
    """What one net meets on the grid; all arrays are flat."""

    net: int
    rows: int
    columns: int
    owner: NDArray[np.int32]  # both layers, for the net's full width
    neck_owner: NDArray[np.int32]
    via_owner: NDArray[np.int32]  # one layer
    through: NDArray[np.uint8]
    permits: NDArray[np.uint8]  # one layer: 1 neck, 2 no copper, 4 no via
    taken: NDArray[np.float32]  # by other nets' tracks, for the full width
    neck_taken: NDArray[np.float32]
    via_taken: NDArray[np.float32]  # one layer
    history: NDArray[np.float32]  # both layers
    present: float
    layer_cost: tuple[float, float]
    via_cost: float


@compiled
def cell_cost(c: Any, u: int) -> tuple[float, bool]:
    """Cost of a track's middle at cell u, and whether it must be a neck there; WALL: impossible."""
    area = c.rows * c.columns
    r = u % area
    bits = c.permits[r]
    if bits & 2:
        return WALL, False
    cost, neck = WALL, False
    if c.owner[u] == -1 or c.owner[u] == c.net:
        cost = 1.0 + c.history[u] + c.present * c.taken[u]
    if bits & 1 and (c.neck_owner[u] == -1 or c.neck_owner[u] == c.net):
        thin = NECK_COST * (1.0 + c.history[u] + c.present * c.neck_taken[u])
        if thin < cost:
            cost, neck = thin, True
    if cost < WALL:
        cost *= c.layer_cost[u // area]
    return cost, neck


@compiled
def sift_up(keys: Any, cells: Any, count: int, key: float, cell: int) -> None:
    """Put an entry into the heap of `count` entries."""
    i = count
    while i > 0:
        up = (i - 1) // 2
        if keys[up] <= key:
            break
        keys[i], cells[i] = keys[up], cells[up]
        i = up
    keys[i], cells[i] = key, cell


@compiled
def sift_down(keys: Any, cells: Any, count: int) -> None:
    """Take the first entry out of the heap, of which `count` remain."""
    key, cell = keys[count], cells[count]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= count:
            break
        if down + 1 < count and keys[down + 1] < keys[down]:
            down += 1
        if keys[down] >= key:
            break
        keys[i], cells[i] = keys[down], cells[down]
        i = down
    keys[i], cells[i] = key, cell


@compiled
def search(
    c: Any, sources: Any, is_target: Any, target_box: Any, distance: Any, before: Any, stamp: Any, now: int
) -> int:
    """A* from the sources to any target cell; returns the target or -1.

    `distance`, `before` and `stamp` are work arrays; `now` and `now` + 1 are stamps not used before.
    Octile distance to the targets' box is the estimate.
    """
    dxs, dys = _DX, _DY
    columns, rows = c.columns, c.rows
    area = rows * columns
    owner, neck_owner, via_owner, through = c.owner, c.neck_owner, c.via_owner, c.through
    permits, taken, neck_taken, via_taken = c.permits, c.taken, c.neck_taken, c.via_taken
    history, present, net = c.history, c.present, c.net
    x0, y0, x1, y1 = target_box
    capacity = 1 << 15
    keys, cells, count = np.empty(capacity), np.empty(capacity, np.int64), 0
    for v in sources:
        distance[v], before[v], stamp[v] = 0.0, -1, now
        x, y = v % columns, (v % area) // columns
        dx, dy = max(0, x0 - x, x - x1), max(0, y0 - y, y - y1)
        if count + 1 >= capacity:
            capacity *= 2
            keys, cells = grown(keys, count, capacity), grown(cells, count, capacity)
        sift_up(keys, cells, count, max(dx, dy) + 0.41421 * min(dx, dy), v)
        count += 1
    while count > 0:
        v = cells[0]
        count -= 1
        sift_down(keys, cells, count)
        if stamp[v] == now + 1:
            continue
        stamp[v] = now + 1
        if is_target[v]:
            return int(v)
        layer, r = v // area, v % area
        x, y = r % columns, r // columns
        came = -1
        if before[v] >= 0 and before[v] // area == layer:
            came = direction(x - before[v] % columns, y - (before[v] % area) // columns)
        for m in range(9):
            if m < 8:
                nx, ny = x + dxs[m], y + dys[m]
                if nx < 0 or ny < 0 or nx >= columns or ny >= rows:
                    continue
                q = ny * columns + nx
                u = layer * area + q
                bits = permits[q]
                if bits & 2:
                    continue
                cost = 1e18
                if owner[u] == -1 or owner[u] == net:
                    cost = 1.0 + history[u] + present * taken[u]
                if bits & 1 and (neck_owner[u] == -1 or neck_owner[u] == net):
                    cost = min(cost, NECK_COST * (1.0 + history[u] + present * neck_taken[u]))
                if cost >= 1e18:
                    continue
                cost *= c.layer_cost[layer] * (1.0 if m % 2 == 0 else 1.41421)
                if came >= 0:
                    turned = abs(m - came)
                    cost += TURN_COST[min(turned, 8 - turned)]
            else:
                q = r
                u = (1 - layer) * area + r
                if through[r] == 1 and owner_or_neck(c, u):
                    cost = 0.1
                elif (via_owner[r] == -1 or via_owner[r] == net) and not permits[r] & 6:
                    if cell_cost(c, u)[0] >= WALL:
                        continue
                    cost = c.via_cost * (1.0 + present * via_taken[r]) + history[u] * 4
                else:
                    continue
            total = distance[v] + cost
            if stamp[u] < now or (stamp[u] == now and total < distance[u] - 1e-9):
                distance[u], before[u], stamp[u] = total, v, now
                ux, uy = q % columns, q // columns
                dx, dy = max(0, x0 - ux, ux - x1), max(0, y0 - uy, uy - y1)
                if count + 1 >= capacity:
                    capacity *= 2
                    keys, cells = grown(keys, count, capacity), grown(cells, count, capacity)
                sift_up(keys, cells, count, total + max(dx, dy) + 0.41421 * min(dx, dy), u)
                count += 1
    return -1


@compiled
def owner_or_neck(c: Any, u: int) -> bool:
    """Is cell u in a pad of the net, or open to its track or neck?"""
    return bool(c.owner[u] == c.net or c.neck_owner[u] == c.net)


@compiled
def grown(old: Any, count: int, capacity: int) -> Any:
    """A longer copy of an array."""
    new = np.empty(capacity, old.dtype)
    new[:count] = old[:count]
    return new


@compiled
def direction(dx: int, dy: int) -> int:
    """Which of the eight directions a step of one cell goes."""
    if dy == 0:
        return 0 if dx > 0 else 4
    if dy > 0:
        return 2 - (1 if dx > 0 else 0) + (1 if dx < 0 else 0)
    return 6 + (1 if dx > 0 else 0) - (1 if dx < 0 else 0)


@compiled
def walk(c: Any, a: int, b: int, diagonal_first: bool, out: Any) -> tuple[float, int, int, int]:
    """Cells from a (without it) to b in one diagonal and one straight line: cost, count, first and last direction."""
    area = c.rows * c.columns
    layer = a // area
    x, y = a % c.columns, (a % area) // c.columns
    dx, dy = b % c.columns - x, (b % area) // c.columns - y
    sx, sy = (dx > 0) - (dx < 0), (dy > 0) - (dy < 0)
    slant, length = min(abs(dx), abs(dy)), max(abs(dx), abs(dy))
    cost, first, last = 0.0, -1, -1
    for n in range(length):
        if (n < slant) if diagonal_first else (n >= length - slant):
            mx, my = sx, sy
        elif abs(dx) > abs(dy):
            mx, my = sx, 0
        else:
            mx, my = 0, sy
        x, y = x + mx, y + my
        u = layer * area + y * c.columns + x
        here, _ = cell_cost(c, u)
        if here >= WALL:
            return WALL, 0, -1, -1
        way = direction(mx, my)
        cost += here * (1.41421 if mx != 0 and my != 0 else 1.0)
        if last >= 0:
            turned = abs(way - last)
            cost += TURN_COST[min(turned, 8 - turned)]
        else:
            first = way
        last = way
        out[n] = u
    return cost, length, first, last


@compiled
def straighten(c: Any, path: Any) -> Any:
    """The path with fewer corners: wherever one corner does, at no higher cost, it replaces what was there."""
    n = len(path)
    area = c.rows * c.columns
    costs = np.zeros(n)
    ways = np.full(n, -1, np.int64)
    for i in range(1, n):
        u, v = path[i], path[i - 1]
        costs[i] = costs[i - 1]
        if u // area != v // area:
            continue
        ways[i] = direction(u % c.columns - v % c.columns, (u % area) // c.columns - (v % area) // c.columns)
        costs[i] += cell_cost(c, u)[0] * (1.41421 if ways[i] % 2 == 1 else 1.0)
        if ways[i - 1] >= 0 and ways[i - 1] != ways[i]:
            turned = abs(ways[i] - ways[i - 1])
            costs[i] += TURN_COST[min(turned, 8 - turned)]
    out, count = np.empty(n + 1, np.int64), 1
    out[0] = path[0]
    one, other = np.empty(c.rows + c.columns, np.int64), np.empty(c.rows + c.columns, np.int64)
    i, came = 0, -1
    while i < n - 1:
        end = i
        while end + 1 < n and path[end + 1] // area == path[i] // area:
            end += 1
        done = False
        for j in range(end, i + 1, -1):
            if j < n - 1 and j != end and ways[j] == ways[j + 1]:
                continue  # only corners and ends are worth reaching
            old = costs[j] - costs[i]
            if j < end:
                turned = abs(ways[j + 1] - ways[j])
                old += TURN_COST[min(turned, 8 - turned)]
            best, length, last = old + 1e-6, 0, -1
            use_other = False
            for diagonal in (True, False):
                buffer = other if diagonal else one
                cost, steps, begin, way = walk(c, path[i], path[j], diagonal, buffer)
                if cost >= WALL:
                    continue
                if came >= 0:
                    turned = abs(begin - came)
                    cost += TURN_COST[min(turned, 8 - turned)]
                if j < end:
                    turned = abs(ways[j + 1] - way)
                    cost += TURN_COST[min(turned, 8 - turned)]
                if cost <= best:
                    best, length, last, use_other = cost, steps, way, diagonal
            if length > 0:
                for t in range(length):
                    out[count] = other[t] if use_other else one[t]
                    count += 1
                i, came, done = j, last, True
                break
        if not done:
            i += 1
            out[count] = path[i]
            count += 1
            came = ways[i]
    return out[:count].copy()


@compiled
def stamp_disc(
    target: Any,
    cells: Any,
    radius: float,
    rows: int,
    columns: int,
    layers: int,
    add: float,
    mark: Any,
    now: int,
) -> None:
    """Add `add` once to every cell closer than `radius` cells to one of `cells`.

    `layers` 0: on the cell's own layer; 1: target has one layer; 2: on both layers.
    """
    area = rows * columns
    reach = math.ceil(radius)
    limit = radius * radius - 1e-9
    for v in cells:
        layer, r = v // area, v % area
        x, y = r % columns, r // columns
        for dy in range(-reach, reach + 1):
            ny = y + dy
            if ny < 0 or ny >= rows:
                continue
            for dx in range(-reach, reach + 1):
                nx = x + dx
                if nx < 0 or nx >= columns or dx * dx + dy * dy >= limit:
                    continue
                q = ny * columns + nx
                if layers == 0:
                    u = layer * area + q
                    if mark[u] != now:
                        mark[u] = now
                        target[u] += add
                else:
                    for where in range(layers):
                        u = where * area + q
                        if mark[u] != now:
                            mark[u] = now
                            target[u] += add
