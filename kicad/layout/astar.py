# ruff: noqa: PLR0912, PLR0915 - the search is one loop, for speed
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
def track_cost(
    owner: Any,
    neck_owner: Any,
    taken: Any,
    neck_taken: Any,
    extra: float,
    present: float,
    net: int,
    bits: int,
    u: int,
) -> float:
    """Cost of a track's or a neck's middle at cell u, whichever is cheaper; `extra` is the cell's history."""
    cost = WALL
    if owner[u] == -1 or owner[u] == net:
        cost = 1.0 + extra + present * taken[u]
    if bits & 1 and (neck_owner[u] == -1 or neck_owner[u] == net):
        cost = min(cost, NECK_COST * (1.0 + extra + present * neck_taken[u]))
    return cost


@compiled
def octile(x: int, y: int, box: Any) -> float:
    """The shortest way in eight directions from a cell to a box."""
    dx, dy = max(0, box[0] - x, x - box[2]), max(0, box[1] - y, y - box[3])
    return float(max(dx, dy) + 0.41421 * min(dx, dy))


@compiled
def push(keys: Any, cells: Any, count: int, key: float, cell: int) -> tuple[Any, Any]:
    """Put an entry into the heap; the arrays grow when they are full."""
    if count + 1 >= len(keys):
        longer, more = np.empty(2 * len(keys)), np.empty(2 * len(keys), np.int64)
        longer[:count], more[:count] = keys[:count], cells[:count]
        keys, cells = longer, more
    sift_up(keys, cells, count, key, cell)
    return keys, cells


@compiled
def search(
    c: Any, sources: Any, is_target: Any, box: Any, distance: Any, before: Any, stamp: Any, now: int
) -> int:
    """A* from the sources towards `box` (columns and rows) until any target cell; -1: there is no way.

    `distance`, `before` and `stamp` are work arrays; `now` and `now` + 1 are stamps not used before.
    """
    columns, rows, area = c.columns, c.rows, c.rows * c.columns
    owner, neck_owner, permits = c.owner, c.neck_owner, c.permits
    taken, neck_taken, history, present, net = c.taken, c.neck_taken, c.history, c.present, c.net
    via_owner, through, via_taken, via_cost = c.via_owner, c.through, c.via_taken, c.via_cost
    layer_cost = c.layer_cost
    keys, cells, count = np.empty(1 << 15), np.empty(1 << 15, np.int64), 0
    for v in sources:
        distance[v], before[v], stamp[v] = 0.0, -1, now
        keys, cells = push(keys, cells, count, octile(v % columns, (v % area) // columns, box), v)
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
            q, u = r, (1 - layer) * area + r
            if m < 8:
                nx, ny = x + _DX[m], y + _DY[m]
                if nx < 0 or ny < 0 or nx >= columns or ny >= rows:
                    continue
                q = ny * columns + nx
                u = layer * area + q
                bits = permits[q]
                if bits & 2:
                    continue
                cost = track_cost(owner, neck_owner, taken, neck_taken, history[u], present, net, bits, u)
                cost *= layer_cost[layer] * (1.0 if m % 2 == 0 else 1.41421)
                if came >= 0:
                    cost += turn_cost(m, came)
            else:
                bits = permits[r]
                cost = track_cost(owner, neck_owner, taken, neck_taken, history[u], present, net, bits, u)
                if cost < WALL and through[r] == 1:
                    cost = 0.1
                elif cost < WALL and bits & 6 == 0 and (via_owner[r] == -1 or via_owner[r] == net):
                    cost = via_cost * (1.0 + present * via_taken[r]) + history[u] * 4
                else:
                    continue
            if cost >= WALL:
                continue
            total = distance[v] + cost
            if stamp[u] < now or (stamp[u] == now and total < distance[u] - 1e-9):
                distance[u], before[u], stamp[u] = total, v, now
                keys, cells = push(keys, cells, count, total + octile(q % columns, q // columns, box), u)
                count += 1
    return -1


@compiled
def turn_cost(way: int, came: int) -> float:
    """Cost of a corner between two directions."""
    turned = abs(way - came)
    return float(TURN_COST[min(turned, 8 - turned)])


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
    """Cells from a (without it) to b, diagonal and straight: cost, count, first and last direction."""
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
            cost += turn_cost(way, last)
        else:
            first = way
        last = way
        out[n] = u
    return cost, length, first, last


@compiled
def path_costs(c: Any, path: Any) -> tuple[Any, Any]:
    """For each cell of a path its cost from the start, corners included, and the direction that led there."""
    n, area = len(path), c.rows * c.columns
    costs, ways = np.zeros(n), np.full(n, -1, np.int64)
    for i in range(1, n):
        u, v = path[i], path[i - 1]
        costs[i] = costs[i - 1]
        if u // area != v // area:
            continue
        ways[i] = direction(u % c.columns - v % c.columns, (u % area) // c.columns - (v % area) // c.columns)
        costs[i] += cell_cost(c, u)[0] * (1.41421 if ways[i] % 2 == 1 else 1.0)
        if ways[i - 1] >= 0:
            costs[i] += turn_cost(ways[i], ways[i - 1])
    return costs, ways


@compiled
def shortcut(
    c: Any, path: Any, costs: Any, ways: Any, i: int, j: int, end: int, came: int, out: Any, spare: Any
) -> tuple[int, int]:
    """The best way with one corner from path[i] to path[j] into `out`: its length (0: none) and direction.

    It must not cost more than the path does; `end` is the last cell of the path on this layer.
    """
    best, length, last = costs[j] - costs[i] + 1e-6, 0, -1
    if j < end:
        best += turn_cost(ways[j + 1], ways[j])
    for diagonal in (True, False):
        cost, steps, begin, way = walk(c, path[i], path[j], diagonal, spare)
        if cost >= WALL:
            continue
        if came >= 0:
            cost += turn_cost(begin, came)
        if j < end:
            cost += turn_cost(ways[j + 1], way)
        if cost <= best:
            best, length, last = cost, steps, way
            out[:steps] = spare[:steps]
    return length, last


@compiled
def straighten(c: Any, path: Any) -> Any:
    """The path with fewer corners: where one corner does, at no higher cost, it replaces what was there."""
    n, area = len(path), c.rows * c.columns
    costs, ways = path_costs(c, path)
    out, count = np.empty(n + 1, np.int64), 1
    found, spare = np.empty(c.rows + c.columns, np.int64), np.empty(c.rows + c.columns, np.int64)
    out[0] = path[0]
    i, came = 0, -1
    while i < n - 1:
        end = i
        while end + 1 < n and path[end + 1] // area == path[i] // area:
            end += 1
        length = 0
        for j in range(end, i + 1, -1):
            if j < end and ways[j] == ways[j + 1]:
                continue  # only corners and ends are worth reaching
            length, last = shortcut(c, path, costs, ways, i, j, end, came, found, spare)
            if length > 0:
                out[count : count + length] = found[:length]
                count += length
                i, came = j, last
                break
        if length == 0:
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
