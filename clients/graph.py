"""The agents as a compiled LangGraph `StateGraph`, built from the table of transitions.

Its nodes are the same objects that run as processes of their own.  The graph keeps nothing: its state is a
design's number and how the last task ended, everything else is in the database.  It has no checkpointer and
no interrupts, because waiting for the user is a state of the design: the run ends there, and another one
begins wherever the design stands by then.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

FIRST = "briefing"  # where a design begins
ENDINGS = ("cancelled", "dead_lettered")  # from every state; the run ends, as when nothing came in time
STEPS = 1000  # a run is bounded by the design's attempts, long before this


class DesignRun(TypedDict, total=False):
    """What travels through the graph."""

    design: int
    state: str  # where the design stands when the run begins; `briefing` when it is new
    outcome: str | None
    attempts_left: bool
    trail: Annotated[
        list[tuple[str, str | None, int]], operator.add
    ]  # (agent, outcome, attempt) of each task


Transition = Mapping[str, Any]  # a row of `api.state_machine`


def build_graph(
    transitions: Sequence[Transition], nodes: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]
) -> CompiledStateGraph[DesignRun]:
    """The graph of these agents, by name.

    `nodes` are `Node` objects that were told how to connect.  Run it by `invoke({"design": 7})`, or with the
    `state` that the design has by now; what comes back has the `trail`.
    """
    graph = StateGraph(DesignRun)
    works_in = {row["to_state"]: row["next_agent"] for row in transitions if row["next_agent"]}
    _branch(graph, START, dict(sorted(works_in.items())), lambda run: [run.get("state", FIRST)])
    for name in sorted(set(works_in.values())):
        graph.add_node(name, nodes[name])  # type: ignore[call-overload]
        its = [row for row in transitions if works_in.get(row["from_state"]) == name]
        ways = {_label(row): row["next_agent"] or END for row in its if row["outcome"] not in ENDINGS}
        _branch(graph, name, ways, _labels)
    return graph.compile().with_config({"recursion_limit": STEPS})


def mermaid(transitions: Sequence[Transition]) -> str:
    """The graph as a mermaid diagram, as LangGraph draws it."""
    names = {row["next_agent"] for row in transitions if row["next_agent"]}
    graph = build_graph(transitions, dict.fromkeys(names, _nobody))
    drawn: str = graph.get_graph().draw_mermaid(with_styles=False)
    return drawn.replace("\t", "    ")


def _nobody(_: dict[str, Any]) -> dict[str, Any]:
    return {"outcome": None}


def _branch(
    graph: StateGraph[DesignRun],
    source: str,
    ways: Mapping[str, str],
    labels: Callable[[DesignRun], list[str]],
) -> None:
    """Where the run goes from here: by the first of its labels that is a way; to the end without one.

    LangGraph draws one edge to each target, so that labels with the same target are one.
    """
    words = {to: " or ".join(label for label in ways if ways[label] == to) for to in ways.values()}
    words.setdefault(END, "ends")

    def way(run: DesignRun) -> str:
        return words[next((ways[label] for label in labels(run) if label in ways), END)]

    path_map: dict[Hashable, str] = {label: to for to, label in words.items()}
    graph.add_conditional_edges(source, way, path_map)


def _labels(run: DesignRun) -> list[str]:
    """How a task ended, in words of the table: the outcome alone, or with whether attempts are left."""
    ended = {"outcome": run.get("outcome")}
    return [_label(ended | {"attempts_left": left}) for left in (None, run.get("attempts_left"))]


def _label(row: Transition) -> str:
    left = {None: "", True: ", attempts left", False: ", no attempt left"}
    return f"{row['outcome']}{left[row['attempts_left']]}"
