"""How many workers an agent could use: as the login that may ask nothing else, with the very queries of the manifests."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import psycopg
import pytest
import yaml

from clients.api import Api, Task
from clients.fleet import AGENTS
from tests.conftest import ROOT, Database
from tests.db.steps import begin

SCALING = ROOT / "deploy" / "kubernetes" / "base" / "scaling.yaml"
REPLICAS = 10


def queries() -> dict[str, str]:
    """What KEDA asks for each agent, from the manifests."""
    objects = [d for d in yaml.safe_load_all(SCALING.read_text()) if d["kind"] == "ScaledObject"]
    return {
        each["spec"]["scaleTargetRef"]["name"].replace("-", "_"): each["spec"]["triggers"][0]["metadata"][
            "query"
        ]
        for each in objects
    }


def wanted(database: Database, agent: str) -> int:
    """Asked as KEDA asks: a prepared statement, one row, one number."""
    with database.connect("scaler") as scaler:
        row = scaler.execute(queries()[agent].encode(), prepare=True).fetchone()
    assert row is not None
    assert len(row) == 1
    return int(float(row[0]))


def enqueue(database: Database, agent: str, count: int = 1, more: str = "") -> None:
    with database.connect("admin") as admin:
        for _ in range(count):
            admin.execute(f"select enqueue_task('{agent}', '{{}}', '{uuid.uuid4()}' {more})".encode())


def test_there_is_a_query_for_every_agent_and_it_logs_in_as_scaler() -> None:
    assert set(queries()) == set(AGENTS)
    for document in yaml.safe_load_all(SCALING.read_text()):
        if document["kind"] == "ScaledObject":
            (trigger,) = document["spec"]["triggers"]
            assert trigger["type"] == "postgresql"
            assert (trigger["metadata"]["userName"], trigger["metadata"]["dbName"]) == (
                "scaler",
                "hardware_mas",
            )
            assert trigger["metadata"]["sslmode"] == "require"
            assert trigger["authenticationRef"] == {"name": "scaler"}


@pytest.mark.parametrize("agent", sorted(AGENTS))
def test_one_for_each_task_that_waits_or_is_worked_on(
    database: Database, claim: Callable[[str], tuple[Api, Task]], agent: str
) -> None:
    assert wanted(database, agent) == 0
    enqueue(database, agent, 3)
    assert wanted(database, agent) == 3
    api, task = claim(agent)
    assert wanted(database, agent) == 3
    api.fail_task(task, "of no use", retry=False)
    assert wanted(database, agent) == 2
    others = [other for other in AGENTS if other != agent]
    assert [wanted(database, other) for other in others] == [0, 0, 0]


def test_a_design_asks_for_the_agent_whose_turn_it_is(database: Database) -> None:
    begin(database)
    assert {agent: wanted(database, agent) for agent in AGENTS} == {
        "client_manager": 1, "pcb_designer": 0, "kicad": 0, "pcb_tester": 0,
    }  # fmt: skip


def test_what_is_due_counts_though_nobody_is_there_to_promote_it(database: Database) -> None:
    enqueue(database, "kicad", 1, ", p_delay => '1 h'")
    assert wanted(database, "kicad") == 0
    with database.connect() as owner:
        owner.execute("update core.tasks set run_at = now() - interval '1 s'")
        assert owner.execute("select state::text from core.tasks").fetchone() == ("scheduled",)
    assert wanted(database, "kicad") == 1


def test_followers_of_a_key_wait_for_their_first(database: Database) -> None:
    enqueue(database, "kicad", 4, ", p_fifo_key => 'anna'")
    assert wanted(database, "kicad") == 1


def test_every_priority_counts(database: Database) -> None:
    for priority in (-5, 0, 7):
        enqueue(database, "kicad", 1, f", p_priority => {priority}::smallint")
    assert wanted(database, "kicad") == 3


def test_no_more_than_the_login_has_room_for_nor_than_there_are_slots(database: Database) -> None:
    enqueue(database, "kicad", REPLICAS + 5)
    assert wanted(database, "kicad") == REPLICAS
    with database.connect("admin") as admin:
        admin.execute("select change_agent('kicad', p_slots => 2)")
        assert wanted(database, "kicad") == 2
        admin.execute("select change_agent('kicad', p_slots => 0, p_replicas => 12)")
        assert wanted(database, "kicad") == 12


def test_of_a_paused_agent_only_those_at_work(
    database: Database, claim: Callable[[str], tuple[Api, Task]]
) -> None:
    enqueue(database, "kicad", 3)
    claim("kicad")
    with database.connect("admin") as admin:
        admin.execute("select pause_agent('kicad')")
    assert wanted(database, "kicad") == 1


@pytest.mark.parametrize("nobody", ["'terminal'", "'nobody'", "null"])
def test_of_a_front_end_or_of_nobody_it_is_an_error(database: Database, nobody: str) -> None:
    with database.connect("scaler") as scaler, pytest.raises(psycopg.Error) as refused:
        scaler.execute(f"select api.workers_wanted({nobody})".encode())
    assert refused.value.sqlstate == "PB002"


@pytest.mark.parametrize(
    "attempt",
    [
        "select * from api.queue_depth",
        "select * from api.list_agents()",
        "select api.help()",
        "select api.require_version('0001.initial')",
        "select * from core.tasks",
        "do $$ begin null; end $$",
        "set role mas_owner",
        "set role web_user",
    ],
)
def test_the_scaler_may_ask_nothing_else(database: Database, attempt: str) -> None:
    with database.connect("scaler") as scaler, pytest.raises(psycopg.Error) as refused:
        scaler.execute(attempt.encode())
    assert refused.value.sqlstate == "42501"


def test_its_login_has_few_connections_and_no_group(database: Database) -> None:
    with database.connect() as owner:
        limit = owner.execute("select rolconnlimit from pg_roles where rolname = 'scaler'").fetchone()
        groups = owner.execute(
            "select count(*) from pg_auth_members where member = 'scaler'::regrole"
        ).fetchone()
    assert (limit, groups) == ((10,), (0,))


def test_a_long_queue_costs_no_more_than_a_short_one(database: Database) -> None:
    """It counts to the agent's replicas and stops: 20,000 waiting are not read, with statistics or without."""
    with database.connect() as owner, database.connect("scaler") as scaler:
        owner.execute(
            "insert into core.tasks (agent, payload) select 'kicad', '{}' from generate_series(1, 20000)"
        )
        for analyzed in (False, True):
            if analyzed:
                owner.execute("analyze core.tasks")
            before = _read(owner)
            scaler.execute(queries()["kicad"].encode())
            scaler.execute("select 1")  # its figures are in by its next statement
            assert _read(owner) - before < 2000
            scaler.close() if analyzed else None


def _read(owner: psycopg.Connection) -> int:
    query = """select pg_stat_clear_snapshot(), coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
                 from pg_stat_user_tables where relname = 'tasks'"""
    row = owner.execute(query).fetchone()
    assert row is not None
    return int(row[1])
