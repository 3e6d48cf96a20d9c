"""Logins, settings, import and export, by the command line's own functions and as plain SQL."""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import resource
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg.types.json import Jsonb

from clients import cli, control
from clients.api import Api, ApiError, ConnectionLost
from clients.control import ControlError
from clients.rowfiles import RowFileError, read_rows
from clients.server import Server
from tests.conftest import ROOT, Database
from tests.db.steps import begin, reject, work

SAID: list[str] = []


@pytest.fixture
def mas(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """This test's database as the commands see it, with secrets of its own."""
    monkeypatch.delenv("MAS_DATABASE", raising=False)
    url = urlunsplit(urlsplit(database.server.url)._replace(path="/" + database.name))
    own = tmp_path / "secrets"
    own.mkdir(mode=0o700)
    for file in database.server.secrets.iterdir():
        if not file.name.startswith("."):
            (own / file.name).write_text(file.read_text())
    SAID.clear()
    return Server(url, own)


@pytest.fixture
def reviewer(mas: Server) -> Iterator[str]:
    """A name for a new agent; roles belong to the cluster, so each test has its own and drops it."""
    name = f"reviewer_{uuid.uuid4().hex[:12]}"
    yield name
    with psycopg.connect(mas.admin_dsn, autocommit=True) as owner:
        if owner.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone():
            owner.execute(f"drop role {name}")


def password_of(server: Server, name: str) -> str:
    return (server.secrets / name).read_text().strip()


# ---------------------------------------------------------------------------- logins


def test_a_new_agent_logs_in_works_and_has_no_more_rights_than_its_group(mas: Server, reviewer: str) -> None:
    control.create_agent(
        mas, reviewer, {"listen": ["task_queue"], "notify": [], "replicas": 2, "slots": 3}, SAID.append
    )
    file = mas.secrets / reviewer
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [left for left in mas.secrets.iterdir() if left.name.startswith(".")] == []
    with psycopg.connect(mas.dsn("admin"), autocommit=True) as admin:
        task = admin.execute("select api.enqueue_task(%s, '{}')", (reviewer,)).fetchone()
    with Api.connect(mas.dsn(reviewer)) as api:
        claimed = api.claim_task(30)
        assert claimed is not None
        assert (claimed.task_id,) == task
        api.complete_task(claimed, {"outcome": "done"})
        with pytest.raises(ApiError) as refused:
            api.store_board(claimed, {})
        assert refused.value.code == "42501"
    with psycopg.connect(mas.admin_dsn) as owner:
        row = owner.execute(
            "select rolconnlimit, rolsuper, rolcreaterole, rolpassword like 'SCRAM-SHA-256$%%' from pg_authid where rolname = %s",
            (reviewer,),
        ).fetchone()
        assert row == (6, False, False, True)
        (listed,) = [a for a in control.list_agents(mas) if a["name"] == reviewer]
        assert (listed["can_log_in"], listed["replicas"], listed["slots"], listed["attempt_limit"]) == (
            True,
            2,
            3,
            8,
        )


def test_one_login_too_many_is_refused(mas: Server, reviewer: str) -> None:
    control.create_agent(mas, reviewer, {"replicas": 1}, SAID.append)
    held = [Api.connect(mas.dsn(reviewer)) for _ in range(3)]
    with pytest.raises(ConnectionLost, match="too many connections"):
        Api.connect(mas.dsn(reviewer))
    control.change_agent(mas, reviewer, {"replicas": 2}, SAID.append)
    held.append(Api.connect(mas.dsn(reviewer)))
    for api in held:
        api.__exit__(None, None, None)


def test_rotation_cuts_nobody_and_the_old_password_is_dead(mas: Server, reviewer: str) -> None:
    control.create_agent(mas, reviewer, {}, SAID.append)
    old = mas.dsn(reviewer)
    with Api.connect(old) as running:
        control.rotate_agent(mas, reviewer, SAID.append)
        assert running.claim_task(30) is None  # still there
        with pytest.raises(ConnectionLost, match="password"):
            Api.connect(old)
        with Api.connect(mas.dsn(reviewer)) as anew:
            assert anew.claim_task(30) is None


def test_revoking_ends_connections_gives_work_back_and_keeps_history(mas: Server, reviewer: str) -> None:
    control.create_agent(mas, reviewer, {"replicas": 3}, SAID.append)
    dsn = mas.dsn(reviewer)
    with psycopg.connect(mas.dsn("admin"), autocommit=True) as admin:
        for n in range(3):
            admin.execute("select api.enqueue_task(%s, %s)", (reviewer, Jsonb({"n": n})))
    with Api.connect(dsn) as first, Api.connect(dsn) as second:
        done, held = first.claim_task(30), second.claim_task(30)
        assert done is not None
        assert held is not None
        first.complete_task(done, {})
        control.revoke_agent(mas, reviewer, SAID.append)
        for api in (first, second):
            with pytest.raises(ConnectionLost):
                api.claim_task(30)
    with pytest.raises(ConnectionLost):
        Api.connect(dsn)
    assert not (mas.secrets / reviewer).exists()
    assert "2 connections ended, 1 tasks given back" in SAID[-1]
    with psycopg.connect(mas.admin_dsn) as owner:
        states = owner.execute(
            "select state::text, attempt, lease_token is null from core.tasks where agent = %s order by task_id",
            (reviewer,),
        ).fetchall()
        assert states == [("ready", 0, True), ("ready", 0, True)]  # no attempt burned
        assert owner.execute(
            "select count(*) from core.task_history where agent = %s", (reviewer,)
        ).fetchone() == (1,)
        assert owner.execute(
            "select rolcanlogin, rolpassword from pg_authid where rolname = %s", (reviewer,)
        ).fetchone() == (False, None)
    with pytest.raises(ControlError, match="cannot log in"):
        control.rotate_agent(mas, reviewer, SAID.append)
    assert not (mas.secrets / reviewer).exists()
    control.revoke_agent(mas, reviewer, SAID.append)  # safe to say twice
    control.create_agent(mas, reviewer, {}, SAID.append)  # the login back; work waits until it is resumed
    with Api.connect(mas.dsn(reviewer)) as api:
        assert api.claim_task(30) is None
        with psycopg.connect(mas.dsn("admin"), autocommit=True) as admin:
            admin.execute("select api.resume_agent(%s)", (reviewer,))
        assert api.claim_task(30) is not None


def test_the_same_as_plain_sql(mas: Server, reviewer: str) -> None:
    """What the README documents, typed by an administrator in psql."""
    with psycopg.connect(mas.admin_dsn, autocommit=True) as owner:
        verifier = owner.pgconn.encrypt_password(b"of my own", reviewer.encode(), b"scram-sha-256").decode()
        owner.execute(
            "select api.register_agent(%s, '{task_queue}', '{design_updates}', p_replicas => 1)", (reviewer,)
        )
        owner.execute("select api.create_login(%s, %s)", (reviewer, verifier))
        (mas.secrets / reviewer).write_text("of my own")
        with psycopg.connect(mas.dsn(reviewer)) as agent:
            assert agent.execute("select count(*) from claim_task()").fetchone() == (0,)
            assert owner.execute("select api.revoke_login(%s)", (reviewer,)).fetchone() == (1,)
            assert owner.execute("select api.revoke_login(%s)", (reviewer,)).fetchone() == (0,)
            with pytest.raises(psycopg.OperationalError):
                agent.execute("select 1")


@pytest.mark.parametrize(
    "name",
    [
        "Upper",
        "1st",
        "pg_agent",
        "mas_agent",
        "admin",
        "postgres",
        "web_user",
        "a-b",
        "x" * 51,
        "käfer",
        "a;drop",
        "",
        "public",
    ],
)
def test_bad_names_are_refused_and_leave_nothing(mas: Server, name: str) -> None:
    before = {file.name for file in mas.secrets.iterdir()}
    with pytest.raises(ControlError, match="cannot be an agent's name"):
        control.create_agent(mas, name, {}, SAID.append)
    assert {file.name for file in mas.secrets.iterdir()} == before


def test_an_agent_that_exists_is_not_made_twice(mas: Server) -> None:
    with pytest.raises(ControlError, match="already"):
        control.create_agent(mas, "kicad", {}, SAID.append)
    with pytest.raises(ControlError, match="already"):
        control.create_agent(mas, "kicad", {"replicas": 2}, SAID.append)
    for refused in (control.rotate_agent, control.revoke_agent):
        with pytest.raises(ControlError, match="there is no agent nobody"):
            refused(mas, "nobody", SAID.append)
    with pytest.raises(ControlError, match="there is no agent nobody"):
        control.change_agent(mas, "nobody", {"replicas": 2}, SAID.append)


@pytest.mark.parametrize("function", ["create_login", "rotate_login"])
@pytest.mark.parametrize("password", ["geheim", "", None, "md5" + "0" * 32])
def test_a_password_in_clear_is_refused(mas: Server, function: str, password: str | None) -> None:
    with psycopg.connect(mas.admin_dsn) as owner, pytest.raises(psycopg.Error) as refused:
        owner.execute(f"select api.{function}('kicad', %s)", (password,))
    assert refused.value.sqlstate == "PB035"


@pytest.mark.parametrize("role", ["admin", "monitor", "kicad", "terminal"])
@pytest.mark.parametrize(
    "call",
    [
        "create_login('kicad', 'x')",
        "rotate_login('kicad', 'x')",
        "revoke_login('kicad')",
        "fit_logins()",
        "login_of_agent('kicad')",
    ],
)
def test_nobody_but_the_administrator_makes_logins(database: Database, role: str, call: str) -> None:
    with database.connect(role) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(f"select * from api.{call}")
    assert refused.value.sqlstate == "42501"


def test_a_role_that_is_no_agents_is_never_touched(mas: Server, reviewer: str) -> None:
    with psycopg.connect(mas.admin_dsn, autocommit=True) as owner:
        owner.execute(f"create role {reviewer} nologin")
        with pytest.raises(ControlError, match="no agent's"):
            control.create_agent(mas, reviewer, {}, SAID.append)
        assert owner.execute(
            "select rolcanlogin from pg_roles where rolname = %s", (reviewer,)
        ).fetchone() == (False,)
        assert reviewer not in {agent["name"] for agent in control.list_agents(mas)}, (
            "its row was rolled back with it"
        )


def test_no_password_of_a_new_login_is_in_the_log_or_a_statement(mas: Server, reviewer: str) -> None:
    control.create_agent(mas, reviewer, {}, SAID.append)
    first = password_of(mas, reviewer)
    control.rotate_agent(mas, reviewer, SAID.append)
    second = password_of(mas, reviewer)
    assert first != second
    with psycopg.connect(mas.admin_dsn) as owner:
        statements = str(owner.execute("select query from pg_stat_activity").fetchall())
    for word in (first, second):
        assert word not in statements
        assert word not in "".join(SAID)


# ---------------------------------------------------------------------------- settings


def test_settings_are_changed_within_limits_and_who_did_is_known(mas: Server) -> None:
    names = [row["name"] for row in control.list_settings(mas)]
    assert names == sorted(names)
    assert control.change_setting(mas, "design_attempt_limit", "7") == "5"
    assert control.change_setting(mas, "design_attempt_limit", "007") == "7"
    (row,) = control.list_settings(mas, "design_attempt_limit")
    assert (row["value"], row["changed_by"]) == ("7", "admin")
    for value in ("0", "51", "many", "5.5", "-1", "", "5; drop table core.settings", "9" * 30):
        with pytest.raises(ControlError, match=r"whole number from 1 to 50.*PB032"):
            control.change_setting(mas, "design_attempt_limit", value)
    with pytest.raises(ControlError, match="PB031"):
        control.change_setting(mas, "no_such", "1")
    with pytest.raises(ControlError, match="there is no setting no_such"):
        control.list_settings(mas, "no_such")
    with psycopg.connect(mas.dsn("monitor")) as monitor:
        assert monitor.execute(
            "select old_value, new_value, changed_by from setting_history('design_attempt_limit')"
        ).fetchall() == [("5", "7", "admin")]


def test_every_setting_is_read_by_a_function_and_takes_effect(
    database: Database, mas: Server, reviewer: str
) -> None:
    sources = "".join(file.read_text() for file in (ROOT / "db/functions").glob("*.sql"))
    assert set(re.findall(r"core\.setting\('(\w+)'\)", sources)) == {
        row["name"] for row in control.list_settings(mas)
    }
    control.change_setting(mas, "design_attempt_limit", "2")
    control.change_setting(mas, "agent_attempt_limit", "3")
    design = begin(database)
    work(database, "client_manager")
    for _ in range(2):
        work(database, "pcb_designer")
        reject(database, "kicad")
    with database.api("terminal") as api:
        assert (api.design_status(design)["state"], api.design_status(design)["attempt_limit"]) == (
            "failed",
            2,
        )
    control.create_agent(mas, reviewer, {}, SAID.append)
    assert [a["attempt_limit"] for a in control.list_agents(mas) if a["name"] == reviewer] == [3]


@pytest.mark.parametrize(
    "statement",
    [
        "update core.setting_changes set changed_by = 'x'",
        "delete from core.setting_changes",
        "truncate core.setting_changes",
    ],
)
def test_the_history_of_settings_is_append_only_even_for_the_owner(
    database: Database, mas: Server, statement: str
) -> None:
    control.change_setting(mas, "design_attempt_limit", "7")
    with database.connect() as owner:
        owner.execute("set role mas_owner")
        with pytest.raises(psycopg.Error) as refused:
            owner.execute(statement)
    assert refused.value.sqlstate == "PB005"


# ---------------------------------------------------------------------------- import and export


def write(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def imported(mas: Server, kind: str, file: Path, dry_run: bool = False) -> control.Report:
    return control.import_file(mas, kind, file, dry_run, SAID.append)


PARTS = "lcsc,mpn,value,package,class,stock,price_breaks,last_seen\nC1,A,18kΩ,R_0805,basic,100,1:0.0043;200:0.0035,2026/08/22\nC2,B,100nF,C_0402,,,,\n"


def test_an_import_is_idempotent_and_tells_what_changed(mas: Server, tmp_path: Path) -> None:
    file = write(tmp_path, "parts.csv", PARTS)
    assert imported(mas, "parts", file, dry_run=True).counts == {"inserted": 2}
    assert imported(mas, "parts", file).counts == {"inserted": 2}, "the dry run left something"
    assert imported(mas, "parts", file).counts == {"unchanged": 2}
    changed = write(
        tmp_path,
        "stock.json",
        '[{"lcsc": "C1", "mpn": "A", "stock": 7}, {"lcsc": "C2", "mpn": "B", "value": null}]',
    )
    assert imported(mas, "parts", changed, dry_run=True).counts == {"updated": 2}
    assert imported(mas, "parts", changed).counts == {"updated": 2}
    with psycopg.connect(mas.admin_dsn) as owner:
        rows = owner.execute(
            "select lcsc, value, package, class, stock, value_si, last_seen::text from core.parts order by lcsc"
        ).fetchall()
    # what a file does not name stays, what it says is null is emptied
    assert rows == [
        ("C1", "18kΩ", "R_0805", "basic", 7, 18000, "2026-08-22"),
        ("C2", None, "C_0402", None, None, None, None),
    ]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"lcsc": "17414", "mpn": "A"}, "lcsc", "an LCSC number like C17414"),
        ({"mpn": "A"}, "lcsc", "is missing"),
        ({"lcsc": None, "mpn": "A"}, "lcsc", "is missing"),
        ({"lcsc": "C9"}, "mpn", "is missing"),
        ({"lcsc": "C9", "mpn": ""}, "mpn", "at most 200 characters"),
        ({"lcsc": "C9", "mpn": "x" * 201}, "mpn", "at most 200 characters"),
        ({"lcsc": "C9", "mpn": "A", "colour": "red"}, "colour", "no such column; it has lcsc, mpn"),
        ({"lcsc": "C9", "mpn": "A", "stock": -1}, "stock", "a whole number from 0"),
        ({"lcsc": "C9", "mpn": "A", "stock": 2.5}, "stock", "a whole number from 0"),
        ({"lcsc": "C9", "mpn": "A", "stock": 3000000000}, "stock", "a whole number from 0"),
        ({"lcsc": "C9", "mpn": "A", "stock": [1]}, "stock", "a whole number from 0"),
        ({"lcsc": "C9", "mpn": "A", "description": {"a": 1}}, "description", "a text of at most"),
        ({"lcsc": "C9", "mpn": "A", "class": "cheap"}, "class", "basic, preferred or extended"),
        ({"lcsc": "C9", "mpn": "A", "price_breaks": "0.01"}, "price_breaks", "quantity:dollars"),
        ({"lcsc": "C9", "mpn": "A", "last_seen": "2026-02-30"}, "last_seen", "a date like"),
        ({"lcsc": "C9", "mpn": "A", "symbol": "R"}, "symbol", "a KiCad symbol"),
        (
            {"lcsc": "C9", "mpn": "'); drop table core.parts; --", "footprint": "x"},
            "footprint",
            "a KiCad footprint",
        ),
        ("C9", None, "the row is no object"),
        (None, None, "the row is no object"),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column_and_nothing_is_written(
    mas: Server, tmp_path: Path, row: Any, column: str | None, reason: str
) -> None:
    file = write(
        tmp_path, "parts.json", json.dumps([{"lcsc": "C1", "mpn": "A"}, row, {"lcsc": "C2", "mpn": "B"}])
    )
    report = imported(mas, "parts", file)
    assert report.wrong == 1
    assert report.errors[0].startswith("row 2" + (f", {column}: " if column else ": "))
    assert reason in report.errors[0]
    with psycopg.connect(mas.admin_dsn) as owner:
        assert owner.execute("select count(*) from core.parts").fetchone() == (0,)


def test_every_error_of_a_file_is_told_at_once(mas: Server, tmp_path: Path) -> None:
    lines = [f"C{n},A,{'x' if n % 100 == 0 else n}" for n in range(1, 2501)]
    report = imported(mas, "parts", write(tmp_path, "p.csv", "lcsc,mpn,stock\n" + "\n".join(lines)))
    assert report.wrong == 25, "errors of every chunk"
    assert len(report.errors) == control.ERRORS_SHOWN
    assert report.errors[0] == 'line 101, stock: "x" is not a whole number from 0 to 2147483647'
    with psycopg.connect(mas.admin_dsn) as owner:
        assert owner.execute("select count(*) from core.parts").fetchone() == (0,)


@pytest.mark.parametrize("name", ["p.csv", "p.json", "p.jsonl"])
def test_a_key_that_stands_twice_is_told_with_both_places(mas: Server, tmp_path: Path, name: str) -> None:
    rows = [{"lcsc": f"C{n}", "mpn": "A"} for n in range(1, 1501)] + [{"lcsc": "C7", "mpn": "B"}]
    if name == "p.csv":
        text = "lcsc,mpn\n" + "".join(f"{row['lcsc']},{row['mpn']}\n" for row in rows)
    else:
        text = json.dumps(rows) if name == "p.json" else "\n".join(json.dumps(row) for row in rows)
    report = imported(mas, "parts", write(tmp_path, name, text))
    places = {
        "p.csv": ("line 1502", "line 8"),
        "p.json": ("row 1501", "row 7"),
        "p.jsonl": ("line 1501", "line 7"),
    }[name]
    assert report.errors == [f"{places[0]}: C7 stands in {places[1]} already"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        ("lcsc,mpn\nC1,A\n".encode("utf-16"), "is UTF-16"),
        ("lcsc,mpn\nC1,A\n".encode("utf-32"), "is UTF-32"),
        (b"lcsc,mpn\nC1,18k\xd9\n", "is not UTF-8 (byte 0xd9"),
        (b'[{"lcsc": "C1", "mpn": "\xff"}]', "is not UTF-8 (byte 0xff"),
        (b"lcsc,mpn\nC1,a\0b\n", "line 2: has a NUL byte"),
        (b"lcsc,mpn,colour\nC1,A,red\n", "line 1: there is no column colour; there is lcsc, mpn,"),
        (b"lcsc;mpn\nC1;A\n", "cells are separated by commas"),
        (b"lcsc,mpn,mpn\nC1,A,A\n", "column mpn stands there twice"),
        (b"lcsc,mpn,\nC1,A,\n", "there is no column without a name"),
        (b"mpn\nA\n", "column lcsc is missing"),
        (b"lcsc,mpn\nC1\n", "line 2: 1 cells, the header has 2"),
        (b'lcsc,mpn\nC1,A\nC2,"B\n', "line 3: unexpected end of data"),
        (b'[{"lcsc": "C1", "mpn": "A"}', "row 1: not JSON"),
        (b'[{"lcsc": "C1", "mpn": "A"},]', "row 2: not JSON"),
        (b'[{"lcsc": "C1"} {"lcsc": "C2"}]', "row 1: not JSON: neither , nor ] follows"),
        (b"[]x", "something stands after the array"),
        (b"[" + b"[" * 100_000, "row 1: not JSON: nested too deep"),
        (b'{"lcsc": "C1", "mpn": NaN}', "line 1: not JSON: NaN is no JSON"),
        (b'{"lcsc": "C1", "mpn": "A"}\n{"lcsc"\n', "line 2: not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    mas: Server, tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(ControlError) as refused:
        imported(mas, "parts", write(tmp_path, "parts", content))
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "reason"), [('"\\u0000"', "has a NUL character"), ('"\\ud800"', "half a character")]
)
def test_text_that_postgresql_refuses_is_told_with_its_row(
    mas: Server, tmp_path: Path, text: str, reason: str
) -> None:
    file = write(
        tmp_path,
        "p.json",
        f'[{{"lcsc": "C1", "mpn": "\\\\u0000 is only text"}}, {{"lcsc": "C2", "mpn": {text}}}]',
    )
    report = imported(mas, "parts", file)
    assert (report.wrong, report.errors[0].partition(":")[0]) == (1, "row 2")
    assert reason in report.errors[0]


def test_a_missing_file_and_an_unknown_kind_are_sentences(mas: Server, tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="cannot be read: No such file"):
        imported(mas, "parts", tmp_path / "none.csv")
    with pytest.raises(
        ControlError, match="nothing is called people; there is designs, parts, settings, users"
    ):
        imported(mas, "people", write(tmp_path, "p.csv", PARTS))
    with pytest.raises(ControlError, match="cannot be written"):
        control.export_file(mas, "parts", tmp_path / "no" / "parts.csv")


def test_a_bom_and_windows_lines_and_quoted_cells_are_no_trouble(mas: Server, tmp_path: Path) -> None:
    text = '\ufefflcsc,mpn,description\r\nC1,A,"two\r\nlines, ""quoted"""\r\n\r\nC2,=1+1,\r\n'
    assert imported(mas, "parts", write(tmp_path, "p.csv", text)).counts == {"inserted": 2}
    with psycopg.connect(mas.admin_dsn) as owner:
        assert owner.execute("select mpn, description from core.parts order by lcsc").fetchall() == [
            ("A", 'two\r\nlines, "quoted"'),
            ("=1+1", None),
        ]


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl"])
def test_a_row_is_read_the_same_wherever_a_piece_ends(tmp_path: Path, ending: str) -> None:
    rows = [{"lcsc": f"C{n}", "mpn": "x" * (n % 977) + 'µ",\\ \n'} for n in range(400)]
    file = tmp_path / f"p.{ending}"
    control.write_rows(file, ["lcsc", "mpn"], rows)
    assert [row for _, row in read_rows(file, ["lcsc", "mpn"], ["lcsc"])] == rows


def test_a_row_without_end_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    with pytest.raises(RowFileError, match="row 1: not JSON"):
        list(read_rows(write(tmp_path, "p.json", '["' + "x" * 12_000_000), [], []))


def test_thirty_thousand_parts_come_and_go_in_flat_memory(mas: Server, tmp_path: Path) -> None:
    file = tmp_path / "parts.csv"
    with file.open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(
            [
                "lcsc",
                "mpn",
                "manufacturer",
                "kind",
                "value",
                "package",
                "class",
                "stock",
                "price_breaks",
                "last_seen",
            ]
        )
        for n in range(30_000):
            table.writerow(
                [
                    f"C{n + 1}",
                    f"PART-{n}",
                    "Uniroyal",
                    "Resistors,Chip Resistor",
                    f"{n % 1000 + 1}kΩ",
                    "R_0805",
                    "basic",
                    n,
                    "1:0.0043;200:0.0035",
                    "2026-08-22",
                ]
            )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert imported(mas, "parts", file, dry_run=True).counts == {"inserted": 30_000}
    with psycopg.connect(mas.admin_dsn) as owner:
        assert owner.execute("select count(*) from core.parts").fetchone() == (0,)
    assert imported(mas, "parts", file).counts == {"inserted": 30_000}
    back = tmp_path / "back.csv"
    assert control.export_file(mas, "parts", back) == 30_000
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mb < 40, f"memory grew by {grown_mb:.0f} MB"
    assert back.read_text().count("\n") == 30_001
    with psycopg.connect(mas.dsn("kicad")) as agent:
        found = agent.execute(
            "select lcsc, stock, unit_price::float8 from find_parts('18k', 'R_0805', p_quantity => 250, p_limit => 2)"
        ).fetchall()
        assert found == [("C10018", 10017, pytest.approx(0.0035)), ("C1018", 1017, pytest.approx(0.0035))]


def test_users_come_and_go(database: Database, mas: Server, tmp_path: Path) -> None:
    begin(database)
    file = write(
        tmp_path,
        "u.csv",
        "front_end,account,username,discord_id\ndiscord_bot,77,Anna,77\nweb_user,bert,Bert,\nterminal,terminal:me,Me,\n",
    )
    assert imported(mas, "users", file).counts == {"inserted": 2, "updated": 1}
    back = tmp_path / "back.csv"
    assert control.export_file(mas, "users", back) == 3
    assert (
        back.read_text()
        == "front_end,account,username,discord_id\ndiscord_bot,77,Anna,77\nterminal,terminal:me,Me,\nweb_user,bert,Bert,\n"
    )
    assert imported(mas, "users", back).counts == {"unchanged": 3}
    report = imported(mas, "users", write(tmp_path, "w.csv", "front_end,account\nkicad,1\nnobody,2\n"))
    assert report.errors == [
        "line 2, front_end: there is no front end kicad",
        "line 3, front_end: there is no front end nobody",
    ]
    with database.connect("gateway") as gateway, gateway.transaction(), database.connect() as owner:
        ((web,),) = owner.execute("select user_id from core.users where account = 'bert'").fetchall()
        gateway.execute("set local role web_user")
        gateway.execute("select set_config('mas.user_id', %s, true)", (str(web),))
        assert gateway.execute("select send_message('a blinker', 'k')").fetchone() is not None


def test_settings_come_and_go(mas: Server, tmp_path: Path) -> None:
    control.change_setting(mas, "design_attempt_limit", "9")
    file = tmp_path / "s.json"
    control.export_file(mas, "settings", file)
    control.change_setting(mas, "design_attempt_limit", "5")
    counts = imported(mas, "settings", file).counts
    assert counts["updated"] == 1
    assert control.list_settings(mas, "design_attempt_limit")[0]["value"] == "9"
    report = imported(
        mas, "settings", write(tmp_path, "t.csv", "name,value\ndesign_attempt_limit,99\nno_such,1\n")
    )
    assert report.errors == [
        "line 2, value: design_attempt_limit takes a whole number from 1 to 50 (scripts), not 99",
        "line 3, name: there is no setting no_such",
    ]


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl"])
def test_past_designs_make_the_round_trip_into_another_database(
    database: Database, template: str, mas: Server, tmp_path: Path, ending: str
) -> None:
    for brief in ('a blinker\nin two lines, "quoted"', "ein Blinker mit 18 kΩ"):
        begin(database, brief)
        for agent in ("client_manager", "pcb_designer", "kicad", "pcb_tester"):
            work(database, agent)
    with database.api("terminal") as api:
        api.cancel_design(begin(database, "never mind"))
    begin(database, "still open")
    first, second = tmp_path / f"first.{ending}", tmp_path / f"second.{ending}"
    assert control.export_file(mas, "designs", first) == 3
    other = f"{database.name}_other"
    with Database("postgres", database.server).connect() as maintenance:
        maintenance.execute(f"create database {other} template {template}")
        try:
            elsewhere = Server(urlunsplit(urlsplit(mas.url)._replace(path="/" + other)), mas.secrets)
            with psycopg.connect(elsewhere.admin_dsn, autocommit=True) as owner:
                owner.execute((ROOT / "db/roles/01_roles.sql").read_bytes())
            assert imported(elsewhere, "designs", first, dry_run=True).counts == {"inserted": 3}
            assert imported(elsewhere, "designs", first).counts == {"inserted": 3}
            assert imported(elsewhere, "designs", first).counts == {"unchanged": 3}
            assert control.export_file(elsewhere, "designs", second) == 3
            with psycopg.connect(elsewhere.admin_dsn) as owner:
                outcomes = owner.execute(
                    "select outcome, script is not null, checks is not null, requirement is not null from core.examples order by 1"
                ).fetchall()
                assert outcomes == [("cancelled", False, False, False)] + [("resolved", True, True, True)] * 2
                assert owner.execute("select count(*) from core.design_states").fetchone() == (0,), (
                    "nobody's work here"
                )
        finally:
            maintenance.execute(f"drop database {other} with (force)")
    assert second.read_text() == first.read_text()
    assert imported(mas, "designs", second).counts == {"inserted": 3}
    control.export_file(mas, "designs", second)
    assert second.read_text() == first.read_text(), "its own designs, come home, stand there once"


def test_import_as_plain_sql(mas: Server) -> None:
    with psycopg.connect(mas.dsn("admin"), autocommit=True) as admin:
        rows = Jsonb([{"lcsc": "C1", "mpn": "A"}, {"lcsc": "C1", "mpn": "B"}, {"lcsc": "x"}])
        assert admin.execute("select * from import_rows('parts', %s)", (rows,)).fetchall() == [
            (2, "refused", "lcsc", '["C1"] stands in row 1 already'),
            (3, "refused", "lcsc", '"x" is not an LCSC number like C17414'),
            (3, "refused", "mpn", "is missing: a part number of at most 200 characters"),
        ]
        good = Jsonb([{"lcsc": "C1", "mpn": "A"}])
        for dry_run in (True, False):
            assert admin.execute(
                "select * from import_rows('parts', %s, %s)", (good, dry_run)
            ).fetchall() == [(1, "inserted", None, None)]
        assert admin.execute("select * from export_rows('parts')").fetchone() is not None
        for kind, given in (
            ("people", "[]"),
            ("parts", "{}"),
            ("parts", json.dumps([1] * 10_001)),
            (None, "[]"),
            ("parts", None),
        ):
            with pytest.raises(psycopg.Error) as refused:
                admin.execute("select * from import_rows(%s, %s::jsonb)", (kind, given))
            assert refused.value.sqlstate == "PB036"
        with pytest.raises(psycopg.Error) as refused:
            admin.execute("select * from export_rows('people')")
        assert refused.value.sqlstate == "PB036"


@pytest.mark.parametrize(
    "call",
    [
        "import_rows('parts', '[]')",
        "export_rows('users')",
        "change_setting('task_history_days', '1')",
        "register_agent('x')",
        "retire_agent('kicad')",
        "set_agent_model('kicad', '{}')",
    ],
)
@pytest.mark.parametrize("role", ["monitor", "terminal", "pcb_designer"])
def test_only_admin_controls(database: Database, role: str, call: str) -> None:
    with database.connect(role) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(f"select * from api.{call}")
    assert refused.value.sqlstate == "42501"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("18kΩ", 18000),
        ("18k", 18000),
        ("4.7 kOhm", 4700),
        ("100nF", 1e-7),
        ("3.9nH,300mA", 3.9e-9),
        ("10µF 25V", 1e-5),
        ("10uF", 1e-5),
        ("0Ω", 0),
        ("1M", 1e6),
        ("2.2mΩ", 0.0022),
        ("LM393DR2G", None),
        ("", None),
        ("8MHz", 8e6),
        ("1N4148", None),
    ],
)
def test_values_are_read_as_the_sellers_write_them(
    database: Database, value: str, number: float | None
) -> None:
    with database.connect() as owner:
        ((found,),) = owner.execute("select core.si_value(%s)::float8", (value,)).fetchall()
    assert found == (None if number is None else pytest.approx(number))


# ---------------------------------------------------------------------------- the commands


def options(**given: Any) -> argparse.Namespace:
    usual = dict.fromkeys(["agent", "listen", "notify", "replicas", "slots", "attempts", "model"]) | {
        "front_end": False,
        "pairs": [],
    }
    return argparse.Namespace(**(usual | given))


def test_the_agent_command(mas: Server, reviewer: str) -> None:
    control.run_agent(
        mas,
        options(
            action="create",
            agent=reviewer,
            listen="task_queue,design_updates",
            notify="",
            model='{"provider": "catalog"}',
        ),
        SAID.append,
    )
    control.run_agent(mas, options(action="change", agent=reviewer, slots=4, attempts=2), SAID.append)
    control.run_agent(mas, options(action="pause", agent=reviewer), SAID.append)
    SAID.clear()
    control.run_agent(mas, options(action="list"), SAID.append)
    (line,) = [line for line in SAID if line.startswith(reviewer)]
    assert "paused" in line
    assert "4 slots; listens task_queue,design_updates, notifies -" in line
    for action in ("resume", "rotate", "revoke"):
        control.run_agent(mas, options(action=action, agent=reviewer), SAID.append)
    for wrong, reason in (
        (options(action="rotate"), "which agent"),
        (options(action="rotate", agent=reviewer, slots=1), "nothing else"),
        (options(action="change", agent=reviewer), "nothing to change"),
        (options(action="change", agent=reviewer, model="{"), "no JSON"),
        (options(action="change", agent=reviewer, replicas=0), "PB034"),
        (options(action="change", agent=reviewer, listen="Bad"), "PB034"),
        (options(action="pause", agent="nobody"), "PB002"),
    ):
        with pytest.raises(ControlError, match=reason):
            control.run_agent(mas, wrong, SAID.append)


def test_a_model_is_set_from_the_command_line_and_taken_back(mas: Server) -> None:
    def shown() -> dict[str, Any]:
        return {
            row["name"]: row["value"] for row in control.model_settings(mas, "pcb_designer") if row["is_set"]
        }

    pairs = [
        "provider=huggingface",
        "model=Qwen/Qwen3-32B",
        "temperature=0.1",
        "vision=true",
        "prompt_version=2",
    ]
    control.run_agent(mas, options(action="model", agent="pcb_designer", pairs=pairs), SAID.append)
    assert shown() == {
        "provider": "huggingface",
        "model": "Qwen/Qwen3-32B",
        "temperature": 0.1,
        "vision": True,
        "prompt_version": "2",
    }
    pairs = ["provider=", "model=", "vision=false", "prompt_version="]
    control.run_agent(mas, options(action="model", agent="pcb_designer", pairs=pairs), SAID.append)
    assert shown() == {"temperature": 0.1, "vision": False}
    with psycopg.connect(mas.dsn("admin")) as admin:  # the same as plain SQL
        row = admin.execute("select set_agent_model('pcb_designer', '{\"vision\": null}')").fetchone()
        assert row == ({"temperature": 0.1},)
    assert shown() == {"temperature": 0.1}


def test_the_import_command_says_what_happened(mas: Server, tmp_path: Path) -> None:
    assert control.run_import(mas, "parts", write(tmp_path, "p.csv", PARTS), True, SAID.append)
    assert SAID[-1] == "parts: 2 inserted, 0 updated, 0 unchanged; a dry run: nothing was written"
    assert not control.run_import(
        mas, "parts", write(tmp_path, "q.csv", PARTS + "x,,,,,,,\n"), False, SAID.append
    )
    assert SAID[-1] == "parts: 2 errors; nothing was written"
    assert os.listdir(mas.secrets)  # noqa: PTH208 - the secrets were not touched


def test_more_processes_than_a_login_has_room_for_are_refused_before_they_start(mas: Server) -> None:
    control.require_replicas(mas, {"kicad", "pcb_tester"}, 10)
    with pytest.raises(
        ControlError, match=r"kicad has room for 10 processes; \./mas agent change kicad --replicas 11"
    ):
        control.require_replicas(mas, {"kicad"}, 11)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["settings"], 0, "design_attempt_limit = 5 scripts (1 to 50)"),
        (["settings", "design_attempt_limit", "6"], 0, "design_attempt_limit is 6; it was 5"),
        (["settings", "design_attempt_limit", "66"], 2, "takes a whole number from 1 to 50"),
        (["agent", "list"], 0, "pcb_tester"),
        (["agent", "rotate", "nobody"], 2, "there is no agent nobody"),
        (["agent", "rotate", "kicad", "x=1"], 2, "takes a name and nothing else"),
        (["agent", "change", "kicad", "x=1"], 2, "x=1: ./mas agent model kicad takes settings of its model"),
        (["agent", "model", "pcb_designer"], 0, "temperature = 0.2 (a number from 0 to 2; the default)"),
        (["agent", "model", "pcb_designer"], 0, "tools = true (true or false; the default)"),
        (["agent", "model", "pcb_designer"], 0, "model = not set ("),
        (["agent", "model", "pcb_designer", "temperature=0.1"], 0, "pcb_designer has temperature=0.1, from"),
        (
            ["agent", "model", "pcb_designer", "temperature=hot"],
            2,
            'temperature is a number from 0 to 2, not "hot"',
        ),
        (["agent", "model", "pcb_designer", "api_key=x"], 2, "there is no setting api_key of a model"),
        (["agent", "model", "pcb_designer", "temperature"], 2, "temperature is no KEY=VALUE"),
        (["agent", "model", "nobody"], 2, "there is no agent nobody"),
        (["agent", "model", "nobody", "vision=true"], 2, "there is no agent nobody"),
        (["import", "parts", "PARTS", "--dry-run"], 0, "2 inserted"),
        (["import", "parts", "WRONG"], 1, 'line 2, lcsc: "x" is not an LCSC number like C17414'),
        (["import", "parts", "NONE"], 2, "cannot be read"),
        (["export", "settings"], 0, '{"name": "design_attempt_limit", "value": "5"}'),
        (["export", "nothing"], 2, "nothing is called nothing"),
    ],
)
def test_the_commands_end_with_a_sentence_and_a_code(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    said: str,
) -> None:
    write(tmp_path, "PARTS", PARTS)
    write(tmp_path, "WRONG", "lcsc,mpn\nx,A\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAS_DATABASE", database.name)
    assert cli.main(words) == code
    spoken = capsys.readouterr()
    assert said in " ".join((spoken.out + spoken.err).split())
    assert "Traceback" not in spoken.err
