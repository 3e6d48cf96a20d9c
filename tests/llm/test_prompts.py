"""The prompts: found as files of the package, and their worked examples are what they claim to be."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from clients.llm import Answer
from clients.llm.explaining import explained
from clients.llm.prompt_files import NoPrompt, prompt_text
from clients.llm.replies import script_of
from clients.llm.requirement_checks import complaints
from clients.llm.requirement_schema import REQUIREMENT, UNITS, complete
from kicad.boardkit.static_check import check_script
from kicad.build import build
from kicad.checks.intent import check_intent
from tests.conftest import ROOT
from tests.llm.scripted import Scripted

AGENTS = ("client_manager", "pcb_designer", "pcb_tester")


@pytest.mark.parametrize("agent", AGENTS)
def test_every_agent_has_its_prompt_and_it_is_short(agent: str) -> None:
    text = prompt_text(agent)
    assert 500 < len(text) < 6000
    assert all(len(line) < 1300 for line in text.splitlines())


def test_a_version_that_is_not_there_is_told() -> None:
    for version in ("99", "../1"):
        with pytest.raises(NoPrompt, match="set prompt_version to 1"):
            prompt_text("pcb_designer", version)


def test_prompts_are_data_of_the_package() -> None:
    there = {entry.name for entry in (files("clients") / "prompts").iterdir() if entry.name.endswith(".md")}
    assert there == {f"{agent}.1.md" for agent in AGENTS}
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert setuptools["package-data"] == {"*": ["*"]}
    assert "clients*" in setuptools["packages"]["find"]["include"]


def test_the_talks_example_is_an_answer_and_every_field_is_explained() -> None:
    text = prompt_text("client_manager")
    made = json.loads(text.strip().splitlines()[-1])
    assert complaints(made["requirement"]) == []
    assert made["question"] is made["refusal"] is None
    for word in (
        *REQUIREMENT["properties"],
        *UNITS,
        *REQUIREMENT["properties"]["ports"]["items"]["properties"]["role"]["enum"],
    ):
        assert f"`{word}`" in text, word


def test_the_designers_example_is_built_and_meets_its_requirement(tmp_path: Path) -> None:
    script = script_of(Answer(prompt_text("pcb_designer")[prompt_text("pcb_designer").index("# Example") :]))
    assert check_script(script) == []
    wanted = {
        "title": "5 V supply", "size_mm": [40, 25],
        "ports": [
            {"name": "VIN", "role": "supply_in", "volts_min": 7, "volts_nom": 9, "volts_max": 12, "current_A": 0.12},
            {"name": "GND", "role": "ground"},
            {"name": "5V", "role": "supply_out", "volts_nom": 5, "current_A": 0.1},
        ],
        "measures": [{"id": "rail", "what": "output_V", "min": 4.75, "max": 5.25, "port": "5V", "load_A": 0.1}],
        "parts": [], "connector": "header", "assumptions": [], "unused": [],
    }  # fmt: skip
    assert complaints(wanted) == []
    built = build(script, complete(wanted, "5 V supply"), tmp_path, lambda _: None)
    assert built.errors == []
    assert built.intent is not None
    failed = [
        check for check in check_intent(complete(wanted, "5 V supply"), built.intent) if not check["passed"]
    ]
    assert failed == []


def test_the_testers_example_is_an_answer() -> None:
    text = prompt_text("pcb_tester")
    error = {"code": "LED_REVERSED", "place": "D1", "measured": "anode at GND"}
    made = explained([error], "", Scripted(text.strip().splitlines()[-1]), prompt=text)
    assert made[0]["explanation"].startswith("D1's anode")


def test_the_prompts_name_no_block_that_is_not_there() -> None:
    from kicad.boardkit.blocks import BLOCKS

    named = set(re.findall(r'block\("(\w+)"', prompt_text("pcb_designer")))
    assert named <= BLOCKS.keys()
