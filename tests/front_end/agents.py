"""Agents of a test that do, as the real roles, all that there is to do: the talk has two questions."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from clients.api import Api, Task
from tests.conftest import LEASE_S, Database
from tests.db.steps import BOARD, REQUIREMENT, RESULTS

QUESTIONS = ("Which supply voltage?", "Which colour?")
PROPOSAL = "A board, 5 V, red.\nShall I build this?"
FILES = {"board.kicad_pcb": b"a board", "top.png": b"a picture", "report.txt": b"all well"}


class Agents:
    """All of them work until the block ends: QUESTIONS are asked, a board is proposed and, approved, passes."""

    def __init__(self, database: Database) -> None:
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(len(RESULTS))
        self._working = [self._pool.submit(self._serve, name, database) for name in RESULTS]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._pool.shutdown()
        for done in self._working:
            done.result()

    def _serve(self, name: str, database: Database) -> None:
        with database.api(name) as api:
            while not self._over.is_set():
                if task := api.claim_task(LEASE_S) or api.sleep_until_task(LEASE_S, 1.0, self._over):
                    api.complete_task(task, _result(name, api, task))


def _result(name: str, api: Api, task: Task) -> dict[str, Any]:
    if name == "client_manager":
        return _talk(api, task)
    if name == "kicad":
        for file, content in FILES.items():
            api.store_artifact(task, file, content)
        api.store_board(task, BOARD)
    return RESULTS[name]


def _talk(api: Api, task: Task) -> dict[str, Any]:
    """The next question for each thing that was said, then the proposal, then the end."""
    context = api.task_context(task)
    said = sum(each["sender"] == "user" for each in context["conversation"])
    if not context["interactive"]:
        return RESULTS["client_manager"]
    if said <= len(QUESTIONS):
        return {"outcome": "asked", "reply": QUESTIONS[said - 1]}
    if said == len(QUESTIONS) + 1:
        return {"outcome": "asked", "reply": PROPOSAL, "requirement": REQUIREMENT}
    return RESULTS["client_manager"]
