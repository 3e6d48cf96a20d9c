"""Short ways to a design in a given state, over the real wire and as the real roles."""

from __future__ import annotations

import uuid
from typing import Any

from tests.conftest import LEASE_S, Database

REQUIREMENT: dict[str, Any] = {"title": "a board", "measures": []}
CHECK = {
    "code": "DRC",
    "stage": "drc",
    "passed": True,
    "title": "DRC",
    "place": "",
    "measured": "0",
    "required": "0",
    "cause": "",
    "fix": "",
}
FINDING = {
    "code": "LED_REVERSED",
    "place": "D1",
    "measured": "",
    "required": "",
    "cause": "reversed",
    "fix": "turn it",
}
BOARD: dict[str, Any] = {
    "footprints": [
        {
            "ref": "R1",
            "value": "1k",
            "footprint": "R",
            "symbol": "Device:R",
            "part": None,
            "at": [1, 2],
            "rotation": 0,
            "side": "front",
        }
    ],
    "pads": [{"ref": "R1", "number": "1", "net": "VCC", "kind": "smd", "at": [1, 2], "drill_mm": 0}],
    "tracks": [{"net": "VCC", "layer": "front", "width_mm": 0.25, "start": [1, 2], "end": [3, 2]}],
    "vias": [{"net": "VCC", "at": [3, 2], "diameter_mm": 0.6, "drill_mm": 0.3}],
}
RESULTS: dict[str, dict[str, Any]] = {
    "client_manager": {"outcome": "approved", "reply": "ok", "requirement": REQUIREMENT, "title": "a board"},
    "pcb_designer": {"outcome": "scripted", "script": "pass", "notes": []},
    "kicad": {"outcome": "built", "summary": {}},
    "pcb_tester": {"outcome": "passed", "checks": [CHECK]},
}


def begin(database: Database, brief: str = "a blinker", interactive: bool = False) -> int:
    """A new design from the terminal."""
    with database.api("terminal") as api:
        return api.receive_message("terminal:me", "me", brief, str(uuid.uuid4()), None, interactive)


def work(database: Database, agent: str, **changes: Any) -> None:
    """The agent does its next task with its usual result, changed as told."""
    with database.api(agent) as api:
        task = api.claim_task(LEASE_S)
        assert task is not None, f"{agent} has nothing to do"
        result = RESULTS[agent] | changes
        if agent == "kicad" and result["outcome"] == "built":
            api.store_board(task, BOARD)
        api.complete_task(task, result)


def reject(database: Database, agent: str) -> None:
    """The agent finds a fault."""
    work(
        database,
        agent,
        outcome="rejected",
        errors=[FINDING],
        feedback="LED_REVERSED D1",
        checks=[CHECK | {"passed": False}],
    )


def status(database: Database, design: int) -> dict[str, Any]:
    """Where the design stands, as the terminal sees it."""
    with database.api("terminal") as api:
        return api.design_status(design)
