from __future__ import annotations

import json

import pytest

from kicad.adapter.rules import ipc2221_width_mm, project_json, rules_for
from tests.board.samples import led_intent


@pytest.mark.parametrize(("amperes", "mm"), [(1.0, 0.30), (2.0, 0.78), (5.0, 2.78)])
def test_widths_follow_ipc_2221(amperes: float, mm: float) -> None:
    """The published calculators give these for 10 K on 1 oz outer copper."""
    assert ipc2221_width_mm(amperes) == pytest.approx(mm, abs=0.02)


def test_nets_with_current_are_wide_and_neck_at_pads() -> None:
    rules = rules_for(led_intent())
    assert rules["nets"]["VCC"]["width_mm"] == 1.0
    assert rules["nets"]["VCC"]["neck_mm"] == 0.25
    assert rules["nets"]["LED_A"]["width_mm"] == 0.25
    heavy = led_intent()
    heavy["netclasses"][0]["current_A"] = 5.0
    assert rules_for(heavy)["nets"]["VCC"]["width_mm"] >= 2.75


def test_the_fine_tier_asks_for_less() -> None:
    standard, fine = rules_for(led_intent()), rules_for(led_intent(), "fine")
    assert fine["track_mm"] < standard["track_mm"]
    assert fine["clearance_mm"] < standard["clearance_mm"]


def test_the_project_carries_rules_and_severities() -> None:
    project = json.loads(project_json(rules_for(led_intent())))
    settings = project["board"]["design_settings"]
    assert settings["rules"]["min_clearance"] == 0.2
    assert {
        settings["rule_severities"][name] for name in ("silk_over_copper", "silk_overlap", "text_height")
    } == {"error"}
    wide = [item for item in project["net_settings"]["classes"] if item["track_width"] == 1.0]
    assert [item["netclass"] for item in project["net_settings"]["netclass_patterns"]] == [wide[0]["name"]]
