"""The layout's goals, measured on committed boards: complete, near what should be near, on its edge, fast."""

from __future__ import annotations

import json
import math
import statistics
import time
from pathlib import Path
from typing import Any, cast

from kicad.layout import layout
from kicad.layout.raster import PlacedPad, placed_pads
from kicad.layout.turn import placed_box
from kicad.shapes import Geometry, Layout

BOARDS = Path(__file__).parent / "boards"
QUICK = ("led", "blinker", "regulator", "switch")
BLINKER_CPU_S = 2.0
ROUNDS = 3  # of the board with a goal for its time: the machine is noisy, the median is told
NEAR_5_MM = 3.2  # between the middles of pads, where the limit is 5 mm
EDGE_MM = 0.5


def board_names() -> list[str]:
    """The benchmark's boards."""
    return sorted(path.stem for path in BOARDS.glob("*.json"))


def load_board(name: str) -> Geometry:
    """One of the benchmark's geometries."""
    return cast(Geometry, json.loads((BOARDS / f"{name}.json").read_text(encoding="utf-8")))


def bench(quick: bool) -> dict[str, Any]:
    """Lay out the boards and hold them to the goals: {"goals": […], "raw": {board: figures}}.

    CPU seconds are taken after a first run, when the compiled code is in memory; the blinker's are the
    median of several.
    """
    raw: dict[str, Any] = {}
    layout(load_board("led"))
    for name in QUICK if quick else board_names():
        geometry = load_board(name)
        seconds = []
        for _ in range(
            ROUNDS if name == "blinker" else 1
        ):  # the same result each time: only the clock differs
            start = time.process_time()
            result = layout(geometry)
            seconds.append(time.process_time() - start)
        raw[name] = measure(geometry, result) | {"cpu_s": round(statistics.median(seconds), 3)}
    decoupling = max(figures["near_5_mm"] for figures in raw.values())
    edge = max(figures["edge_mm"] for figures in raw.values())
    goals = [
        _goal("blinker placed and routed", BLINKER_CPU_S, raw["blinker"]["cpu_s"], "CPU-s"),
        _goal("worst decoupling where the limit is 5 mm", NEAR_5_MM, decoupling, "mm"),
        _goal("connectors off their edge", EDGE_MM, edge, "mm"),
        _goal("boards laid out", len(raw), len(raw), "boards"),
    ]
    return {"goals": goals, "raw": raw}


def _goal(name: str, goal: float, measured: float, unit: str) -> dict[str, Any]:
    return {"name": name, "goal": goal, "measured": measured, "unit": unit, "met": measured <= goal}


def measure(geometry: Geometry, result: Layout) -> dict[str, float]:
    """Figures of a finished layout, in mm where nothing else is said."""
    pads: dict[tuple[str, str], list[PlacedPad]] = {}
    for pad in placed_pads(geometry, result["placements"]):
        pads.setdefault((pad.ref, pad.number), []).append(pad)
    near = [
        (limit["max_mm"], _between(pads[limit["a"][0], limit["a"][1]], pads[limit["b"][0], limit["b"][1]]))
        for limit in geometry["near"]
    ]
    placements = {placement["ref"]: placement for placement in result["placements"]}
    width, height = result["size_mm"]
    edges = []
    for edge in geometry["edges"]:
        part = next(part for part in geometry["parts"] if part["ref"] == edge["ref"])
        box = placed_box(part["courtyard"], placements[edge["ref"]])
        gaps = {
            "left": box["x0"],
            "top": box["y0"],
            "right": width - box["x1"],
            "bottom": height - box["y1"],
        }
        edges.append(min(gaps.values()) if edge["side"] == "any" else gaps[edge["side"]])
    return {
        "near_5_mm": round(max((distance for limit, distance in near if limit <= 5.0), default=0.0), 3),
        "edge_mm": round(max(edges, default=0.0), 3),
        "width_mm": width,
        "height_mm": height,
        **result["figures"],
    }


def _between(some: list[PlacedPad], others: list[PlacedPad]) -> float:
    return min(math.dist(one.centre, other.centre) for one in some for other in others)
