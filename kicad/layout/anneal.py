"""The placer's inner loop: simulated annealing over positions, quarter turns and edge slots.

Kirkpatrick, Gelatt, Vecchi: Optimization by Simulated Annealing, Science 220 (1983).  A state is the middle
(x, y) of each courtyard in mm, its quarter turn k and, for parts on an edge, the side s (0 left, 1 right,
2 top, 3 bottom; -1 in the field).  Edge parts slide along their edge and never leave it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kicad.layout.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ALIGN_MM = 14.0  # parts closer than this gain by standing in one line
ALIGN_GAIN = 0.7  # as much as this many mm of wire
SLIDE = 0.4  # cost per mm that an edge part is off the middle of its edge
CENTRE = 0.15  # pull of each part in the field towards the board's middle
BALANCE = 0.8  # cost per mm that the parts in the field together are off the middle, for each of them
SWAPS = 0.15  # part of the moves that let two parts change places
CONNECTOR_STEP = 1.27  # half the pitch of pin headers


class Problem(NamedTuple):
    """A board to be placed, as arrays; the first `movable` parts may move, the rest are fixed boxes."""

    half: Floats  # (parts, 4, 2) half width and height by quarter turn
    reach: Floats  # (parts,) room for labels on the inner side of an edge part
    inset: Floats  # (parts,) from the edge to an edge part's courtyard
    lying: Floats  # (parts,) cost of standing at the top or the bottom
    header: Ints  # (parts,) 1 for parts on the connectors' grid
    pad_part: Ints  # (pads,)
    pad_at: Floats  # (pads, 4, 2) from the part's middle, by quarter turn
    net_first: Ints  # (nets + 1,) into net_pads
    net_pads: Ints
    net_weight: Floats
    part_net_first: Ints  # (parts + 1,) into part_nets
    part_nets: Ints
    near_a: Ints  # pads
    near_b: Ints
    near_goal: Floats  # mm
    near_weight: Floats
    part_near_first: Ints  # (parts + 1,) into part_nears
    part_nears: Ints
    gap: Floats  # (parts, parts) least distance of courtyards, mm
    slot_first: Ints  # (parts + 1,) into slot_turn and slot_side; no slots: a part of the field
    slot_turn: Ints
    slot_side: Ints
    movable: int
    width: float
    height: float
    margin: float  # of parts in the field to the edge
    step: float  # grid of the middles, from the board's middle


@compiled
def wire_span(first: Any, pads: Any, pad_part: Any, pad_at: Any, x: Any, y: Any, k: Any, net: int) -> float:
    """Half the perimeter of the box around the net's pads."""
    left, right, top, bottom = 1e9, -1e9, 1e9, -1e9
    for t in range(first[net], first[net + 1]):
        j = pads[t]
        i = pad_part[j]
        px = x[i] + pad_at[j, k[i], 0]
        py = y[i] + pad_at[j, k[i], 1]
        left, right = min(left, px), max(right, px)
        top, bottom = min(top, py), max(bottom, py)
    if right < left:
        return 0.0
    return float(right - left + bottom - top)


@compiled
def near_cost(p: Any, x: Any, y: Any, k: Any, m: int) -> float:
    """Distance of two pads that should be near, dear beyond the goal."""
    a, b = p.near_a[m], p.near_b[m]
    i, j = p.pad_part[a], p.pad_part[b]
    dx = x[i] + p.pad_at[a, k[i], 0] - x[j] - p.pad_at[b, k[j], 0]
    dy = y[i] + p.pad_at[a, k[i], 1] - y[j] - p.pad_at[b, k[j], 1]
    distance = math.sqrt(dx * dx + dy * dy)
    over = distance - p.near_goal[m]
    cost = distance if over <= 0 else distance + 4 * over + 4
    return float(p.near_weight[m] * cost)


@compiled
def balance_cost(movable: int, width: float, height: float, x: Any, y: Any, s: Any) -> float:
    """How far the parts in the field, taken together, are off the board's middle."""
    sx, sy, count = 0.0, 0.0, 0
    for i in range(movable):
        if s[i] < 0:
            sx += x[i]
            sy += y[i]
            count += 1
    return BALANCE * (abs(sx - count * width / 2) + abs(sy - count * height / 2))


@compiled
def box_of(
    half: Any, reach: Any, x: Any, y: Any, k: Any, s: Any, i: int
) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the room that part i takes, with its labels'."""
    w, h = half[i, k[i], 0], half[i, k[i], 1]
    left, top, right, bottom = x[i] - w, y[i] - h, x[i] + w, y[i] + h
    if s[i] == 0:
        right += reach[i]
    elif s[i] == 1:
        left -= reach[i]
    elif s[i] == 2:
        bottom += reach[i]
    elif s[i] == 3:
        top -= reach[i]
    return left, top, right, bottom


@compiled
def part_cost(p: Any, x: Any, y: Any, k: Any, s: Any, i: int, skip: int) -> tuple[float, float]:
    """Soft cost of part i alone, and how much it overlaps others (but `skip`) or the margin."""
    half, reach, gap = p.half, p.reach, p.gap
    movable = p.movable
    left, top, right, bottom = box_of(half, reach, x, y, k, s, i)
    soft, overlap = 0.0, 0.0
    cx, cy = p.width / 2, p.height / 2
    if s[i] < 0:
        overlap += 4 * (max(0.0, p.margin - left) + max(0.0, p.margin - top))
        overlap += 4 * (max(0.0, right - p.width + p.margin) + max(0.0, bottom - p.height + p.margin))
        soft += CENTRE * ((x[i] - cx) ** 2 / p.width + (y[i] - cy) ** 2 / p.height)
    else:
        overlap += 4 * (max(0.0, -left) + max(0.0, -top))
        overlap += 4 * (max(0.0, right - p.width) + max(0.0, bottom - p.height))
        soft += SLIDE * (abs(y[i] - cy) if s[i] < 2 else abs(x[i] - cx))
        if s[i] >= 2:
            soft += p.lying[i]
    for j in range(x.shape[0]):
        if j in (i, skip):
            continue
        l2, t2, r2, b2 = box_of(half, reach, x, y, k, s, j)
        g = gap[i, j]
        dx = min(right, r2 + g) - max(left, l2 - g)
        dy = min(bottom, b2 + g) - max(top, t2 - g)
        if dx > 1e-6 and dy > 1e-6:
            overlap += 2 * dx * dy + 3 * min(dx, dy)
        if j < movable:
            ax, ay = abs(x[i] - x[j]), abs(y[i] - y[j])
            if (ax < 1e-6 and ay < ALIGN_MM) or (ay < 1e-6 and ax < ALIGN_MM):
                soft -= ALIGN_GAIN
    return soft, overlap


@compiled
def cost_around(
    p: Any, x: Any, y: Any, k: Any, s: Any, i: int, j: int, mark: Any, stamp: int
) -> tuple[float, float]:
    """Soft cost and overlap of everything that moving part i (and j, if >= 0) can change."""
    first, pads, pad_part, pad_at, weight = p.net_first, p.net_pads, p.pad_part, p.pad_at, p.net_weight
    soft, overlap = part_cost(p, x, y, k, s, i, -1)
    soft += balance_cost(p.movable, p.width, p.height, x, y, s)
    if j >= 0:
        more, over = part_cost(p, x, y, k, s, j, i)
        soft += more
        overlap += over
    for one in (i, j):
        if one < 0:
            continue
        for t in range(p.part_net_first[one], p.part_net_first[one + 1]):
            net = p.part_nets[t]
            if mark[net] != stamp:
                mark[net] = stamp
                soft += weight[net] * wire_span(first, pads, pad_part, pad_at, x, y, k, net)
        for t in range(p.part_near_first[one], p.part_near_first[one + 1]):
            m = p.part_nears[t]
            if one == j and (p.pad_part[p.near_a[m]] == i or p.pad_part[p.near_b[m]] == i):
                continue
            soft += near_cost(p, x, y, k, m)
    return soft, overlap


@compiled
def settle(p: Any, x: Any, y: Any, k: Any, s: Any, i: int, snap: bool) -> None:
    """Put part i back on its edge or inside the board, and on the grid if `snap`."""
    w, h = p.half[i, k[i], 0], p.half[i, k[i], 1]
    step = CONNECTOR_STEP if p.header[i] == 1 else p.step
    cx, cy = p.width / 2, p.height / 2
    if snap:
        x[i] = cx + round((x[i] - cx) / step) * step
        y[i] = cy + round((y[i] - cy) / step) * step
    if s[i] == 0:
        x[i] = p.inset[i] + w
    elif s[i] == 1:
        x[i] = p.width - p.inset[i] - w
    elif s[i] == 2:
        y[i] = p.inset[i] + h
    elif s[i] == 3:
        y[i] = p.height - p.inset[i] - h
    else:
        x[i] = min(max(x[i], 0.0), p.width)
        y[i] = min(max(y[i], 0.0), p.height)


@compiled
def take_slot(p: Any, k: Any, s: Any, i: int) -> None:
    """A random turn, and for an edge part one of its slots."""
    first, last = p.slot_first[i], p.slot_first[i + 1]
    if last > first:
        slot = first + np.random.randint(last - first)
        k[i], s[i] = p.slot_turn[slot], p.slot_side[slot]
    else:
        k[i] = np.random.randint(4)


@compiled
def jump_near(p: Any, x: Any, y: Any, k: Any, i: int) -> None:
    """Put part i beside the pad that one of its pads should be near."""
    m = p.part_nears[
        p.part_near_first[i] + np.random.randint(p.part_near_first[i + 1] - p.part_near_first[i])
    ]
    a, b = p.near_a[m], p.near_b[m]
    if p.pad_part[a] != i:
        a, b = b, a
    other = p.pad_part[b]
    angle = np.random.random() * 2 * math.pi
    far = 1.0 + np.random.random() * p.near_goal[m]
    x[i] = x[other] + p.pad_at[b, k[other], 0] + far * math.cos(angle) - p.pad_at[a, k[i], 0]
    y[i] = y[other] + p.pad_at[b, k[other], 1] + far * math.sin(angle) - p.pad_at[a, k[i], 1]


@compiled
def propose(p: Any, x: Any, y: Any, k: Any, s: Any, i: int, reach: float) -> None:
    """Move or turn part i at random."""
    u = np.random.random()
    if u < 0.5:
        x[i] += np.random.normal() * reach
        y[i] += np.random.normal() * reach
    elif u < 0.62 and p.part_near_first[i + 1] > p.part_near_first[i]:
        if s[i] < 0:
            k[i] = np.random.randint(4)
        jump_near(p, x, y, k, i)
    elif u < 0.8:
        take_slot(p, k, s, i)
        if np.random.random() < 0.5:
            x[i] += np.random.normal()
            y[i] += np.random.normal()
    elif p.header[i] == 0:
        j = np.random.randint(p.movable)
        if np.random.random() < 0.5:
            x[i] = x[j]
            y[i] += np.random.normal() * reach * 0.3
        else:
            y[i] = y[j]
            x[i] += np.random.normal() * reach * 0.3
        settle(p, x, y, k, s, i, False)
        if s[i] < 0:  # only the free coordinate goes to the grid, the shared one stays shared
            if x[i] == x[j]:
                y[i] = p.height / 2 + round((y[i] - p.height / 2) / p.step) * p.step
            else:
                x[i] = p.width / 2 + round((x[i] - p.width / 2) / p.step) * p.step
        return
    settle(p, x, y, k, s, i, True)


@compiled
def total(p: Any, x: Any, y: Any, k: Any, s: Any) -> tuple[float, float]:
    """Soft cost and overlap of the whole board (pairs count twice in both)."""
    soft, overlap = 0.0, 0.0
    for net in range(p.net_weight.shape[0]):
        soft += p.net_weight[net] * wire_span(p.net_first, p.net_pads, p.pad_part, p.pad_at, x, y, k, net)
    soft += balance_cost(p.movable, p.width, p.height, x, y, s)
    for m in range(p.near_a.shape[0]):
        soft += near_cost(p, x, y, k, m)
    for i in range(p.movable):
        more, over = part_cost(p, x, y, k, s, i, -1)
        soft += more
        overlap += over
    return soft, overlap


@compiled
def anneal(
    p: Any, seed: int, moves: int, hot: float, x: Any, y: Any, k: Any, s: Any
) -> tuple[float, Any, Any, Any, Any]:
    """The best legal state seen in `moves` moves from the fixed parts' state x, y, k, s; cost 1e18: none.

    The overlap's weight rises while the temperature falls geometrically from `hot` to `hot` / 2000.
    """
    np.random.seed(seed)
    mark = np.zeros(p.net_weight.shape[0], np.int64)
    for i in range(p.movable):
        x[i] = np.random.random() * p.width
        y[i] = np.random.random() * p.height
        take_slot(p, k, s, i)
        settle(p, x, y, k, s, i, True)
    best, bx, by, bk, bs = 1e18, x.copy(), y.copy(), k.copy(), s.copy()
    stamp = 0
    for move in range(moves):
        part_of_way = move / moves
        heat = hot * 0.0005**part_of_way
        weight = 1 + 25 * part_of_way
        i = np.random.randint(p.movable)
        ox, oy, ok, os = x[i], y[i], k[i], s[i]
        ox2, oy2 = 0.0, 0.0
        reach = max(0.5, (1 - part_of_way) ** 2 * max(p.width, p.height) * 0.5)
        j = np.random.randint(p.movable) if np.random.random() < SWAPS else -1
        if j == i or (j >= 0 and (s[i] >= 0 or s[j] >= 0)):
            j = -1
        before, over_before = cost_around(p, x, y, k, s, i, j, mark, stamp + 1)
        if j >= 0:
            ox2, oy2 = x[j], y[j]
            x[i], x[j] = x[j], x[i]
            y[i], y[j] = y[j], y[i]
        else:
            propose(p, x, y, k, s, i, reach)
        after, over_after = cost_around(p, x, y, k, s, i, j, mark, stamp + 2)
        stamp += 2
        change = after - before + weight * (over_after - over_before)
        if change < 0 or np.random.random() < math.exp(-change / heat):
            if part_of_way > 0.5 and over_after < 1e-6 and (change < 0 or move % 8 == 0):
                soft, overlap = total(p, x, y, k, s)
                if overlap < 1e-6 and soft < best:
                    best = soft
                    bx[:], by[:], bk[:], bs[:] = x, y, k, s
        else:
            k[i], s[i] = ok, os
            x[i], y[i] = ox, oy
            if j >= 0:
                x[j], y[j] = ox2, oy2
    return best, bx, by, bk, bs
