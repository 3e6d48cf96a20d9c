"""The intent is validated again outside of the sandbox: there it comes from whoever wrote the file."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from kicad.boardkit.findings import Refused
from kicad.boardkit.intent import MOST_FAULTS, validate_intent
from tests.boardkit.conftest import run_script
from tests.boardkit.test_vocabulary import LED, REST


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Any:
    ran = run_script(
        tmp_path_factory.mktemp("good"),
        LED
        + REST
        + 'b = block("led_indicator", resistor="1k")\nnet("VCC", b["VCC"])\nnet("GND", b["GND"])\n',
    )
    assert ran.intent is not None, ran.errors
    return ran.intent


def put(*path: str | int, value: Any) -> Callable[[Any], None]:
    """A change of one entry of the intent."""

    def change(intent: Any) -> None:
        for step in path[:-1]:
            intent = intent[step]
        intent[path[-1]] = value

    return change


def more(*path: str, value: Any) -> Callable[[Any], None]:
    """A change that appends to a list of the intent."""

    def change(intent: Any) -> None:
        for step in path:
            intent = intent[step]
        intent.append(value)

    return change


def test_a_good_intent_comes_through_unchanged(good: Any) -> None:
    assert json.loads(json.dumps(validate_intent(good))) == good


def test_what_is_not_agreed_does_not_come_through(good: Any) -> None:
    told = copy.deepcopy(good)
    told["rules"] = {"clearance_mm": 0}
    told["parts"][0]["at"] = [0, 0]
    assert json.loads(json.dumps(validate_intent(told))) == good


@pytest.mark.parametrize(
    "change",
    [
        put("format", value=2),
        put("format", value=True),
        put("parts", value={}),
        put("parts", value=None),
        put("parts", value=[None]),
        put("parts", 0, value=[]),
        put("parts", 0, "ref", value="J1'); drop table core.task;--"),
        put("parts", 0, "ref", value="J1\n"),
        put("parts", 0, "ref", value="J２"),
        put("parts", 0, "symbol", value="Device:R"),
        put("parts", 0, "symbol", value="../../../../etc/passwd:x"),
        put("parts", 0, "footprint", value="../../../etc:passwd"),
        put("parts", 0, "footprint", value="Package_DIP:DIP-6_W7.62mm/../DIP-8_W7.62mm"),
        put("parts", 0, "part", value="NE555_DIP"),
        put("parts", 0, "part", value="no such key"),
        put("parts", 0, "value", value="a\u202eb"),
        put("parts", 0, "value", value="\ud800"),
        put("parts", 0, "value", value="x" * 201),
        put("parts", 0, "value", value="\x1b[2J"),
        put("parts", 0, "line", value="1"),
        put("parts", 0, "line", value=10**400),
        put("parts", 0, "pins", value=[]),
        put("parts", 0, "pins", 0, "type", value="power_in"),
        put("parts", 0, "pins", 0, "number", value="99"),
        put("parts", 0, "pins", 0, "number", value=1),
        put("parts", 1, "ref", value="J1"),
        put("nets", 0, "name", value="VCC; rm -rf /"),
        put("nets", 0, "name", value="VCC"),
        put("nets", 0, "name", value="G" * 65),
        put("nets", 0, "pins", 0, value=["J1", "99"]),
        put("nets", 0, "pins", 0, value=["J1"]),
        put("nets", 0, "pins", 0, value="J1"),
        put("nets", 0, "pins", 0, value=["J1", ["1"]]),
        more("nets", value={"name": "X", "pins": [["J1", "1"]]}),
        put("nets", 0, "pins", value=[["J1", "2"]] * 2001),
        put("netclasses", 0, "current_A", value=float("inf")),
        put("netclasses", 0, "current_A", value=-1),
        put("netclasses", 0, "nets", value=["nowhere"]),
        put("near", 0, "max_mm", value=float("nan")),
        put("near", 0, "max_mm", value="3"),
        put("near", 0, "max_mm", value=True),
        put("near", 0, "a", value=["D9", "1"]),
        put("near", value=[{"a": ["R1", "2"], "b": ["D1", "2"], "max_mm": 1}] * 2001),
        put("edges", 0, "side", value="north"),
        put("edges", 0, "side", value=["left"]),
        put("edges", 0, "side", value=""),
        put("edges", 0, "ref", value="J9"),
        put("groups", 0, value=["R1", "R99"]),
        put("groups", 0, value="R1"),
        put("keepouts", 0, "what", value=["everything"]),
        put("keepouts", 0, "ref", value="X1"),
        put("holes", 0, "diameter_mm", value=500),
        put("holes", 0, "corner", value="left top"),
        put("labels", 0, "pin", value=["J1", "7"]),
        put("labels", 0, "text", value={"$ref": "x"}),
        put("blocks", 0, "refs", value=["U99"]),
        put("blocks", 0, "ports", value=["VCC"]),
        put("blocks", 0, "ports", "VCC", value="nowhere"),
        lambda intent: intent.pop("raw"),
        lambda intent: intent["parts"][0].pop("pins"),
        lambda intent: intent["parts"].extend(intent["parts"] * 200),
    ],
)  # fmt: skip
def test_a_changed_intent_is_refused(good: Any, change: Callable[[Any], None]) -> None:
    changed = copy.deepcopy(good)
    change(changed)
    with pytest.raises(Refused) as refused:
        validate_intent(changed)
    findings = refused.value.findings
    assert 1 <= len(findings) <= MOST_FAULTS
    for found in findings:
        assert found["code"] == "BAD_INTENT"
        assert all(str(value).isprintable() and len(str(value)) < 500 for value in found.values())


@pytest.mark.parametrize("data", [None, 5, "intent", [], {}, [[]], {"format": 1}])
def test_what_is_no_intent_at_all_is_refused(data: object) -> None:
    with pytest.raises(Refused):
        validate_intent(data)


def test_raw_is_true_or_nothing(good: Any) -> None:
    assert validate_intent(good | {"raw": "yes"})["raw"] is False
    assert validate_intent(good | {"raw": True})["raw"] is True
