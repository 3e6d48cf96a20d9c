"""The whole system: agents as real processes on a database of the test's own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from clients.fleet import AGENTS, Fleet
from tests.conftest import Database

PEOPLE = "admin"


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


def environment(**changes: str) -> dict[str, str]:
    """The environment for a process of the test's."""
    return {name: value for name, value in os.environ.items() if name != "MAS_DATABASE"} | changes
