"""The tiers of design rules that a board is tried in, and the KiCad project file that carries them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kicad.shapes import Intent, NetRule, Rules

TIERS = ("standard", "fine")
WIDE_FROM_A = 0.15  # a net that carries this much or more gets a track of at least `WIDE_MM`
WIDE_MM = 1.0
NECK_LENGTH_MM = 3.0
SMALLEST_TEXT_MM, SMALLEST_STROKE_MM = 0.8, 0.12  # what board houses print legibly

# pours: how a pad is joined to the copper around it, so that it can still be soldered
THERMAL_GAP_MM, THERMAL_SPOKE_MM = 0.3, 0.5
POUR_MIN_WIDTH_MM = 0.25
MIN_SPOKES = 2

# The board as ordered: 1.6 mm, 35 µm copper, gold-plated pads.  KiCad's Python interface cannot write it, so
# it goes into the file as text, at the head of `(setup`; the mask's colour is for the pictures.
_MASK = '(color "#00562FE0") (thickness 0.01)'
STACKUP = f"""
		(stackup
			(layer "F.SilkS" (type "Top Silk Screen") (color "White"))
			(layer "F.Paste" (type "Top Solder Paste"))
			(layer "F.Mask" (type "Top Solder Mask") {_MASK})
			(layer "F.Cu" (type "copper") (thickness 0.035))
			(layer "dielectric 1" (type "core") (thickness 1.51) (material "FR4") (epsilon_r 4.5)
\t\t\t\t(loss_tangent 0.02))
			(layer "B.Cu" (type "copper") (thickness 0.035))
			(layer "B.Mask" (type "Bottom Solder Mask") {_MASK})
			(layer "B.Paste" (type "Bottom Solder Paste"))
			(layer "B.SilkS" (type "Bottom Silk Screen") (color "White"))
			(copper_finish "ENIG") (dielectric_constraints no))"""

_TIERS: dict[str, dict[str, float]] = {
    # what every board house makes at its base price
    "standard": {
        "track_mm": 0.25,
        "clearance_mm": 0.2,
        "via_mm": 0.6,
        "via_drill_mm": 0.3,
        "edge_mm": 0.5,
        "hole_mm": 0.25,
        "text_mm": 1.0,
        "text_stroke_mm": 0.15,
    },
    # still base price at the large houses, tried when the standard tier cannot be routed
    "fine": {
        "track_mm": 0.2,
        "clearance_mm": 0.15,
        "via_mm": 0.5,
        "via_drill_mm": 0.3,
        "edge_mm": 0.3,
        "hole_mm": 0.25,
        "text_mm": 0.8,
        "text_stroke_mm": 0.12,
    },
}

_IGNORED = {
    # judged by the tester against the intent; KiCad's answer would depend on the user's library tables
    "lib_footprint_issues",
    "lib_footprint_mismatch",
    "footprint_filters_mismatch",
    "footprint_symbol_mismatch",
    "footprint_type_mismatch",
    # these compare with a schematic, which the intent replaces
    "extra_footprint",
    "missing_footprint",
    "net_conflict",
}
_WARNINGS = {"copper_sliver", "connection_width"}  # a matter of yield, not of function
_ERRORS = (
    "annular_width",
    "clearance",
    "copper_edge_clearance",
    "courtyards_overlap",
    "creepage",
    "diff_pair_gap_out_of_range",
    "diff_pair_uncoupled_length_too_long",
    "drill_out_of_range",
    "duplicate_footprints",
    "footprint",
    "hole_clearance",
    "hole_to_hole",
    "holes_co_located",
    "invalid_outline",
    "isolated_copper",
    "item_on_disabled_layer",
    "items_not_allowed",
    "length_out_of_range",
    "malformed_courtyard",
    "microvia_drill_out_of_range",
    "mirrored_text_on_front_layer",
    "missing_courtyard",
    "nonmirrored_text_on_back_layer",
    "npth_inside_courtyard",
    "padstack",
    "pth_inside_courtyard",
    "shorting_items",
    "silk_edge_clearance",
    "silk_over_copper",
    "silk_overlap",
    "skew_out_of_range",
    "solder_mask_bridge",
    "starved_thermal",
    "text_height",
    "text_on_edge_cuts",
    "text_thickness",
    "through_hole_pad_without_hole",
    "too_many_vias",
    "track_angle",
    "track_dangling",
    "track_segment_length",
    "track_width",
    "tracks_crossing",
    "unconnected_items",
    "unresolved_variable",
    "via_dangling",
    "zones_intersect",
)


def ipc2221_width_mm(current_A: float, rise_K: float = 10.0, copper_um: float = 34.8) -> float:
    """Least width in mm of an outer track that carries `current_A` while warming by `rise_K`.

    IPC-2221A, section 6.2: I = 0.048 · ΔT^0.44 · A^0.725 with the cross-section A in square mils, for outer
    layers; 34.8 µm is 1 oz of copper per square foot.
    """
    mil = 0.0254
    area_mil2: float = (current_A / (0.048 * rise_K**0.44)) ** (1 / 0.725)
    return area_mil2 * mil * mil / (copper_um / 1000)


def rules_for(intent: Intent, tier: str = "standard") -> Rules:
    """The design rules of `tier` with the widths that the intent's net classes ask for.

    Raises `KeyError` for an unknown tier.
    """
    base = _TIERS[tier]
    nets: dict[str, NetRule] = {}
    for net in intent["nets"]:
        nets[net["name"]] = _net_rule(base, 0.0)
    for netclass in intent["netclasses"]:
        for name in netclass["nets"]:
            rule = _net_rule(base, netclass["current_A"])
            if name not in nets or rule["width_mm"] > nets[name]["width_mm"]:
                nets[name] = rule
    return {"name": tier, "nets": nets, **base}  # type: ignore[typeddict-item]


def _net_rule(base: dict[str, float], current_A: float) -> NetRule:
    width = base["track_mm"]
    if current_A >= WIDE_FROM_A:
        width = max(WIDE_MM, round(ipc2221_width_mm(current_A) + 0.005, 2))
    return {
        "width_mm": width,
        "clearance_mm": base["clearance_mm"],
        "neck_mm": min(width, base["track_mm"]),
        "neck_length_mm": NECK_LENGTH_MM,
    }


def project_json(rules: Rules) -> str:
    """Text of the `.kicad_pro` that carries `rules` and our severities; KiCad takes them from here alone."""
    widths = sorted({rule["width_mm"] for rule in rules["nets"].values()} - {rules["track_mm"]})
    classes = [_netclass("Default", rules, rules["track_mm"], 2147483647)]
    classes += [_netclass(_class_name(width), rules, width, rank) for rank, width in enumerate(widths)]
    patterns = [
        {"netclass": _class_name(rule["width_mm"]), "pattern": net}
        for net, rule in sorted(rules["nets"].items())
        if rule["width_mm"] != rules["track_mm"]
    ]
    project: dict[str, Any] = {
        "board": {
            "design_settings": {
                "defaults": {"zones": {"min_clearance": rules["clearance_mm"]}},
                "drc_exclusions": [],
                "meta": {"version": 2},
                "rule_severities": _severities(),
                "rules": _limits(rules),
            }
        },
        "boards": [],
        "libraries": {"pinned_footprint_libs": [], "pinned_symbol_libs": []},
        "meta": {"filename": "board.kicad_pro", "version": 1},
        "net_settings": {"classes": classes, "meta": {"version": 3}, "netclass_patterns": patterns},
        "pcbnew": {"page_layout_descr_file": ""},
        "sheets": [],
        "text_variables": {},
    }
    return json.dumps(project, indent=2, sort_keys=True) + "\n"


def _class_name(width_mm: float) -> str:
    return f"wide_{width_mm:g}mm"


def _netclass(name: str, rules: Rules, width_mm: float, priority: int) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "clearance": rules["clearance_mm"],
        "track_width": width_mm,
        "via_diameter": rules["via_mm"],
        "via_drill": rules["via_drill_mm"],
        "microvia_diameter": 0.3,
        "microvia_drill": 0.1,
        "diff_pair_width": 0.2,
        "diff_pair_gap": 0.25,
        "diff_pair_via_gap": 0.25,
        "bus_width": 12,
        "wire_width": 6,
        "line_style": 0,
        "pcb_color": "rgba(0, 0, 0, 0.000)",
        "schematic_color": "rgba(0, 0, 0, 0.000)",
    }


def _limits(rules: Rules) -> dict[str, Any]:
    return {
        "max_error": 0.005,
        "min_clearance": rules["clearance_mm"],
        "min_copper_edge_clearance": rules["edge_mm"],
        "min_hole_clearance": rules["hole_mm"],
        "min_hole_to_hole": 0.25,
        "min_resolved_spokes": 1,  # the pour makes two or goes solid; one is left where tracks feed the pad
        "min_silk_clearance": 0.0,
        "min_text_height": SMALLEST_TEXT_MM,
        "min_text_thickness": SMALLEST_STROKE_MM,
        "min_through_hole_diameter": rules["via_drill_mm"],
        "min_track_width": min([rules["track_mm"], *(rule["neck_mm"] for rule in rules["nets"].values())]),
        "min_via_annular_width": (rules["via_mm"] - rules["via_drill_mm"]) / 2,
        "min_via_diameter": rules["via_mm"],
        "solder_mask_to_copper_clearance": 0.0,
    }


def _severities() -> dict[str, str]:
    return {
        **dict.fromkeys(_ERRORS, "error"),
        **dict.fromkeys(_WARNINGS, "warning"),
        **dict.fromkeys(_IGNORED, "ignore"),
    }
