"""What is watched: queries as the role that asks them, alerts by promtool, the dashboard's expressions.

The real exporter on the real database: tests/docker/test_monitoring.py.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from tests.conftest import ROOT, Database
from tests.operations.metrics import (
    MONITORING,
    asked,
    dashboard_expressions,
    names_in,
    queries,
    rules,
    wanted_metrics,
)

UNIT_TESTS = ROOT / "tests/operations/rules.test.yaml"
OTHERS = {  # metrics that no query of ours makes
    "up": "Prometheus itself",
    "pg_up": "postgres_exporter",
    "pg_exporter_last_scrape_error": "postgres_exporter",
    "pg_stat_database_xact_commit": "postgres_exporter",
    "pg_stat_database_xact_rollback": "postgres_exporter",
    "node_filesystem_avail_bytes": "node_exporter",
    "node_filesystem_size_bytes": "node_exporter",
    "node_filesystem_readonly": "node_exporter",
    "kubelet_volume_stats_available_bytes": "Kubernetes",
    "kubelet_volume_stats_capacity_bytes": "Kubernetes",
    "mas_gateway_requests_total": "the gateway",
    "mas_gateway_request_seconds_bucket": "the gateway",
}


@pytest.fixture(scope="session")
def promtool() -> Callable[..., str]:
    """`promtool("check", "rules", …)`: what it says; it must be content."""
    tool = shutil.which("promtool")
    if tool is None and os.environ.get("MAS_PROMTOOL") == "required":
        pytest.fail("MAS_PROMTOOL=required, and there is no promtool: it comes with Debian's prometheus")
    if tool is None:
        pytest.skip("promtool is missing: it comes with Debian's prometheus")

    def run(*words: str | Path) -> str:
        done = subprocess.run([tool, *words], capture_output=True, text=True, check=False, cwd=MONITORING)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


# ---------------------------------------------------------------------------- queries


@pytest.fixture
def monitor(database: Database) -> Iterator[psycopg.Connection]:
    """Who asks."""
    with database.api("terminal") as terminal:
        terminal.receive_message("anna", "Anna", "a blinker", "k1", None, True)
    with database.api("client_manager") as agent:
        task = agent.claim_task(30)
        assert task
        call = "select record_model_call(%s, %s, 'm', 1, 1, 0.5, 1.0)"
        with database.connect("client_manager") as connection:
            connection.execute(call, (task.task_id, task.lease_token))
    with database.connect() as owner:
        owner.execute(
            "insert into core.system_logs (component, log_level, message) values ('postgres', 'INFO', 'backup full done: x')"
        )
    with database.connect("monitor") as connection:
        yield connection


@pytest.mark.parametrize("name", queries())
def test_each_query_gives_the_columns_that_the_exporter_is_told(
    name: str, monitor: psycopg.Connection
) -> None:
    told = queries()[name]
    columns = [next(iter(metric)) for metric in told["metrics"]]
    labels = [
        next(iter(metric)) for metric in told["metrics"] if next(iter(metric.values()))["usage"] == "LABEL"
    ]
    cursor = monitor.execute(told["query"].encode())
    assert sorted(column.name for column in cursor.description or ()) == sorted(columns)
    rows = [
        dict(zip((column.name for column in cursor.description or ()), row, strict=True)) for row in cursor
    ]
    assert rows, "nothing was found, so that nothing is tried here"
    assert len({tuple(row[label] for label in labels) for row in rows}) == len(rows), (
        "a series would be twice"
    )
    assert all(row[label] is not None for row in rows for label in labels)
    assert all(
        float(row[key]) >= 0 for row in rows for key in row if key not in labels and row[key] is not None
    )


def test_only_views_functions_and_statistics_are_asked() -> None:
    for told in queries().values():
        sources = re.findall(r"\b(?:from|join) (?!replay_lag|now\(\))([\w.]+)", told["query"])
        ours = [source for source in sources if not source.startswith("api.")]
        assert set(ours) <= {"pg_stat_replication", "pg_stat_archiver", "pg_stat_activity", "pg_roles"}, told[
            "query"
        ]


def test_every_metric_of_rules_and_dashboard_has_a_source() -> None:
    ours = {f"{name}_{next(iter(metric))}" for name, told in queries().items() for metric in told["metrics"]}
    assert wanted_metrics() - ours - set(OTHERS) == set()
    assert set(OTHERS) - wanted_metrics() == set(), "nobody asks for these any more"


def figures(monitor: psycopg.Connection, name: str, key: str, value: str) -> dict[str, Any]:
    cursor = monitor.execute(queries()[name]["query"].encode())
    rows = [
        dict(zip((column.name for column in cursor.description or ()), row, strict=True)) for row in cursor
    ]
    return next(row for row in rows if row[key] == value)


def test_figures_follow_what_happens(database: Database, monitor: psycopg.Connection) -> None:
    assert figures(monitor, "mas_agent", "agent", "client_manager")["working"] == 1
    assert figures(monitor, "mas_design", "state", "briefing")["open"] == 1
    assert figures(monitor, "mas_backup", "kind", "full")["failing"] == 0
    assert figures(monitor, "mas_model", "model", "m")["cost_usd"] == 0.5
    with database.connect() as owner:
        owner.execute("update core.tasks set lease_until = core.now() - interval '1 min'")
        owner.execute(
            "insert into core.tasks (agent, payload, enqueued_at, priority) values ('kicad', '{}', core.now() - interval '1 h', 3), ('kicad', '{}', core.now(), 1)"
        )
        owner.execute(
            "insert into core.task_history (task_id, agent, attempt, outcome, enqueued_at) values (500, 'kicad', 1, 'dead', core.now()), (501, 'kicad', 1, 'done', core.now())"
        )
        owner.execute(
            "insert into core.task_history (task_id, agent, attempt, outcome, enqueued_at, finished_at) values (502, 'kicad', 1, 'dead', core.now(), core.now() - interval '2 h')"
        )
        owner.execute("update core.design_states set state = 'failed', finished_at = core.now()")
        owner.execute(
            "insert into core.outbox (front_end, kind, due_at) values ('discord_bot', 'message', core.now() - interval '5 min')"
        )
        owner.execute(
            "insert into core.outbox (front_end, kind, state) values ('discord_bot', 'message', 'dead')"
        )
        owner.execute(
            "insert into core.system_logs (component, log_level, message) values ('postgres', 'ERROR', 'backup full failed: x')"
        )
    manager, kicad = (figures(monitor, "mas_agent", "agent", name) for name in ("client_manager", "kicad"))
    assert (manager["working"], manager["overdue"]) == (0, 1)
    assert kicad["dead_letters"] == 1
    assert 3600 <= kicad["ready_age_seconds"] < 3700
    assert figures(monitor, "mas_queue", "agent", "kicad")["tasks"] == 2
    failed, briefing = (figures(monitor, "mas_design", "state", state) for state in ("failed", "briefing"))
    assert (failed["ended"], briefing["open"]) == (1, 0)
    bot = figures(monitor, "mas_delivery", "front_end", "discord_bot")
    assert (bot["waiting"], bot["dead"]) == (1, 1)
    assert 300 <= bot["oldest_seconds"] < 400
    assert figures(monitor, "mas_backup", "kind", "full")["failing"] == 1
    with database.api("kicad") as sleeper:
        sleeper._one("prepare_sleep")
        assert figures(monitor, "mas_agent", "agent", "kicad")["asleep"] == 1


MANY = 100_000
FILLED = f"""
  insert into core.tasks (agent, state, priority, payload)
  select 'kicad', 'ready', n % 3, '{{}}' from generate_series(1, {MANY}) n;
  insert into core.users (front_end, account) values ('terminal', 'many');
  insert into core.design_states (user_id, state, finished_at)
  select 1, 'resolved', core.now() - interval '1 day' - n * interval '1 s' from generate_series(1, {MANY}) n;
  insert into core.model_calls (agent, model, prompt_tokens, completion_tokens, latency_s, called_at)
  select 'kicad', 'm', 1, 1, 1, core.now() - interval '1 day' - n * interval '1 s' from generate_series(1, {MANY}) n;
  insert into core.outbox (front_end, kind, state, remote_id, sent_at, created_at)
  select 'discord_bot', 'message', 'sent', n::text, core.now(), core.now() - interval '1 day' from generate_series(1, {MANY}) n;
  insert into core.task_history (task_id, agent, attempt, outcome, enqueued_at)
  select n, 'kicad', 1, 'done', core.now() from generate_series(1, {MANY}) n;
"""


def test_what_is_asked_every_few_seconds_reads_little_of_much(database: Database) -> None:
    """By pages read, which a busy machine does not change: a table of these rows has a thousand and more."""
    with database.connect() as owner:
        for statement in FILLED.split(";\n"):
            owner.execute(statement.encode())
        owner.execute(
            "vacuum analyze core.tasks, core.design_states, core.model_calls, core.outbox, core.task_history"
        )
    often = {name: told["query"] for name, told in queries().items() if "cache_seconds" not in told}
    with database.connect("monitor") as monitor:
        for name, query in often.items():
            monitor.execute(query.encode())  # plans are made, and catalogues read
            (plan,) = monitor.execute(
                b"explain (analyze, buffers, format json) " + query.encode()
            ).fetchone() or ([],)
            top = plan[0]["Plan"]
            assert top["Shared Hit Blocks"] + top["Shared Read Blocks"] < 500, (name, top)


# ---------------------------------------------------------------------------- alerts


def test_the_configuration_and_the_rules_are_accepted(promtool: Callable[..., str]) -> None:
    promtool("check", "config", "prometheus.yaml")
    promtool("check", "rules", "rules.yaml")


def test_each_alert_fires_and_does_not_fire(promtool: Callable[..., str]) -> None:
    promtool("test", "rules", UNIT_TESTS)


def test_no_alert_is_left_out_of_the_unit_tests() -> None:
    tests = yaml.safe_load(UNIT_TESTS.read_text())["tests"]
    fired = re.findall(r'alertname="(\w+)"', str(tests[0]["promql_expr_test"][0]["exp_samples"]))
    assert sorted(fired) == sorted(rule["alert"] for rule in rules())
    # where nothing may fire, each metric is given a value that is still well
    quiet = set().union(*(asked(series["series"]) for series in tests[1]["input_series"]))
    assert set().union(*(asked(rule["expr"]) for rule in rules())) - quiet == {"mas_agent_paused"} - quiet


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_each_alert_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule["annotations"]) == {"summary", "runbook"}
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert re.fullmatch(
        r"[^.]+(?:\.\d+[^.]*)*\.", re.sub(r"\{\{.*?\}\}", "x", rule["annotations"]["summary"])
    )
    assert re.search(r"\./mas |docker |kubectl |spec\.", rule["annotations"]["runbook"]), "which command?"


def test_what_runbooks_ask_the_database_for_is_there(database: Database) -> None:
    said = " ".join(rule["annotations"]["runbook"] for rule in rules())
    asked_for = set(re.findall(r"from (?:api\.)?(\w+)", said)) - {"pg_stat_replication", "public"}
    with database.connect("monitor") as monitor:
        helped = monitor.execute("select split_part(call, '(', 1) from help()").fetchall()
    assert asked_for <= {name for (name,) in helped}
    assert len(asked_for) >= 6


# ---------------------------------------------------------------------------- the dashboard


def test_every_expression_of_the_dashboard_is_one(promtool: Callable[..., str], tmp_path: Path) -> None:
    wrapped = [{"record": f"expression:{n}", "expr": e} for n, e in enumerate(dashboard_expressions())]
    (tmp_path / "rules.yaml").write_text(
        yaml.safe_dump({"groups": [{"name": "dashboard", "rules": wrapped}]})
    )
    promtool("check", "rules", tmp_path / "rules.yaml")


def test_panels_stand_side_by_side_and_each_has_its_own_number() -> None:
    panels = json.loads((MONITORING / "grafana/dashboard.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_names_are_found_in_expressions_and_expositions() -> None:
    expression = 'sum by (mas_no) (rate(mas_a_total{pg_no="mas_no"}[5m])) / on (up) up > bool pg_b'
    assert asked(expression) == {"mas_a_total", "up", "pg_b"}
    assert names_in('# HELP mas_a_total x\nmas_a_total{x="1"} 1\nup 1\n') == {"mas_a_total", "up"}
