"""The plans of the queue's statements as they really run, inside the functions, over a million tasks each way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from clients.server import Server
from tests.conftest import WORKER, Database

AGENT = "pcb_tester"
BUFFERS = 200  # pages that one statement may touch; reading a million rows takes tens of thousands
ROWS = 5

FILL = f"""
    insert into core.tasks (agent, payload, priority, state, run_at, fifo_key)
    select '{AGENT}', '{{"n": 1}}', g % 3, 'ready', default_run, null
      from generate_series(1, 1000000) g, (select core.now()) x (default_run);
    insert into core.tasks (agent, payload, state, run_at)
    select '{AGENT}', '{{"n": 1}}', 'scheduled', core.now() + interval '1 day' from generate_series(1, 100000) g;
    insert into core.tasks (agent, payload, state, fifo_key)
    select '{AGENT}', '{{"n": 1}}', case g when 1 then 'ready' else 'blocked' end::core.task_state, 'one key' from generate_series(1, 100000) g;
    select setval('core.task_id_seq', 3000000);
    select * from core.maintain();
    insert into core.task_history (task_id, agent, attempt, lease_token, outcome, payload, enqueued_at)
    select 1200000 + g, '{AGENT}', 1, gen_random_uuid(), 'done', '{{"n": 1}}', core.now() from generate_series(1, 1000000) g;
    update core.agents set priorities = '{{2,1,0}}' where name = '{AGENT}';
"""


@pytest.fixture(scope="module")
def crowded(server: Server, template: str) -> Iterator[Database]:
    """1,000,000 ready, 100,000 scheduled, 100,000 behind one FIFO key, 1,000,000 finished."""
    name = f"mas_test_{WORKER}_plans"
    with Database("postgres", server).connect() as maintenance:
        maintenance.execute(f"create database {name} template {template}")
        made = Database(name, server)
        with made.connect() as owner:
            owner.execute(FILL)
            owner.execute("vacuum analyze core.tasks")
            owner.execute("analyze core.task_history")
        yield made
        maintenance.execute(f"drop database {name} with (force)")


class Watched:
    """An administrator's session that acts as an agent and keeps the plan of every statement inside functions."""

    def __init__(self, connection: psycopg.Connection, role: str) -> None:
        self._connection = connection
        self._plans: list[dict[str, Any]] = []
        connection.add_notice_handler(self._keep)
        connection.execute("load 'auto_explain'")
        for setting in (
            "auto_explain.log_min_duration = 0",
            "auto_explain.log_nested_statements = on",
            "auto_explain.log_analyze = on",
            "auto_explain.log_buffers = on",
            "auto_explain.log_format = json",
            "client_min_messages = log",
        ):
            connection.execute(f"set {setting}")
        connection.execute(f"set session authorization {role}")

    def _keep(self, notice: psycopg.errors.Diagnostic) -> None:
        _, found, text = (notice.message_primary or "").partition("plan:\n")
        if found:
            self._plans.append(json.loads(text))

    def run(self, query: str) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
        """The rows, and the plans of the statements that touched tasks or their history."""
        self._plans.clear()
        rows = self._connection.execute(query).fetchall()
        return rows, [plan for plan in self._plans if "core.task" in plan["Query Text"]]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def judge(plans: list[dict[str, Any]]) -> None:
    """No walk over a table, few rows, few pages."""
    assert plans
    for plan in plans:
        top, text = plan["Plan"], plan["Query Text"].strip()
        for node in nodes(top):
            relation = str(node.get("Relation Name", ""))
            if relation.startswith("task") and not relation.endswith("_seq") and "Scan" in node["Node Type"]:
                assert node["Node Type"] in ("Index Scan", "Index Only Scan", "Tid Scan"), (
                    f"{node['Node Type']}: {text}"
                )
                read = (
                    node["Actual Rows"]
                    + node.get("Rows Removed by Filter", 0)
                    + node.get("Rows Removed by Index Recheck", 0)
                )
                walked = [(n["Node Type"], n.get("Index Name"), n["Actual Rows"]) for n in nodes(top)]
                assert read <= ROWS, f"{read} rows of {relation} by {walked}: {text}"
        assert top["Shared Hit Blocks"] + top["Shared Read Blocks"] <= BUFFERS, text


@pytest.fixture
def watched(crowded: Database) -> Iterator[Watched]:
    """An agent's session whose plans are kept."""
    with crowded.connect() as connection:
        yield Watched(connection, AGENT)


CLAIM = "select task_id, lease_token from api.claim_task()"


def index_of(plans: list[dict[str, Any]], word: str) -> set[str]:
    """Indexes that the statements with the word use."""
    return {
        str(node["Index Name"])
        for plan in plans
        if word in plan["Query Text"]
        for node in nodes(plan["Plan"])
        if "Index Name" in node
    }


def test_a_claim_reads_what_it_takes(watched: Watched) -> None:
    watched.run(CLAIM)  # the first of a session looks around
    for _ in range(3):
        rows, plans = watched.run(CLAIM)
        assert len(rows) == 1
        judge(plans)
        assert "task_claim_order_idx" in index_of(plans, "state = 'working'")


def test_looking_around_reads_no_more_than_is_due(watched: Watched) -> None:
    _, plans = watched.run(CLAIM)
    judge(plans)
    assert {"task_scheduled_idx", "task_lease_idx", "task_deadline_idx"} <= index_of(plans, "core.task")


def test_completing_heartbeats_and_failing_find_one_row(watched: Watched) -> None:
    for call in (
        "select api.complete_task({0}, '{1}')",
        "select api.heartbeat_task({0}, '{1}')",
        "select api.fail_task({0}, '{1}', 'no')",
        "select api.release_task({0}, '{1}')",
        "select task_id from api.complete_and_claim({0}, '{1}')",
    ):
        ((task, token),), _ = watched.run(CLAIM)
        _, plans = watched.run(call.format(task, token))
        judge(plans)
    ((task, token),), _ = watched.run(CLAIM)
    watched.run(f"select api.complete_task({task}, '{token}')")
    _, plans = watched.run(f"select api.complete_task({task}, '{token}')")  # said twice: looked up in history
    judge(plans)


def test_the_first_of_a_long_fifo_key_lets_the_next_one_run(crowded: Database, watched: Watched) -> None:
    with crowded.connect() as owner:
        ((task, token),) = owner.execute(
            """update core.tasks set state = 'working', attempt = 1, lease_token = gen_random_uuid(), lease_until = core.now() + '1 h'
                where fifo_key is not null and state = 'ready' returning task_id, lease_token"""
        ).fetchall()
    _, plans = watched.run(f"select api.complete_task({task}, '{token}')")
    judge(plans)
    assert "task_fifo_idx" in index_of(plans, "fifo_key")


def test_dead_rows_behind_a_held_transaction_are_not_walked(crowded: Database) -> None:
    with crowded.connect() as holder, crowded.connect(AGENT) as agent:
        holder.execute("begin isolation level repeatable read")
        holder.execute("select count(*) from core.agents")  # from now on nothing is vacuumed
        for _ in range(20):  # 20,000 tasks claimed and completed: as many dead rows
            agent.execute(
                """with c as materialized (select * from api.claim_tasks(1000))
                   select count(*) from api.complete_tasks((select array_agg(task_id) from c), (select array_agg(lease_token) from c))"""
            )
        with crowded.connect() as connection:
            watched = Watched(connection, AGENT)
            watched.run(CLAIM)  # looks around: walks them once
            _, plans = watched.run(CLAIM)
            judge(plans)
    with crowded.connect() as owner:
        owner.execute("vacuum core.tasks")  # whichever test comes next finds none of them
