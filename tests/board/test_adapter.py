from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from kicad.adapter import AdapterError, apply_layout, export_geometry, read_board
from kicad.adapter.digest import copper_digest
from kicad.adapter.rules import rules_for
from kicad.shapes import Board, Track
from tests.board.samples import led_intent, led_layout, violations


def test_geometry_has_kicads_own_outlines() -> None:
    intent = led_intent()
    parts = {part["ref"]: part for part in export_geometry(intent, rules_for(intent), (25.0, 15.0))["parts"]}
    anode = next(pad for pad in parts["D1"]["pads"] if pad["number"] == "2")
    assert anode["net"] == "LED_A"
    assert anode["centre"] == (0.9375, 0.0) or list(anode["centre"]) == [0.9375, 0.0]
    wide = max(x for x, _ in anode["polygon"]) - min(x for x, _ in anode["polygon"])
    assert wide == pytest.approx(0.975, abs=0.01)  # the pad of LED_0805_2012Metric
    header = parts["J1"]
    assert [pad["kind"] for pad in header["pads"]] == ["through", "through"]
    assert header["pads"][0]["drill_mm"] == 1.0
    assert header["pin1_out"] == -1
    for part in parts.values():
        for polygon in part["silk"]:
            assert all(part["courtyard"]["x0"] <= x <= part["courtyard"]["x1"] for x, _ in polygon)


def test_an_unknown_footprint_is_the_inputs_fault() -> None:
    intent = led_intent()
    intent["parts"][1]["footprint"] = "Resistor_SMD:R_none"
    with pytest.raises(AdapterError, match="no footprint Resistor_SMD:R_none"):
        export_geometry(intent, rules_for(intent), None)


def test_what_was_applied_is_read_again(led_read: Board) -> None:
    layout = led_layout()
    assert tuple(led_read["size_mm"]) == layout["size_mm"]
    copper = {
        (t["net"], t["width_mm"], *map(tuple, sorted((t["start"], t["end"])))) for t in led_read["tracks"]
    }
    assert copper == {(t["net"], t["width_mm"], *sorted((t["start"], t["end"]))) for t in layout["tracks"]}
    assert [(via["net"], via["drill_mm"]) for via in led_read["vias"]] == [("GND", 0.3)]
    nets = {(pad["ref"], pad["number"]): pad["net"] for pad in led_read["pads"] if pad["kind"] != "hole"}
    assert nets == {tuple(pin): net["name"] for net in led_intent()["nets"] for pin in net["pins"]}
    hole = next(pad for pad in led_read["pads"] if pad["kind"] == "hole")
    assert (*hole["at"], hole["drill_mm"]) == (21.5, 11.5, 3.2)
    diode = next(item for item in led_read["footprints"] if item["ref"] == "D1")
    assert (diode["symbol"], diode["value"], diode["rotation"]) == ("Device:LED", "red", 180.0)
    # turned by 180 degrees the anode, right of the middle in the library, lies on the left
    assert next(pad["at"] for pad in led_read["pads"] if (pad["ref"], pad["number"]) == ("D1", "2"))[0] < 17.0


def test_pours_are_filled_on_both_sides(led_read: Board) -> None:
    assert {zone["layer"]: len(zone["filled"]) for zone in led_read["zones"]} == {"front": 1, "back": 1}
    front = next(zone for zone in led_read["zones"] if zone["layer"] == "front")
    assert len(front["filled"][0]) > 3  # an outline and the holes around pads, the other tracks and the screw


def test_a_keepout_stays_free_of_the_pour(tmp_path: Path) -> None:
    intent = led_intent()
    intent["keepouts"] = [{"ref": "R1", "margin_mm": 2.0, "what": ["copper"]}]
    board_file, _ = apply_layout(intent, led_layout(), rules_for(intent), "keep-out", tmp_path)
    board = read_board(board_file)
    assert {zone["layer"] for zone in board["zones"]} == {"front", "back"}
    for zone in board["zones"]:
        corners = [point for piece in zone["filled"] for ring in piece for point in ring]
        assert not [(x, y) for x, y in corners if 6.4 < x < 13.6 and 2.1 < y < 7.9]
        assert [(x, y) for x, y in corners if 6.2 < x < 13.8 and 1.9 < y < 8.1]


def test_a_pad_that_spokes_cannot_reach_is_joined_solidly(led_board: Path, tmp_path: Path) -> None:
    layout = led_layout()
    fence = [
        (1.2, 6.8),
        (1.2, 8.85),
        (3.8, 8.85),
        (3.8, 6.25),
        (2.6, 6.25),
    ]  # leaves one way to J1's ground pin
    for start, end in pairwise(fence):
        track: Track = {"net": "VCC", "layer": "front", "width_mm": 0.25, "start": start, "end": end}
        layout["tracks"].append(track)
    layout["tracks"] = [track for track in layout["tracks"] if track["net"] != "GND"]
    intent = led_intent()
    board_file, _ = apply_layout(intent, layout, rules_for(intent), "fenced", tmp_path)
    assert board_file.read_bytes().count(b"(zone_connect 2)") == 1
    assert b"(zone_connect 2)" not in led_board.read_bytes()
    assert "starved_thermal" not in violations(board_file)


def test_texts_lie_where_the_layout_says(led_read: Board) -> None:
    silk = {text["text"]: text for text in led_read["texts"] if text["layer"] == "F.SilkS"}
    assert set(silk) == {"J1", "R1", "D1", "VCC"}
    box = silk["VCC"]["box"]
    assert (box["x0"] + box["x1"]) / 2 == pytest.approx(6.0, abs=0.1)
    assert box["y1"] - box["y0"] == pytest.approx(1.15, abs=0.1)
    back = [text["text"] for text in led_read["texts"] if text["layer"] == "B.SilkS"]
    assert back == ["LED indicator  rev 1"]


def test_the_board_passes_kicads_drc_under_our_rules(led_board: Path) -> None:
    assert violations(led_board) == []


def test_our_rules_are_what_kicad_judges_by(tmp_path: Path) -> None:
    layout = led_layout()
    layout["tracks"][1]["width_mm"] = 0.15  # thinner than the tier
    layout["texts"][1]["at"] = (9.0875, 5.0)  # R1's name on its own pad
    layout["tracks"].pop()  # GND reaches its via no more, but the pour joins it
    intent = led_intent()
    board_file, _ = apply_layout(intent, layout, rules_for(intent), "faulty", tmp_path)
    found = violations(board_file)
    assert "track_width" in found
    assert "silk_over_copper" in found


def test_the_same_layout_gives_the_same_copper(led_board: Path, tmp_path: Path) -> None:
    intent = led_intent()
    again, project = apply_layout(intent, led_layout(), rules_for(intent), "LED indicator", tmp_path)
    first, second = (copper_digest(file.read_bytes(), fills=False) for file in (led_board, again))
    assert first == second
    assert project.read_bytes() == led_board.with_suffix(".kicad_pro").read_bytes()


def test_a_file_that_is_no_board_is_refused(tmp_path: Path) -> None:
    junk = tmp_path / "junk.kicad_pcb"
    junk.write_text("(kicad_pcb")
    with pytest.raises(AdapterError, match="KiCad cannot load junk"):
        read_board(junk)


def test_a_board_whose_outline_is_missing_or_open_is_refused(led_board: Path, tmp_path: Path) -> None:
    """No version takes the box around the parts for an outline that nobody has drawn."""
    text = led_board.read_text()
    assert text.count('(layer "Edge.Cuts")') == 1
    bare = tmp_path / "bare.kicad_pcb"
    bare.write_text(text.replace('(layer "Edge.Cuts")', '(layer "Dwgs.User")'))
    with pytest.raises(AdapterError, match=r"bare\.kicad_pcb has no closed outline"):
        read_board(bare)


def test_a_part_without_our_fields_is_read_without_them(led_board: Path, tmp_path: Path) -> None:
    text = led_board.read_text()
    assert '"Symbol" "Device:LED"' in text
    other = tmp_path / "other.kicad_pcb"
    other.write_text(text.replace('"Symbol" "Device:LED"', '"Maker" "somebody"'))
    symbols = {item["ref"]: item["symbol"] for item in read_board(other)["footprints"]}
    assert symbols["D1"] == ""
    assert symbols["R1"] != ""
