"""Lines of the log: for machines and for people, with the task in hand, and without a word of a user."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from clients.api import ApiError, Task
from clients.fleet import Fleet
from clients.log import LONGEST, about, log_of, take_over, told
from tests.conftest import ROOT, Database

WORD = "xqzschnabeltier"
ENOUGH_S = 60
LOG = log_of("kicad")
LINE = {"time", "level", "component", "message"}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are for machines."""
    monkeypatch.setenv("MAS_LOG", "json")


@pytest.fixture(autouse=True)
def root_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What `take_over` changes is as before when the test has ended."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def task_of(payload: Any) -> Task:
    return Task(7, uuid.uuid4(), 2, payload)


# ---------------------------------------------------------------------------- one line


@pytest.mark.usefixtures("machine")
def test_a_line_for_machines_is_an_object_with_the_task_in_hand(capsys: pytest.CaptureFixture[str]) -> None:
    LOG.info("warm")
    with about(task_of({"design": 32})):
        LOG.warning("it is %s", "late")
    LOG.error("over")
    warm, late, over = lines(capsys.readouterr().err)
    assert set(warm) == set(over) == LINE
    assert (warm["component"], warm["level"], warm["message"]) == ("kicad", "INFO", "warm")
    assert late["message"] == "it is late"
    assert {key: late[key] for key in set(late) - LINE} == {"design": 32, "task": 7, "attempt": 2}
    assert warm["time"].endswith("+00:00")


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    "payload", [{}, {"design": WORD}, {"design": True}, {"design": [1]}, {"design": 1.5}]
)
def test_what_is_no_number_of_a_design_is_in_no_line(
    payload: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with about(task_of(payload)):
        LOG.info("at work")
    (line,) = lines(capsys.readouterr().err)
    assert set(line) == LINE | {"task", "attempt"}


@pytest.mark.usefixtures("machine")
def test_each_thread_has_its_own_task(capsys: pytest.CaptureFixture[str]) -> None:
    with about(task_of({"design": 32})):
        other = threading.Thread(target=LOG.info, args=("elsewhere",))
        other.start()
        other.join()
    (line,) = lines(capsys.readouterr().err)
    assert set(line) == LINE


HOSTILE = 'a\x1b[31mb\nc\r\x00\x9b2J\u202e{"level": "forged"}'


@pytest.mark.usefixtures("machine")
def test_control_characters_are_escaped_for_machines(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    LOG.warning(HOSTILE)
    said = capsysbinary.readouterr().err
    assert said.count(b"\n") == 1
    assert all(32 <= byte < 127 for byte in said.rstrip(b"\n"))
    assert json.loads(said)["message"] == HOSTILE


def test_control_characters_are_escaped_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    LOG.warning(HOSTILE)
    said = capsys.readouterr().err
    assert said == ("kicad: a\\x1b[31mb\\nc\\r\\x00\\x9b2J\\u202e" + '{"level": "forged"}\n')


def test_people_see_no_chatter(capsys: pytest.CaptureFixture[str]) -> None:
    LOG.info("warm")
    LOG.warning("cold")
    assert capsys.readouterr().err == "kicad: cold\n"


@pytest.mark.usefixtures("machine")
def test_no_line_is_longer_than_a_collector_takes_in_one_piece(capsys: pytest.CaptureFixture[str]) -> None:
    LOG.warning("\U0001f600" * 1_000_000)
    said = capsys.readouterr().err
    assert len(said) < 16_384
    assert lines(said)[0]["message"] == "\U0001f600" * LONGEST


def test_an_exception_is_told_by_kind_code_and_place() -> None:
    try:
        raise ApiError("PB009", WORD)
    except ApiError as error:
        said = told(error)
    assert said.startswith("ApiError PB009 at ")
    assert said.rpartition("/")[2].startswith("test_log.py:")
    assert told(KeyError(WORD)) == "KeyError"


@pytest.mark.usefixtures("machine")
def test_of_what_a_library_says_only_its_own_words_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    take_over("discord_bot")
    library = logging.getLogger("some.library")
    library.info("chatter")
    library.warning("cannot read %s", WORD)
    try:
        raise ValueError(WORD)
    except ValueError:
        library.exception("a callback has failed\nwith %s", WORD)
    first, second = lines(capsys.readouterr().err)
    assert first["component"] == second["component"] == "discord_bot"
    assert first["message"] == "some.library: cannot read %s"
    assert second["message"].startswith("some.library: a callback has failed: ValueError at ")


# ---------------------------------------------------------------------------- processes


def logged(database: Database) -> list[tuple[Any, ...]]:
    with database.connect("monitor") as connection:
        query = "select component, level, message, design, task from recent_logs order by log_id"
        return connection.execute(query).fetchall()


def wait_for(database: Database, what: Callable[[list[tuple[Any, ...]]], bool]) -> list[tuple[Any, ...]]:
    until = time.monotonic() + ENOUGH_S
    with database.api("terminal") as api:
        while not what(said := logged(database)):
            assert time.monotonic() < until, said
            api.wait_for_ring(0.1)
    return said


@contextmanager
def agent(database: Database, module: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {"MAS_DATABASE": database.name, "MAS_LOG": "json", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", module, *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def test_no_word_of_a_user_is_in_any_line_of_a_failing_agent(database: Database) -> None:
    with database.api("terminal") as api:
        design = api.receive_message("terminal:me", "me", f"{WORD} blinker", str(uuid.uuid4()), None, True)
    with agent(database, "tests.operations.leaking_agent") as process:
        said = wait_for(database, lambda rows: any("task dead" in row[2] for row in rows))
        process.send_signal(signal.SIGTERM)
        stderr = process.communicate(timeout=ENOUGH_S)[1]
        assert process.returncode == 0
    (task,) = {row[4] for row in said if row[4] is not None}
    assert ("client_manager", "INFO", "started", None, None) in said
    (dead,) = (row for row in said if row[1] == "ERROR")
    assert dead[2].startswith("task dead: Refused at ")
    assert dead[3:] == (design, task)
    assert logged(database)[-1][:3] == ("client_manager", "INFO", "stopped")
    written = lines(stderr)
    assert {line["message"] for line in written} >= {
        "started",
        "task begun",
        "some.library: cannot read %s",
        "stopped",
    }
    about_it = [line for line in written if "design" in line]
    assert {(line["design"], line["task"], line["attempt"]) for line in about_it} == {(design, task, 1)}
    assert len(about_it) == 3  # begun, the library, dead
    assert WORD not in stderr + str(logged(database))
    with database.connect() as owner:  # the words are where they belong
        assert WORD in str(owner.execute("select error from core.task_history").fetchall())


def test_an_exception_that_nobody_catches_is_a_line_without_words(database: Database) -> None:
    with agent(database, "tests.operations.leaking_agent", "crash", WORD) as process:
        stderr = process.communicate(timeout=ENOUGH_S)[1]
    assert process.returncode == 1
    (line,) = lines(stderr)
    assert line["level"] == "ERROR"
    assert line["message"].startswith("ended by Refused at ")


def test_a_lost_connection_is_noted_when_there_is_one_again(database: Database) -> None:
    with agent(database, "clients.pcb_tester"):
        wait_for(database, lambda rows: any("started" in row[2] for row in rows))
        with database.connect() as owner:
            owner.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where usename = 'pcb_tester' and datname = current_database()"
            )
        said = wait_for(database, lambda rows: any("no database" in row[2] for row in rows))
    assert said[-1][:2] == ("pcb_tester", "WARNING")
    assert [row[2] for row in said].count("started") == 1


@pytest.mark.skipif(os.getuid() != 0, reason="hiding bubblewrap from one process needs root")
def test_a_missing_sandbox_is_noted_before_there_is_work(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAS_DATABASE", database.name)
    with Fleet({"kicad": "tests.system.kicad_without_bwrap"}):
        said = wait_for(database, lambda rows: any(row[1] == "ERROR" for row in rows))
    assert said[-1][:3] == (
        "kicad",
        "ERROR",
        "no sandbox can be had, so no script will be run: bwrap is not installed",
    )


# ---------------------------------------------------------------------------- the table


def test_lines_are_kept_as_long_as_the_setting_says(database: Database) -> None:
    with database.api("kicad") as api:
        api.log_event("INFO", "old")
        api.log_event("INFO", "young")
    with database.connect() as owner, database.connect("admin") as admin:
        owner.execute(
            "update core.system_logs set timestamp = timestamp - interval '29 days' where message = 'old'"
        )
        admin.execute("select run_maintenance()")
        assert [row[2] for row in logged(database)] == ["old", "young"]
        admin.execute("select change_setting('system_log_days', '28')")
        admin.execute("select run_maintenance()")
        assert [row[2] for row in logged(database)] == ["young"]


def test_nobody_writes_under_anothers_name_or_a_level_of_their_own(database: Database) -> None:
    with database.api("kicad") as api:
        api.log_event("INFO", "x" * 5000, task_of({"design": 3}))
        with pytest.raises(ApiError) as refused:
            api.log_event("LOUD", "x")
    assert refused.value.code == "PB041"
    assert logged(database) == [("kicad", "INFO", "x" * 1000, 3, 7)]
