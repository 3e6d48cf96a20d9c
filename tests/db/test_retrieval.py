"""Similar designs: one's own and the examples, the near ones first, never another user's."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from clients.api import Api, Task
from tests.conftest import LEASE_S, Database
from tests.db.steps import BOARD, RESULTS
from tests.db.test_design_control import call, code_of

# title, brief: ten boards that passed somewhere
TEN = [
    ("555 blinker", "a 555 LED blinker, about 1 Hz, from 9 V"),
    ("RC low-pass", "a low-pass filter with a corner at 1 kHz for an audio line"),
    ("RC high-pass", "a high-pass filter that cuts everything below 20 Hz"),
    ("5 V supply", "a fixed linear regulator from 12 V down to 5 V, 500 mA"),
    ("3.3 V supply", "an AMS1117 supply, 3.3 V out of a USB connector"),
    ("relay switch", "a low-side MOSFET switch for a 12 V relay with a flyback diode"),
    ("motor switch", "drive a small DC motor with a MOSFET from a microcontroller pin"),
    ("power indicator", "a green LED that shows that the 5 V rail is there"),
    ("ATtiny85 board", "ATtiny85 microcontroller with ISP header, regulator, button and two LEDs"),
    ("I2C breakout", "breakout board for an I2C temperature sensor with pull-up resistors"),
]
QUERIES = [
    ("blink a lamp twice a second with a timer 555", "555 blinker"),
    ("I need 3.3 V from USB for my sensor", "3.3 V supply"),
    ("microcontroller board: an ATTiny85, programming header and a button", "ATtiny85 board"),
    ("switch a 12V relay from a logic pin, with its diode", "relay switch"),
    ("cut hum below 20 Hz: high pass filter", "RC high-pass"),
    ("pull-ups and a connector for an i2c temperature sensor", "I2C breakout"),
]


def requirement(title: str, brief: str) -> dict[str, Any]:
    """A requirement as client_manager makes it."""
    return {
        "title": title,
        "brief": brief,
        "family": "custom",
        "ports": [{"name": "VCC", "role": "supply_in"}],
        "measures": [],
        "unused": [brief],
    }


class Library:
    """People whose designs pass, and what their designers find."""

    def __init__(self, database: Database, stack: ExitStack) -> None:
        self.database = database
        self.api = {
            role: stack.enter_context(database.api(role)) for role in (*RESULTS, "terminal", "discord_bot")
        }

    def begin(
        self, account: str, title: str, brief: str, front_end: str = "terminal"
    ) -> tuple[int, Api, Task]:
        """A design whose designer has its task in hand."""
        design = self.api[front_end].receive_message(account, "x", brief, str(uuid.uuid4()), None, False)
        self.complete("client_manager", {"requirement": requirement(title, brief), "title": title})
        task = self.api["pcb_designer"].claim_task(LEASE_S)
        assert task is not None
        return design, self.api["pcb_designer"], task

    def complete(self, agent: str, result: dict[str, Any]) -> None:
        """The agent does its next task."""
        task = self.api[agent].claim_task(LEASE_S)
        assert task is not None
        if agent == "kicad":
            self.api[agent].store_board(task, BOARD)
        self.api[agent].complete_task(task, RESULTS[agent] | result)

    def passes(self, account: str, title: str, brief: str, front_end: str = "terminal") -> int:
        """A design that goes all the way."""
        design, api, task = self.begin(account, title, brief, front_end)
        api.complete_task(task, RESULTS["pcb_designer"] | {"script": f"# {title} of {account}"})
        for agent in ("kicad", "pcb_tester"):
            self.complete(agent, {})
        return design

    def similar(self, account: str, title: str, brief: str, limit: int = 3) -> list[dict[str, Any]]:
        """What the designer of a new design finds."""
        _, api, task = self.begin(account, title, brief)
        found = api._rows("similar_designs", p_task_id=task.task_id, p_token=task.lease_token, p_limit=limit)
        api.complete_task(task, {"outcome": "gave_up", "reason": "seen enough"})
        return found

    def examples(self, *more: dict[str, Any]) -> None:
        """The ten, imported, and more."""
        rows = [
            {
                "title": t,
                "brief": b,
                "requirement": requirement(t, b),
                "script": f"# {t}",
                "outcome": "resolved",
                "attempts": 1,
            }
            for t, b in TEN
        ]
        with self.database.connect("admin") as people:
            people.execute("select * from import_rows('designs', %s)", (Jsonb([*rows, *more]),))


@pytest.fixture
def library(database: Database) -> Iterator[Library]:
    """A library with connections of its own."""
    with ExitStack() as stack:
        yield Library(database, stack)


@pytest.mark.parametrize("whose", ["examples", "own"])
def test_the_near_ones_come_first(library: Library, whose: str) -> None:
    if whose == "examples":
        library.examples()
    else:
        for title, brief in TEN:
            library.passes("me", title, brief)
    for brief, nearest in QUERIES:
        found = library.similar("me", "custom board", brief)
        assert found[0]["title"] == nearest, (brief, [row["title"] for row in found])
        assert len(found) <= 3
        assert found[0]["script"].startswith(f"# {nearest}")
        assert found[0]["attempts"] == 1
        assert found[0]["requirement"]["title"] == nearest


def test_another_user_s_design_is_never_there(library: Library) -> None:
    library.passes("other", "555 blinker", "a 555 LED blinker, about 1 Hz, from 9 V")
    library.passes(
        "me", "555 blinker", "a 555 LED blinker, about 1 Hz", "discord_bot"
    )  # the same name elsewhere is another person
    library.passes("me", "RC low-pass", "a low-pass filter")
    found = library.similar("me", "555 blinker", "a 555 LED blinker, about 1 Hz, from 9 V", 20)
    assert [row["title"] for row in found] == ["RC low-pass"]


def test_what_did_not_pass_is_not_learned_from(library: Library) -> None:
    library.similar("me", "555 blinker", "a 555 LED blinker")  # that design failed
    library.examples({"title": "555 blinker", "brief": "a 555 LED blinker", "script": "# bad", "outcome": "failed"},
                     {"title": "555 blinker", "brief": "a 555 LED blinker", "outcome": "resolved"})  # fmt: skip
    found = library.similar("me", "555 blinker", "a 555 LED blinker", 20)
    assert "# bad" not in {row["script"] for row in found}
    assert None not in {row["script"] for row in found}
    assert found[0]["title"] == "555 blinker"


def test_a_candidate_finds_what_its_design_would(library: Library) -> None:
    library.examples()
    _, api, task = library.begin("me", "custom board", QUERIES[0][0])
    api.complete_task(task, {"outcome": "branched"})
    task = api.claim_task(LEASE_S)
    assert task is not None
    found = api._rows("similar_designs", p_task_id=task.task_id, p_token=task.lease_token)
    assert found[0]["title"] == "555 blinker"


def test_an_adopted_attempt_is_learned_from_once(library: Library) -> None:
    design, api, task = library.begin("me", "555 blinker", "a 555 LED blinker, about 1 Hz, from 9 V")
    api.complete_task(task, {"outcome": "branched"})
    library.complete("pcb_designer", {"script": "# the candidate"})
    for agent in ("kicad", "pcb_tester"):
        library.complete(agent, {})
    found = library.similar("me", "555 blinker", "a 555 LED blinker", 20)
    assert [(row["script"], row["source"]) for row in found] == [
        ("# the candidate", f"design {design} of the same user")
    ]


def test_odd_words_do_no_harm(library: Library) -> None:
    library.examples()
    for brief in ("' | \\ :* & ! <->", "a:b'c\\d ''''", "½ Ω µ 💡", "x" * 5000, "the of and"):
        library.similar("me", brief[:50], brief)


def test_a_shared_design_is_everybody_s_without_the_user_s_words(library: Library) -> None:
    design = library.passes("other", "555 blinker", "a 555 LED blinker for my wife Anna's birthday")
    database = library.database
    assert code_of(database, "select share_design(%s)", design, role="discord_bot") == "PB006"
    for role in ("kicad", "pcb_designer", "monitor"):
        assert code_of(database, "select share_design(%s)", design, role=role) == "42501"
    assert call(database, "select share_design(%s)", design, role="terminal") is True
    assert call(database, "select share_design(%s)", design, role="admin") is False
    (found,) = library.similar("me", "555 blinker", "a 555 LED blinker", 20)
    assert (found["title"], found["script"], found["source"]) == (
        "555 blinker",
        "# 555 blinker of other",
        f"design {design}",
    )
    with database.connect() as owner:
        (stored,) = owner.execute("select to_jsonb(e)::text from core.examples e").fetchone() or ("",)
    assert "Anna" not in stored
    assert found["requirement"]["ports"] == [{"name": "VCC", "role": "supply_in"}]


def test_only_what_passed_is_shared(library: Library) -> None:
    design, api, task = library.begin("me", "a board", "a board")
    assert code_of(library.database, "select share_design(%s)", design) == "PB044"
    api.complete_task(task, {"outcome": "gave_up", "reason": "no"})
    assert code_of(library.database, "select share_design(%s)", design) == "PB044"


def test_only_under_the_lease(database: Database) -> None:
    with database.connect("pcb_designer") as agent, pytest.raises(psycopg.Error) as refused:
        agent.execute("select * from similar_designs(1, gen_random_uuid())")
    assert refused.value.sqlstate == "PB001"


def test_a_large_requirement_is_imported_and_found_by_its_title(library: Library) -> None:
    huge = {"title": "backplane", "measures": [], "notes": [f"word{n}" for n in range(60000)]}
    library.examples(
        {
            "title": "backplane",
            "brief": "a VME backplane " + "slot " * 20000,
            "requirement": huge,
            "script": "# vme",
            "outcome": "resolved",
        }
    )
    assert library.similar("me", "a board", "VME backplane with slots")[0]["script"] == "# vme"
