"""Every fault that can be planted into a good board is named by its own code, and a good one by none."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
import samples

from kicad.checks import check_board, feedback
from kicad.checks.copper import check_copper
from kicad.checks.layout import check_layout
from kicad.checks.widths import width_for
from kicad.shapes import Board, BoardText, Requirement

if TYPE_CHECKING:
    from conftest import Built

Fault = Callable[[Board], None]


def failed(requirement: Requirement, built: Built, board: Board) -> set[str]:
    checks = check_layout(requirement, built.intent, board) + check_copper(built.intent, board)
    return {check["code"] for check in checks if not check["passed"]}


def _pad_at(board: Board, ref: str, number: str) -> tuple[float, float]:
    return next(pad["at"] for pad in board["pads"] if (pad["ref"], pad["number"]) == (ref, number))


def cut(net: str) -> Fault:
    def fault(board: Board) -> None:
        board["tracks"] = [track for track in board["tracks"] if track["net"] != net]

    return fault


def bridge(one: tuple[str, str], other: tuple[str, str]) -> Fault:
    def fault(board: Board) -> None:
        start, end = _pad_at(board, *one), _pad_at(board, *other)
        # The net's name is that of the first pad: geometry must find the short without it.
        net = next(pad["net"] for pad in board["pads"] if (pad["ref"], pad["number"]) == one)
        board["tracks"].append({"net": net, "layer": "front", "width_mm": 0.25, "start": start, "end": end})

    return fault


def stray(board: Board) -> None:
    board["zones"] = []
    x = board["size_mm"][0] - 0.6
    board["tracks"].append(
        {"net": "GND", "layer": "back", "width_mm": 0.25, "start": (x, 0.6), "end": (x, 1.2)}
    )


def thin(net: str, width: float) -> Fault:
    def fault(board: Board) -> None:
        for track in board["tracks"]:
            if track["net"] == net:
                track["width_mm"] = width

    return fault


def far(ref: str, by: float) -> Fault:
    def fault(board: Board) -> None:
        for pad in board["pads"]:
            if pad["ref"] == ref:
                pad["at"] = (pad["at"][0] + by, pad["at"][1])
                pad["polygons"] = {
                    side: [(x + by, y) for x, y in ring] for side, ring in pad["polygons"].items()
                }

    return fault


def _text(board: Board, text: str) -> BoardText:
    return next(each for each in board["texts"] if each["text"] == text and "Silk" in each["layer"])


def text_to(text: str, where: Callable[[Board], tuple[float, float]]) -> Fault:
    def fault(board: Board) -> None:
        x, y = where(board)
        _text(board, text)["box"] = {"x0": x - 1, "y0": y - 0.5, "x1": x + 1, "y1": y + 0.5}

    return fault


def exchange_labels(one: str, other: str) -> Fault:
    def fault(board: Board) -> None:
        first, second = _text(board, one), _text(board, other)
        first["box"], second["box"] = second["box"], first["box"]

    return fault


def no_text(text: str) -> Fault:
    def fault(board: Board) -> None:
        board["texts"] = [each for each in board["texts"] if each["text"] != text]

    return fault


def other_value(board: Board) -> None:
    next(part for part in board["footprints"] if part["ref"] == "R1")["value"] = "1"


def missing_part(board: Board) -> None:
    board["footprints"] = [part for part in board["footprints"] if part["ref"] != "D1"]
    board["pads"] = [pad for pad in board["pads"] if pad["ref"] != "D1"]


def swapped_names(board: Board) -> None:
    other = {"VCC": "GND", "GND": "VCC"}
    for item in [*board["pads"], *board["tracks"], *board["zones"]]:
        item["net"] = other.get(item["net"], item["net"])


def courtyards(board: Board) -> None:
    parts = {part["ref"]: part for part in board["footprints"]}
    parts["R1"]["courtyard"] = parts["D1"]["courtyard"]


def off_the_edge(board: Board) -> None:
    part = next(part for part in board["footprints"] if part["ref"] == "J1")
    middle_x, middle_y = (side / 2 for side in board["size_mm"])
    part["courtyard"] = [(middle_x + x, middle_y + y) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


def hole_under(text: str) -> Fault:
    def fault(board: Board) -> None:
        box = _text(board, text)["box"]
        at = ((box["x0"] + box["x1"]) / 2, (box["y0"] + box["y1"]) / 2)
        board["pads"].append(
            {"ref": "H1", "number": "", "net": "", "kind": "hole", "at": at, "drill_mm": 3.2, "polygons": {}}
        )

    return fault


MUTANTS: list[tuple[str, str, Fault]] = [
    ("COPPER_OPEN", "led_indicator", cut("N_D1_2")),
    ("COPPER_OPEN", "astable_555", cut("N_C1_1")),
    ("COPPER_SHORT", "led_indicator", bridge(("R1", "1"), ("R1", "2"))),
    ("COPPER_SHORT", "astable_555", bridge(("C3", "1"), ("C3", "2"))),
    ("COPPER_STRAY", "led_indicator", stray),
    ("PARTS_DIFFER", "led_indicator", other_value),
    ("PARTS_DIFFER", "led_indicator", missing_part),
    ("PAD_NET_DIFFERS", "led_indicator", swapped_names),
    ("COURTYARD_OVERLAP", "led_indicator", courtyards),
    ("EDGE_OFF", "led_indicator", off_the_edge),
    ("PART_OUTSIDE", "led_indicator", far("R1", 40.0)),
    ("NEAR_FAR", "astable_555", far("C3", 12.0)),
    ("DECOUPLING_FAR", "astable_555", far("C3", 12.0)),
    ("REGULATOR_CAPACITOR_FAR", "linear_regulator", far("C1", 25.0)),
    ("TRACK_THIN", "linear_regulator", thin("VIN", 0.25)),
    ("TRACK_THIN", "linear_regulator", thin("VOUT", 0.8)),
    ("TEXT_ON_PAD", "led_indicator", text_to("R1", lambda board: _pad_at(board, "R1", "1"))),
    ("TEXT_ON_HOLE", "led_indicator", hole_under("D1")),
    ("TEXT_OUTSIDE", "led_indicator", text_to("D1", lambda board: (0.0, 3.0))),
    ("LABEL_WRONG", "led_indicator", exchange_labels("VCC", "GND")),
    ("LABEL_MISSING", "led_indicator", no_text("VCC")),
    ("PORT_NOT_ON_SILK", "led_indicator", no_text("VCC")),
]


@pytest.mark.parametrize(("code", "family", "fault"), MUTANTS)
def test_a_planted_fault_is_named(code: str, family: str, fault: Fault, built: dict[str, Built]) -> None:
    requirement, board = samples.requirement(family), copy.deepcopy(built[family].board)
    assert code not in failed(requirement, built[family], board)
    fault(board)
    assert code in failed(requirement, built[family], board)


def test_a_board_larger_than_asked_is_refused(built: dict[str, Built]) -> None:
    requirement = samples.requirement("led_indicator")
    requirement["size_mm"] = (10.0, 10.0)
    assert "BOARD_SIZE" in failed(requirement, built["led_indicator"], built["led_indicator"].board)


def test_missing_holes_are_found(built: dict[str, Built]) -> None:
    led = built["led_indicator"]
    intent = copy.deepcopy(led.intent)
    intent["holes"] = [{"diameter_mm": 3.2, "corner": "top_left"}]
    checks = check_layout(samples.requirement("led_indicator"), intent, led.board)
    assert "HOLE_MISSING" in {check["code"] for check in checks if not check["passed"]}


@pytest.mark.parametrize("family", ["led_indicator", "astable_555"])
def test_a_good_board_passes_everything(family: str, built: dict[str, Built], tmp_path: Path) -> None:
    stages: list[str] = []
    good = built[family]
    checks = check_board(
        samples.requirement(family), good.intent, good.board, good.file, tmp_path, stages.append
    )
    assert feedback(checks) == f"All {len(checks)} checks passed."
    assert {"intent", "layout", "copper", "drc", "spice", "heat"} == {check["stage"] for check in checks}
    assert stages[-1] == "simulating"


def test_a_board_whose_copper_is_wrong_is_not_simulated(built: dict[str, Built], tmp_path: Path) -> None:
    led = built["led_indicator"]
    board = copy.deepcopy(led.board)
    cut("N_D1_2")(board)
    checks = check_board(samples.requirement("led_indicator"), led.intent, board, led.file, tmp_path)
    assert "spice" not in {check["stage"] for check in checks}
    assert "COPPER_OPEN" in feedback(checks)


@pytest.mark.parametrize(("amps", "width"), [(0.2, 1.0), (1.0, 1.0), (3.0, 1.37), (5.0, 2.76)])
def test_widths_follow_ipc_2221(amps: float, width: float) -> None:
    """Figures of any IPC-2221 calculator: outer layer, 10 K, 35 µm; 1 mm is the least for power."""
    assert width_for(amps) == pytest.approx(width, rel=0.02)


@pytest.mark.parametrize("what", ["parts", "copper"])
def test_a_keep_out_is_held(what: Literal["parts", "copper"], built: dict[str, Built]) -> None:
    led = built["led_indicator"]
    intent = copy.deepcopy(led.intent)
    intent["keepouts"] = [{"ref": "R1", "margin_mm": 20.0, "what": [what]}]
    checks = check_layout(samples.requirement("led_indicator"), intent, led.board)
    assert "KEEPOUT" in {check["code"] for check in checks if not check["passed"]}
