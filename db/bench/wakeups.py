"""Lost wake-ups: a million tasks, each enqueued just as workers fall asleep, while connections are cut.

Producers of an agent meet before every round, wait a random moment each (so that every point of a worker's
way to sleep is hit), enqueue, and go on only when a worker has their task in hand.  So nobody rings for what
is left lying, and the workers' own poll is a minute away: a task that is ready, and that nobody has
after `LOST_S`, had its wake-up lost.  Everything is enqueued in every way there is, rolled back now and
then before, and every few cycles somebody's connection is cut, but not where a task lies: who connects
again finds it.  Workers run an agent's own loop.

The same is run with the barrier taken out: then wake-ups must be lost, or the measure would prove nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import select
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier, Event
from threading import BrokenBarrierError
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from clients.api import Api, ConnectionLost
from db.bench.asleep import pass_on
from db.bench.cluster import DELAY, DISK, BenchError, Database
from db.bench.contest import Bench, Goal, at_least, below
from db.bench.ours import PRODUCER

QUEUES = {  # agent: producers, and fewer workers, so that often none sleeps
    "kicad": (3, 1),
    "pcb_tester": (4, 2),
    "pcb_designer": (3, 1),
    "client_manager": (4, 2),
}
CYCLES = 1_000_000
CYCLES_QUICK = 4_000
CYCLES_SLOW = 20_000
CYCLES_SLOW_QUICK = 1_000
POLL_S = 60.0
LOST_S = 5.0
LEASE_S = 60.0
SAY_S = 30.0
CUT_CYCLES = 40  # of a queue, on average, from one cut connection to the next
LOOK_S = 0.01
MEET_S = 30.0  # longer than a round with a lost wake-up
MOMENT_S = {
    DISK: 1e-3,
    DELAY: 4e-3,
}  # on average: about as long as a worker needs for a task and to fall asleep again
FORK = multiprocessing.get_context("fork")
ROUND = struct.Struct("<q")
BARRIER = (
    ("core.all_awake(int)", "not pg_catalog.pg_try_advisory_xact_lock_shared(77, p_key)", "false"),
    ("api.prepare_sleep()", "perform pg_advisory_lock(77, v_key);", ""),
    ("api.prepare_sleep()", "perform pg_advisory_unlock(77, v_key);", "null;"),
)
Enqueue = Callable[[psycopg.Connection, str, Jsonb], None]


class _Counts:
    """What a queue has come to so far, shared by its processes."""

    def __init__(self) -> None:
        self.cycles, self.lost, self.cuts = (FORK.Value("q", 0) for _ in range(3))


@dataclass(frozen=True)
class Ends:
    """What a run came to."""

    cycles: int
    lost: int
    cuts: int
    seconds: float


def measure_wakeups(bench: Bench) -> tuple[list[Goal], dict[str, Any]]:
    """None lost in a million cycles; the same with slow commits, and then without the barrier, too."""
    whole = _run(bench, DISK, CYCLES_QUICK if bench.plan.quick else CYCLES, most_lost=100)
    slow = _run(bench, DELAY, CYCLES_SLOW_QUICK if bench.plan.quick else CYCLES_SLOW, most_lost=100)
    without = _run(bench, DELAY, CYCLES_SLOW, most_lost=2, before=_take_barrier_out)
    goals = [
        below(
            f"wake-ups lost in {run.cycles:,} cycles with {run.cuts:,} cut connections, {regime}",
            1,
            run.lost,
            "lost",
        )
        for regime, run in ((DISK, whole), (DELAY, slow))
    ]
    goals.append(at_least(f"wake-ups lost with the barrier taken out, {DELAY}", 1, without.lost, "lost"))
    return goals, {DISK: vars(whole), DELAY: vars(slow), f"without the barrier, {DELAY}": vars(without)}


def _run(
    bench: Bench,
    regime: str,
    cycles: int,
    most_lost: int,
    before: Callable[[Database], None] = lambda _: None,
) -> Ends:
    """So many tasks, or until so many wake-ups are lost."""
    stop = FORK.Event()
    with bench.cluster.fresh(regime) as database, ExitStack() as stack:
        before(database)
        began = said = time.monotonic()
        queues = [_start(stack, database, agent, MOMENT_S[regime], stop) for agent in QUEUES]
        while (told := _sum(queues, began)).cycles < cycles and told.lost < most_lost:
            if time.monotonic() - said > SAY_S:
                said = time.monotonic()
                bench.say(f"wakeups: {told.cycles:,} cycles, {told.lost} lost, {told.cuts:,} connections cut")
            stop.wait(LOOK_S)
    return _sum(queues, began)


def _start(stack: ExitStack, database: Database, agent: str, moment_s: float, stop: Event) -> _Counts:
    """The workers and producers of a queue, and who cuts their connections; producers end first."""
    producers, workers = QUEUES[agent]
    quit_ = FORK.Event()  # of this queue alone: another's producers may still wait for their workers
    counts, meeting = _Counts(), FORK.Barrier(producers)
    pipes = [os.pipe() for _ in range(producers)]
    stack.callback(_close, pipes)
    writes = [write for _, write in pipes]
    taking = [(_work, (database.dsn(agent), f"{agent} {i}", writes, quit_)) for i in range(workers)]
    stack.enter_context(_processes(taking, quit_))
    putting = [
        (_produce, (database, agent, i, moment_s, read, meeting, stop, counts))
        for i, (read, _) in enumerate(pipes)
    ]
    stack.enter_context(_processes([*putting, (_cut, (database, agent, stop, counts))], stop))
    return counts


def _sum(queues: list[_Counts], began: float) -> Ends:
    return Ends(
        cycles=sum(counts.cycles.value for counts in queues),
        lost=sum(counts.lost.value for counts in queues),
        cuts=sum(counts.cuts.value for counts in queues),
        seconds=round(time.monotonic() - began, 1),
    )


@contextmanager
def _processes(bodies: list[tuple[Callable[..., None], tuple[Any, ...]]], stop: Event) -> Iterator[None]:
    """Run each body in a process of its own; on leaving they are told to stop and waited for."""
    running = [FORK.Process(target=body, args=arguments, daemon=True) for body, arguments in bodies]
    for process in running:
        process.start()
    try:
        yield
    finally:
        stop.set()
        for process in running:
            process.join(MEET_S)
    if any(process.exitcode for process in running):
        raise BenchError(f"{running[0].name} and its like ended with {[each.exitcode for each in running]}")


def _close(pipes: list[tuple[int, int]]) -> None:
    for ends in pipes:
        for end in ends:
            os.close(end)


# ---------------------------------------------------------------------- producers


def _plain(connection: psycopg.Connection, agent: str, payload: Jsonb) -> None:
    connection.execute("select api.enqueue_task(%s, %s)", (agent, payload))


def _many(connection: psycopg.Connection, agent: str, payload: Jsonb) -> None:
    connection.execute("select count(*) from api.enqueue_tasks(%s, %s)", (agent, [payload] * 2))


def _within(connection: psycopg.Connection, agent: str, payload: Jsonb) -> None:
    connection.execute("begin")
    _plain(connection, agent, payload)
    connection.execute("commit")


def _rolled_back_before(connection: psycopg.Connection, agent: str, payload: Jsonb) -> None:
    connection.execute("begin")
    _plain(connection, agent, payload)
    connection.execute("rollback")
    _plain(connection, agent, payload)


def _savepoint_before(connection: psycopg.Connection, agent: str, payload: Jsonb) -> None:
    connection.execute("begin")
    connection.execute("savepoint once")
    _plain(connection, agent, payload)
    connection.execute("rollback to savepoint once")
    connection.execute("commit")
    _plain(connection, agent, payload)


WAYS: tuple[Enqueue, ...] = (*5 * (_plain,), _many, _within, _rolled_back_before, _savepoint_before)


def _produce(
    database: Database,
    agent: str,
    number: int,
    moment_s: float,
    read: int,
    meeting: Barrier,
    stop: Event,
    counts: _Counts,
) -> None:
    """Rounds, until told to stop; who stops lets nobody wait for it."""
    chance = random.Random(f"{agent} {number}")  # noqa: S311 - the same moments in every run
    round_, connection = 0, None
    while not stop.is_set():
        with suppress(BrokenBarrierError):
            meeting.wait(MEET_S)
        round_ += 1
        payload = Jsonb({"producer": number, "round": round_})
        way = chance.choice(WAYS)
        time.sleep(chance.expovariate(1 / moment_s))
        while True:
            try:
                connection = connection or _connect(database.dsn(PRODUCER), agent)
                way(connection, agent, payload)
                break
            except psycopg.OperationalError:  # cut: whether it was committed is not known, so once more
                connection = None
        while not _heard(read, round_):
            _look(database, agent, counts)
        _count(counts.cycles)
    meeting.abort()


def _look(database: Database, agent: str, counts: _Counts) -> None:
    """A task that is ready was left lying; one whose worker was cut waits for its backoff.  Rings anyway."""
    with database.connect() as connection:
        ready = "select from core.tasks where agent = %s and state = 'ready'"
        if connection.execute(ready, (agent,)).fetchone() is not None:
            _count(counts.lost)
        connection.execute("select pg_notify(%s, '')", (f"task_{agent}",))


def _count(number: Any) -> None:
    with number.get_lock():
        number.value += 1


def _heard(read: int, round_: int) -> bool:
    """Whether a worker has the round's task within `LOST_S`; earlier rounds' doubles are passed over."""
    until = time.monotonic() + LOST_S
    while (left := until - time.monotonic()) > 0:
        ready, _, _ = select.select([read], [], [], left)
        if ready and ROUND.unpack(os.read(read, ROUND.size)) == (round_,):
            return True
    return False


def _connect(dsn: str, agent: str) -> psycopg.Connection:
    return psycopg.connect(dsn, autocommit=True, application_name=f"for {agent}")


# ---------------------------------------------------------------------- workers


def _work(dsn: str, name: str, writes: list[int], quit_: Event) -> None:
    """An agent's own loop, again after every cut."""
    os.environ["MAS_WORKER"] = name
    ended = threading.Event()
    threading.Thread(target=pass_on, args=(quit_, ended), daemon=True).start()
    while not ended.is_set():
        with suppress(ConnectionLost), Api.connect(dsn) as db:
            db.start_worker()
            _take_tasks(db, writes, ended)


def _take_tasks(db: Api, writes: list[int], ended: threading.Event) -> None:
    while not ended.is_set():
        task = db.claim_task(LEASE_S) or db.sleep_until_task(LEASE_S, POLL_S, ended)
        if task is not None:
            os.write(writes[task.payload["producer"]], ROUND.pack(task.payload["round"]))
            db.complete_task(task, {})


def _cut(database: Database, agent: str, stop: Event, counts: _Counts) -> None:
    """Every few cycles the connection of a producer or a worker."""
    cut = """select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and (usename = %s or application_name = %s)
              order by random() limit 1"""
    due = 0
    with database.connect() as connection:
        while not stop.wait(LOOK_S):
            if counts.cycles.value >= due:
                due = counts.cycles.value + random.randrange(2 * CUT_CYCLES)  # noqa: S311 - no secret
                counts.cuts.value += len(connection.execute(cut, (agent, f"for {agent}")).fetchall())


def _take_barrier_out(database: Database) -> None:
    """Leave everything but the barrier: enqueuers no longer share it, sleepers no longer wait for them."""
    with database.connect() as connection:
        connection.execute("set role mas_owner")
        for function, barrier, nothing in BARRIER:
            query = "select pg_get_functiondef(%s::regprocedure)"
            (definition,) = connection.execute(query, (function,)).fetchone() or ("",)
            if barrier not in definition:
                raise BenchError(f"the barrier cannot be taken out of {function}")
            connection.execute(definition.replace(barrier, nothing).encode())
