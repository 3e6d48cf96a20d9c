"""`./mas eval`: a run, what it measures, and the same run again without a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clients import evaluate, fleet
from clients.evaluate import BadBriefs, Brief, read_briefs, recorded_briefs, run_evaluation
from clients.fleet import AGENTS
from tests.conftest import ROOT, Database
from tests.llm.openai_server import MODEL, OpenAIServer, Reply

BRIEFS = """
- {id: led,     grade: easy, text: "LED power indicator for 5 V, 25x15 mm"}
- {id: green,   grade: easy, text: "green LED indicator for 12 V, 30x20 mm"}
- {id: charger, grade: hard, text: "Li-ion charger TP4056 with protection"}
"""
ASKING = AGENTS | {"client_manager": "tests.llm.catalog_manager", "pcb_designer": "tests.llm.constant_asker"}


@pytest.fixture
def own_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("MAS_DATABASE", database.name)
    for name in ("LLM_BASE_URL", "LLM_MODEL", "LLM_API_KEY", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return database


def models(database: Database) -> dict[str, Any]:
    with database.api("admin") as admin:
        return {
            agent["name"]: agent["model"] for agent in admin.list_agents() if agent["name"] in fleet.ASKING
        }


def test_a_run_is_measured_and_repeated_from_its_recordings(
    own_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "briefs.yaml").write_text(BRIEFS)
    briefs = read_briefs(tmp_path / "briefs.yaml")
    with own_database.api("admin") as admin:
        admin.set_agent_model("pcb_designer", {"model": "its-own", "price_in": 100, "price_out": 100})
    before = models(own_database)

    def reply(asked: dict[str, Any]) -> Reply:
        assert models(own_database)["pcb_designer"]["model"] == MODEL
        return Reply("no" if len(asked["messages"]) == 1 else "```a script```")

    with OpenAIServer(reply) as server:
        monkeypatch.setenv("LLM_BASE_URL", server.url)
        result = run_evaluation(own_database, briefs, "huggingface", MODEL, quick=False, agents=ASKING)
        assert len(server.requests) == 4
    assert models(own_database) == before
    rows = {row["id"]: row for row in result["raw"]["designs"]}
    assert [(rows[n]["state"], rows[n]["calls"]) for n in ("led", "green", "charger")] == [
        ("failed", 2),
        ("failed", 2),
        ("refused", 0),
    ]
    assert rows["led"]["error"] == "it said ```a script```"
    assert rows["led"]["cost_usd"] == pytest.approx(
        100e-6 * (rows["led"]["tokens_in"] + rows["led"]["tokens_out"]), abs=1e-5
    )
    easy, hard, everything = result["raw"]["grades"]
    assert (easy["grade"], easy["briefs"], easy["passed"], easy["calls"]) == ("easy", 2, 0, 2)
    assert (hard["grade"], everything["briefs"]) == ("hard", 3)
    assert [goal["met"] for goal in result["goals"]] == [False] * 3
    with own_database.connect() as owner:
        accounts = owner.execute(
            "select split_part(account, ':', 3) from core.users where account like 'eval:%' order by user_id"
        ).fetchall()
    assert accounts == [("led",), ("green",), ("charger",)]

    monkeypatch.delenv("LLM_BASE_URL")
    again = recorded_briefs(own_database, result["raw"]["run"], briefs)
    assert [(brief.name, brief.grade, brief.recorded) for brief in again] == [
        ("led", "easy", "failed"), ("green", "easy", "failed"), ("charger", "hard", "refused"),
    ]  # fmt: skip
    repeated = run_evaluation(own_database, again, "recorded", None, quick=False, agents=ASKING)
    assert all(goal["met"] for goal in repeated["goals"])
    assert [
        (row["state"], row["error"], row["calls"], row["cost_usd"]) for row in repeated["raw"]["designs"][:2]
    ] == [("failed", "it said ```a script```", 2, 0.0)] * 2
    assert models(own_database) == before
    json.dumps(repeated)


def test_a_run_where_nothing_moves_ends(own_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "STALLED_S", 2.0)
    with own_database.connect("admin") as admin:
        admin.execute("select pause_agent('client_manager')")
    result = run_evaluation(own_database, [Brief("led", "easy", "an LED")], "catalog", None, quick=False)
    assert [row["state"] for row in result["raw"]["designs"]] == ["cancelled"]


def test_briefs_are_read_from_both_formats_and_what_is_none_is_said(tmp_path: Path) -> None:
    assert len(read_briefs(ROOT / "tests/system/briefs.json")) == 15
    assert len(read_briefs(ROOT / "tests/system/briefs.json", quick=True)) == 3
    for text in ("3", "- {id: a}", "[", "- a"):
        (tmp_path / "bad").write_text(text)
        with pytest.raises(BadBriefs, match="is no list of briefs"):
            read_briefs(tmp_path / "bad")
    with pytest.raises(BadBriefs):
        read_briefs(tmp_path / "absent")


def test_a_run_is_named_by_its_designs() -> None:
    assert evaluate._named([3, 1, 2, 7]) == "1-3,7"
    assert evaluate._numbers("1-3,7") == [1, 2, 3, 7]
    with pytest.raises(BadBriefs, match="named by its designs"):
        evaluate._numbers("last")
