"""The whole system: agents as real processes on a database of the test's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from clients.fleet import AGENTS, Fleet
from tests.conftest import Database, know_libraries
from tests.llm.openai_server import MODEL, OpenAIServer
from tests.system.scripted_model import ScriptedModel

PEOPLE = "admin"
API_KEY = "a-key-of-this-test"
Serve = Callable[..., OpenAIServer]


@pytest.fixture
def own_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Every process that this test starts works on its database."""
    monkeypatch.setenv("MAS_DATABASE", database.name)
    return database


@pytest.fixture
def fleet(own_database: Database) -> Iterator[Fleet]:
    """The agents, two of each."""
    with Fleet(replicas=2) as running:
        yield running


@pytest.fixture
def wrong_fleet(own_database: Database) -> Iterator[Fleet]:
    """The agents, with a designer whose first script is wrong."""
    with Fleet(AGENTS | {"pcb_designer": "tests.system.wrong_designer"}, replicas=2) as running:
        yield running


@pytest.fixture
def model_database(own_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database whose agents take their model from the environment; a first attempt is one script."""
    with own_database.connect("admin") as people:
        people.execute("""select set_agent_model('pcb_designer', '{"candidates": 1}')""")
    know_libraries(own_database)
    monkeypatch.setenv("LLM_MODEL", MODEL)
    monkeypatch.setenv("LLM_API_KEY", API_KEY)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return own_database


@pytest.fixture
def serve(model_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """`serve(model, replicas, agents)` starts the agents on a model; they end with the test."""
    with ExitStack() as ends:

        def start(
            model: ScriptedModel, replicas: int = 1, agents: dict[str, str] | None = None
        ) -> OpenAIServer:
            server = ends.enter_context(OpenAIServer(model))
            monkeypatch.setenv("LLM_BASE_URL", server.url)
            ends.enter_context(Fleet(agents, replicas=replicas))
            return server

        yield start


def environment(**changes: str) -> dict[str, str]:
    """The environment for a process of the test's."""
    return {name: value for name, value in os.environ.items() if name != "MAS_DATABASE"} | changes
