"""A gateway on the test's own database, and people who look at its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from clients.fleet import Fleet
from tests.conftest import Database, know_libraries
from tests.page.browser import Watched, launched
from tests.page.gateway_process import GatewayProcess

Visit = Callable[..., Watched]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; ended before other tests begin, because its event loop runs in their thread."""
    with launched() as running:
        yield running


@pytest.fixture
def own_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Every process that this test starts works on its database."""
    know_libraries(database)
    monkeypatch.setenv("MAS_DATABASE", database.name)
    return database


@pytest.fixture
def gateway(own_database: Database, tmp_path: Path) -> Iterator[GatewayProcess]:
    """The gateway as a process."""
    with GatewayProcess(tmp_path) as running:
        yield running


@pytest.fixture
def agents(own_database: Database) -> Iterator[None]:
    """Every agent as a process."""
    with Fleet():
        yield


@pytest.fixture
def visit(browser: Browser, gateway: GatewayProcess) -> Iterator[Visit]:
    """`visit(**context)` opens a window of its own; when the test ends, nothing forbidden has happened in it."""
    windows: list[Watched] = []

    def opened(**context: Any) -> Watched:
        windows.append(Watched(browser, gateway.url, **context))
        return windows[-1]

    yield opened
    for window in windows:
        window.close()
