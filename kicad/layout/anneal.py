"""The compiled inner loop of the placer."""

# ruff: noqa: PLR0912, PLR0915 - one compiled loop, kept in one piece for its speed
from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

STEP = 0.25  # mm
COOLEST = 0.0005  # of the start temperature
NEAR_SLOPE, NEAR_STEP = 4.0, 6.0  # cost of a millimetre over a near-term's limit, and of being over at all
GROUP_PULL, CENTRE_PULL = 0.15, 0.03


@numba.njit(cache=True)
def _net_cost(
    n: int, x: Any, y: Any, k: Any, pads: Any, owner: Any, start: Any, members: Any, weight: Any
) -> float:
    lowx, highx, lowy, highy = 1e9, -1e9, 1e9, -1e9
    for t in range(start[n], start[n + 1]):
        p = members[t]
        i = owner[p]
        px = x[i] + pads[p, k[i], 0]
        py = y[i] + pads[p, k[i], 1]
        lowx, highx = min(lowx, px), max(highx, px)
        lowy, highy = min(lowy, py), max(highy, py)
    return weight[n] * (highx - lowx + highy - lowy)


@numba.njit(cache=True)
def _near_cost(a: int, b: int, limit: float, x: Any, y: Any, k: Any, pads: Any, owner: Any) -> float:
    i, j = owner[a], owner[b]
    dx = x[i] + pads[a, k[i], 0] - x[j] - pads[b, k[j], 0]
    dy = y[i] + pads[a, k[i], 1] - y[j] - pads[b, k[j], 1]
    d = math.sqrt(dx * dx + dy * dy)
    over = d - 0.9 * limit
    return 0.7 * d + (NEAR_SLOPE * over + NEAR_STEP if over > 0 else 0.0)


@numba.njit(cache=True)
def _overlap(i: int, x: Any, y: Any, k: Any, box: Any, edge: Any, limits: Any, skip: int) -> float:
    """What is illegal about part i: overlap, off the board, off its edge; 0 when legal."""
    left, top = x[i] + box[i, k[i], 0], y[i] + box[i, k[i], 1]
    right, bottom = x[i] + box[i, k[i], 2], y[i] + box[i, k[i], 3]
    margin = limits[2]
    ml = mt = mr = mb = margin
    off = 0.0
    if edge[i] == 1:
        ml, off = 0.0, abs(left)
    elif edge[i] == 2:
        mt, off = 0.0, abs(top)
    elif edge[i] == 3:
        mr, off = 0.0, abs(limits[0] - right)
    elif edge[i] == 4:
        mb, off = 0.0, abs(limits[1] - bottom)
    out = (
        max(0.0, ml - left)
        + max(0.0, mt - top)
        + max(0.0, right - limits[0] + mr)
        + max(0.0, bottom - limits[1] + mb)
    )
    bad = 3.0 * max(0.0, off - STEP) + 4.0 * max(0.0, out - 1e-6)
    for j in range(len(x)):
        if j == i or j == skip:
            continue
        dx = min(right, x[j] + box[j, k[j], 2]) - max(left, x[j] + box[j, k[j], 0])
        dy = min(bottom, y[j] + box[j, k[j], 3]) - max(top, y[j] + box[j, k[j], 1])
        if dx > 1e-6 and dy > 1e-6:
            bad += 2.0 * dx * dy + 3.0 * min(dx, dy)
    return bad


@numba.njit(cache=True)
def _soft(i: int, x: Any, y: Any, k: Any, count: int, edge: Any, box: Any, group: Any, limits: Any) -> float:
    """Edge parts towards the middle of their edge, the others towards the middle of the board and their group."""
    cost = 0.0
    mx = x[i] + (box[i, k[i], 0] + box[i, k[i], 2]) / 2 - limits[0] / 2
    my = y[i] + (box[i, k[i], 1] + box[i, k[i], 3]) / 2 - limits[1] / 2
    if edge[i] == 0:
        cost += CENTRE_PULL * (abs(mx) + abs(my))
    elif edge[i] % 2 == 1:
        cost += 4 * CENTRE_PULL * abs(my)
    else:
        cost += 4 * CENTRE_PULL * abs(mx)
    if group[i] >= 0:
        for j in range(count):
            if group[j] == group[i]:
                cost += GROUP_PULL * (abs(x[i] - x[j]) + abs(y[i] - y[j]))
    return cost


@numba.njit(cache=True)
def _local(
    i: int, j: int, x: Any, y: Any, k: Any, count: int, box: Any, edge: Any, pads: Any, owner: Any, start: Any,
    members: Any, weight: Any, near_a: Any, near_b: Any, near_limit: Any, group: Any, limits: Any, net_of: Any,
) -> tuple[float, float]:  # fmt: skip
    """Cost and illegality of all that moves with part i, and with part j unless it is -1."""
    cost = _soft(i, x, y, k, count, edge, box, group, limits)
    bad = _overlap(i, x, y, k, box, edge, limits, -1)
    if j >= 0:
        cost += _soft(j, x, y, k, count, edge, box, group, limits)
        bad += _overlap(j, x, y, k, box, edge, limits, i)
    for n in range(len(start) - 1):
        if net_of[i, n] or (j >= 0 and net_of[j, n]):
            cost += _net_cost(n, x, y, k, pads, owner, start, members, weight)
    for m in range(len(near_a)):
        a, b = owner[near_a[m]], owner[near_b[m]]
        if i in (a, b) or (j >= 0 and j in (a, b)):
            cost += _near_cost(near_a[m], near_b[m], near_limit[m], x, y, k, pads, owner)
    return cost, bad


@numba.njit(cache=True)
def anneal(
    seed: int, steps: int, temperature: float, x: Any, y: Any, k: Any, count: int, box: Any, allowed: Any, edge: Any,
    pads: Any, owner: Any, start: Any, members: Any, weight: Any, near_a: Any, near_b: Any, near_limit: Any,
    group: Any, limits: Any,
) -> tuple[float, Any, Any, Any]:  # fmt: skip
    """Anneal in place; returns (cost, x, y, k) of the cheapest legal state, cost infinite when there was none."""
    np.random.seed(seed)
    nets, nears = len(start) - 1, len(near_a)
    net_of = np.zeros((count, nets), np.bool_)
    for n in range(nets):
        for t in range(start[n], start[n + 1]):
            net_of[owner[members[t]], n] = True
    best = np.inf
    bx, by, bk = x.copy(), y.copy(), k.copy()
    cost = 0.0
    for n in range(nets):
        cost += _net_cost(n, x, y, k, pads, owner, start, members, weight)
    for m in range(nears):
        cost += _near_cost(near_a[m], near_b[m], near_limit[m], x, y, k, pads, owner)
    for i in range(count):
        cost += _soft(i, x, y, k, count, edge, box, group, limits)
    span = max(limits[0], limits[1])
    for step in range(steps):
        f = step / steps
        heat = temperature * COOLEST**f
        weigh = 1.0 + 30.0 * f
        i = np.random.randint(count)
        j = -1
        u = np.random.random()
        if u > 0.88:
            j = np.random.randint(count)
            if j == i or edge[i] != edge[j]:
                continue
        old, before = _local(
            i,
            j,
            x,
            y,
            k,
            count,
            box,
            edge,
            pads,
            owner,
            start,
            members,
            weight,
            near_a,
            near_b,
            near_limit,
            group,
            limits,
            net_of,
        )
        ox, oy, ok = x[i], y[i], k[i]
        if j >= 0:
            x[i], x[j] = x[j], x[i]
            y[i], y[j] = y[j], y[i]
        else:
            if u < 0.25:
                turn = np.random.randint(4)
                if not allowed[i, turn]:
                    turn = k[i]
                k[i] = turn
            reach = max(0.6, (1 - f) * (1 - f) * span * 0.5)
            x[i] = round((x[i] + np.random.normal() * reach) / STEP) * STEP
            y[i] = round((y[i] + np.random.normal() * reach) / STEP) * STEP
            if edge[i] == 1:  # an edge part moves along its edge
                x[i] = math.ceil(-box[i, k[i], 0] / 0.05) * 0.05
            elif edge[i] == 2:
                y[i] = math.ceil(-box[i, k[i], 1] / 0.05) * 0.05
            elif edge[i] == 3:
                x[i] = math.floor((limits[0] - box[i, k[i], 2]) / 0.05) * 0.05
            elif edge[i] == 4:
                y[i] = math.floor((limits[1] - box[i, k[i], 3]) / 0.05) * 0.05
            x[i] = min(max(x[i], 0.0), limits[0])
            y[i] = min(max(y[i], 0.0), limits[1])
        new, after = _local(
            i,
            j,
            x,
            y,
            k,
            count,
            box,
            edge,
            pads,
            owner,
            start,
            members,
            weight,
            near_a,
            near_b,
            near_limit,
            group,
            limits,
            net_of,
        )
        rise = new - old + weigh * (after - before)
        if rise < 0 or np.random.random() < math.exp(-rise / heat):
            cost += new - old
            if after < 1e-6 and f > 0.4 and cost < best - 1e-9:
                legal = True
                for p in range(count):
                    if _overlap(p, x, y, k, box, edge, limits, -1) > 1e-6:
                        legal = False
                        break
                if legal:
                    best = cost
                    bx[:] = x
                    by[:] = y
                    bk[:] = k
        elif j >= 0:
            x[i], x[j] = x[j], x[i]
            y[i], y[j] = y[j], y[i]
        else:
            x[i], y[i], k[i] = ox, oy, ok
    return best, bx, by, bk
