"""The way of a design through its states, moved by results and by nothing else."""

from __future__ import annotations

import psycopg
import pytest

from clients.api import ApiError
from tests.conftest import ROOT, Database
from tests.db.steps import CHECK, FINDING, RESULTS, begin, reject, status, work


def test_a_design_goes_from_brief_to_board(database: Database) -> None:
    design = begin(database)
    for agent in ("client_manager", "pcb_designer", "kicad", "pcb_tester"):
        work(database, agent)
    last = status(database, design)
    assert (last["state"], last["attempt"], last["finished"]) == ("resolved", 1, True)
    with database.connect("admin") as people:
        assert people.execute("select refs, value from bill_of_materials(%s)", (design,)).fetchall() == [
            ("R1", "1k")
        ]
        assert people.execute("select net, pads from netlist(%s)", (design,)).fetchall() == [("VCC", "R1.1")]
        history = people.execute(
            "select actor, outcome, to_state from design_history(%s)", (design,)
        ).fetchall()
    assert history == [
        ("terminal", "received", "briefing"),
        ("client_manager", "approved", "designing"),
        ("pcb_designer", "scripted", "building"),
        ("kicad", "built", "testing"),
        ("pcb_tester", "passed", "resolved"),
    ]


def test_a_rejected_attempt_goes_back_with_its_report(database: Database, claim) -> None:
    design = begin(database)
    work(database, "client_manager")
    work(database, "pcb_designer")
    work(database, "kicad")
    reject(database, "pcb_tester")
    api, task = claim("pcb_designer")
    context = api.task_context(task)
    assert context["attempt"] == 2
    assert [error["code"] for error in context["errors"]] == ["LED_REVERSED"]
    assert context["history"] == [{"attempt": 1, "agent": "pcb_tester", "codes": ["LED_REVERSED"]}]
    assert status(database, design)["state"] == "designing"


def test_after_five_attempts_a_design_fails_with_the_last_reason(database: Database) -> None:
    design = begin(database)
    work(database, "client_manager")
    for _ in range(5):
        work(database, "pcb_designer")
        reject(database, "kicad")
    last = status(database, design)
    assert (last["state"], last["attempt"]) == ("failed", 5)
    assert "LED_REVERSED D1" in last["error"]


def test_a_failed_check_cannot_be_passed(database: Database) -> None:
    begin(database)
    for agent in ("client_manager", "pcb_designer", "kicad"):
        work(database, agent)
    with pytest.raises(ApiError) as refused:
        work(database, "pcb_tester", checks=[CHECK, CHECK | {"passed": False}])
    assert refused.value.code == "PB007"


@pytest.mark.parametrize(
    ("agent", "result"),
    [
        ("client_manager", {"outcome": "approved", "reply": ""}),
        ("client_manager", {"outcome": "approved", "reply": "ok", "requirement": None}),
        ("client_manager", {"outcome": None}),
    ],
)
def test_a_result_that_lacks_its_parts_is_refused(
    database: Database, agent: str, result: dict[str, object]
) -> None:
    begin(database)
    with pytest.raises(ApiError) as refused:
        work(database, agent, **result)
    assert refused.value.code == "PB007"


def test_an_outcome_that_the_table_does_not_know_is_refused(database: Database) -> None:
    begin(database)
    with pytest.raises(ApiError) as refused:
        work(database, "client_manager", outcome="passed")
    assert refused.value.code == "PB005"


def test_every_move_that_the_table_does_not_list_is_refused(database: Database) -> None:
    """All pairs of states, tried by the administrator, whom nothing but the trigger stops."""
    design = begin(database)
    with database.connect() as owner:
        listed = set(owner.execute("select from_state, to_state from core.transitions").fetchall())
        names = [name for (name,) in owner.execute("select state from core.states")]
        move = "update core.design_states set state = %s where state_id = %s"
        for before in names:
            for after in names:
                if before == after:
                    continue
                with owner.transaction(force_rollback=True):
                    owner.execute("alter table core.design_states disable trigger refuse_illegal_move")
                    owner.execute(move, (before, design))
                    owner.execute("alter table core.design_states enable trigger refuse_illegal_move")
                    if (before, after) in listed:
                        owner.execute(move, (after, design))
                        continue
                    with pytest.raises(psycopg.Error) as refused, owner.transaction():
                        owner.execute(move, (after, design))
                    assert refused.value.sqlstate == "PB005", (before, after)


def test_progress_is_shown_and_ends_with_its_stage(database: Database, claim) -> None:
    design = begin(database)
    api, task = claim("client_manager")
    assert api.heartbeat_task(task, 30, "reading " + "x" * 300) == "continue"
    assert status(database, design)["progress"] == ("reading " + "x" * 300)[:200]
    api.complete_task(task, RESULTS["client_manager"])
    assert status(database, design)["progress"] is None


def test_nothing_leaves_a_final_state(database: Database) -> None:
    design = begin(database)
    work(database, "client_manager", outcome="refused")
    with database.connect() as owner, pytest.raises(psycopg.Error) as refused:
        owner.execute("update core.design_states set state = 'designing' where state_id = %s", (design,))
    assert refused.value.sqlstate == "PB005"


@pytest.mark.parametrize(
    "change", ["update core.design_events set attempt = 9", "delete from core.design_events"]
)
def test_history_is_append_only_even_for_the_administrator(database: Database, change: str) -> None:
    begin(database)
    with database.connect() as owner, pytest.raises(psycopg.Error) as refused:
        owner.execute(change)
    assert refused.value.sqlstate == "PB005"


def test_talk_goes_on_when_the_user_answers(database: Database) -> None:
    design = begin(database, interactive=True)
    work(database, "client_manager", outcome="asked", reply="Which supply?")
    assert status(database, design)["state"] == "awaiting_user"
    with database.api("terminal") as api:
        api.receive_message("terminal:me", "me", "9 V", "answer-1", design, True)
        assert [m["text"] for m in api.design_messages(design, 0)] == ["a blinker", "Which supply?", "9 V"]
    assert status(database, design)["state"] == "briefing"


def test_a_message_said_twice_is_one(database: Database) -> None:
    with database.api("terminal") as api:
        first = api.receive_message("terminal:me", "me", "a blinker", "key", None, True)
        assert api.receive_message("terminal:me", "me", "a blinker", "key", None, True) == first
        assert len(api.design_messages(first, 0)) == 1


def test_a_cancelled_design_takes_its_work_along(database: Database, claim) -> None:
    design = begin(database)
    api, task = claim("client_manager")
    with database.api("terminal") as front:
        front.cancel_design(design)
    assert api.heartbeat_task(task, 30, None) == "cancelled"
    assert api.complete_task(task, {"outcome": "approved"}) is None
    assert status(database, design)["state"] == "cancelled"


def test_a_dead_letter_fails_its_design_with_the_reason(database: Database, claim) -> None:
    design = begin(database)
    api, task = claim("client_manager")
    assert api.fail_task(task, "no sandbox can be had", retry=False) == "dead"
    last = status(database, design)
    assert (last["state"], last["error"]) == ("failed", "no sandbox can be had")


def test_words_said_while_the_agent_thinks_are_answered(database: Database, claim) -> None:
    design = begin(database, interactive=True)
    api, task = claim("client_manager")
    api.task_context(task)
    with database.api("terminal") as front:
        front.receive_message("terminal:me", "me", "green, please", "meanwhile", design, True)
    api.complete_task(
        task, {"outcome": "asked", "reply": "Which supply?", "requirement": None, "title": None}
    )
    assert status(database, design)["state"] == "briefing"
    _, again = claim("client_manager")
    assert again.task_id != task.task_id


def test_the_best_attempt_is_kept_and_shown(database: Database, claim) -> None:
    design = begin(database)
    work(database, "client_manager")
    for fails in (1, 3):
        work(database, "pcb_designer", script=f"# {fails} checks will fail")
        work(database, "kicad")
        failed = [CHECK | {"passed": False, "code": f"F{n}"} for n in range(fails)]
        work(database, "pcb_tester", outcome="rejected", errors=[FINDING], feedback="no", checks=failed)
    work(database, "pcb_designer", outcome="gave_up", reason="no other idea")
    last = status(database, design)
    assert (last["state"], last["error"]) == ("failed", "no other idea")
    assert [check["code"] for check in last["checks"]] == ["F0"]


def test_the_diagram_in_the_readme_is_the_table(database: Database) -> None:
    with database.connect("monitor") as people:
        (diagram,) = people.execute("select state_diagram()").fetchone()
    assert f"```mermaid\n{diagram}```" in (ROOT / "README.md").read_text(), diagram
