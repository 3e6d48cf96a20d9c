"""The agents in a compiled LangGraph graph: drawn from the table, and one whole design through it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from clients.client_manager import ClientManager
from clients.graph import build_graph, mermaid
from clients.kicad_agent import Kicad
from clients.node import Node
from clients.pcb_designer import PcbDesigner
from clients.pcb_tester import PcbTester
from tests.conftest import ROOT, Database
from tests.db.steps import RESULTS, begin, reject, work
from tests.system.wrong_designer import WrongDesigner


def transitions(database: Database) -> list[dict[str, Any]]:
    with database.api("monitor") as people:
        return people.state_machine()


def agents(database: Database, *kinds: type[Node]) -> dict[str, Node]:
    """Nodes that work on the test's database, each as its own role."""
    nodes = {kind.name: kind() for kind in kinds}
    for name, node in nodes.items():
        node.connect(partial(database.api, name))
    return nodes


def test_the_graph_in_the_readme_is_the_one_that_the_table_makes(database: Database) -> None:
    drawn = mermaid(transitions(database))
    assert f"```mermaid\n{drawn}```" in (ROOT / "README.md").read_text(), drawn


def test_a_whole_design_runs_inside_the_graph_and_an_attempt_loops(database: Database) -> None:
    nodes = agents(database, ClientManager, WrongDesigner, Kicad, PcbTester)
    graph = build_graph(transitions(database), nodes)
    design = begin(database, "LED power indicator for 5 V, 2-pin header, 25x15 mm")
    run = graph.invoke({"design": design})
    assert run["trail"] == [
        ("client_manager", "approved", 0),
        ("pcb_designer", "scripted", 1),
        ("kicad", "built", 1),
        ("pcb_tester", "rejected", 1),
        ("pcb_designer", "scripted", 2),
        ("kicad", "built", 2),
        ("pcb_tester", "passed", 2),
    ]
    with database.api("terminal") as terminal:
        assert terminal.design_status(design)["state"] == "resolved"
        assert "fabrication.zip" in {file["name"] for file in terminal.design_files(design)}


def test_a_run_ends_where_the_user_is_waited_for_and_another_goes_on_from_there(database: Database) -> None:
    asked = RESULTS["client_manager"] | {
        "outcome": "asked",
        "reply": "Shall I build this?",
    }  # what is approved
    gave_up = {"outcome": "gave_up", "reason": "enough"}
    nodes = agents(database, ClientManager, PcbDesigner)
    nodes["client_manager"].process = lambda _: asked  # type: ignore[method-assign]
    nodes["pcb_designer"].process = lambda _: gave_up  # type: ignore[method-assign]
    graph = build_graph(transitions(database), nodes | agents(database, Kicad, PcbTester))
    design = begin(database, interactive=True)
    assert graph.invoke({"design": design})["trail"] == [("client_manager", "asked", 0)]
    assert graph.invoke({"design": design, "state": "awaiting_user"}).get("trail", []) == []
    with database.api("terminal") as terminal:
        terminal.receive_message("terminal:me", "me", "small", "k2", design, True)
    work(database, "client_manager")
    work(database, "pcb_designer")
    reject(database, "kicad")
    assert graph.invoke({"design": design, "state": "designing"})["trail"] == [("pcb_designer", "gave_up", 2)]


def test_other_designs_that_wait_are_served_on_the_way_and_nobody_waits_forever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clients.node.PATIENCE_S", 0.5)
    refused = {"outcome": "refused", "reply": "no", "requirement": None, "title": None}
    nodes = agents(database, ClientManager, PcbDesigner, Kicad, PcbTester)
    nodes["client_manager"].process = lambda _: refused  # type: ignore[method-assign]
    graph = build_graph(transitions(database), nodes)
    first, second = begin(database), begin(database)
    assert graph.invoke({"design": second})["trail"] == [("client_manager", "refused", 0)]
    with database.api("terminal") as terminal:
        assert terminal.design_status(first)["state"] == "refused"
    run = graph.invoke({"design": first})
    assert (run["outcome"], run.get("trail", [])) == (None, [])
