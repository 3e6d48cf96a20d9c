from __future__ import annotations

from pathlib import Path

import pytest

from kicad.adapter.digest import MAX_DEPTH, BadBoard, copper_digest
from kicad.python import kicad_major

SILK = b'(gr_line (start 1 1) (end 2 2) (stroke (width 0.1) (type solid)) (layer "F.SilkS") (uuid "x"))'


@pytest.fixture(scope="module")
def content(led_board: Path) -> bytes:
    return led_board.read_bytes()


def test_silk_and_identifiers_do_not_count(content: bytes) -> None:
    drawn = content.rstrip()[:-1] + SILK + b")"
    assert copper_digest(drawn) == copper_digest(content)
    moved = content.replace(b'(gr_text "VCC"', b'(gr_text "VDD"')
    assert moved != content
    assert copper_digest(moved) == copper_digest(content)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"(width 1)", b"(width 0.9)"),
        (b'(net_name "GND")', b'(net_name "VCC")'),
        (b"(drill 0.3)", b"(drill 0.2)"),
        (b"(pad_to_mask_clearance 0)", b"(pad_to_mask_clearance 0.2)"),
        (b'"Reference" "R1"', b'"Reference" "R9"'),
        (b"(end 125 115)", b"(end 165 115)"),
        (b"(thermal_gap 0.3)", b"(thermal_gap 0)"),
        (b"(layers", b'(embedded_files (file (name "x"))) (layers'),
    ],
)
def test_copper_nets_rules_and_outline_count(content: bytes, old: bytes, new: bytes) -> None:
    if kicad_major() >= 10:  # nets have names and no numbers any more
        old, new = old.replace(b"net_name", b"net"), new.replace(b"net_name", b"net")
    changed = content.replace(old, new, 1)
    assert changed != content
    assert copper_digest(changed) != copper_digest(content)


def test_fills_count_unless_they_are_left_out(content: bytes) -> None:
    start = content.index(b"(filled_polygon")
    corner = content.index(b"(xy ", start)
    changed = content[:corner] + b"(xy 101 101)" + content[content.index(b")", corner) + 1 :]
    assert copper_digest(changed) != copper_digest(content)
    assert copper_digest(changed, fills=False) == copper_digest(content, fills=False)


def test_copper_hidden_in_a_free_layer_counts(content: bytes) -> None:
    added = b'(gr_line (start 101 101) (end 120 101) (stroke (width 1) (type solid)) (layer "F.Cu"))'
    assert copper_digest(content.rstrip()[:-1] + added + b")") != copper_digest(content)
    added = added.replace(b"F.Cu", b"F.Mask")
    assert copper_digest(content.rstrip()[:-1] + added + b")") != copper_digest(content)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\xff\xfe",
        b"(kicad_pcb",
        b"(kicad_pcb))",
        b"(kicad_sch)",
        b"(kicad_pcb (a \"open))",
        b"(kicad_pcb\n# ( )\n)",
        b"(kicad_pcb " + b"(" * (MAX_DEPTH + 1) + b")" * (MAX_DEPTH + 1) + b")",
        b"(" * 200_000,
    ],
)  # fmt: skip
def test_what_is_no_board_is_refused(bad: bytes) -> None:
    with pytest.raises(BadBoard):
        copper_digest(bad)
