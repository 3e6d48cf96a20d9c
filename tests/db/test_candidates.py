"""Candidates: a first attempt that is tried several times at once, and the design that takes the best of them over."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from clients.api import Api, ApiError, Task
from tests.conftest import LEASE_S, ROOT, Database
from tests.db.steps import BOARD, CHECK, FINDING, RESULTS, begin, status
from tests.db.test_design_control import call, code_of, replay
from tests.db.test_races import Script, Stage, inside, sql, stage

__all__ = ["stage"]  # a fixture

AGENTS = ("client_manager", "pcb_designer", "kicad", "pcb_tester")
REJECTED = {"outcome": "rejected", "errors": [FINDING], "feedback": "LED_REVERSED D1"}
CHILDREN = "select state_id from core.design_states where candidate_of = %s order by candidate"


class Desk:
    """Every agent of one database, working on the design that it is told to."""

    def __init__(self, database: Database, stack: ExitStack) -> None:
        self.database = database
        self.owner = stack.enter_context(database.connect())
        self._api = {agent: stack.enter_context(database.api(agent)) for agent in AGENTS}

    def branch(self, interactive: bool = False, limit: int = 5) -> tuple[int, list[int]]:
        """A design whose designer has just branched, and its candidates in order."""
        self.owner.execute(
            "update core.settings set value = %s where name = 'design_attempt_limit'", (limit,)
        )
        design = begin(self.database, interactive=interactive)
        self.work(design, "client_manager")
        self.work(design, "pcb_designer", {"outcome": "branched"})
        return design, self.children(design)

    def children(self, design: int) -> list[int]:
        """The candidates of a design."""
        return [number for (number,) in self.owner.execute(CHILDREN, (design,))]

    def claim(self, design: int, agent: str) -> tuple[Api, Task]:
        """The agent's task of this design; what comes before it is handed back."""
        api, passed = self._api[agent], []
        while (task := api.claim_task(LEASE_S)) and task.payload["design"] != design:
            passed.append(task)
        for other in passed:
            api.release_task(other)
        assert task is not None, f"{agent} has nothing to do for design {design}"
        return api, task

    def work(self, design: int, agent: str, result: dict[str, Any] | None = None) -> None:
        """The agent does its usual work, or what it is told, on this design."""
        api, task = self.claim(design, agent)
        said = RESULTS[agent] | (result or {})
        if agent == "kicad" and said["outcome"] == "built":
            api.store_board(task, BOARD)
            api.store_artifact(task, "board.kicad_pcb", f"board of {design}".encode())
        api.complete_task(task, said)

    def end(self, design: int, way: str) -> None:
        """Bring a candidate to its end in one of the ways that there are."""
        if way == "cancelled":
            (task,) = self.owner.execute(
                "select task_id from core.tasks where state_id = %s", (design,)
            ).fetchone() or (0,)
            assert call(self.database, "select cancel_task(%s)", task, role="admin")
            return
        if way == "gave up":
            self.work(design, "pcb_designer", {"outcome": "gave_up", "reason": f"no idea in {design}"})
            return
        if way == "dead":
            api, task = self.claim(design, "pcb_designer")
            assert api.fail_task(task, f"no account in {design}", retry=False) == "dead"
            return
        if way == "never written":
            self.work(
                design, "pcb_designer", REJECTED | {"script": "", "errors": [FINDING | {"code": "NO_SCRIPT"}]}
            )
            return
        self.work(design, "pcb_designer", {"script": f"design = {design}"})
        if way == "not built":
            self.work(design, "kicad", REJECTED | {"errors": [FINDING | {"code": "UNROUTED"}]})
            return
        self.work(design, "kicad", {"summary": {"design": design}})
        if way == "passed":
            self.work(design, "pcb_tester")
        elif way == "two failed":
            bad = [CHECK | {"passed": False}] * 2
            self.work(design, "pcb_tester", REJECTED | {"checks": bad, "errors": [FINDING | {"code": "TWO"}]})
        elif way == "one failed":
            self.work(design, "pcb_tester", REJECTED | {"checks": [CHECK | {"passed": False}]})
        else:
            api, task = self.claim(design, "pcb_tester")
            assert api.fail_task(task, "the tester broke", retry=False) == "dead"

    def state(self, design: int) -> str:
        """Where a design stands."""
        return str(status(self.database, design)["state"])

    def holds(self, only: int | None = None) -> None:
        """Every design replays; each that goes on has its one task, its candidates', or waits for the user.

        `only`: look at one design and its candidates.
        """
        for design, state, finished, paused, tasks, running in self.owner.execute(
            """select d.state_id, d.state, d.finished_at is not null, d.paused,
                      array(select t.state::text from core.tasks t where t.state_id = d.state_id and not t.cancelled),
                      (select count(*) from core.design_states c where c.candidate_of = d.state_id and c.finished_at is null)
                 from core.design_states d where coalesce(d.candidate_of, d.state_id) = coalesce(%s, d.candidate_of, d.state_id)""",
            (only,),
        ).fetchall():
            assert replay(self.database, design)[3:] == (True, None)
            if finished:
                assert (tasks, running, paused) == ([], 0, False)
            elif state == "comparing":
                assert tasks == []
                assert running > 0
            else:
                assert len(tasks) == (state != "awaiting_user")
                assert all((task == "blocked") == (paused and task != "working") for task in tasks)


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """All agents at their desks."""
    with ExitStack() as stack:
        yield Desk(database, stack)


# ---------------------------------------------------------------------------- branching


def test_the_first_attempt_branches_into_as_many_as_the_agent_s_setting_says(desk: Desk) -> None:
    design = begin(desk.database)
    desk.work(design, "client_manager")
    api, task = desk.claim(design, "pcb_designer")
    context = api.task_context(task)
    assert (context["candidates"], context["candidate"], context["attempt"]) == (3, None, 1)
    api.complete_task(task, {"outcome": "branched"})
    last = status(desk.database, design)
    assert (last["state"], last["attempt"], last["progress"]) == (
        "comparing",
        0,
        "several candidates are being tried",
    )
    children = desk.children(design)
    assert len(children) == 3
    for number, child in enumerate(children, 1):
        api, task = desk.claim(child, "pcb_designer")
        mine = api.task_context(task)
        assert (mine["candidates"], mine["candidate"]) == (0, number)
        assert (mine["attempt"], mine["attempt_limit"], mine["requirement"]) == (1, 1, context["requirement"])
        with pytest.raises(ApiError) as refused:
            api.complete_task(task, {"outcome": "branched"})
        assert refused.value.code == "PB007"
        api.release_task(task)
    desk.holds()


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [('{"candidates": 5}', 5), ('{"candidates": 2}', 2), ('{"candidates": 1}', 0), ("{}", 3)],
)
def test_the_setting_is_the_agent_s_and_one_is_no_branching(desk: Desk, setting: str, wanted: int) -> None:
    desk.owner.execute("update core.agents set model = %s where name = 'pcb_designer'", (setting,))
    design = begin(desk.database)
    desk.work(design, "client_manager")
    api, task = desk.claim(design, "pcb_designer")
    assert api.task_context(task)["candidates"] == wanted
    if wanted:
        api.complete_task(task, {"outcome": "branched"})
        assert len(desk.children(design)) == wanted
        return
    with pytest.raises(ApiError) as refused:
        api.complete_task(task, {"outcome": "branched"})
    assert refused.value.code == "PB007"
    api.complete_task(task, RESULTS["pcb_designer"])


def test_no_other_attempt_branches_and_no_other_agent(desk: Desk) -> None:
    design = begin(desk.database)
    api, task = desk.claim(design, "client_manager")
    assert api.task_context(task)["candidates"] == 0
    with pytest.raises(ApiError) as refused:
        api.complete_task(task, RESULTS["client_manager"] | {"outcome": "branched"})
    assert refused.value.code == "PB007"
    api.complete_task(task, RESULTS["client_manager"])
    desk.work(design, "pcb_designer")
    desk.work(design, "kicad", REJECTED)
    api, task = desk.claim(design, "pcb_designer")
    assert api.task_context(task)["candidates"] == 0


def test_a_designer_may_reject_its_own_script(desk: Desk) -> None:
    """What the static check found is an attempt with a report; with none left the design fails by it."""
    desk.owner.execute("update core.settings set value = '2' where name = 'design_attempt_limit'")
    design = begin(desk.database)
    desk.work(design, "client_manager")
    desk.work(design, "pcb_designer", REJECTED | {"script": "import os", "notes": ["x"]})
    assert (desk.state(design), status(desk.database, design)["attempt"]) == ("designing", 1)
    api, task = desk.claim(design, "pcb_designer")
    context = api.task_context(task)
    assert (context["script"], context["errors"], context["attempt"]) == ("import os", [FINDING], 2)
    assert context["history"] == [{"attempt": 1, "agent": "pcb_designer", "codes": ["LED_REVERSED"]}]
    for bad, code in (
        ({"errors": []}, "PB007"),
        ({"errors": [FINDING] * 6}, "PB007"),
        ({"script": "#" * 262145}, "PB003"),
    ):
        with pytest.raises(ApiError) as refused:
            api.complete_task(task, REJECTED | {"script": ""} | bad)
        assert refused.value.code == code
    api.complete_task(task, REJECTED | {"script": ""})
    last = status(desk.database, design)
    assert (last["state"], last["attempt"]) == ("failed", 2)
    assert "LED_REVERSED D1" in last["error"]
    desk.holds()


def test_what_is_best_and_what_has_not_changed(desk: Desk) -> None:
    design = begin(desk.database)
    desk.work(design, "client_manager")

    def context() -> dict[str, Any]:
        api, task = desk.claim(design, "pcb_designer")
        seen = api.task_context(task)
        api.release_task(task)
        return seen

    assert (context()["best"], context()["unchanged"]) == (None, [])
    desk.end(design, "one failed")
    assert context()["unchanged"] == []
    desk.work(design, "pcb_designer", {"script": "second"})
    both = [FINDING | {"code": "LED_REVERSED"}, FINDING | {"code": "UNROUTED"}]
    desk.work(design, "kicad", REJECTED | {"errors": both})
    seen = context()
    assert seen["best"] == {"attempt": 1, "script": f"design = {design}", "errors": [FINDING]}
    assert seen["script"] == "second"
    assert seen["unchanged"] == ["LED_REVERSED"]


# ---------------------------------------------------------------------------- how candidates end

WAYS = ("passed", "one failed", "not built", "gave up", "dead")
RANK = {
    "one failed": 0,
    "two failed": 1,
    "broke": 2,
    "not built": 3,
    "never written": 4,
    "cancelled": 9,
    "gave up": 9,
    "dead": 9,
}


@pytest.mark.parametrize("first", WAYS)
@pytest.mark.timeout(300)
def test_every_order_of_ends(desk: Desk, first: str) -> None:
    for ways in itertools.product([first], WAYS, WAYS):
        design, children = desk.branch()
        for child, way in zip(children, ways, strict=True):
            if desk.state(design) == "comparing":
                desk.end(child, way)
        judge(desk, design, children, ways)


@pytest.mark.parametrize(
    "ways",
    [
        ("never written", "gave up", "dead"),
        ("never written", "not built", "gave up"),
        ("two failed", "one failed", "broke"),
        ("broke", "not built", "never written"),
        ("two failed", "cancelled", "passed"),
        ("cancelled", "cancelled", "cancelled"),
        ("cancelled", "gave up", "never written"),
    ],
)
def test_other_ends(desk: Desk, ways: tuple[str, ...]) -> None:
    design, children = desk.branch()
    for child, way in zip(children, ways, strict=True):
        desk.end(child, way)
    judge(desk, design, children, ways)


def judge(desk: Desk, design: int, children: list[int], ways: tuple[str, ...]) -> None:
    """The parent took over the candidate that it should have, once."""
    last = status(desk.database, design)
    scripts = desk.owner.execute(
        "select script_content, attempt_number, checks, summary, script_id from core.design_scripts where state_id = %s",
        (design,),
    ).fetchall()
    if "passed" in ways:
        best = ways.index("passed")
        assert (last["state"], last["attempt"]) == ("resolved", 1), ways
        states = [desk.state(child) for child in children]
        assert states == ["failed" if w != "cancelled" else w for w in ways[:best]] + ["resolved"] + [
            "cancelled"
        ] * (2 - best)
    else:
        ranks = [RANK[way] for way in ways]
        best = ranks.index(min(ranks))
        if min(ranks) == 9:
            assert (last["state"], last["attempt"], scripts) == ("failed", 0, []), ways
            assert last["error"].startswith("none of 3 candidates passed: ")
            assert all(
                f"in {child}" in last["error"]
                for child, way in zip(children, ways, strict=True)
                if way != "cancelled"
            )
            desk.holds()
            return
        assert (last["state"], last["attempt"]) == ("designing", 1), ways
        api, task = desk.claim(design, "pcb_designer")
        context = api.task_context(task)
        assert (context["attempt"], context["candidates"]) == (2, 0)
        codes = {
            "one failed": "LED_REVERSED",
            "two failed": "TWO",
            "broke": "NOT_FINISHED",
            "not built": "UNROUTED",
            "never written": "NO_SCRIPT",
        }
        assert [error["code"] for error in context["errors"]] == [codes[ways[best]]]
        assert context["history"][0]["codes"] == [codes[ways[best]]]
        assert context["best"]["attempt"] == 1
        api.complete_task(task, {"outcome": "gave_up", "reason": "enough"})
    winner = children[best]
    written = ways[best] != "never written"
    built = ways[best] in ("passed", "one failed", "two failed", "broke")
    tested = ways[best] in ("passed", "one failed", "two failed")
    ((script, number, checks, summary, script_id),) = scripts
    assert (script, number) == (f"design = {winner}" if written else "", 1), ways
    assert ((checks is not None), summary) == (tested, {"design": winner} if built else None)
    with desk.database.connect("terminal") as terminal:
        files = terminal.execute("select name, made_by from design_files(%s)", (design,)).fetchall()
        assert files == ([("board.kicad_pcb", "kicad")] if built else [])
        if built:
            assert terminal.execute("select read_file(%s, 'board.kicad_pcb')", (design,)).fetchone() == (
                f"board of {winner}".encode(),
            )
            assert terminal.execute("select net, pads from netlist(%s)", (design,)).fetchall() == [
                ("VCC", "R1.1")
            ]
    resolved = desk.owner.execute(
        "select state_id, script_id from core.resolved_designs where state_id = any(%s)",
        ([design, *children],),
    )
    assert resolved.fetchall() == ([(design, script_id)] if "passed" in ways else [])
    desk.holds()


def test_the_user_sees_one_design_one_talk_and_one_completion(desk: Desk) -> None:
    design, children = desk.branch()
    desk.end(children[1], "one failed")
    desk.end(children[0], "passed")
    with desk.database.api("terminal") as terminal:
        said = [(m["sender"], m["text"]) for m in terminal.design_messages(design, 0)]
        assert said[-1] == ("pcb_tester", "Passed at attempt 1 of 5. The files are ready.")
        assert len(said) == 3
        ended = [
            n["message_payload"]
            for n in terminal.pending_notifications()
            if n["channel"] == "design_completed"
        ]
        assert ended == [{"design": design, "state": "resolved"}]
        assert all(terminal.design_messages(child, 0) == [] for child in children)
    with desk.database.connect("terminal") as terminal:
        assert terminal.execute("select design, state from list_designs()").fetchall() == [
            (design, "resolved")
        ]
        moves = terminal.execute(
            "select actor, outcome, to_state, attempt from design_history(%s)", (design,)
        ).fetchall()
    assert moves[-2:] == [
        ("pcb_designer", "branched", "comparing", 0),
        ("pcb_tester", "passed", "resolved", 1),
    ]
    with desk.database.connect("monitor") as people:
        assert people.execute("select design, attempt from attempts_per_design").fetchall() == [(design, 1)]
        assert people.execute("select * from stuck_work").fetchall() == []
    with desk.database.connect("admin") as people:
        assert people.execute(
            "select r ->> 'attempts', r ->> 'outcome' from export_rows('designs') r"
        ).fetchall() == [("1", "resolved")]


def test_nobody_speaks_into_a_candidate_or_rests_it(desk: Desk) -> None:
    _, children = desk.branch()
    with desk.database.api("terminal") as terminal, pytest.raises(ApiError) as refused:
        terminal.receive_message("terminal:me", "me", "green", "k", children[0], True)
    assert refused.value.code == "PB006"
    for verb in ("pause", "resume"):
        assert code_of(desk.database, f"select {verb}_design(%s)", children[0]) == "PB006"


def test_their_progress_is_the_design_s(desk: Desk) -> None:
    design, children = desk.branch()
    api, task = desk.claim(children[1], "pcb_designer")
    with desk.database.connect("terminal") as terminal:
        terminal.execute("listen design_updates")
        assert api.heartbeat_task(task, LEASE_S, "placing 20 parts") == "continue"
        rung = list(terminal.notifies(timeout=5, stop_after=1))
    assert [ring.payload for ring in rung] == [str(design)]
    assert status(desk.database, design)["progress"] == "candidate 2 of 3: placing 20 parts"
    api.complete_task(task, {"outcome": "gave_up", "reason": "no"})
    assert status(desk.database, design)["progress"] == "candidate 2 of 3: did not pass"


def test_work_on_the_others_learns_at_its_next_heartbeat(desk: Desk) -> None:
    design, children = desk.branch()
    desk.end(children[0], "not built")
    api, task = desk.claim(children[2], "pcb_designer")
    desk.end(children[1], "passed")
    assert desk.state(design) == "resolved"
    assert desk.state(children[2]) == "cancelled"
    assert api.heartbeat_task(task, LEASE_S, "still at it") == "cancelled"
    assert api.complete_task(task, RESULTS["pcb_designer"]) is None
    assert status(desk.database, design)["progress"] is None
    desk.holds()


def test_a_killed_worker_of_a_candidate_loses_nothing(desk: Desk) -> None:
    design, children = desk.branch()
    for child in children:
        api, task = desk.claim(child, "pcb_designer")
    with desk.database.connect("pcb_designer") as again:  # the same process, born again
        (held,) = desk.owner.execute(
            "select worker from core.tasks where state = 'working' limit 1"
        ).fetchone() or ("",)
        assert again.execute("select start_worker(%s)", (held,)).fetchone() == (3,)
    with pytest.raises(ApiError) as late:
        api.complete_task(task, RESULTS["pcb_designer"])
    assert late.value.code == "PB001"
    desk.owner.execute("update core.tasks set run_at = core.now(), state = 'ready' where state = 'scheduled'")
    for child in children:
        desk.end(child, "one failed")
    assert desk.state(design) == "designing"
    desk.holds()


def test_the_last_candidate_s_lost_lease_ends_the_design(desk: Desk) -> None:
    """A task that kills its workers is a dead letter; whoever claims next takes the design on."""
    design, children = desk.branch()
    desk.end(children[0], "one failed")
    desk.end(children[1], "gave up")
    desk.claim(children[2], "pcb_designer")
    desk.owner.execute(
        "update core.tasks set lease_until = core.now() - interval '1 s', attempt_limit = 1 where state = 'working'"
    )
    with desk.database.api("kicad") as other:
        assert other.claim_task(LEASE_S) is None
    assert (desk.state(design), status(desk.database, design)["attempt"]) == ("designing", 1)
    desk.holds()


def test_an_adopted_attempt_can_be_forked(desk: Desk) -> None:
    design, children = desk.branch()
    assert code_of(desk.database, "select fork_design(%s, 1)", design) == "PB014"
    desk.end(children[1], "passed")
    fork = call(desk.database, "select fork_design(%s, 1)", design)
    api, task = desk.claim(fork, "kicad")
    assert api.task_context(task)["script"] == f"design = {children[1]}"
    api.release_task(task)
    desk.work(fork, "kicad")
    desk.work(fork, "pcb_tester")
    assert desk.state(fork) == "resolved"
    desk.holds()


def test_after_the_candidates_the_design_goes_on_alone(desk: Desk) -> None:
    design, children = desk.branch(limit=2)
    for child in children:
        desk.end(child, "not built")
    with desk.database.api("pcb_designer") as designer:
        notes = [
            n["message_payload"]
            for n in designer.pending_notifications()
            if n["channel"] == "corrections_needed"
        ]
    assert notes == [{"design": design, "attempt": 1, "codes": ["UNROUTED"]}]
    desk.end(design, "passed")
    last = status(desk.database, design)
    assert (last["state"], last["attempt"]) == ("resolved", 2)
    with desk.database.connect("terminal") as terminal:
        codes = terminal.execute(
            "select outcome, codes from design_history(%s) where codes is not null", (design,)
        ).fetchall()
    assert codes == [("rejected", "UNROUTED")]
    desk.holds()


def test_with_one_attempt_the_design_fails_with_what_was_found(desk: Desk) -> None:
    design, children = desk.branch(limit=1)
    for child, way in zip(children, ("not built", "one failed", "gave up"), strict=True):
        desk.end(child, way)
    last = status(desk.database, design)
    assert (last["state"], last["attempt"]) == ("failed", 1)
    assert last["error"].startswith("none of 3 candidates passed: ")
    assert "UNROUTED" in last["error"]
    desk.holds()


# ---------------------------------------------------------------------------- control


def test_pausing_and_resuming_reach_the_candidates(desk: Desk) -> None:
    design, children = desk.branch()
    api, task = desk.claim(children[0], "pcb_designer")
    assert call(desk.database, "select pause_design(%s)", design)
    desk.holds()
    with desk.database.connect("monitor") as people:
        assert people.execute("select trouble, design from stuck_work").fetchall() == [("paused", design)]
    api.complete_task(task, RESULTS["pcb_designer"])  # work in hand is finished
    for agent in ("pcb_designer", "kicad"):
        with desk.database.api(agent) as other:
            assert other.claim_task(LEASE_S) is None
    desk.holds()
    assert call(desk.database, "select resume_design(%s)", design)
    desk.work(children[0], "kicad")
    desk.end(children[1], "passed")
    assert desk.state(design) == "resolved"
    desk.holds()


def test_a_design_that_is_paused_while_it_branches_has_candidates_that_rest(desk: Desk) -> None:
    design = begin(desk.database)
    desk.work(design, "client_manager")
    api, task = desk.claim(design, "pcb_designer")
    call(desk.database, "select pause_design(%s)", design)
    api.complete_task(task, {"outcome": "branched"})
    with desk.database.api("pcb_designer") as other:
        assert other.claim_task(LEASE_S) is None
    desk.holds()
    call(desk.database, "select resume_design(%s)", design)
    desk.end(desk.children(design)[2], "passed")
    assert desk.state(design) == "resolved"
    desk.holds()


def test_all_ends_while_paused_and_the_next_attempt_waits(desk: Desk) -> None:
    design, children = desk.branch()
    held = [desk.claim(child, "pcb_designer") for child in children]
    call(desk.database, "select pause_design(%s)", design)
    for api, task in held:
        api.complete_task(task, REJECTED | {"script": "x"})
    assert desk.state(design) == "designing"
    with desk.database.api("pcb_designer") as other:
        assert other.claim_task(LEASE_S) is None
    desk.holds()


def test_cancelling_reaches_the_candidates(desk: Desk) -> None:
    design, children = desk.branch()
    desk.end(children[0], "one failed")
    api, task = desk.claim(children[1], "pcb_designer")
    call(desk.database, "select cancel_design(%s)", design)
    assert [desk.state(number) for number in (design, *children)] == [
        "cancelled",
        "failed",
        "cancelled",
        "cancelled",
    ]
    assert api.heartbeat_task(task, LEASE_S, None) == "cancelled"
    assert api.complete_task(task, RESULTS["pcb_designer"]) is None
    with desk.database.api("terminal") as terminal:
        assert [m["text"] for m in terminal.design_messages(design, 0)][2:] == ["The design is cancelled."]
        ended = [
            n["message_payload"]
            for n in terminal.pending_notifications()
            if n["channel"] == "design_completed"
        ]
    assert ended == [{"design": design, "state": "cancelled"}]
    desk.holds()


# ---------------------------------------------------------------------------- two at once


@pytest.mark.parametrize("ways", [("passed", "passed"), ("passed", "rejected"), ("rejected", "rejected")])
@pytest.mark.timeout(300)
def test_two_candidates_end_at_once(desk: Desk, stage: Any, ways: tuple[str, str]) -> None:
    on: Stage = stage("pcb_tester", "pcb_tester")
    made: list[int] = []

    def prepare() -> list[Script]:
        design, children = desk.branch()
        made.append(design)
        desk.end(children[0], "gave up")
        scripts = []
        for child, way in zip(children[1:], ways, strict=True):
            desk.work(child, "pcb_designer")
            desk.work(child, "kicad")
            passed = RESULTS["pcb_tester"]
            result = passed if way == "passed" else REJECTED | {"checks": [CHECK | {"passed": False}]}
            scripts.append(ending(child, desk.claim(child, "pcb_tester")[1], result))
        return scripts

    def check(_: dict[str, Any]) -> None:
        desk.holds(made[-1])
        assert desk.state(made[-1]) == ("resolved" if "passed" in ways else "designing")
        for query in (
            "select count(*) from core.design_scripts where state_id = %s",
            "select count(*) from core.design_events where state_id = %s and from_state = 'comparing'",
        ):
            assert desk.owner.execute(query, (made[-1],)).fetchone() == (1,), "adopted twice"

    assert on.race(prepare, check) == 20


def test_without_the_order_of_locks_they_lock_each_other_out(desk: Desk, stage: Any) -> None:
    desk.owner.execute("set role mas_owner")
    text = (ROOT / "db/functions/lock_design.sql").read_text()
    broken = text.replace("if v_above is not null then", "if false then")
    assert broken != text
    desk.owner.execute(broken)
    desk.owner.execute("reset role")
    with pytest.raises(AssertionError, match="in the order"):
        test_two_candidates_end_at_once(desk, stage, ("passed", "passed"))


@pytest.mark.parametrize("second", ["pause_design", "cancel_design", "resume_design"])
@pytest.mark.timeout(300)
def test_a_candidate_s_end_meets_its_design_s_control(desk: Desk, stage: Any, second: str) -> None:
    on: Stage = stage("pcb_designer", "terminal")
    made: list[int] = []

    def prepare() -> list[Script]:
        design, children = desk.branch()
        made.append(design)
        desk.end(children[0], "gave up")
        desk.work(children[2], "pcb_designer")
        _, task = desk.claim(children[1], "pcb_designer")
        if second == "resume_design":
            call(on.database, "select pause_design(%s)", design)
        return [
            ending(children[1], task, REJECTED | {"script": "x"}),
            inside("second", sql(f"select {second}({design})")),
        ]

    def check(_: dict[str, Any]) -> None:
        desk.holds(made[-1])
        assert desk.state(made[-1]) == ("cancelled" if second == "cancel_design" else "comparing")

    assert on.race(prepare, check) == 20


def ending(child: int, task: Task, result: dict[str, Any]) -> Script:
    """A worker's last heartbeat and its completion in one transaction: it holds what it locks for long."""
    held = f"{task.task_id}, '{task.lease_token}'"
    said = json.dumps(result).replace("'", "''")
    return [
        (f"{child} beats", sql(f"begin; select heartbeat_task({held}, '60 s', 'testing')")),
        (f"{child} ends", sql(f"select complete_task({held}, '{said}')")),
        (f"{child} commits", sql("commit")),
    ]
