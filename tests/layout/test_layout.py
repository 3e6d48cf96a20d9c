"""Layouts of the committed boards, held to their rules by an independent judge."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from judge import Judge

from kicad.layout import LayoutError, layout
from kicad.layout.bench import board_names, load_board, measure
from kicad.shapes import Geometry, Layout


@pytest.fixture(scope="session")
def laid() -> dict[str, tuple[Geometry, Layout]]:
    """Every committed board with its layout; tests change copies."""
    return {name: (geometry := load_board(name), layout(geometry)) for name in board_names()}


@pytest.mark.parametrize("name", board_names())
def test_a_layout_keeps_every_rule(name: str, laid: dict[str, tuple[Geometry, Layout]]) -> None:
    assert Judge(*laid[name]).faults() == {}


@pytest.mark.parametrize("name", board_names())
def test_connectors_stand_on_their_edge(name: str, laid: dict[str, tuple[Geometry, Layout]]) -> None:
    assert measure(*laid[name])["edge_mm"] <= 0.5


def test_decoupling_is_close(laid: dict[str, tuple[Geometry, Layout]]) -> None:
    assert 0 < measure(*laid["blinker"])["near_5_mm"] <= 3.2


def test_a_given_size_is_kept_exactly(laid: dict[str, tuple[Geometry, Layout]]) -> None:
    for geometry, result in laid.values():
        if geometry["size_mm"] is not None:
            assert result["size_mm"] == tuple(geometry["size_mm"])


def test_a_free_size_is_whole_and_comfortable(laid: dict[str, tuple[Geometry, Layout]]) -> None:
    for name in ("blinker_free", "regulator"):
        result = laid[name][1]
        assert all(float(side).is_integer() for side in result["size_mm"])
        assert 0.3 <= result["figures"]["area_use"] <= 0.55


def test_every_part_and_label_is_written_once(laid: dict[str, tuple[Geometry, Layout]]) -> None:
    for geometry, result in laid.values():
        wanted = sorted(
            [p["ref"] for p in geometry["parts"]] + [label["text"] for label in geometry["labels"]]
        )
        assert sorted(text["text"] for text in result["texts"]) == wanted


def test_a_label_stands_nearest_to_its_own_pin(laid: dict[str, tuple[Geometry, Layout]]) -> None:
    geometry, result = laid["switch"]
    judge = Judge(geometry, result)
    where = {text["text"]: text["at"] for text in result["texts"]}
    for label in geometry["labels"]:
        x, y = where[label["text"]]
        far = {
            other["pin"][1]: judge.pads[other["pin"][0], other["pin"][1]].centroid
            for other in geometry["labels"]
        }
        nearest = min(far, key=lambda pin: (far[pin].x - x) ** 2 + (far[pin].y - y) ** 2)
        assert nearest == label["pin"][1]


def test_an_opening_faces_out(laid: dict[str, tuple[Geometry, Layout]]) -> None:
    geometry, result = laid["mixed"]
    wanted = {"left": 180, "right": 0, "top": 90, "bottom": 270}
    parts = {part["ref"]: part for part in geometry["parts"]}
    turned = {placement["ref"]: placement["rotation"] for placement in result["placements"]}
    facing = [edge for edge in geometry["edges"] if parts[edge["ref"]]["pin1_out"] >= 0]
    assert facing
    for edge in facing:
        angle = parts[edge["ref"]]["pin1_out"] + turned[edge["ref"]]
        assert angle % 360 == wanted[edge["side"]]


def test_wide_nets_are_wide(laid: dict[str, tuple[Geometry, Layout]]) -> None:
    geometry, result = laid["switch"]
    rule = geometry["rules"]["nets"]["LOAD"]
    tracks = [track for track in result["tracks"] if track["net"] == "LOAD"]
    assert rule["width_mm"] >= 1.0
    assert max(track["width_mm"] for track in tracks) == rule["width_mm"]


def test_holes_keep_everything_away(laid: dict[str, tuple[Geometry, Layout]]) -> None:
    geometry, result = laid["mixed"]
    assert len(result["holes"]) == len(geometry["holes"]) == 2
    assert result["holes"][0]["x"] < 10 > result["holes"][0]["y"]


def test_the_same_seed_gives_the_same_layout(laid: dict[str, tuple[Geometry, Layout]]) -> None:
    again = layout(load_board("switch"))
    first = copy.deepcopy(laid["switch"][1])
    for result in (again, first):
        del result["figures"]["cpu_s"]
    assert again == first


def test_a_layout_is_plain_json(laid: dict[str, tuple[Geometry, Layout]]) -> None:
    for _, result in laid.values():
        assert json.loads(json.dumps(result)) == json.loads(json.dumps(result, default=_refuse))


def _refuse(value: object) -> Any:
    raise TypeError(f"{value!r} is no JSON")


@pytest.mark.parametrize("size", [(1.0, 1.0), (12.0, 10.0)])
def test_an_impossible_size_is_refused_with_the_needed_one(size: tuple[float, float]) -> None:
    geometry = load_board("blinker") | {"size_mm": size}
    with pytest.raises(LayoutError) as refused:
        layout(geometry)  # type: ignore[arg-type]
    assert refused.value.code == "BOARD_TOO_SMALL"
    assert "mm" in refused.value.required
    assert refused.value.fix


def test_parts_keep_out_of_a_keepout() -> None:
    geometry = load_board("blinker")
    geometry["keepouts"] = [{"ref": "D1", "margin_mm": 3.0, "what": ["parts", "copper", "vias"]}]
    result = layout(geometry)
    judge = Judge(geometry, result)
    assert judge.faults() == {}
    lamp = next(part for part in geometry["parts"] if part["ref"] == "D1")
    own = {pad["net"] for pad in lamp["pads"]}
    area = judge.pads["D1", "1"].union(judge.pads["D1", "2"]).buffer(3.0)
    assert [name for _, net, shape, name in judge.copper if net not in own and shape.intersects(area)] == []


def test_a_net_without_a_way_is_named() -> None:
    geometry = load_board("led")
    geometry["rules"]["nets"]["VCC"]["clearance_mm"] = 4.0
    with pytest.raises(LayoutError) as refused:
        layout(geometry, cpu_budget_s=1.0)
    assert refused.value.code == "UNROUTABLE"
    assert refused.value.place


def test_the_judge_sees_planted_faults(laid: dict[str, tuple[Geometry, Layout]]) -> None:
    geometry, good = laid["blinker"]
    tracks = good["tracks"]
    signal = next(i for i, track in enumerate(tracks) if track["net"] not in ("GND",))
    cut = copy.deepcopy(good)
    del cut["tracks"][signal]
    assert "connections" in Judge(geometry, cut).faults()
    short = copy.deepcopy(good)
    short["tracks"][signal]["net"] = "GND"
    assert "clearance" in Judge(geometry, short).faults()
    pushed = copy.deepcopy(good)
    pushed["placements"][0]["x"] = -1.0
    assert {"courtyards", "edges"} <= set(Judge(geometry, pushed).faults())
    line = {"net": "GND", "layer": "front", "width_mm": 0.25}
    stub = copy.deepcopy(good)
    stub["tracks"] += [
        line | {"start": (5.0, 28.0), "end": (9.0, 28.0)},
        line | {"start": (7.0, 28.0), "end": (7.1, 28.0)},
    ]  # type: ignore[list-item]
    assert "stubs" in Judge(geometry, stub).faults()
    written = copy.deepcopy(good)
    written["texts"][0]["at"] = written["texts"][1]["at"]
    assert "texts" in Judge(geometry, written).faults()
