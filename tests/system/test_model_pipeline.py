"""Designs by a language model: real agents, the real client, a server that speaks the protocol, real KiCad."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from clients.terminal import Terminal
from tests.conftest import ROOT, Database
from tests.llm.openai_server import Reply
from tests.system.scripted_model import (
    LED_SCRIPT,
    ScriptedModel,
    answer,
    approving,
    fenced,
    led_requirement,
)

TINY = ROOT / "tests/board/data/attiny85"
MOST_CALLS = 6  # of a design whose first answer is wrong: one talk, one repair, and what is left

WRONG: dict[str, Reply] = {
    "prose": Reply(f"Sure! Here is your board:\n\n```python\n{LED_SCRIPT}```\n\nLet me know how it goes."),
    "truncated": Reply(f"```python\n{LED_SCRIPT[:120]}", finish_reason="length"),
    "footprint": fenced(
        LED_SCRIPT.replace('"R_0805", "330"', '"Device:R", "330", footprint="Resistor_SMD:R_0999"')
    ),
    "pin": fenced(LED_SCRIPT.replace('d1["A"]', 'd1["ANODE_PIN"]')),
    "coordinates": fenced(
        LED_SCRIPT
        + "\n@raw\ndef move(board):\n    import pcbnew\n    for footprint in board.GetFootprints():\n        footprint.SetPosition(pcbnew.VECTOR2I(900000000, 900000000))\n"
    ),
    "syntax": fenced(LED_SCRIPT.replace('net("GND"', 'net("GND" "')),
    "import": fenced("import os\n" + LED_SCRIPT),
    "empty": Reply(""),
    "huge": Reply("x" * 5_000_000),
}


def design(database: Database, brief: str) -> dict[str, Any]:
    """Hand a brief in and wait for its end."""
    with database.api("terminal") as api:
        return Terminal(api, interactive=False, quiet=True).run(brief)


def calls_of(database: Database, number: int) -> list[tuple[str, str, str | None]]:
    """Every call of a design: agent, status, problem."""
    with database.connect("admin") as people:
        query = "select agent, problem from model_exchanges(%s) order by call_id"
        return people.execute(query, (number,)).fetchall()


@pytest.mark.timeout(600)
def test_a_wrong_first_answer_ends_in_a_board_by_few_calls(model_database: Database, serve: Any) -> None:
    def designer(topic: str, number: int, body: dict[str, Any]) -> Reply:
        return WRONG[topic] if number == 1 and topic in WRONG else fenced(LED_SCRIPT)

    def manager(topic: str, number: int, body: dict[str, Any]) -> Reply:
        if topic == "schema" and number == 1:
            return answer(requirement=led_requirement("LED") | {"layers": 4, "ports": "VCC and GND"})
        return approving(topic, number, body)

    model = ScriptedModel(client_manager=manager, pcb_designer=designer)
    serve(model, replicas=2)
    topics = [*WRONG, "schema"]
    with ThreadPoolExecutor(len(topics)) as pool:
        ends = list(pool.map(lambda topic: design(model_database, f"An LED for 5 V, topic {topic}"), topics))
    for topic, end in zip(topics, ends, strict=True):
        assert end["state"] == "resolved", (topic, end["error"], calls_of(model_database, end["design"]))
        calls = calls_of(model_database, end["design"])
        assert 2 <= len(calls) <= MOST_CALLS, (topic, calls)
        wrong_at_once = topic not in ("prose", "footprint", "pin", "coordinates")
        assert any(problem for _, problem in calls) == wrong_at_once, (topic, calls)


@pytest.mark.timeout(600)
def test_a_board_of_no_family_goes_from_a_talk_to_its_package(
    model_database: Database, serve: Any, tmp_path: Path
) -> None:
    """ATtiny85, regulator, ISP, button, two LEDs, I²C: asked, shown, changed, approved, two candidates, one good."""
    wanted = json.loads(TINY.with_suffix(".json").read_text())
    keys = ("title", "size_mm", "ports", "parts", "connector", "assumptions", "unused")
    asked = {key: wanted[key] for key in keys} | {
        "measures": [{k: v for k, v in each.items() if k != "unit"} for each in wanted["measures"]]
    }
    script = TINY.with_suffix(".py").read_text()

    def manager(topic: str, number: int, body: dict[str, Any]) -> Reply:
        return [
            answer(question="Which supply voltage (default 9 V)?"),
            answer(requirement=asked | {"size_mm": [60, 50]}, reply="A small controller board."),
            answer(requirement=asked),
        ][number - 1]

    def designer(topic: str, number: int, body: dict[str, Any]) -> Reply:
        if not any(message["role"] == "tool" for message in body["messages"]):
            return Reply(
                None,
                tool_calls=[("pins_of", {"symbol": "ATTINY85_SO8"}), ("find_symbols", {"words": "ATtiny85"})],
            )
        second = "as few parts as will do" in body["messages"][1]["content"]
        return fenced(script if second else script.replace('mcu["GND"], ', ""))

    with model_database.connect("admin") as people:
        people.execute("""select set_agent_model('pcb_designer', '{"candidates": 2}')""")
    serve(ScriptedModel(client_manager=manager, pcb_designer=designer))
    with model_database.api("terminal") as api:
        number = None
        for words in ("an ATtiny85 board with ISP and I2C", "7 to 12 V", "at most 50x40 mm please"):
            number = api.receive_message("terminal:me", "me", words, words, number, True)
            wait_for(api, number, "awaiting_user")
        api.receive_message("terminal:me", "me", "yes", "yes", number, True)
        wait_for(api, number, "resolved")
        names = {file["name"] for file in api.design_files(number)}
        status = api.design_status(number)
    assert {"fabrication.zip", "board.kicad_pcb", "design.py", "rebuild.py", "top.png"} <= names
    assert status["attempt"] == 1
    assert all(check["passed"] for check in status["checks"])
    assert any(check["code"] == "UNSIMULATED" and "U1" in check["measured"] for check in status["checks"])
    with model_database.connect("admin") as people:
        moves = people.execute("select outcome from design_history(%s)", (number,)).fetchall()
        parts = people.execute("select sum(quantity) from bill_of_materials(%s)", (number,)).fetchone()
    assert [outcome for (outcome,) in moves][-3:] == ["approved", "branched", "passed"]
    assert parts[0] >= 18


def wait_for(api: Any, number: int, state: str) -> None:
    """Until the design is there."""
    while (now := api.design_status(number))["state"] != state:
        assert not now["finished"], now
        api.wait_for_ring(1.0)
