"""The queue: leases, fences, retries, keys and the doorbell, over real connections."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from clients.api import ApiError, Task
from tests.conftest import LEASE_S, Database


def enqueue(database: Database, count: int = 1, key: str | None = None) -> list[int]:
    """Tasks for the tester, as the administrator of people."""
    with database.connect("admin") as people:
        query = "select enqueue_task('pcb_tester', %s, %s)"
        return [people.execute(query, (Jsonb({"n": n}), key)).fetchone()[0] for n in range(count)]


def expire_leases(database: Database) -> None:
    """Let every lease run out, as time would."""
    with database.connect() as owner:
        owner.execute("update core.tasks set lease_until = now() - interval '1 s' where state = 'working'")
        owner.execute("update core.tasks set run_at = now() - interval '1 s' where state = 'scheduled'")


def test_many_claimers_never_share_a_task(database: Database) -> None:
    numbers = enqueue(database, 200)

    def drain(_: int) -> list[int]:
        with database.api("pcb_tester") as api:
            taken = []
            while task := api.claim_task(LEASE_S):
                taken.append(task.task_id)
                api.complete_task(task, {"ok": True})
            return taken

    with ThreadPoolExecutor(8) as pool:
        taken = [number for part in pool.map(drain, range(8)) for number in part]
    assert sorted(taken) == numbers


@pytest.mark.parametrize(
    "malformed",
    [
        "update core.tasks set state = 'working'",
        "update core.tasks set lease_token = gen_random_uuid(), lease_until = now()",
        "update core.tasks set attempt = attempt_limit + 1",
        "update core.tasks set attempt = -1",
        "insert into core.tasks (agent, payload, state) values ('kicad', '{}', 'working')",
        "insert into core.task_keys values ('kicad', '', 'hash', 1)",
    ],
)
def test_the_owner_cannot_write_a_malformed_row(database: Database, malformed: str) -> None:
    enqueue(database)
    with database.connect() as owner:
        owner.execute("set role mas_owner")
        assert owner.execute("select count(*) from core.tasks").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            owner.execute(malformed)


def test_a_lease_has_an_end(database: Database) -> None:
    enqueue(database)
    with database.connect("pcb_tester") as agent, pytest.raises(psycopg.errors.InsufficientPrivilege):
        agent.execute("select task_id from claim_task(null)")


def test_a_late_worker_is_refused(database: Database, claim) -> None:
    enqueue(database)
    late, first = claim("pcb_tester")
    expire_leases(database)
    with database.api("pcb_tester") as other:
        assert other.claim_task(LEASE_S) is None  # it waits out its backoff
        expire_leases(database)
        second = other.claim_task(LEASE_S)
        assert second is not None
        assert second.attempt == 2
        for say in (
            lambda: late.complete_task(first, {"late": True}),
            lambda: late.heartbeat_task(first, 30, None),
            lambda: late.fail_task(first, "late", retry=True),
            lambda: late.release_task(first),
            lambda: late.store_artifact(first, "a", b"x"),
        ):
            with pytest.raises(ApiError) as refused:
                say()
            assert refused.value.lease_lost
        assert other.complete_task(second, {"by": "other"}) == {"by": "other"}


def test_another_agent_cannot_use_a_stolen_token(database: Database, claim) -> None:
    enqueue(database)
    _, task = claim("pcb_tester")
    with database.api("kicad") as thief, pytest.raises(ApiError) as refused:
        thief.complete_task(task, {})
    assert refused.value.lease_lost


def test_completion_said_many_times_at_once_counts_once(database: Database, claim) -> None:
    enqueue(database)
    _, task = claim("pcb_tester")

    def complete(n: int) -> object:
        with database.api("pcb_tester") as api:
            return api.complete_task(task, {"n": n})

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(complete, range(6)))
    assert len({str(answer) for answer in answers}) == 1
    with database.connect() as owner:
        assert owner.execute("select count(*) from core.task_history").fetchone() == (1,)


def test_a_worker_that_starts_again_gives_back_what_its_earlier_life_held(database: Database, claim) -> None:
    enqueue(database)
    late, first = claim("pcb_tester")
    with database.api("pcb_tester") as reborn:
        assert reborn.start_worker() == 1  # the same process, so the same name
        expire_leases(database)
        second = reborn.claim_task(LEASE_S)
        assert second is not None
        assert second.attempt == 2
    with pytest.raises(ApiError) as refused:
        late.complete_task(first, {})
    assert refused.value.lease_lost


def test_a_released_task_keeps_its_attempt(database: Database, claim) -> None:
    enqueue(database)
    api, task = claim("pcb_tester")
    api.release_task(task)
    again = api.claim_task(LEASE_S)
    assert again is not None
    assert (again.task_id, again.attempt) == (task.task_id, 1)


def test_a_poison_task_becomes_a_dead_letter_and_harms_no_neighbour(database: Database) -> None:
    poison, good = enqueue(database, 2)
    with database.api("pcb_tester") as api:
        while task := api.claim_task(LEASE_S):
            if task.task_id == poison:
                api.fail_task(task, "crashed", retry=True)
                expire_leases(database)
            else:
                api.complete_task(task, {})
    with database.connect() as owner:
        ended = owner.execute(
            "select task_id, outcome, attempt from core.task_history order by task_id"
        ).fetchall()
    assert ended == [(poison, "dead", 8), (good, "done", 1)]


def test_retries_wait_longer_each_time_and_never_all_alike(database: Database) -> None:
    enqueue(database, 12)
    waits: dict[int, list[float]] = {}
    with database.api("pcb_tester") as api, database.connect() as owner:
        for attempt in range(1, 8):
            while task := api.claim_task(LEASE_S):
                assert task.attempt == attempt
                api.fail_task(task, "no luck", retry=True)
            query = "select extract(epoch from run_at - clock_timestamp())::float8 from core.tasks"
            waits[attempt] = [row[0] for row in owner.execute(query)]
            expire_leases(database)
    for attempt, seconds in waits.items():
        full = min(60, 2 ** (attempt - 1))
        assert max(seconds) <= full
        assert min(seconds) > full / 2 - 1.0  # this test itself takes a moment
        assert max(seconds) - min(seconds) > full / 20


def test_fifty_clients_with_one_key_make_one_task(database: Database) -> None:
    barrier = threading.Barrier(12)

    def say(_: int) -> int:
        with database.connect("admin") as people:
            barrier.wait()
            query = "select enqueue_task('pcb_tester', '{}', 'the-key')"
            return next(people.execute(query).fetchone()[0] for _ in range(4))

    with ThreadPoolExecutor(12) as pool:
        assert len(set(pool.map(say, range(12)))) == 1


def test_a_key_with_another_payload_is_an_error(database: Database) -> None:
    enqueue(database, key="k")
    with database.connect("admin") as people, pytest.raises(Exception, match="other arguments") as refused:
        people.execute("select enqueue_task('pcb_tester', '{\"n\": 7}', 'k')")
    assert refused.value.sqlstate == "PB004"


def test_a_payload_over_the_limit_is_refused(database: Database) -> None:
    with database.connect("admin") as people, pytest.raises(Exception, match="65536 are allowed") as refused:
        people.execute("select enqueue_task('pcb_tester', %s)", (Jsonb({"x": "y" * 70000}),))
    assert refused.value.sqlstate == "PB003"


def test_a_delayed_task_waits(database: Database) -> None:
    with database.connect("admin") as people:
        people.execute("select enqueue_task('pcb_tester', '{}', p_delay => '1 hour')")
    with database.api("pcb_tester") as api:
        assert api.claim_task(LEASE_S) is None
        expire_leases(database)
        assert api.claim_task(LEASE_S) is not None


def test_priority_goes_before_age(database: Database) -> None:
    with database.connect("admin") as people:
        people.execute("select enqueue_task('pcb_tester', '{\"n\": 1}')")
        people.execute("select enqueue_task('pcb_tester', '{\"n\": 2}', p_priority => 5)")
    with database.api("pcb_tester") as api:
        assert [api.claim_task(LEASE_S).payload["n"] for _ in range(2)] == [2, 1]


def test_the_doorbell_wakes_a_sleeper(database: Database) -> None:
    stop = threading.Event()
    woken: list[Task | None] = []

    def sleep() -> None:
        with database.api("pcb_tester") as api:
            # returns at the ring, long before its timeout, or with what came while it fell asleep
            woken.append(api.sleep_until_task(LEASE_S, 30.0, stop) or api.claim_task(LEASE_S))

    sleeper = threading.Thread(target=sleep)
    sleeper.start()
    with database.connect() as owner:  # asleep once it holds its presence and the barrier is free
        asleep = "select count(*) from pg_locks where locktype = 'advisory' and classid = 78 and database = (select oid from pg_database where datname = current_database())"
        while owner.execute(asleep).fetchone() != (1,):
            pass
    (number,) = enqueue(database)
    sleeper.join(10)
    assert [task.task_id for task in woken if task] == [number]


def test_nobody_asleep_means_no_ring(database: Database) -> None:
    with database.connect("pcb_tester") as listener:
        listener.execute("listen task_pcb_tester")
        enqueue(database, 3)
        assert list(listener.notifies(timeout=0.3)) == []


ENQUEUE = "select enqueue_task('pcb_tester', '{}')"


def rings(listener: psycopg.Connection[Any]) -> int:
    """How many rings have come, all those that were committed before included."""
    listener.execute("select 1")
    return len(list(listener.notifies(timeout=0)))


def test_a_sleeper_is_rung_for_once_until_somebody_goes_to_sleep_again(database: Database) -> None:
    with database.connect("pcb_tester") as sleeper, database.connect("admin") as people:
        sleeper.execute("listen task_pcb_tester")
        for _ in range(2):
            sleeper.execute("select prepare_sleep()")
            people.execute(ENQUEUE)
            assert rings(sleeper) == 1
            people.execute(ENQUEUE)
            assert rings(sleeper) == 0


@pytest.mark.parametrize("undone", [("begin", "rollback"), ("begin; savepoint s", "rollback to s; commit")])
@pytest.mark.parametrize("together", [False, True], ids=["statement by statement", "in one message"])
def test_a_ring_that_was_rolled_back_does_not_count(
    database: Database, undone: tuple[str, str], together: bool
) -> None:
    with database.connect("pcb_tester") as sleeper, database.connect("admin") as people:
        sleeper.execute("listen task_pcb_tester")
        sleeper.execute("select prepare_sleep()")
        statements = (undone[0], ENQUEUE, undone[1])
        for words in ["; ".join(statements)] if together else statements:
            people.execute(words)
        people.execute(ENQUEUE)
        assert rings(sleeper) == 1


def test_a_ring_that_may_still_be_rolled_back_does_not_count(database: Database) -> None:
    with (
        database.connect("pcb_tester") as sleeper,
        database.connect("admin") as slow,
        database.connect("admin") as people,
    ):
        sleeper.execute("listen task_pcb_tester")
        sleeper.execute("select prepare_sleep()")
        slow.execute("begin")
        slow.execute(ENQUEUE)
        people.execute(ENQUEUE)
        assert rings(sleeper) == 1
        slow.execute("rollback")


def test_no_wakeup_is_lost_in_a_race(database: Database) -> None:
    """A worker that falls asleep while tasks come in claims each of them well before its poll would."""
    total = 150
    stop = threading.Event()
    taken = []

    def work() -> None:
        with database.api("pcb_tester") as api:
            while len(taken) < total and not stop.is_set():
                task = api.claim_task(LEASE_S) or api.sleep_until_task(LEASE_S, 20.0, stop)
                if task is not None:
                    taken.append(task.task_id)
                    api.complete_task(task, {})

    worker = threading.Thread(target=work)
    worker.start()
    with database.connect("admin") as people:
        for n in range(total):
            people.execute("select enqueue_task('pcb_tester', %s)", (Jsonb({"n": n}),))
            while len(taken) <= n and worker.is_alive() and n % 3 == 0:
                pass  # every third time wait until it sleeps again
    worker.join(15)
    stop.set()
    assert len(taken) == total
