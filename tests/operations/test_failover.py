"""The primary dies in the middle of the load and its standby takes over: nothing that was acknowledged is lost."""

from __future__ import annotations

import threading
from time import monotonic

import pytest

from clients.api import ApiError, Task
from tests.operations.failover import Clients, fail_over, hold, lost
from tests.operations.pair import Pair, pair, run, wait_until

AGENT = "pcb_tester"
LONG_S = 60.0  # a poll that a ring must end


@pytest.mark.timeout(300)
@pytest.mark.parametrize("behind", [False, True], ids=["in step", "standby behind"])
def test_a_promoted_synchronous_standby_has_all_that_was_acknowledged(behind: bool) -> None:
    with pair(synchronous=True) as on:
        enqueue(on, "late")
        with on.api(AGENT) as early:
            early._worker = "early"
            held = early.claim_task(LONG_S * 10)
        assert held is not None
        with Clients(on) as clients:
            clients.more(800)
            fail_over(on, clients, behind)
            clients.more(400)
            clients.close()
            late_worker_is_refused(on, held)
            drains = wait_until(
                lambda: on.standby.ask("select count(*) from core.tasks") == [(0,)], "the backlog drains"
            )
        assert clients.faults == []
        assert drains < LONG_S
        hold(on, clients.told)
        sleeper_is_rung(on)
        old_primary_follows(on)


@pytest.mark.timeout(300)
def test_the_oracle_sees_what_an_asynchronous_standby_loses() -> None:
    with pair(synchronous=False) as on, Clients(on) as clients:
        clients.more(300)
        fail_over(on, clients, behind=True)
        assert lost(on, clients.told, clients.died_at)["tasks"]


def enqueue(on: Pair, key: str) -> None:
    """A task for AGENT."""
    with on.connect("admin") as people:
        people.execute("select enqueue_task(%s, jsonb_build_object('key', %s::text), %s)", (AGENT, key, key))


def late_worker_is_refused(on: Pair, held: Task) -> None:
    """Who claimed before the failover, and whose task another did since, completes nothing."""
    with on.api(AGENT) as api:
        api._worker = "early"
        api.start_worker()  # its next life gives the task back, and a worker of the load takes it
        done = "select count(*) from core.task_history where task_id = %s"
        wait_until(lambda: on.standby.ask(done, held.task_id) == [(1,)], "another does it")
        with pytest.raises(ApiError) as refused:
            api.complete_task(held, {})
    assert refused.value.lease_lost


def sleeper_is_rung(on: Pair) -> None:
    """The doorbell works on the new primary."""
    found: list[Task] = []

    def sleep() -> None:
        with on.api(AGENT) as api:
            while not found:  # what an earlier ring left behind may wake it for nothing
                if task := api.sleep_until_task(LONG_S, LONG_S, threading.Event()):
                    found.append(task)

    sleeper = threading.Thread(target=sleep)
    sleeper.start()
    asleep = "select count(*) from pg_stat_activity where usename = %s and query like '%%claim_task%%' and state = 'idle'"
    wait_until(lambda: on.standby.ask(asleep, AGENT) == [(1,)] or not sleeper.is_alive(), "it sleeps")
    began = monotonic()
    enqueue(on, "ring")
    sleeper.join()
    assert [task.payload for task in found] == [{"key": "ring"}]
    assert monotonic() - began < LONG_S / 10


def old_primary_follows(on: Pair) -> None:
    """What the README says for the old primary: rewound, it follows the new one."""
    run(
        "pg_rewind",
        "--target-pgdata",
        on.primary.data,
        "--source-server",
        on.standby.conninfo,
        "--write-recovery-conf",
    )
    on.primary.start()
    following = "select state from pg_stat_replication"
    wait_until(lambda: on.standby.ask(following) == [("streaming",)], "the old primary follows")
    ((there,),) = on.standby.ask("select count(*) from core.task_keys")
    wait_until(lambda: on.primary.ask("select count(*) from core.task_keys") == [(there,)], "it catches up")
