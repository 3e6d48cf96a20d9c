"""What happens when two transactions meet: each interleaving is driven step by step, none by chance."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from clients.api import Api, ApiError
from tests.conftest import LEASE_S, Database
from tests.db.steps import RESULTS, begin, status, work
from tests.db.test_queue import enqueue, expire_leases

APPROVED = Jsonb(RESULTS["client_manager"])


@contextmanager
def second_thread() -> Iterator[Callable[..., Future[Any]]]:
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit


def wait_until_blocked(database: Database) -> None:
    """Return once a transaction of this database waits for a lock."""
    with database.connect() as owner:
        query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        while owner.execute(query).fetchone() == (0,):
            pass


def held(database: Database, agent: str) -> tuple[psycopg.Connection, int, uuid.UUID]:
    """An agent's connection with a task under lease, and a transaction open."""
    connection = database.connect(agent)
    row = connection.execute("select task_id, lease_token from claim_task()").fetchone()
    assert row is not None
    connection.autocommit = False
    return connection, row[0], row[1]


def test_a_completion_and_a_cancellation_that_meet_both_end(database: Database) -> None:
    """The cancellation comes between a heartbeat and the completion of one transaction: no deadlock."""
    design = begin(database)
    worker, number, token = held(database, "client_manager")
    with worker, database.api("terminal") as front, second_thread() as start:
        worker.execute("select heartbeat_task(%s, %s)", (number, token))
        cancelled = start(front.cancel_design, design)
        wait_until_blocked(database)
        worker.execute("select complete_task(%s, %s, %s)", (number, token, APPROVED))
        worker.commit()
        cancelled.result(10)
    assert status(database, design)["state"] == "cancelled"
    with database.connect() as owner:
        assert owner.execute("select count(*) from core.tasks").fetchone() == (0,)


def test_a_cancellation_that_is_first_stops_the_completion(database: Database, claim: Any) -> None:
    design = begin(database)
    api, task = claim("client_manager")
    with database.connect("terminal") as front, second_thread() as start:
        front.autocommit = False
        front.execute("select cancel_design(%s)", (design,))
        completed = start(api.complete_task, task, RESULTS["client_manager"])
        wait_until_blocked(database)
        front.commit()
        assert completed.result(10) is None
    assert status(database, design)["state"] == "cancelled"
    assert api.complete_task(task, RESULTS["client_manager"]) is None  # said again, the same answer


def test_the_task_of_a_design_takes_the_design_along(database: Database) -> None:
    design = begin(database)
    with database.connect("admin") as people, database.connect() as owner:
        number = owner.execute("select task_id from core.tasks").fetchone()
        assert people.execute("select cancel_task(%s)", number).fetchone() == (True,)
        assert people.execute("select cancel_task(%s)", number).fetchone() == (False,)
    assert status(database, design)["state"] == "cancelled"


def test_a_heartbeat_in_flight_is_not_reclaimed(database: Database) -> None:
    """The lease has run out, but its holder is just extending it: the claimer passes by without waiting."""
    design = begin(database)
    worker, number, token = held(database, "client_manager")
    expire_leases(database)
    with worker, database.api("client_manager") as other:
        worker.execute("select heartbeat_task(%s, %s)", (number, token))
        assert other.claim_task(LEASE_S) is None
        worker.commit()
        assert other.claim_task(LEASE_S) is None
        worker.execute("select complete_task(%s, %s, %s)", (number, token, APPROVED))
        worker.commit()
    assert status(database, design)["state"] == "designing"


def test_any_agent_gives_back_what_a_dead_worker_of_another_held(database: Database) -> None:
    (number,) = enqueue(database)
    with database.connect("pcb_tester") as worker:
        worker.execute("select claim_task()")
        with database.connect() as owner:
            owner.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'pcb_tester' and datname = current_database()"
            )
        with pytest.raises(psycopg.OperationalError):
            worker.execute("select 1")
    expire_leases(database)
    with database.api("kicad") as anybody:
        assert anybody.claim_task(LEASE_S) is None
    with database.connect() as owner:
        row = owner.execute(
            "select state, attempt, last_error from core.tasks where task_id = %s", (number,)
        ).fetchone()
    assert row == ("scheduled", 1, "the worker fell silent")


def test_a_silent_worker_on_its_last_attempt_fails_the_design(database: Database, claim: Any) -> None:
    design = begin(database)
    claim("client_manager")
    with database.connect() as owner:
        owner.execute("update core.tasks set attempt = attempt_limit")
    expire_leases(database)
    with database.api("pcb_tester") as anybody:
        assert anybody.claim_task(LEASE_S) is None
    last = status(database, design)
    assert (last["state"], last["error"]) == ("failed", "the worker fell silent")


def test_an_enqueuer_that_keeps_its_transaction_open_does_not_hold_sleepers(database: Database) -> None:
    """Somebody leaves psql open after `begin; select enqueue_task(…)`: workers go on with what else there is."""
    with database.connect("admin") as people, database.api("pcb_tester") as api:
        people.autocommit = False
        people.execute("select enqueue_task('pcb_tester', '{\"n\": 1}')")
        assert api.sleep_until_task(LEASE_S, 0.0, threading.Event()) is None
        (other,) = enqueue(database)
        task = api.claim_task(LEASE_S)
        assert task is not None
        assert task.task_id == other
        people.commit()
        assert api.claim_task(LEASE_S) is not None


def test_one_message_from_many_connections_is_one_design(database: Database) -> None:
    barrier = threading.Barrier(6)

    def say(_: int) -> int:
        with database.api("terminal") as api:
            barrier.wait()
            return api.receive_message("terminal:me", "me", "a blinker", "the-key", None, True)

    with ThreadPoolExecutor(6) as pool:
        designs = set(pool.map(say, range(6)))
    assert len(designs) == 1
    with database.connect() as owner:
        assert owner.execute("select count(*) from core.tasks").fetchone() == (1,)


def test_cancellations_in_a_storm_of_work_end_each_design_once(database: Database) -> None:
    """Workers complete and beat while a front end cancels every other design: no deadlock, one end each."""
    designs = [begin(database) for _ in range(24)]
    steps = ("client_manager", "pcb_designer", "kicad", "pcb_tester")
    faults: list[ApiError] = []

    def serve(agent: str) -> None:
        with database.api(agent) as api:
            while unfinished(database):
                if (task := api.claim_task(LEASE_S)) is not None:
                    one_task(api, agent, task)

    def one_task(api: Api, agent: str, task: Any) -> None:
        try:
            api.heartbeat_task(task, LEASE_S, f"attempt {task.attempt}")
            if agent == "kicad":
                api.store_board(task, {"footprints": [FOOTPRINT], "pads": [], "tracks": [], "vias": []})
            api.complete_task(task, RESULTS[agent])
        except ApiError as error:
            faults.append(error)

    def cancel() -> None:
        with database.api("terminal") as front:
            for design in designs[::2]:
                try:
                    front.cancel_design(design)
                except ApiError as error:
                    if error.code != "PB005":  # it had ended already
                        raise

    with ThreadPoolExecutor(5) as pool:
        jobs = [pool.submit(serve, agent) for agent in steps] + [pool.submit(cancel)]
        for job in jobs:
            job.result(60)
    assert faults == []
    with database.connect() as owner:
        ends = owner.execute(
            "select state_id, count(*) from core.design_events join core.states on state = to_state where final group by 1 order by 1"
        ).fetchall()
        assert ends == [(design, 1) for design in designs]
        assert owner.execute(BROKEN_HISTORY).fetchall() == []


FOOTPRINT = {
    "ref": "R1",
    "value": "1k",
    "footprint": "R",
    "symbol": "R",
    "at": [0, 0],
    "rotation": 0,
    "side": "front",
}
# the oracle: each event begins where the one before it ended, by a transition of the table, and the last is the state
BROKEN_HISTORY = """
    select e.state_id, e.event_id from (
      select x.*, lag(x.to_state) over w as before, lead(x.event_id) over w as after, d.state
        from core.design_events x join core.design_states d using (state_id)
      window w as (partition by x.state_id order by x.event_id)) e
     where e.from_state is distinct from e.before
        or e.after is null and e.to_state <> e.state
        or e.from_state is not null and not exists (
             select from core.transitions t where (t.from_state, t.outcome, t.to_state) = (e.from_state, e.outcome, e.to_state))"""


def unfinished(database: Database) -> bool:
    """Whether a design has not ended yet."""
    with database.connect("monitor") as people:
        query = "select exists (select from list_designs(1000) where finished_at is null)"
        return people.execute(query).fetchone() == (True,)


def test_the_oracle_sees_a_history_that_was_tampered_with(database: Database) -> None:
    begin(database)
    work(database, "client_manager")
    with database.connect() as owner:
        assert owner.execute(BROKEN_HISTORY).fetchall() == []
        owner.execute("alter table core.design_events disable trigger refuse_rewriting")
        owner.execute("update core.design_events set to_state = 'testing' where outcome = 'approved'")
        assert owner.execute(BROKEN_HISTORY).fetchall() != []
