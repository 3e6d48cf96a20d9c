"""The requirement that a model may make: what its schema and the checks across it let pass."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from clients.llm.requirement_checks import MOST_COMPLAINTS, complaints
from clients.llm.requirement_schema import REQUIREMENT, UNITS, complete
from tests.llm.samples import requirement


def port(name: str = "A", role: str = "signal", **more: Any) -> dict[str, Any]:
    return {"name": name, "role": role, **more}


GND = port("GND", "ground")


def test_a_good_one_has_nothing_against_it() -> None:
    assert complaints(requirement()) == []
    Draft202012Validator.check_schema(REQUIREMENT)


def test_it_becomes_a_requirement_with_the_users_words_and_ours() -> None:
    made = complete(requirement(), "my words\x1b[31m")
    assert (made["format"], made["family"], made["values"], made["brief"]) == (
        1,
        "custom",
        {},
        "my words[31m",
    )
    assert [measure["unit"] for measure in made["measures"]] == ["V", "Hz", "°C"]
    assert made["measures"][2] == {"id": "heat", "what": "junction_C", "min": None, "max": 110, "unit": "°C"}
    nulls = requirement(ports=[GND, port(volts_max=None, current_A=None)], measures=[])
    assert complaints(nulls) == []
    assert complete(nulls, "x")["ports"] == [GND, port()]


def test_every_object_is_closed_and_every_number_and_text_is_bounded() -> None:
    def walk(schema: dict[str, Any]) -> None:
        kinds = schema.get("type", [])
        if "object" in kinds:
            assert schema["additionalProperties"] is False
        if "number" in kinds or "integer" in kinds:
            assert {"minimum", "maximum"} <= schema.keys()
        if "string" in kinds:
            assert "maxLength" in schema
        if "array" in kinds:
            assert "maxItems" in schema
            walk(schema["items"])
        for inner in schema.get("properties", {}).values():
            walk(inner)

    walk(REQUIREMENT)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (None, "not of type 'object'"),
        ([], "not of type 'object'"),
        ({}, "required"),
        (requirement(price=3), "'price' was unexpected"),
        (requirement(family="led"), "'family' was unexpected"),
        (requirement(title=""), "requirement.title"),
        (requirement(title="x" * 101), "too long"),
        (requirement(size_mm=[1, 1]), "requirement.size_mm[0]"),
        (requirement(size_mm=[400, 20]), "maximum of 300"),
        (requirement(size_mm=[20]), "requirement.size_mm"),
        (requirement(connector="usb"), "requirement.connector"),
        (requirement(ports=[port(role="bus")]), "requirement.ports[0].role"),
        (requirement(ports=[port(x=1)]), "requirement.ports[0]"),
        (requirement(ports=[port("R1'); drop table core.task;--")]), "requirement.ports[0].name"),
        (requirement(ports=[port("$(id)")]), "requirement.ports[0].name"),
        (requirement(ports=[port("A" * 17)]), "requirement.ports[0].name"),
        (requirement(ports=[port(volts_max=230)]), "maximum of 60"),
        (requirement(ports=[port(volts_max=True)]), "requirement.ports[0].volts_max"),
        (requirement(ports=[port(current_A=1e6)]), "maximum of 20"),
        (requirement(ports=[port(f"A{n}") for n in range(41)]), "requirement.ports"),
        (requirement(parts=[{"what": "resistor", "quantity": 1_000_000}]), "maximum of 100"),
        (requirement(parts=[{"what": "resistor", "quantity": 1.5}]), "requirement.parts[0].quantity"),
        (requirement(measures=[{"id": "a", "what": "gain", "min": 1, "max": 2}]), "requirement.measures[0].what"),
        (requirement(measures=[{"id": "a", "what": "cutoff_Hz", "min": float("inf"), "max": None}]), "requirement.measures[0].min"),
    ],
)  # fmt: skip
def test_what_leaves_the_schema_is_told_by_place(made: Any, says: str) -> None:
    found = complaints(made)
    assert any(says in sentence for sentence in found), found
    assert all(sentence.endswith(".") and "\n" not in sentence and len(sentence) < 400 for sentence in found)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ports": [port()]}, 'no port with the role "ground"'),
        ({"ports": [GND, port("Out"), port("OUT")]}, "more than once"),
        ({"ports": [GND, port("V", "supply_in")]}, "needs volts_nom"),
        ({"ports": [GND, port("V", "supply_in", volts_max=5)]}, "give volts_nom"),
        ({"ports": [GND, port("V", "supply_in", volts_min=12, volts_nom=5)]}, "must rise"),
        ({"ports": [GND, port("A\n")]}, "control or invisible"),
        ({"measures": [{"id": "a", "what": "junction_C", "min": None, "max": None}]}, "give min, max or both"),
        ({"measures": [{"id": "a", "what": "junction_C", "min": 5, "max": 5}]}, "min must be below max"),
        ({"measures": [{"id": "a", "what": "junction_C", "min": None, "max": 100}] * 2}, "id a is there more than once"),
        ({"measures": [{"id": "a", "what": "output_V", "min": 1, "max": 2}]}, "output_V needs port"),
        ({"measures": [{"id": "a", "what": "output_V", "min": 1, "max": 2, "port": "NOWHERE"}]}, "no port NOWHERE"),
        ({"measures": [{"id": "a", "what": "output_V", "min": 1, "max": 2, "port": "SDA"}]}, "role supply_out"),
        ({"measures": [{"id": "a", "what": "cutoff_Hz", "min": 1, "max": 2, "port": "OUT", "source": "OUT", "kind": "lowpass"}]}, "role signal_in"),
        ({"measures": [{"id": "a", "what": "on_voltage_V", "min": None, "max": 1, "port": "LOAD"}]}, "needs load_A"),
        ({"parts": [{"what": "resistor", "quantity": 100}] * 4}, "300 pieces"),
        ({"title": "board\x00"}, "requirement.title: the text has control"),
        ({"assumptions": ["fine", "bad \u202e one"]}, "requirement.assumptions[1]"),
        ({"unused": ["tag \U000e0041"]}, "requirement.unused[0]"),
        ({"unused": ["lone \ud800"]}, "requirement.unused[0]"),
    ],
)  # fmt: skip
def test_what_a_schema_cannot_say_is_told(changes: dict[str, Any], says: str) -> None:
    found = complaints(requirement(**changes))
    assert any(says in sentence for sentence in found), found


def test_complaints_are_few_and_short_whatever_came() -> None:
    wild = requirement(ports=[{"name": "x" * 100_000, "role": "y" * 100_000} for _ in range(40)])
    found = complaints(wild)
    assert 1 <= len(found) <= MOST_COMPLAINTS
    assert len(json.dumps(found)) < 3000


@pytest.mark.parametrize("made", [requirement(ports=[1] * 300_000), requirement(parts=[{"x": 1}] * 100_000)])
def test_a_megabyte_of_wrong_entries_is_refused_at_once(made: Any) -> None:
    began = time.monotonic()
    assert 0 < len(complaints(made)) <= MOST_COMPLAINTS
    assert time.monotonic() - began < 5


def test_the_measures_are_those_that_the_tester_knows() -> None:
    from kicad.checks.spice import CODES

    assert UNITS.keys() == CODES.keys()
