"""Refusals have codes, and every code is in the registry."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from clients import api as client
from clients.api import ApiError
from tests.conftest import ROOT, Database
from tests.db.steps import begin, work


def test_a_function_of_core_says_which_codes_it_raises() -> None:
    """What those of the api say is in tests/db/test_contract.py."""
    for file in (ROOT / "db/functions").glob("*.sql"):
        head, _, body = file.read_text().partition("create or replace")
        for code in re.findall(r"errcode = '(\w+)'", body.partition("\nrevoke")[0]):
            if body.startswith(" function core."):
                assert code in head, f"{file.name} raises {code} and its header does not say so"


@pytest.mark.parametrize("depth", [34, 10_000, 100_000])
def test_json_without_end_is_refused_and_the_worker_lives(database: Database, depth: int) -> None:
    with database.api("kicad") as api:
        nested = "[" * depth + "]" * depth
        with pytest.raises(ApiError) as refused:
            api._one("complete_task", p_task_id=1, p_token=None, p_result=nested)
        # the lease is asked for first; JSON beyond PostgreSQL's own stack does not come so far
        assert refused.value.code == ("PB003" if depth > 20_000 else "PB001")
    with database.connect("admin") as people:
        with pytest.raises(psycopg.Error) as too_deep:
            people.execute("select enqueue_task('kicad', %s::jsonb)", (nested,))
        assert too_deep.value.sqlstate == ("54001" if depth > 20_000 else "PB003")
        assert people.execute("select 1").fetchone() == (1,)


def test_a_result_nested_without_end_is_refused_and_the_lease_stays(database: Database, claim: Any) -> None:
    begin(database)
    api, task = claim("client_manager")
    deep: Any = []
    for _ in range(40):
        deep = [deep]
    with pytest.raises(ApiError) as refused:
        api.complete_task(task, {"outcome": "asked", "reply": "?", "requirement": deep})
    assert refused.value.code == "PB003"
    assert api.heartbeat_task(task, 30, None) == "continue"


def test_a_script_over_the_limit_is_refused(database: Database) -> None:
    begin(database)
    work(database, "client_manager")
    with pytest.raises(ApiError) as refused:
        work(database, "pcb_designer", script="#" * 300_000)
    assert refused.value.code == "PB003"


def test_a_task_without_a_design_has_no_files(database: Database, claim: Any) -> None:
    with database.connect("admin") as people:
        people.execute("select enqueue_task('kicad', %s)", (Jsonb({}),))
    api, task = claim("kicad")
    with pytest.raises(ApiError) as refused:
        api.store_artifact(task, "a.txt", b"x")
    assert refused.value.code == "PB006"


@pytest.mark.parametrize("name", ["../etc/passwd", "/abs", "a/../b", "a\nb", "", "a//b", "-rf", "a" * 201])
def test_a_file_name_that_leaves_its_folder_is_refused(database: Database, claim: Any, name: str) -> None:
    begin(database)
    api, task = claim("client_manager")
    with pytest.raises(ApiError) as refused:
        api.store_artifact(task, name, b"x")
    assert refused.value.code == client.BAD_FILE_NAME


@pytest.mark.parametrize("changed", [{"text": "other words"}, {"account": "terminal:other"}])
def test_a_message_key_stands_for_one_persons_words(database: Database, changed: dict[str, str]) -> None:
    said = {"account": "terminal:me", "text": "a blinker"}
    other = said | changed
    with database.api("terminal") as api:
        api.receive_message(said["account"], "me", said["text"], "key", None, True)
        with pytest.raises(ApiError) as refused:
            api.receive_message(other["account"], "me", other["text"], "key", None, True)
    assert refused.value.code == "PB004"


@pytest.mark.parametrize("level", ["LOUD", "info", "", None])
def test_a_log_level_that_is_none_is_refused(database: Database, level: Any) -> None:
    with database.api("kicad") as api:
        with pytest.raises(ApiError) as refused:
            api.write_log(level, "words")
        assert refused.value.code == client.BAD_LOG_LEVEL
        api.write_log("INFO", "words")


def test_no_file_name_passes_the_function_and_fails_the_table(database: Database) -> None:
    names = [
        "a",
        "a/b.c",
        "_x",
        "A-1 (2)",
        "é",
        ".hidden",
        "a/.b",
        "a/",
        "a b+c",
        "x" * 200,
        "x" * 201,
        "a\tb",
        "a/../b",
        "CON",
    ]
    with database.connect() as owner:
        checks = owner.execute(
            """select pg_get_expr(conbin, conrelid) from pg_constraint
                where conrelid = 'core.artifacts'::regclass and contype = 'c' and pg_get_expr(conbin, conrelid) ~ 'name'"""
        ).fetchall()
        rule = " and ".join(f"({text})" for (text,) in checks)
        for name in names:
            row = owner.execute(
                f"select {rule}, core.is_file_name(n.name) from (select %s::text as name) n", (name,)
            ).fetchone()
            assert row is not None
            assert row[0] == row[1], name


@pytest.mark.parametrize(
    ("role", "call"),
    [
        (
            "admin",
            "enqueue_task('kicad', '{}', p_priority => null)",
        ),  # it once looked for that priority for ever
        ("admin", "enqueue_task('kicad', '{}', p_priority => 40000)"),
        ("admin", "enqueue_task('kicad', '{}', p_key => '')"),
        ("admin", "enqueue_task('kicad', '{}', p_key => repeat('x', 201))"),
        ("admin", "enqueue_tasks('kicad', array['{}'::jsonb], p_priority => null)"),
        ("admin", "enqueue_tasks('kicad', array['{}'::jsonb], array[''])"),
        ("admin", "schedule_task('s', 'kicad', '@daily', '{}', -40000)"),
        ("terminal", "receive_message(null, 'me', 'a blinker', 'k')"),
        ("terminal", "receive_message('', 'me', 'a blinker', 'k')"),
        ("terminal", "receive_message('me', repeat('x', 101), 'a blinker', 'k')"),
        ("kicad", "start_worker(null)"),
        ("kicad", "start_worker(repeat('x', 201))"),
    ],
)
def test_an_argument_out_of_bounds_is_a_coded_error(database: Database, role: str, call: str) -> None:
    with database.connect(role) as connection:
        connection.execute("set statement_timeout = '5s'")
        with pytest.raises(psycopg.Error) as refused:
            connection.execute(f"select {call}")
    assert refused.value.sqlstate == "PB042"
