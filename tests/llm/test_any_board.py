"""A board of no family, by models from the first word to the package."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from clients.fleet import Fleet
from clients.llm.requirement_checks import complaints
from tests.conftest import ROOT, Database
from tests.llm.openai_server import MODEL, OpenAIServer, Reply
from tests.llm.samples import answer

DATA = ROOT / "tests/board/data"
STORED = json.loads((DATA / "attiny85.json").read_text())
OURS = ("format", "brief", "family", "values")  # of a requirement, what no model says
WANTED = {key: value for key, value in STORED.items() if key not in OURS}
WANTED["measures"] = [
    {key: value for key, value in each.items() if key != "unit"} for each in STORED["measures"]
]
SCRIPT = (DATA / "attiny85.py").read_text()


@pytest.fixture
def own_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("MAS_DATABASE", database.name)
    for name in ("LLM_BASE_URL", "LLM_MODEL", "LLM_API_KEY", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return database


def reply(asked: dict[str, Any]) -> Reply:
    """client_manager's model asks once, then proposes; pcb_designer's looks something up, then writes the file."""
    said = json.dumps(asked["messages"])
    if asked.get("response_format"):
        question = answer(question="Which supply voltage (default 9 V)?")
        return Reply(json.dumps(answer(requirement=WANTED) if "7 to 12 V" in said else question))
    if asked["messages"][-1]["role"] == "user" and asked.get("tools"):
        return Reply(tool_calls=[("pins_of", {"symbol": "ATTINY85_SO8"})], finish_reason="tool_calls")
    return Reply(f"Here it is:\n```python\n{SCRIPT}```")


@pytest.mark.timeout(600)
def test_a_board_of_no_family_goes_from_a_talk_through_every_gate_to_its_package(
    own_database: Database,
) -> None:
    assert complaints(WANTED) == []
    with OpenAIServer(reply) as server, own_database.api("admin") as admin:
        for agent in ("client_manager", "pcb_designer"):
            admin.set_agent_model(agent, {"base_url": server.url, "model": MODEL, "candidates": 1})
        with Fleet(), own_database.api("terminal") as api:
            design = api.receive_message(
                "terminal:me",
                "me",
                STORED["brief"].replace("7 to 12 V in", "supply in"),
                str(uuid.uuid4()),
                None,
                True,
            )
            for said in ("7 to 12 V", "yes"):
                while (status := api.design_status(design))["state"] != "awaiting_user":
                    assert not status["finished"], status
                    api.wait_for_ring(1.0)
                api.receive_message("terminal:me", "me", said, str(uuid.uuid4()), design, True)
            while not (status := api.design_status(design))["finished"]:
                api.wait_for_ring(1.0)
            assert status["state"] == "resolved", (
                status["error"],
                [c for c in status["checks"] or [] if not c["passed"]],
            )
            names = {file["name"] for file in api.design_files(design)}
    assert status["attempt"] == 1
    assert {"fabrication.zip", "board.kicad_pcb", "design.py"} <= names
    assert any(check["code"] == "UNSIMULATED" for check in status["checks"])
    assert len(server.requests) == 4
