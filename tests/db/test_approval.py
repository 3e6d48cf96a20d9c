"""What a person approves is what they were shown, and what the chat says before anybody has answered."""

from __future__ import annotations

from typing import Any

from clients.api import ApiError
from clients.client_manager import ClientManager
from tests.conftest import LEASE_S, Database
from tests.db.steps import RESULTS, begin, status, work
from tests.db.test_attachments import say


def approve(database: Database, requirement: dict[str, Any]) -> str | None:
    """client_manager says that the requirement is approved; the code with which that is refused."""
    with database.api("client_manager") as api:
        task = api.claim_task(LEASE_S)
        assert task is not None
        try:
            api.complete_task(task, RESULTS["client_manager"] | {"requirement": requirement})
        except ApiError as refused:
            api.release_task(task)
            return refused.code
    return None


def shown(database: Database, claim: Any) -> bool:
    """What task_context says of the proposal."""
    api, task = claim("client_manager")
    said = bool(api.task_context(task)["proposal_shown"])
    api.release_task(task)
    return said


BLINKER = {"title": "a blinker", "measures": [], "values": {"frequency_Hz": 1.0}}


def test_a_model_cannot_approve_on_its_own(database: Database, claim: Any) -> None:
    design = begin(database, interactive=True)
    assert not shown(database, claim)
    assert approve(database, BLINKER) == "PB007"
    work(database, "client_manager", outcome="asked", reply="Which supply?", requirement=None)
    say(database, "k1", design)
    assert approve(database, BLINKER) == "PB007"  # a question is no proposal
    work(database, "client_manager", outcome="asked", reply="1 Hz. Right?", requirement=BLINKER)
    assert status(database, design)["state"] == "awaiting_user"
    say(database, "k2", design)
    assert shown(database, claim)
    assert approve(database, BLINKER | {"values": {"frequency_Hz": 2.0}}) == "PB007"  # not what was shown
    assert approve(database, BLINKER | {"more": 1}) == "PB007"
    assert approve(database, BLINKER) is None
    assert status(database, design)["requirement"] == BLINKER


def test_a_later_question_takes_the_proposal_back(database: Database, claim: Any) -> None:
    design = begin(database, interactive=True)
    work(database, "client_manager", outcome="asked", reply="1 Hz. Right?", requirement=BLINKER)
    say(database, "k1", design)
    work(database, "client_manager", outcome="asked", reply="Which colour?", requirement=None)
    say(database, "k2", design)
    assert not shown(database, claim)
    assert approve(database, BLINKER) == "PB007"


def test_words_that_came_before_the_proposal_do_not_approve_it(database: Database, claim: Any) -> None:
    """The user spoke while client_manager was thinking: they have not seen what it proposes."""
    design = begin(database, interactive=True)
    api, task = claim("client_manager")
    api.task_context(task)
    say(database, "yes, whatever", design)
    api.complete_task(
        task, {"outcome": "asked", "reply": "1 Hz. Right?", "requirement": BLINKER, "title": "x"}
    )
    assert status(database, design)["state"] == "briefing"  # there are words to answer
    assert not shown(database, claim)
    assert approve(database, BLINKER) == "PB007"
    work(database, "client_manager", outcome="asked", reply="1 Hz. Right?", requirement=BLINKER)
    say(database, "k2", design)
    assert approve(database, BLINKER) is None


def test_who_cannot_be_asked_gets_the_defaults(database: Database) -> None:
    design = begin(database, interactive=False)
    assert approve(database, BLINKER) is None
    assert status(database, design)["state"] == "designing"


def test_a_front_end_is_told_what_its_user_may_do(database: Database) -> None:
    def actions() -> list[str]:
        return list(status(database, design)["actions"])

    design = begin(database, interactive=True)
    assert actions() == ["say", "pause", "cancel"]
    work(database, "client_manager", outcome="asked", reply="Which colour?", requirement=None)
    assert actions() == ["default", "say", "pause", "cancel"]
    say(database, "k1", design)
    work(database, "client_manager", outcome="asked", reply="1 Hz. Right?", requirement=BLINKER)
    assert actions() == ["approve", "change", "say", "pause", "cancel"]
    with database.api("terminal") as api:
        api._one("pause_design", p_design=design)
        assert actions() == ["approve", "change", "say", "resume", "cancel"]
        api._one("resume_design", p_design=design)
    say(database, "k2", design)
    assert actions() == ["say", "pause", "cancel"], "a proposal that was answered waits for nobody"
    assert approve(database, BLINKER) is None
    assert actions() == ["say", "pause", "cancel"]
    with database.api("terminal") as api:
        api.cancel_design(design)
    assert actions() == []


# ---------------------------------------------------------------------------- at once


def test_the_chat_says_at_once_that_it_is_at_work_and_what_comes_before(
    database: Database, claim: Any
) -> None:
    first = begin(database, interactive=True)
    assert status(database, first)["progress"] == "client_manager is at work"
    second, third = begin(database), begin(database)
    assert status(database, second)["progress"] == "client_manager is at work; 1 request is before yours"
    assert status(database, third)["progress"] == "client_manager is at work; 2 requests are before yours"
    work(database, "client_manager", outcome="asked", reply="Which supply?", requirement=None)
    assert status(database, first)["progress"] is None
    say(database, "k1", first)
    assert status(database, first)["progress"] == "client_manager is at work; 2 requests are before yours"
    for _ in range(120):
        last = begin(database)
    assert (
        status(database, last)["progress"]
        == "client_manager is at work; 100 requests or more are before yours"
    )


def test_the_catalog_s_manager_shows_first_what_was_approved_unseen(database: Database) -> None:
    """Two answers at once: the second, a yes, was for a proposal that nobody had seen."""

    def turn() -> dict[str, Any]:
        with database.api("client_manager") as api:
            task = api.claim_task(LEASE_S)
            assert task is not None
            result = ClientManager(llm_provider_name="catalog")(api.task_context(task))
            api.complete_task(task, result)
        return result

    design = begin(database, "a blinker at 2 Hz, 40x30 mm", interactive=True)
    turn()
    for key, text in (("k1", "12 V"), ("k2", "yes")):
        speak(database, design, key, text)
    assert turn()["outcome"] == "asked"
    for key, text in (("k3", "green"), ("k4", "ok")):  # the ok was for a green one, unseen again
        speak(database, design, key, text)
    second = turn()
    assert (second["outcome"], second["requirement"]["values"]["colour"]) == ("asked", "green")
    speak(database, design, "k5", "yes")
    assert turn() == second | {"outcome": "approved", "reply": second["reply"].rpartition("\n")[0]}
    assert status(database, design)["requirement"]["values"]["colour"] == "green"


def speak(database: Database, design: int, key: str, text: str) -> None:
    """The user says this."""
    with database.api("terminal") as api:
        api.receive_message("terminal:me", "me", text, key, design, True)
