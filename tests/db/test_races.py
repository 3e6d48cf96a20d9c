"""Races, in every order that the steps of two or three sessions can take."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from tests.conftest import ROOT, Database
from tests.db.permutations import Session, Step, interleavings, run_in_order
from tests.db.steps import begin

AGENT = "kicad"
Script = Sequence[tuple[str, Step]]
Check = Callable[[dict[str, Any]], None]


def sql(query: str) -> Step:
    """A step that runs a query and gives its first value (None without a row)."""

    def step(connection: psycopg.Connection) -> Any:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    return step


def inside(name: str, step: Step, end: str = "commit") -> Script:
    """The step in a transaction of its own steps: begin, step, end."""
    return [(f"{name} begins", sql("begin")), (name, step), (f"{name} ends", sql(end))]


class Stage:
    """One database, its owner, and a session for each role; every order starts from a clean queue."""

    def __init__(self, database: Database, stack: ExitStack, roles: Sequence[str]) -> None:
        self.database = database
        self.owner = stack.enter_context(database.connect())
        self.clock = stack.enter_context(database.connect())  # moves time in the middle of a race
        self.people = stack.enter_context(database.connect("admin"))
        connections = [stack.enter_context(database.connect(role)) for role in roles]
        self.sessions = [
            Session(f"{role} {n}", c) for n, (role, c) in enumerate(zip(roles, connections, strict=True))
        ]
        for session in self.sessions:
            stack.callback(session.close)

    def enqueue(self, more: str = "") -> int:
        """A task for AGENT."""
        row = self.people.execute(f"select enqueue_task('{AGENT}', '{{}}'{more})").fetchone()
        assert row is not None
        return int(row[0])

    def claim(self) -> tuple[int, str]:
        """The next task of AGENT, claimed by a session that is no part of the race."""
        with self.database.connect(AGENT) as agent:
            row = agent.execute("select task_id, lease_token::text from claim_task()").fetchone()
        assert row is not None
        return row

    def clean(self) -> None:
        """Nothing of an earlier order is left."""
        self.owner.execute("truncate core.tasks, core.task_history, core.task_keys")

    def ends(self) -> list[tuple[int, str]]:
        """(task, outcome) of all history."""
        return self.owner.execute(
            "select task_id, outcome::text from core.task_history order by 1, 2"
        ).fetchall()

    def states(self) -> list[tuple[int, str]]:
        """(task, state) of all live tasks."""
        return self.owner.execute("select task_id, state::text from core.tasks order by 1").fetchall()

    def race(self, prepare: Callable[[], Sequence[Script]], check: Check) -> int:
        """Run every order of the scripts that `prepare` gives; returns how many there were."""
        count = 0
        for order in interleavings([len(script) for script in self._once(prepare)]):
            scripts = self._once(prepare)
            results = run_in_order(self.owner, self.sessions, scripts, order)
            try:
                assert "40P01" not in results.values(), "a deadlock"
                self._oracle()
                check(results)
            except AssertionError as failed:
                names = [name for name, _ in _taken(scripts, order)]
                raise AssertionError(f"in the order {names} with {results}: {failed}") from failed
            count += 1
        return count

    def _once(self, prepare: Callable[[], Sequence[Script]]) -> Sequence[Script]:
        self.clean()
        return prepare()

    def _oracle(self) -> None:
        """A task is alive or has ended once; a key has one first; nothing waits for ever."""
        ended = [number for number, _ in self.ends()]
        alive = [number for number, _ in self.states()]
        assert len(set(ended + alive)) == len(ended + alive), "a task is there twice"
        stuck = self.owner.execute(
            """select array_agg(t.task_id) from core.tasks t where t.state = 'blocked' and t.fifo_key is not null
                  and not exists (select from core.tasks f where f.fifo_key = t.fifo_key and f.state <> 'blocked')"""
        ).fetchone()
        assert stuck == (None,), f"{stuck} wait for nobody"


def _taken(scripts: Sequence[Script], order: Sequence[int]) -> list[tuple[str, Step]]:
    todo = [iter(script) for script in scripts]
    return [next(todo[index]) for index in order]


@pytest.fixture
def stage(database: Database) -> Iterator[Callable[..., Stage]]:
    """Set up a stage for sessions of the given roles."""
    with ExitStack() as stack:
        yield lambda *roles: Stage(database, stack, roles)


CLAIM = sql("select task_id from claim_task()")


@pytest.mark.parametrize("ends", list(itertools.product(["commit", "rollback"], repeat=2)))
def test_two_claims_of_one_task(stage: Callable[..., Stage], ends: tuple[str, str]) -> None:
    on = stage(AGENT, AGENT)

    def prepare() -> list[Script]:
        on.enqueue()
        return [inside("one", CLAIM, ends[0]), inside("other", CLAIM, ends[1])]

    def check(results: dict[str, Any]) -> None:
        kept = [results[name] for name, end in zip(("one", "other"), ends, strict=True) if end == "commit"]
        assert sum(task is not None for task in kept) <= 1
        state = on.states()[0][1]
        assert state == ("working" if any(kept) else "ready")

    assert on.race(prepare, check) == 20


def test_three_claims_of_two_tasks(stage: Callable[..., Stage]) -> None:
    on = stage(AGENT, AGENT, AGENT)

    def prepare() -> list[Script]:
        on.enqueue()
        on.enqueue()
        return [[(name, CLAIM), (f"{name} again", CLAIM)] for name in ("a", "b", "c")]

    def check(results: dict[str, Any]) -> None:
        taken = [task for task in results.values() if task]
        assert sorted(taken) == [number for number, _ in on.states()]

    assert on.race(prepare, check) == 90


@pytest.mark.parametrize(
    "second", ["complete", "cancel", "heartbeat", "fail", "release", "fork of the worker"]
)
def test_a_completion_meets(stage: Callable[..., Stage], second: str) -> None:
    on = stage(AGENT, "admin" if second == "cancel" else AGENT)

    def prepare() -> list[Script]:
        on.enqueue()
        task, token = on.claim()
        steps = {
            "complete": f"select complete_task({task}, '{token}', '{{\"n\": 1}}')::text",
            "cancel": f"select cancel_task({task})",
            "heartbeat": f"select heartbeat_task({task}, '{token}')",
            "fail": f"select fail_task({task}, '{token}', 'no')",
            "release": f"select release_task({task}, '{token}')",
            "fork of the worker": "select start_worker('nobody')",
        }
        return [inside("complete", sql(steps["complete"])), inside("second", sql(steps[second]))]

    def check(results: dict[str, Any]) -> None:
        (ended,) = on.ends() or [(0, "none")]
        if second == "complete":
            assert results["complete"] == results["second"] == '{"n": 1}'
        if second in ("fail", "release") and results["complete"] == "PB001":
            assert on.states()  # the other came first, and the late answer was refused
        elif second == "cancel":
            assert ended[1] in ("done", "cancelled")
        else:
            assert ended[1] == "done"

    assert on.race(prepare, check) == 20


def test_a_late_completion_meets_the_next_claim(stage: Callable[..., Stage]) -> None:
    on = stage(AGENT, AGENT)

    def prepare() -> list[Script]:
        on.enqueue()
        task, token = on.claim()
        on.owner.execute("update core.tasks set lease_until = core.now() - interval '1 s'")
        due = sql("""update core.tasks set run_at = core.now() where ctid = any (array(
                       select ctid from core.tasks where state = 'scheduled' for update skip locked))""")
        look = [("reclaim", CLAIM), ("due", lambda _: due(on.clock)), ("claim", CLAIM)]
        return [inside("complete", sql(f"select complete_task({task}, '{token}')")), look]

    def check(results: dict[str, Any]) -> None:
        if results["complete"] == "PB001":
            assert on.ends() == []
        else:
            assert [outcome for _, outcome in on.ends()] == ["done"]
            assert results["claim"] is None

    assert on.race(prepare, check) == 20


@pytest.mark.parametrize("ends", [("commit", "commit"), ("commit", "rollback"), ("rollback", "commit")])
def test_one_key_from_three_enqueuers(stage: Callable[..., Stage], ends: tuple[str, str]) -> None:
    on = stage("admin", "admin", "admin")
    same = sql(f"select enqueue_task('{AGENT}', '{{}}', 'key')")

    def prepare() -> list[Script]:
        return [inside("a", same, ends[0]), inside("b", same, ends[1]), [("c", same)]]

    def check(results: dict[str, Any]) -> None:
        kept = {
            results["c"],
            *(results[name] for name, end in zip("ab", ends, strict=True) if end == "commit"),
        }
        assert kept == {number for number, _ in on.states()}
        assert len(kept) == 1

    assert on.race(prepare, check) == 140


def test_one_key_with_other_arguments(stage: Callable[..., Stage]) -> None:
    on = stage("admin", "admin")

    def prepare() -> list[Script]:
        return [
            inside(name, sql(f"select enqueue_task('{AGENT}', '{n}', 'key')"))
            for name, n in (("one", 1), ("other", 2))
        ]

    def check(results: dict[str, Any]) -> None:
        assert [results["one"], results["other"]].count("PB004") == 1
        assert len(on.states()) == 1

    assert on.race(prepare, check) == 20


# ---------------------------------------------------------------------------- the doorbell

PREPARE, GET_UP = sql("select prepare_sleep()"), sql("select get_up()")


def heard(connection: psycopg.Connection) -> bool:
    """Whether the bell rang; asked at the end only, when every ring has been sent."""
    connection.execute("select")
    return bool(list(connection.notifies(timeout=0, stop_after=1)))


def doorbell(on: Stage, ends: Sequence[str]) -> int:
    """A sleeper against enqueuers that end as told; nobody sleeps over a task that is there."""
    sleeper = on.sessions[0].connection
    sleeper.execute(f'listen "task_{AGENT}"')

    def prepare() -> list[Script]:
        list(sleeper.notifies(timeout=0))
        sleeper.execute("select get_up()")
        enqueue = sql(f"select enqueue_task('{AGENT}', '{{}}')")
        others = [
            [(f"enqueue {n}", enqueue)] if end == "at once" else inside(f"enqueue {n}", enqueue, end)
            for n, end in enumerate(ends)
        ]
        return [[("prepare", PREPARE), ("claim", sql("select count(*) from claim_tasks(9)"))], *others]

    def check(results: dict[str, Any]) -> None:
        waiting = [number for number, state in on.states() if state == "ready"]
        assert not waiting or heard(sleeper), "asleep over a task"

    return on.race(prepare, check)


@pytest.mark.parametrize(
    "ends",
    [
        ("commit",),
        ("rollback",),
        ("at once", "commit"),
        ("at once", "rollback"),
        ("at once", "at once", "commit"),
    ],
)
def test_nobody_sleeps_over_a_task(stage: Callable[..., Stage], ends: tuple[str, ...]) -> None:
    assert doorbell(stage(AGENT, *["admin"] * len(ends)), ends) >= 10


def test_without_the_barrier_somebody_sleeps_over_a_task(
    stage: Callable[..., Stage], database: Database
) -> None:
    with database.connect() as owner:
        text = (ROOT / "db/functions/prepare_sleep.sql").read_text()
        broken = text.replace("perform pg_advisory_lock(77, v_key);", "").replace(
            "perform pg_advisory_unlock(77, v_key);", "null;"
        )
        assert broken != text
        owner.execute("set role mas_owner")
        owner.execute(broken)
    with pytest.raises(AssertionError, match="asleep over a task"):
        doorbell(stage(AGENT, "admin"), ["commit"])


# ---------------------------------------------------------------------------- FIFO keys, slots, dead letters


@pytest.mark.parametrize("second", ["enqueue", "cancel the follower", "cancel the first"])
def test_the_end_of_a_fifo_key_s_first_meets(stage: Callable[..., Stage], second: str) -> None:
    on = stage(AGENT, "admin")
    fifo = ", p_fifo_key => 'k'"

    def prepare() -> list[Script]:
        first = on.enqueue(fifo)
        follower = on.enqueue(fifo)
        task, token = on.claim()
        step = {
            "enqueue": f"select enqueue_task('{AGENT}', '{{}}'{fifo})",
            "cancel the follower": f"select cancel_task({follower})",
            "cancel the first": f"select cancel_task({first})",
        }[second]
        return [
            inside("complete", sql(f"select complete_task({task}, '{token}')")),
            inside("second", sql(step)),
        ]

    def check(results: dict[str, Any]) -> None:
        ready = [number for number, state in on.states() if state == "ready"]
        assert len(ready) == (0 if second == "cancel the follower" else 1)

    assert on.race(prepare, check) == 20


def test_two_enqueuers_of_one_fifo_key(stage: Callable[..., Stage]) -> None:
    on = stage("admin", "admin")
    step = sql(f"select enqueue_task('{AGENT}', '{{}}', p_fifo_key => 'k')")

    def check(results: dict[str, Any]) -> None:
        assert sorted(state for _, state in on.states()) == ["blocked", "ready"]

    assert on.race(lambda: [inside("one", step), inside("other", step)], check) == 20


def test_two_claims_of_one_slot(stage: Callable[..., Stage]) -> None:
    on = stage(AGENT, AGENT)
    on.owner.execute("update core.agents set slots = 1 where name = %s", (AGENT,))

    def prepare() -> list[Script]:
        on.enqueue()
        on.enqueue()
        return [inside("one", CLAIM), inside("other", CLAIM)]

    def check(results: dict[str, Any]) -> None:
        assert sorted(state for _, state in on.states()) == ["ready", "working"]

    assert on.race(prepare, check) == 20


def test_a_dead_letter_tried_again_by_two(stage: Callable[..., Stage]) -> None:
    on = stage("admin", "admin")

    def prepare() -> list[Script]:
        on.enqueue(", p_attempt_limit => 1")
        task, token = on.claim()
        with on.database.connect(AGENT) as agent:
            agent.execute("select fail_task(%s, %s, 'no')", (task, token))
        return [inside(name, sql(f"select retry_task({task})")) for name in ("one", "other")]

    def check(results: dict[str, Any]) -> None:
        assert results["one"] == results["other"] == on.states()[0][0]

    assert on.race(prepare, check) == 20


def test_a_deadline_meets_the_completion(stage: Callable[..., Stage]) -> None:
    on = stage(AGENT, AGENT)

    def prepare() -> list[Script]:
        on.enqueue(", p_deadline => now() + interval '1 hour'")
        task, token = on.claim()
        on.owner.execute("update core.tasks set deadline = core.now()")
        return [inside("complete", sql(f"select complete_task({task}, '{token}')")), inside("look", CLAIM)]

    def check(results: dict[str, Any]) -> None:
        ((_, outcome),) = on.ends()
        assert outcome == ("dead" if results["complete"] == "PB001" else "done")

    assert on.race(prepare, check) == 20


# ---------------------------------------------------------------------------- designs


@pytest.mark.parametrize("second", ["pause_design", "cancel_design"])
def test_a_design_s_completion_meets(stage: Callable[..., Stage], second: str) -> None:
    on = stage("client_manager", "terminal")
    result = '{"outcome": "approved", "reply": "ok", "requirement": {"measures": []}, "title": "x"}'

    def prepare() -> list[Script]:
        design = begin(on.database)
        with on.database.connect("client_manager") as agent:
            task, token = agent.execute("select task_id, lease_token from claim_task()").fetchone() or (0, "")
        complete = sql(f"select complete_task({task}, '{token}', '{result}')")
        return [inside("complete", complete), inside("second", sql(f"select {second}({design})"))]

    def check(results: dict[str, Any]) -> None:
        with on.database.connect("admin") as people:
            query = "select r.agrees, r.state, r.paused from list_designs(1) d, replay_design(d.design) r"
            agrees, state, paused = people.execute(query).fetchone() or (False, "", False)
        assert agrees
        tasks = [state for _, state in on.states()]
        if second == "pause_design":
            assert (state, paused, tasks) == ("designing", True, ["blocked"])
        else:
            assert (state, tasks) == ("cancelled", [])

    assert on.race(prepare, check) == 20


def test_without_the_fence_the_races_fail(stage: Callable[..., Stage], database: Database) -> None:
    with database.connect() as owner:
        text = (ROOT / "db/functions/complete_task.sql").read_text()
        broken = text.replace("and t.lease_token = p_token ", "")
        assert broken != text
        owner.execute("set role mas_owner")
        owner.execute(broken)
    with pytest.raises(AssertionError):
        test_a_late_completion_meets_the_next_claim(stage)
