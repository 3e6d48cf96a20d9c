"""The table of briefs that whole designs are judged by says what the catalog makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clients.catalog.conversation import converse
from clients.catalog.script import write_script

BRIEFS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "system" / "briefs.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("brief", BRIEFS, ids=[each["id"] for each in BRIEFS])
def test_the_requirement_is_the_expected_one(brief: dict[str, Any]) -> None:
    reply = converse([{"sender": "user", "text": brief["text"]}], interactive=False)
    assert reply.outcome == "approved", reply.reply
    made = reply.requirement
    assert made is not None
    assert made["family"] == brief["family"]
    assert {port["name"] for port in made["ports"]} == set(brief["ports"])
    assert made["size_mm"] == (pytest.approx(brief["size_mm"]) if brief["size_mm"] else None)
    assert made["connector"] == brief["connector"]
    found: dict[str, Any] = {measure["what"]: measure for measure in made["measures"]}
    for wanted in brief["measures"]:
        for key, value in wanted.items():
            expected = pytest.approx(value) if isinstance(value, float | int) else value
            assert found[wanted["what"]][key] == expected, key
    assert len(found) == len(brief["measures"])
    assert not made["unused"]
    script = write_script(made).script
    for part in brief["parts"]:
        name = part.replace("L78", "LM78").replace("_TO220", "")
        assert name in script or (part.startswith("LED_") and f'"{part[9:].lower()}"' in script)


def test_five_families_three_wordings_each() -> None:
    families = [each["family"].replace("highpass", "lowpass") for each in BRIEFS]
    assert {family: families.count(family) for family in families} == dict.fromkeys(families, 3)
    assert len(set(families)) == 5
