"""Power copper is measured on the copper: tracks, necks at narrow pads, and what a pour leaves over."""

from __future__ import annotations

import pytest
import samples

from kicad.checks.widths import check_widths
from kicad.shapes import Board, BoardPad, BoardZone, Intent, Polygon, Track

SCRIPT = """
from boardkit import *
j1, j2 = part("J1", "SCREW_2"), part("J2", "SCREW_2")
vin = net("VIN", j1["1"], j2["1"])
gnd = net("GND", j1["2"], j2["2"])
netclass(vin, gnd, current_A=0.2)
"""
WIDE, NARROW = 2.0, 0.6  # pads of these sides, in mm


@pytest.fixture(scope="module")
def intent() -> Intent:
    return samples.intent_from(SCRIPT)


def _square(x: float, y: float, side: float) -> Polygon:
    half = side / 2
    return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]


def _pad(ref: str, number: str, net: str, x: float, y: float, side: float) -> BoardPad:
    outline = {"front": _square(x, y, side), "back": _square(x, y, side)}
    return BoardPad(
        ref=ref, number=number, net=net, kind="through", at=(x, y), drill_mm=0.4, polygons=outline
    )


def _track(net: str, x0: float, x1: float, width: float) -> Track:
    return Track(net=net, layer="front", width_mm=width, start=(x0, 0.0), end=(x1, 0.0))


def _board(tracks: list[Track], zones: list[BoardZone], side: float = WIDE) -> Board:
    pads = [_pad("J1", "1", "VIN", 0, 0, side), _pad("J2", "1", "VIN", 30, 0, side)]
    pads += [_pad("J1", "2", "GND", 0, 20, WIDE), _pad("J2", "2", "GND", 30, 20, WIDE)]
    return Board(
        size_mm=(40, 40),
        outline=[(-5, -5), (35, -5), (35, 35), (-5, 35)],
        footprints=[],
        pads=pads,
        tracks=tracks,
        vias=[],
        zones=zones,
        texts=[],
    )


def _pour(gap: float) -> BoardZone:
    """Ground over both pads, narrowed to `gap` mm for 10 mm between them."""
    y0, y1 = 20 - gap / 2, 20 + gap / 2
    left = [(-3.0, 15.0), (10.0, 15.0), (10.0, y0), (20.0, y0), (20.0, 15.0), (33.0, 15.0)]
    right = [(33.0, 25.0), (20.0, 25.0), (20.0, y1), (10.0, y1), (10.0, 25.0), (-3.0, 25.0)]
    return BoardZone(net="GND", layer="back", filled=[[left + right]])


def _thin(board: Board, intent: Intent) -> set[str]:
    checks = check_widths(samples.requirement("linear_regulator"), intent, board)
    return {check["place"] for check in checks if not check["passed"]}


WHOLE = [_track("VIN", 0, 30, 1.0)]
OPEN = _pour(4.0)


def test_wide_track_and_pour_pass(intent: Intent) -> None:
    assert _thin(_board(WHOLE, [OPEN]), intent) == set()


def test_a_thin_track_fails(intent: Intent) -> None:
    assert _thin(_board([_track("VIN", 0, 30, 0.8)], [OPEN]), intent) == {"VIN"}


@pytest.mark.parametrize(("length", "fails"), [(2.8, set()), (4.0, {"VIN"})])
def test_a_neck_at_a_narrow_pad_may_have_3_mm(length: float, fails: set[str], intent: Intent) -> None:
    end = NARROW / 2 + length
    tracks = [_track("VIN", 0, end, 0.4), _track("VIN", end, 30, 1.0)]
    assert _thin(_board(tracks, [OPEN], NARROW), intent) == fails


def test_a_neck_in_the_middle_fails(intent: Intent) -> None:
    tracks = [_track("VIN", 0, 14, 1.0), _track("VIN", 14, 16, 0.3), _track("VIN", 16, 30, 1.0)]
    assert _thin(_board(tracks, [OPEN]), intent) == {"VIN"}


@pytest.mark.parametrize(("gap", "fails"), [(1.2, set()), (0.6, {"GND"})])
def test_a_pour_is_as_wide_as_its_narrowest_place(gap: float, fails: set[str], intent: Intent) -> None:
    assert _thin(_board(WHOLE, [_pour(gap)]), intent) == fails
