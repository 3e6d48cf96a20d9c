"""Our queue and the bare floor, as pgbench scripts and the databases they run in."""

from __future__ import annotations

import json
import re
from functools import partial

from db.bench.cluster import BenchError, Database
from db.bench.contest import Bench, Contender, Load
from db.bench.peers.line import PAYLOAD
from db.bench.pgbench import drive

AGENT = "pcb_tester"
PRODUCER = "admin"
BATCH = 100
LITERAL = f"'{json.dumps(PAYLOAD)}'"  # what every system carries: about 100 bytes

ENQUEUE = f"select api.enqueue_task('{AGENT}', {LITERAL});\n"
ENQUEUE_KEY = f"""\\set key random(1, 9000000000000000000)
select api.enqueue_task('{AGENT}', {LITERAL}, (:key)::text);
"""
# the same row into the same table, by its owner: what an enqueue cannot do without
INSERT = f"insert into core.tasks (agent, payload) values ('{AGENT}', {LITERAL});\n"
CLAIM_COMPLETE = """select task_id, lease_token, payload from api.claim_task() \\gset
select api.complete_task(:task_id, :lease_token);
"""
# each client claims its first task, then goes on in one round trip a task
COMPLETE_AND_CLAIM = """\\if :held = 0
select task_id, lease_token, payload from api.claim_task() \\gset
\\set held 1
\\endif
select task_id, lease_token, payload from api.complete_and_claim(:task_id, :lease_token) \\gset
"""
ENQUEUE_BATCH = f"""select count(*) from api.enqueue_tasks(
  '{AGENT}', array_fill({LITERAL}::jsonb, array[{BATCH}]));
"""
CLAIM_COMPLETE_BATCH = f"""select array_agg(task_id) ids, array_agg(lease_token) tokens, array_agg(payload)
  from api.claim_tasks({BATCH}) \\gset
select count(*) from api.complete_tasks(:ids, :tokens);
"""

FLOOR_ROWS = 20_000
FLOOR_TABLE = f"""
create table floor (id int primary key, state int not null, payload jsonb) with (fillfactor = 50);
insert into floor select i, 0, {LITERAL} from generate_series(1, {FLOOR_ROWS}) i;
"""
FLOOR = f"""\\set id random(1, {FLOOR_ROWS})
update floor set state = 1 where id = :id;
update floor set state = 0 where id = :id;
"""


def by_pgbench(
    name: str,
    script: str,
    role: str | None,
    template: str | None = None,
    per_transaction: int = 1,
    others: bool = False,
    careful: bool = False,
) -> Contender:
    """A script of pgbench, as a role, in a clone of a template (the empty queue, if none is named).

    `others` says that somebody else is connected meanwhile; `careful`, that the CPU is judged.
    """

    def run(bench: Bench, database: Database, seconds: float) -> Load:
        waiting = bench.plan.waiting if per_transaction == 1 else bench.plan.waiting_for_batches
        variables = {"held": 0} if ":held" in script else {}
        return drive(
            bench.cluster,
            database,
            script,
            seconds,
            role,
            variables=variables,
            per_transaction=per_transaction,
            others=others,
            careful=careful or not bench.plan.quick,
            most=0.7 * waiting / per_transaction,
        )

    return Contender(name, run, template) if template else Contender(name, run)


def full_queue(bench: Bench, tasks: int) -> str:
    """A template with so many tasks waiting."""
    return bench.cluster.template(f"full_{tasks}", partial(prefill, tasks=tasks))


def floor_table(bench: Bench) -> str:
    """A template with the floor's rows."""
    return bench.cluster.template("floor", lambda database: database.run(FLOOR_TABLE), "template1")


def prefill(database: Database, tasks: int) -> None:
    """Put exactly so many tasks into our queue, as a producer does."""
    # the size names i, or the function would be called once for all of them
    thousands = f"""select count(n) from generate_series(0, {tasks - 1}, 1000) i,
      lateral api.enqueue_tasks('{AGENT}', array_fill({LITERAL}::jsonb, array[least(1000, {tasks} - i)])) n"""
    database.run(thousands, PRODUCER)


def silence(database: Database) -> None:
    """Leave the same functions without the bell: every call of it and look for sleepers is taken out."""
    with database.connect() as connection:
        found = connection.execute(
            """select pg_get_functiondef(p.oid) from pg_proc p
                where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
                  and p.prosrc ~ '(ring_bell|all_awake)\\(' and p.proname <> 'ring_bell'"""
        ).fetchall()
        for (definition,) in found:
            without = re.sub(r"if not core\.all_awake\(.*?end if;", "", definition, flags=re.DOTALL)
            without = re.sub(r"perform core\.ring_bell\([^;]*\);", "", without)
            if re.search(r"(ring_bell|all_awake)\(", without.partition(" AS ")[2]):
                raise BenchError(f"the bell cannot be taken out of {definition.splitlines()[0]}")
            connection.execute("set role mas_owner")
            connection.execute(without)
            connection.execute("reset role")
    if not found:
        raise BenchError("no function rings the bell")
