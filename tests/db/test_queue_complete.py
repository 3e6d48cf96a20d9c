"""The rest of the queue: priorities, FIFO keys, slots, deadlines, batches, schedules, dead letters, retention."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from clients.api import Api, ApiError, Task
from tests.conftest import LEASE_S, Database

AGENT = "pcb_tester"
CLAIM = "select task_id, lease_token, attempt, payload from claim_tasks(%s)"


def ask(connection: psycopg.Connection, query: str, *values: Any) -> Any:
    """The one value that the query gives."""
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row[0]


def enqueue(database: Database, *calls: str) -> list[int]:
    """Tasks by the arguments behind the agent, as the role admin."""
    with database.connect("admin") as people:
        return [ask(people, f"select enqueue_task('{AGENT}', {call})") for call in calls]


def shift(database: Database, by: str) -> None:
    """Let the database's clock, the only one there is, go wrong by an interval."""
    with database.connect() as owner:
        owner.execute(f"""create or replace function core.now() returns timestamptz language sql volatile
                          as $$ select pg_catalog.clock_timestamp() + interval '{by}' $$""")


def code_of(call: Callable[[], Any]) -> str | None:
    """The SQLSTATE with which the call is refused."""
    try:
        call()
    except psycopg.Error as error:
        return error.sqlstate
    except ApiError as error:
        return error.code
    return None


# ---------------------------------------------------------------------------- order


def test_larger_priorities_go_first_and_older_tasks_within_one(database: Database) -> None:
    low, high, middle, high_too = enqueue(
        database,
        "'{}', p_priority => -5",
        "'{}', p_priority => 9",
        "'{}'",
        "'{}', p_priority => 9",
    )
    with database.connect(AGENT) as agent:
        assert [row[0] for row in agent.execute(CLAIM, (10,))] == [high, high_too, middle, low]


def test_a_new_priority_is_seen_by_a_session_that_has_claimed_before(database: Database) -> None:
    (first,) = enqueue(database, "'{}'")
    with database.connect(AGENT) as agent:
        assert agent.execute(CLAIM, (1,)).fetchall()[0][0] == first
        (urgent,) = enqueue(database, "'{}', p_priority => 100")
        assert agent.execute(CLAIM, (1,)).fetchall()[0][0] == urgent


def test_more_than_sixteen_priorities_are_refused(database: Database) -> None:
    enqueue(database, *(f"'{{}}', p_priority => {n}" for n in range(16)))
    with pytest.raises(psycopg.Error, match="has 16 priorities already") as refused:
        enqueue(database, "'{}', p_priority => 99")
    assert refused.value.sqlstate == "PB042"


def test_a_task_that_commits_late_is_found_though_younger_ones_were_claimed(database: Database) -> None:
    with database.connect("admin") as slow, database.connect(AGENT) as agent:
        with slow.transaction():
            late = ask(slow, f"select enqueue_task('{AGENT}', '{{}}')")
            (young,) = enqueue(database, "'{}'")
            assert agent.execute(CLAIM, (5,)).fetchall()[0][0] == young
        assert agent.execute(CLAIM, (5,)).fetchall()[0][0] == late


def test_a_session_used_for_two_agents_keeps_no_marks_of_the_other(database: Database) -> None:
    with database.connect() as owner:
        for agent in (AGENT, "kicad", AGENT):
            owner.execute("set session authorization default")
            number = ask(owner, f"select api.enqueue_task('{agent}', '{{}}')")
            owner.execute(f"set session authorization {agent}")
            assert owner.execute("select task_id from api.claim_tasks(5)").fetchall() == [(number,)]


# ---------------------------------------------------------------------------- batches


def test_batches_are_enqueued_claimed_and_completed_in_order(database: Database) -> None:
    with database.connect("admin") as people:
        numbers = [
            row[0]
            for row in people.execute(
                f"select enqueue_tasks('{AGENT}', array(select jsonb_build_object('n', g) from generate_series(1, 250) g))"
            )
        ]
    assert numbers == sorted(numbers)
    with database.connect(AGENT) as agent:
        claimed = agent.execute(CLAIM, (100,)).fetchall()
        assert [row[3]["n"] for row in claimed] == list(range(1, 101))
        tokens = [row[1] for row in claimed]
        tokens[7] = uuid.uuid4()  # one that is not ours
        said = agent.execute(
            "select task_id, accepted from complete_tasks(%s, %s, array_fill('{\"ok\": 1}'::jsonb, array[100]))",
            (numbers[:100], tokens),
        ).fetchall()
        assert {number for number, accepted in said if not accepted} == {numbers[7]}
        assert len(said) == 100
        again = agent.execute("select * from complete_tasks(%s, %s)", (numbers[:1], tokens[:1])).fetchall()
        assert again == [(numbers[0], True)]  # said twice, the same answer
    with database.connect() as owner:
        assert ask(owner, "select count(*) from core.task_history where result = '{\"ok\": 1}'") == 99
        assert ask(owner, "select count(*) from core.tasks") == 151


def test_a_batch_with_keys_is_enqueued_once(database: Database) -> None:
    with database.connect("admin") as people:
        query = f"select enqueue_tasks('{AGENT}', array['1', '2', '3']::jsonb[], array['a', 'b', 'c'])"
        first = people.execute(query).fetchall()
        assert people.execute(query).fetchall() == first
        assert len(set(first)) == 3
        bad = f"select enqueue_tasks('{AGENT}', array['1', '2']::jsonb[], array['a'])"
        assert code_of(lambda: people.execute(bad)) == "PB007"


def test_completing_with_arrays_of_different_lengths_is_refused(database: Database) -> None:
    with database.connect(AGENT) as agent:
        assert code_of(lambda: agent.execute("select * from complete_tasks('{1,2}', '{}')")) == "PB007"


def test_a_batch_completes_tasks_of_designs_too(database: Database) -> None:
    from tests.db.steps import begin, status, work

    design = begin(database)
    work(database, "client_manager")
    with database.connect("pcb_designer") as agent:
        (task,) = agent.execute(CLAIM, (5,)).fetchall()
        result = '{"outcome": "scripted", "script": "pass", "notes": []}'
        assert agent.execute(
            "select accepted from complete_tasks(%s, %s, array[%s]::jsonb[])", ([task[0]], [task[1]], result)
        ).fetchall() == [(True,)]
    assert status(database, design)["state"] == "building"


# ---------------------------------------------------------------------------- FIFO keys


def test_a_fifo_key_lets_one_task_run_at_a_time_and_in_order(database: Database) -> None:
    numbers = enqueue(database, *["'{}', p_fifo_key => 'board 1'"] * 3, "'{}', p_fifo_key => 'board 2'")
    with database.api(AGENT) as api:
        first, other = api.claim_task(LEASE_S), api.claim_task(LEASE_S)
        assert first is not None
        assert other is not None
        assert (first.task_id, other.task_id) == (numbers[0], numbers[3])
        assert api.claim_task(LEASE_S) is None
        for number in numbers[1:3]:
            api.complete_task(first, {})
            first = api.claim_task(LEASE_S)
            assert first is not None
            assert first.task_id == number
            assert api.claim_task(LEASE_S) is None


@pytest.mark.parametrize("end", ["failed for good", "cancelled", "retried", "released"])
def test_the_next_of_a_fifo_key_waits_for_the_end_of_the_first(
    database: Database, end: str, claim: Any
) -> None:
    numbers = enqueue(database, *["'{}', p_fifo_key => 'k'"] * 2)
    api, first = claim(AGENT)
    if end == "failed for good":
        assert api.fail_task(first, "no", retry=False) == "dead"
    elif end == "retried":
        assert api.fail_task(first, "no", retry=True) == "retried"
        shift(database, "1 hour")
    elif end == "released":
        api.release_task(first)
    else:
        with database.connect("admin") as people:
            assert ask(people, "select cancel_task(%s)", first.task_id)
        assert api.heartbeat_task(first, LEASE_S, None) == "cancelled"
        api.complete_task(first, {})
    expected = numbers[1] if end in ("failed for good", "cancelled") else numbers[0]
    following = api.claim_task(LEASE_S)
    assert following.task_id == expected
    assert api.claim_task(LEASE_S) is None


def test_a_waiting_task_of_a_fifo_key_can_be_cancelled(database: Database, claim: Any) -> None:
    numbers = enqueue(database, *["'{}', p_fifo_key => 'k'"] * 3)
    api, first = claim(AGENT)
    api.fail_task(first, "later", retry=True)  # its fresh place is behind the others
    with database.connect("admin") as people:
        assert ask(people, "select cancel_task(%s)", numbers[1])
    with database.connect() as owner:
        states = owner.execute("select task_id, state::text from core.tasks order by 1").fetchall()
    assert states == [(numbers[0], "scheduled"), (numbers[2], "blocked")]


def test_a_fifo_key_holds_under_many_enqueuers_and_workers(database: Database) -> None:
    def enqueue_some(_: int) -> None:
        enqueue(database, *["'{}', p_fifo_key => 'k'"] * 10)

    def drain(_: int) -> list[int]:
        taken: list[int] = []
        with database.api(AGENT) as api, database.connect() as owner:
            while ask(owner, "select count(*) from core.tasks"):
                if task := api.claim_task(LEASE_S):
                    taken.append(task.task_id)
                    assert ask(owner, "select count(*) from core.tasks where state <> 'blocked'") == 1
                    api.complete_task(task, {})
        return taken

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(enqueue_some, range(4)))
        taken = list(pool.map(drain, range(4)))
    assert sum(map(len, taken)) == 40
    with database.connect() as owner:
        order = owner.execute("select task_id from core.task_history order by finished_at").fetchall()
    assert len(order) == 40


# ---------------------------------------------------------------------------- slots, pause, deadline


def test_slots_limit_what_is_in_hand_over_all_replicas(database: Database) -> None:
    with database.connect() as owner:
        owner.execute("update core.agents set slots = 3 where name = %s", (AGENT,))
    enqueue(database, *["'{}'"] * 30)
    most: list[int] = []

    def drain(_: int) -> int:
        done = 0
        with database.api(AGENT) as api, database.connect() as owner:
            while ask(owner, "select count(*) from core.tasks"):
                if task := api.claim_task(LEASE_S):
                    most.append(ask(owner, "select count(*) from core.tasks where state = 'working'"))
                    api.complete_task(task, {})
                    done += 1
        return done

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(drain, range(6))) == 30
    assert max(most) <= 3


def test_a_slot_is_free_again_after_each_way_out(database: Database, claim: Any) -> None:
    with database.connect() as owner:
        owner.execute("update core.agents set slots = 1 where name = %s", (AGENT,))
    enqueue(database, *["'{}'"] * 6)
    api, task = claim(AGENT)

    def out_by(way: str, task: Task) -> None:
        if way == "release":
            api.release_task(task)
        elif way == "fail":
            api.fail_task(task, "no", retry=True)
        elif way == "lease":
            shift(database, "1 hour")
        else:
            api.complete_task(task, {})

    for way in ("release", "fail", "lease", "complete"):
        assert api.claim_task(LEASE_S) is None, f"no slot was free before {way}"
        out_by(way, task)
        task = api.claim_task(LEASE_S)
        assert task is not None, f"{way} left the slot taken"


def test_a_paused_agent_claims_nothing_until_it_is_resumed(database: Database) -> None:
    enqueue(database, "'{}'")
    with database.connect("admin") as people, database.api(AGENT) as api:
        people.execute(f"select pause_agent('{AGENT}')")
        assert api.claim_task(LEASE_S) is None
        people.execute(f"select resume_agent('{AGENT}')")
        assert api.claim_task(LEASE_S) is not None
        assert code_of(lambda: people.execute("select pause_agent('nobody')")) == "PB002"


def test_past_its_deadline_a_task_is_a_dead_letter_wherever_it_is(database: Database, claim: Any) -> None:
    numbers = enqueue(
        database,
        "'{}', p_deadline => now() + interval '1 min'",
        "'{}', p_deadline => now() + interval '1 min'",
        "'{}', p_deadline => now() + interval '1 min', p_delay => '1 day'",
        "'{}'",
    )
    api, working = claim(AGENT)
    assert working.task_id == numbers[0]
    shift(database, "2 min")
    with database.api(AGENT) as other:
        following = other.claim_task(LEASE_S)
        assert following is not None
        assert following.task_id == numbers[3]
    assert code_of(lambda: api.complete_task(working, {})) == "PB001"
    with database.connect() as owner:
        dead = owner.execute(
            "select task_id, outcome::text, error from core.task_history order by 1"
        ).fetchall()
    assert dead == [(number, "dead", "the deadline has passed") for number in numbers[:3]]


def test_a_task_may_have_its_own_number_of_attempts(database: Database, claim: Any) -> None:
    enqueue(database, "'{}', p_attempt_limit => 1")
    api, task = claim(AGENT)
    assert api.fail_task(task, "no", retry=True) == "dead"


# ---------------------------------------------------------------------------- dead letters


def test_a_dead_letter_is_tried_again_once_however_often_it_is_asked(database: Database, claim: Any) -> None:
    enqueue(database, "'{\"n\": 7}'")
    api, task = claim(AGENT)
    api.fail_task(task, "no", retry=False)
    with database.connect("admin") as people:
        again = ask(people, "select retry_task(%s)", task.task_id)
        assert ask(people, "select retry_task(%s)", task.task_id) == again
        assert code_of(lambda: people.execute("select retry_task(%s)", (again,))) == "PB013"
    second = api.claim_task(LEASE_S)
    assert (second.task_id, second.attempt, second.payload) == (again, 1, {"n": 7})


def test_a_design_s_dead_letter_is_not_tried_again_by_itself(database: Database, claim: Any) -> None:
    from tests.db.steps import begin

    begin(database)
    api, task = claim("client_manager")
    api.fail_task(task, "no", retry=False)
    with database.connect("admin") as people:
        assert code_of(lambda: people.execute("select retry_task(%s)", (task.task_id,))) == "PB005"


# ---------------------------------------------------------------------------- recurring tasks

RUNS = [
    ("*/15 * * * *", "2026-01-01 00:00", "2026-01-01 00:15"),
    ("0 9 * * mon-fri", "2026-01-02 09:00", "2026-01-05 09:00"),
    ("30 6,18 1 * *", "2026-01-31 12:00", "2026-02-01 06:30"),
    ("0 0 29 2 *", "2026-01-01 00:00", "2028-02-29 00:00"),
    ("0 0 29 2 *", "2096-03-01 00:00", "2104-02-29 00:00"),
    ("0 0 13 * fri", "2026-02-01 00:00", "2026-02-06 00:00"),
    ("59 23 31 dec *", "2026-12-31 23:59", "2027-12-31 23:59"),
    ("0 0 * * 7", "2026-01-01 00:00", "2026-01-04 00:00"),
    ("5/20 * * * *", "2026-01-01 00:06", "2026-01-01 00:25"),
    ("10-14/2 1 * JAN SUN", "2026-01-01 00:00", "2026-01-04 01:10"),
    ("@daily", "2026-01-01 00:00", "2026-01-02 00:00"),
    ("@hourly", "2026-01-01 00:59:30", "2026-01-01 01:00"),
    ("@yearly", "2026-06-01 00:00", "2027-01-01 00:00"),
]


@pytest.mark.parametrize(("cron", "after", "expected"), RUNS)
def test_a_cron_expression_names_the_next_minute_in_utc(
    database: Database, cron: str, after: str, expected: str
) -> None:
    with database.connect() as owner:
        owner.execute("set timezone = 'Asia/Kathmandu'")  # whatever the session thinks
        found = ask(owner, "select core.next_run(%s, %s::timestamp at time zone 'UTC')", cron, after)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "cron",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "*/0 * * * *", "5-1 * * * *",
     "a * * * *", "1,,2 * * * *", "0 0 31 2 *", "@often", "-1 * * * *", "* * * * 8"],
)  # fmt: skip
def test_a_bad_cron_expression_is_refused(database: Database, cron: str) -> None:
    with database.connect("admin") as people:
        query = "select schedule_task('s', 'kicad', %s, '{}')"
        assert code_of(lambda: people.execute(query, (cron,))) == "PB012"


def test_a_recurring_task_comes_once_however_many_claimers_look(database: Database) -> None:
    with database.connect("admin") as people:
        people.execute(f"""select schedule_task('sweep', '{AGENT}', '0 * * * *', '{{"sweep": true}}', 3)""")
    shift(database, "5 hours")  # five runs were missed: they come once

    def look(_: int) -> list[Task]:
        with database.api(AGENT) as api:
            task = api.claim_task(LEASE_S)
            return [task] if task else []

    with ThreadPoolExecutor(4) as pool:
        found = [task for tasks in pool.map(look, range(4)) for task in tasks]
    assert [task.payload for task in found] == [{"sweep": True}]
    with database.connect() as owner:
        row = owner.execute("select next_at > core.now(), last_error from core.schedules").fetchall()
    assert row == [(True, None)]
    with database.connect("admin") as people:
        assert ask(people, "select unschedule_task('sweep')")
        assert not ask(people, "select unschedule_task('sweep')")


def test_a_schedule_that_cannot_run_harms_no_claimer(database: Database) -> None:
    with database.connect("admin") as people:
        people.execute(f"select schedule_task('broken', '{AGENT}', '0 * * * *', '{{}}')")
    with database.connect() as owner:
        owner.execute("update core.schedules set priority = 5")
        owner.execute("alter table core.agents drop constraint agent_priorities_are_few")
        owner.execute(
            "alter table core.agents add constraint agent_priorities_are_few check (cardinality(priorities) = 1)"
        )
    number = enqueue(database, "'{}'")[0]
    shift(database, "2 hours")
    with database.api(AGENT) as api:
        task = api.claim_task(LEASE_S)
        assert task is not None
        assert task.task_id == number
    with database.connect() as owner:
        assert "agent_priorities_are_few" in ask(owner, "select last_error from core.schedules")


# ---------------------------------------------------------------------------- retention


def test_old_history_is_dropped_by_ranges_and_a_late_answer_says_so(database: Database, claim: Any) -> None:
    (kept,) = enqueue(database, "'{}', p_key => 'once'")
    api, task = claim(AGENT)
    api.complete_task(task, {"n": 1})
    with database.connect() as owner:
        owner.execute("select setval('core.task_id_seq', 2500000)")
        assert ask(owner, "select count(*) from core.history_ranges") >= 1
        owner.execute("update core.task_history set finished_at = finished_at - interval '40 days'")
    with database.connect("admin") as people:
        done = [row[0] for row in people.execute("select run_maintenance()")]
        assert "dropped task_history_p0" in done
        assert people.execute("select run_maintenance()").fetchall() == []
    assert code_of(lambda: api.complete_task(task, {"n": 1})) == "PB011"
    assert enqueue(database, "'{}', p_key => 'once'") == [kept]  # keys outlive history


def test_what_is_young_or_still_at_work_keeps_its_range(database: Database, claim: Any) -> None:
    enqueue(database, "'{}'", "'{}'")
    api, task = claim(AGENT)
    api.complete_task(task, {})
    with database.connect() as owner, database.connect("admin") as people:
        owner.execute("select setval('core.task_id_seq', 2500000)")
        assert not [row for row in people.execute("select run_maintenance()") if "dropped" in row[0]]
        owner.execute("update core.task_history set finished_at = finished_at - interval '40 days'")
        assert people.execute("select run_maintenance()").fetchall() == []  # one of the range still waits


def test_work_beyond_the_ranges_is_kept_and_moved_into_its_range(database: Database, claim: Any) -> None:
    with database.connect() as owner:
        owner.execute("update core.maintenance set next_at = 'infinity'")
        owner.execute("select setval('core.task_id_seq', 7000000)")
    (number,) = enqueue(database, "'{}'")
    api, task = claim(AGENT)
    api.complete_task(task, {"n": 1})
    query = "select tableoid::regclass::text, result from core.task_history where task_id = %s"
    with database.connect() as owner, database.connect("admin") as people:
        assert owner.execute(query, (number,)).fetchall() == [("core.task_history_rest", {"n": 1})]
        people.execute("select run_maintenance()")
        assert owner.execute(query, (number,)).fetchall() == [("core.task_history_p7", {"n": 1})]
    assert api.complete_task(task, {"n": 1}) == {"n": 1}


def test_a_claimer_sees_to_maintenance_and_waits_for_nobody(database: Database) -> None:
    enqueue(database, "'{}'")
    with database.connect() as owner, database.api(AGENT) as api:
        with owner.transaction():
            owner.execute("lock table core.task_history in access share mode")
            owner.execute("lock table core.task_history_rest in access exclusive mode")
            assert api.claim_task(LEASE_S) is not None
        assert ask(owner, "select count(*) from core.history_ranges") == 1
        owner.execute("update core.maintenance set next_at = core.now()")
        with database.api(AGENT) as other:
            assert other.claim_task(LEASE_S) is None
        assert ask(owner, "select count(*) from core.history_ranges") == 4


# ---------------------------------------------------------------------------- durability


def test_a_claim_commits_asynchronously_and_what_follows_it_does_not(database: Database) -> None:
    enqueue(database, "'{}'")
    sync = "select current_setting('synchronous_commit')"
    with database.connect(AGENT) as agent:
        with agent.transaction():
            ((number, token, _, _),) = agent.execute(CLAIM, (1,)).fetchall()
            assert ask(agent, sync) == "off"
            agent.execute("select complete_task(%s, %s)", (number, token))
            assert ask(agent, sync) == "on"
        assert ask(agent, sync) == "on"


def test_complete_and_claim_is_durable(database: Database, claim: Callable[[str], tuple[Api, Task]]) -> None:
    numbers = enqueue(database, "'{}'", "'{}'")
    _, task = claim(AGENT)
    with database.connect(AGENT) as agent, agent.transaction():
        row = agent.execute(
            "select task_id from complete_and_claim(%s, %s)", (task.task_id, task.lease_token)
        ).fetchall()
        assert row == [(numbers[1],)]
        assert ask(agent, "select current_setting('synchronous_commit')") == "on"
