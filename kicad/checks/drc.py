"""KiCad's design rule check under our rules and our severities, read from its JSON report.

The board is copied next to a project file that is written here: neither the project nor the rules that
came with the board are looked at, and its exit code is not believed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

from kicad.checks.finding import Unavailable, check
from kicad.python import KicadMissing, environment, kicad_cli
from kicad.shapes import Check

TIMEOUT_S = 60.0

# The least that every cheap board house makes on two layers, in mm (JLCPCB's and Aisler's lists have less).
RULES = {
    "min_clearance": 0.15,
    "min_connection": 0.15,
    "min_copper_edge_clearance": 0.25,
    "min_hole_clearance": 0.2,
    "min_hole_to_hole": 0.25,
    "min_resolved_spokes": 1,
    "min_silk_clearance": 0.0,
    "min_text_height": 0.8,
    "min_text_thickness": 0.1,
    "min_through_hole_diameter": 0.3,
    "min_track_width": 0.15,
    "min_via_annular_width": 0.1,
    "min_via_diameter": 0.5,
    "solder_mask_to_copper_clearance": 0.0,
}

# Everything that KiCad can find is an error, but for these, each for its reason.
IGNORED = {
    "lib_footprint_issues": "says only that the machine has no table of footprint libraries",
    "lib_footprint_mismatch": "needs that table too; pads are compared with the intent instead",
    "footprint_filters_mismatch": "there is no schematic",
    "footprint_symbol_mismatch": "there is no schematic",
    "footprint_type_mismatch": "connectors of KiCad's library mix pad kinds",
    "copper_sliver": "a matter of yield, not of function; the filler's least width bounds it",
    "missing_courtyard": "mounting holes and fiducials of KiCad's library have none",
    "npth_inside_courtyard": "a part may stand over its own locating pegs",
    "pth_inside_courtyard": "a part may stand over a wire's hole; overlapping courtyards are an error",
}
_KINDS = """
    annular_width clearance connection_width copper_edge_clearance courtyards_overlap creepage
    diff_pair_gap_out_of_range diff_pair_uncoupled_length_too_long drill_out_of_range duplicate_footprints
    extra_footprint footprint hole_clearance hole_to_hole holes_co_located invalid_outline isolated_copper
    item_on_disabled_layer items_not_allowed length_out_of_range malformed_courtyard
    microvia_drill_out_of_range mirrored_text_on_front_layer missing_footprint net_conflict
    nonmirrored_text_on_back_layer padstack shorting_items silk_edge_clearance silk_over_copper silk_overlap
    skew_out_of_range solder_mask_bridge starved_thermal text_height text_on_edge_cuts text_thickness
    through_hole_pad_without_hole too_many_vias track_angle track_dangling track_segment_length track_width
    tracks_crossing unconnected_items unresolved_variable via_dangling zones_intersect
"""


def project() -> dict[str, Any]:
    """The project file that the check runs under."""
    severities = dict.fromkeys(_KINDS.split(), "error") | dict.fromkeys(IGNORED, "ignore")
    settings = {
        "defaults": {},
        "drc_exclusions": [],
        "meta": {"version": 2},
        "rule_severities": severities,
        "rules": RULES,
    }
    # Without a class of our own KiCad takes its default of 0.2 mm, whatever the least is; one without the
    # lowest priority is not taken for the default.
    least = {"name": "Default", "priority": 2147483647, "clearance": RULES["min_clearance"]}
    return {
        "board": {"design_settings": settings},
        "meta": {"filename": "board.kicad_pro", "version": 3},
        "net_settings": {"classes": [least], "meta": {"version": 4}},
    }


def run_drc(board_file: Path, workdir: Path) -> dict[str, Any] | None:
    """KiCad's report on a copy of the board, None when KiCad cannot load the board.

    Raises Unavailable when kicad-cli is missing or does not end.
    """
    try:
        cli = kicad_cli()
    except KicadMissing as error:
        raise Unavailable(str(error), permanent=True) from error
    folder = workdir / "drc"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    copy, report = folder / "board.kicad_pcb", folder / "report.json"
    shutil.copyfile(board_file, copy)
    copy.with_suffix(".kicad_pro").write_text(json.dumps(project()), encoding="utf-8")
    arguments = ["--format", "json", "--severity-all", "--all-track-errors", "--units", "mm"]
    try:
        subprocess.run(
            [cli, "pcb", "drc", *arguments, "--output", str(report), str(copy)],
            env=environment() | {"KICAD_CONFIG_HOME": str(folder / "config")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"kicad-cli's rule check did not end within {TIMEOUT_S:g} s") from error
    try:
        found = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    complete = isinstance(found, dict) and {"violations", "unconnected_items"} <= found.keys()
    return found if complete else None


def check_drc(board_file: Path, workdir: Path) -> list[Check]:
    """No violation, nothing unconnected; one check per kind of violation.  Raises Unavailable."""
    report = run_drc(board_file, workdir)
    if report is None:
        return [
            check(
                "DRC_NOT_RUN",
                "drc",
                False,
                "design rules",
                measured="KiCad cannot load the board",
                required="a board that KiCad opens",
                cause="the board file is damaged",
                fix="leave the board's structure alone in the raw step",
            )
        ]
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for violation in report["violations"] + report["unconnected_items"]:
        by_kind[violation["type"]].append(violation)
    unconnected = len(report["unconnected_items"])
    total = len(report["violations"])
    checks = [_violation(kind, found) for kind, found in sorted(by_kind.items()) if kind not in IGNORED]
    if not checks:
        measured = f"{total} errors, {unconnected} unconnected (KiCad {report.get('kicad_version', '?')})"
        checks.append(
            check("DRC", "drc", True, "design rules", measured=measured, required="0 errors, 0 unconnected")
        )
    return checks


def _violation(kind: str, found: list[dict[str, Any]]) -> Check:
    items = found[0].get("items", [])
    parts = [item for item in items if "Edge.Cuts" not in item.get("description", "")] or items
    at = parts[0].get("pos", {}) if parts else {}
    where = "; ".join(str(item.get("description", "")) for item in items[:2])
    return check(
        f"DRC_{kind.upper()}",
        "drc",
        False,
        "design rules",
        place=f"sheet {at['x']:.2f}, {at['y']:.2f} mm" if {"x", "y"} <= at.keys() else "",
        measured=f"{len(found)} × {found[0].get('description', kind)}",
        required="0",
        cause=where,
        fix="more room for the parts, or fewer texts; the layout is made again by itself",
    )
