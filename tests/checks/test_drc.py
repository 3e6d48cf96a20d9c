"""KiCad's rule check under our rules: what comes with the board cannot soften it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kicad.adapter import apply_layout, export_geometry
from kicad.adapter.rules import rules_for
from kicad.checks.drc import IGNORED, check_drc, project
from kicad.checks.finding import Unavailable
from kicad.layout import layout
from kicad.python import kicad_cli
from kicad.shapes import Intent

if TYPE_CHECKING:
    from conftest import Built


def failed(file: Path, workdir: Path) -> set[str]:
    return {check["code"] for check in check_drc(file, workdir) if not check["passed"]}


def edited(good: Path, folder: Path, pattern: str, replacement: str, count: int = 1) -> Path:
    text, changes = re.subn(pattern, replacement, good.read_text(), count=count, flags=re.DOTALL)
    assert changes
    file = folder / "mutant.kicad_pcb"
    file.write_text(text)
    return file


def test_lost_tracks_are_found_whatever_project_lies_beside_the_board(
    built: dict[str, Built], tmp_path: Path
) -> None:
    file = edited(built["led_indicator"].file, tmp_path, r"\n\t\(segment\n.*?\n\t\)", "", count=0)
    lenient = project()
    severities = lenient["board"]["design_settings"]["rule_severities"]
    lenient["board"]["design_settings"]["rule_severities"] = dict.fromkeys(severities, "ignore")
    file.with_suffix(".kicad_pro").write_text(json.dumps(lenient))
    assert "DRC_UNCONNECTED_ITEMS" in failed(file, tmp_path / "work")


def test_a_text_on_a_pad_is_an_error(built: dict[str, Built], tmp_path: Path) -> None:
    good = built["led_indicator"].file
    pad = next(pad for pad in built["led_indicator"].board["pads"] if pad["ref"] == "J1")
    outline = re.search(r"\(gr_rect\s+\(start ([\d.]+) ([\d.]+)\)", good.read_text())
    assert outline
    x, y = float(outline[1]) + pad["at"][0], float(outline[2]) + pad["at"][1]
    file = edited(good, tmp_path, r'(\(gr_text "VCC"\s+\(at )[\d.]+ [\d.]+', rf"\g<1>{x} {y}")
    assert "DRC_SILK_OVER_COPPER" in failed(file, tmp_path / "work")


def test_a_track_thinner_than_board_houses_make_is_an_error(built: dict[str, Built], tmp_path: Path) -> None:
    file = edited(built["led_indicator"].file, tmp_path, r"(\(segment.*?\(width )[\d.]+", r"\g<1>0.1")
    assert "DRC_TRACK_WIDTH" in failed(file, tmp_path / "work")


def test_a_damaged_file_fails(tmp_path: Path) -> None:
    file = tmp_path / "broken.kicad_pcb"
    file.write_text('(kicad_pcb (version 20241229) (generator "x"')
    assert failed(file, tmp_path / "work") == {"DRC_NOT_RUN"}


def test_a_machine_without_kicad_is_not_the_boards_fault(
    built: dict[str, Built], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    kicad_cli.cache_clear()  # found on the PATH of before
    try:
        with pytest.raises(Unavailable, match="install KiCad"):
            check_drc(built["led_indicator"].file, tmp_path / "work")
    finally:
        kicad_cli.cache_clear()


def test_every_ignored_kind_has_a_reason() -> None:
    assert all(len(reason.split()) > 3 for reason in IGNORED.values())
    severities = project()["board"]["design_settings"]["rule_severities"]
    assert {kind for kind, severity in severities.items() if severity != "error"} == IGNORED.keys()


def test_a_board_under_the_finer_rules_is_held_by_the_least_and_not_by_kicads_default(
    good: dict[str, Intent], tmp_path: Path
) -> None:
    """Copper 0.15 mm apart is what every board house makes; KiCad's own default is 0.2 mm."""
    rules = rules_for(good["astable_555"], "fine")
    plan = layout(export_geometry(good["astable_555"], rules, None))
    file, _ = apply_layout(good["astable_555"], plan, rules, "fine", tmp_path)
    assert failed(file, tmp_path / "work") == set()
