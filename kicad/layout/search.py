"""The compiled search of the router: A* over a two-layer grid, and stamping of what a net occupies."""

# ruff: noqa: PLR0912, PLR0915 - compiled loops, kept in one piece for their speed
from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

FREE, BLOCKED = -1, -2  # owner of a cell; a net's number means that only this net may use it
THROUGH_PAD_COST = 0.1  # changing layers in an own plated hole
NECK_COST = 1.5  # a narrow cell of a wide net


@numba.njit(cache=True)
def _push(keys: Any, values: Any, size: int, key: float, value: int) -> int:
    i = size
    while i > 0:
        up = (i - 1) // 2
        if keys[up] <= key:
            break
        keys[i], values[i] = keys[up], values[up]
        i = up
    keys[i], values[i] = key, value
    return size + 1


@numba.njit(cache=True)
def _sink(keys: Any, values: Any, size: int) -> int:
    """Remove the first entry; returns the new size."""
    size -= 1
    key, value = keys[size], values[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i], values[i] = keys[child], values[child]
        i = child
    keys[i], values[i] = key, value
    return size


@numba.njit(cache=True)
def find_path(
    width: int, height: int, net: int, sources: Any, targets: Any, box: Any, owner: Any, via_owner: Any, through: Any,
    neck: Any, use: Any, via_use: Any, history: Any, present: float, via_cost: float, distance: Any, previous: Any,
    stamp: Any, now: int,
) -> int:  # fmt: skip
    """Cheapest way from the sources to any target; returns the target's cell or -1.

    Cells are numbered layer · width · height + y · width + x.  `box` bounds the targets (x0, y0, x1, y1) for the
    octile lower bound.  `stamp` marks cells as reached (now) and settled (now + 1); give `now + 2` next time.
    """
    plane = width * height
    capacity = 1 << 15
    keys, values = np.empty(capacity, np.float64), np.empty(capacity, np.int64)
    size = 0
    for s in range(len(sources)):
        v = sources[s]
        distance[v], previous[v], stamp[v] = 0.0, -1, now
        size = _push(keys, values, size, 0.0, v)
    while size > 0:
        v = values[0]
        size = _sink(keys, values, size)
        if stamp[v] == now + 1:
            continue
        stamp[v] = now + 1
        if targets[v]:
            return v
        layer, rest = v // plane, v % plane
        y, x = rest // width, rest % width
        for move in range(9):
            if move < 8:
                dx = (1, -1, 0, 0, 1, 1, -1, -1)[move]
                dy = (0, 0, 1, -1, 1, -1, 1, -1)[move]
                nx, ny = x + dx, y + dy
                if nx < 0 or ny < 0 or nx >= width or ny >= height:
                    continue
                u = layer * plane + ny * width + nx
                if owner[u] != FREE and owner[u] != net:
                    continue
                cost = 1.0 if move < 4 else 1.41421356
                if neck[u]:
                    cost *= NECK_COST
                cost *= 1.0 + history[u] + present * use[u]
            else:
                u = (1 - layer) * plane + rest
                if via_owner[rest] != FREE and via_owner[rest] != net:
                    continue
                if through[rest] == net:
                    cost = THROUGH_PAD_COST
                elif owner[u] != FREE and owner[u] != net:
                    continue
                else:
                    cost = via_cost * (1.0 + present * via_use[rest] + history[u])
            far = distance[v] + cost
            if stamp[u] < now or (stamp[u] == now and far < distance[u] - 1e-12):
                distance[u], previous[u], stamp[u] = far, v, now
                r = u % plane
                ux, uy = r % width, r // width
                gx = max(0, max(box[0] - ux, ux - box[2]))
                gy = max(0, max(box[1] - uy, uy - box[3]))
                bound = far + max(gx, gy) + 0.41421356 * min(gx, gy)
                if size + 1 >= capacity:
                    capacity *= 2
                    more_keys, more_values = np.empty(capacity, np.float64), np.empty(capacity, np.int64)
                    more_keys[:size], more_values[:size] = keys[:size], values[:size]
                    keys, values = more_keys, more_values
                size = _push(keys, values, size, bound, u)
    return -1


@numba.njit(cache=True)
def stamp_use(
    use: Any,
    cells: Any,
    radii: Any,
    width: int,
    height: int,
    both_layers: bool,
    sign: int,
    mark: Any,
    number: int,
) -> None:
    """Add `sign` once to every cell within its radius (in cells) of each of `cells`."""
    plane = width * height
    for c in range(len(cells)):
        layer, rest = cells[c] // plane, cells[c] % plane
        y, x = rest // width, rest % width
        radius = radii[c]
        reach = int(math.ceil(radius))
        for dy in range(-reach, reach + 1):
            if y + dy < 0 or y + dy >= height:
                continue
            for dx in range(-reach, reach + 1):
                if x + dx < 0 or x + dx >= width or dx * dx + dy * dy >= radius * radius - 1e-9:
                    continue
                place = (y + dy) * width + x + dx
                for other in range(2):
                    if both_layers or other == layer:
                        u = other * plane + place
                        if mark[u] != number:
                            mark[u] = number
                            use[u] += sign
