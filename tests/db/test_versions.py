"""Old and new together: last release's calls, clients of other versions, edited and killed migrations."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from clients import api as client
from clients import deploy as module
from clients.api import ApiError
from clients.deploy import DeployError, deploy
from clients.server import Server
from tests.conftest import ROOT, Database
from tests.db.test_deploy import MIGRATIONS, empty_database, yoyo

LAST_RELEASE: list[dict[str, Any]] = json.loads((ROOT / "tests/db/calls_of_last_release.json").read_text())
NUMBERED = sorted(MIGRATIONS.glob("0*.py"))


# ---------------------------------------------------------------------------- the calls of the last release


def forms(call: dict[str, Any]) -> Iterator[str]:
    """The ways in which a client may have written a call: by name, by position, without what is optional."""
    whole = call["arguments"]
    needed = [argument for argument in whole if not argument["optional"]]
    for given in (whole, needed):
        yield ", ".join(f"{a['name']} => null::{a['type']}" for a in given)
        yield ", ".join(f"null::{a['type']}" for a in given)


@pytest.mark.parametrize("call", LAST_RELEASE, ids=lambda call: str(call["function"]))
def test_a_call_of_the_last_release_is_still_understood(database: Database, call: dict[str, Any]) -> None:
    for role in call["roles"]:
        with database.connect(role) as connection:
            for arguments in forms(call):
                # planned, not run: the function is found, the role may see it, the columns are there
                columns = ", ".join(f'x."{name}"::{kind}' for name, kind in call["columns"])
                query = f"select {columns} from api.{call['function']}({arguments}) x"
                if len(call["columns"]) == 1 and call["columns"][0][0] == call["function"]:
                    query = f"select api.{call['function']}({arguments})::text"
                connection.execute(f"explain {query}")
            allowed = connection.execute(
                "select bool_and(has_function_privilege(p.oid, 'execute')) from pg_proc p where p.pronamespace = 'api'::regnamespace and p.proname = %s",
                (call["function"],),
            ).fetchone()
            assert allowed == (True,), f"{role} may no longer call {call['function']}"


def test_the_columns_of_the_last_release_come_with_their_types(database: Database) -> None:
    changed = []
    with database.connect() as owner:
        for call in LAST_RELEASE:
            arguments = next(forms(call))
            rows = (
                owner.execute(f"select * from api.{call['function']}({arguments}) limit 0").description
                if call["function"] == "list_designs"
                else None
            )
            del rows
            now = owner.execute(
                """select coalesce(
                     (select array_agg(array[n, t::regtype::text] order by i) from unnest(p.proargnames, p.proallargtypes, p.proargmodes) with ordinality u (n, t, m, i) where m = 't'),
                     (select array_agg(array[a.attname::text, a.atttypid::regtype::text] order by a.attnum) from pg_type y join pg_attribute a on a.attrelid = y.typrelid and a.attnum > 0 where y.oid = p.prorettype),
                     array[array[p.proname::text, pg_get_function_result(p.oid)]])
                   from pg_proc p where p.pronamespace = 'api'::regnamespace and p.proname = %s""",
                (call["function"],),
            ).fetchone()
            there = [tuple(column) for column in (now or ([],))[0]]
            changed += [
                (call["function"], *column) for column in map(tuple, call["columns"]) if column not in there
            ]
    assert changed == []


def test_a_design_by_the_words_of_the_last_release(database: Database) -> None:
    """Its statements, as that client wrote them, with values: one design from the brief to the files."""

    def one(connection: psycopg.Connection, query: str, **arguments: Any) -> Any:
        row = connection.execute(query, arguments).fetchone()
        assert row is not None
        return row

    check = [{"code": "DRC", "passed": True}]
    board = {
        "footprints": [
            {
                "ref": "R1",
                "value": "1k",
                "footprint": "R",
                "symbol": "R",
                "at": [1, 2],
                "rotation": 0,
                "side": "front",
            }
        ],
        "pads": [{"ref": "R1", "number": "1", "net": "A", "kind": "smd", "at": [1, 2], "drill_mm": 0}],
        "tracks": [],
        "vias": [],
    }
    results = {
        "client_manager": {
            "outcome": "approved",
            "reply": "ok",
            "requirement": {"measures": []},
            "title": "a board",
        },
        "pcb_designer": {"outcome": "scripted", "script": "pass"},
        "kicad": {"outcome": "built", "summary": {}},
        "pcb_tester": {"outcome": "passed", "checks": check},
    }
    with database.connect("terminal") as terminal:
        (design,) = one(
            terminal,
            "select * from api.receive_message(p_account => 'a', p_username => 'a', p_text => 'a blinker', p_message_key => 'k', p_design => null, p_interactive => false)",
        )
        for agent, result in results.items():
            with database.connect(agent) as worker:
                one(worker, "select * from api.start_worker(p_worker => 'w')")
                one(worker, "select * from api.prepare_sleep()")
                task, token, attempt, _ = one(
                    worker, "select * from api.claim_task(p_lease => '30 s', p_worker => 'w')"
                )
                one(worker, "select * from api.get_up()")
                assert attempt == 1
                held = {"task": task, "token": token}
                assert one(
                    worker,
                    "select * from api.heartbeat_task(p_task_id => %(task)s, p_token => %(token)s, p_lease => '30 s', p_progress => 'x')",
                    **held,
                ) == ("continue",)
                one(
                    worker,
                    "select * from api.task_context(p_task_id => %(task)s, p_token => %(token)s)",
                    **held,
                )
                if agent == "kicad":
                    one(
                        worker,
                        "select * from api.store_artifact(p_task_id => %(task)s, p_token => %(token)s, p_name => 'board', p_content => 'x')",
                        **held,
                    )
                    one(
                        worker,
                        "select * from api.store_board(p_task_id => %(task)s, p_token => %(token)s, p_board => %(board)s::jsonb)",
                        **held,
                        board=json.dumps(board),
                    )
                one(
                    worker,
                    "select * from api.complete_task(p_task_id => %(task)s, p_token => %(token)s, p_result => %(result)s::jsonb)",
                    **held,
                    result=json.dumps(result),
                )
        (status,) = one(terminal, "select * from api.design_status(p_design => %(design)s)", design=design)
        assert status["state"] == "resolved"
        assert one(
            terminal, "select * from api.read_file(p_design => %(design)s, p_name => 'board')", design=design
        ) == (b"x",)


# ---------------------------------------------------------------------------- clients and schemas of other versions


def test_the_client_states_the_schema_of_this_tree() -> None:
    assert NUMBERED[-1].stem == client.SCHEMA_VERSION


@pytest.mark.parametrize(
    ("version", "what_to_do"),
    [
        ("0001.initial", "update the client"),
        ("0000.before", "update the client"),
        ("9998.tomorrow", r"run \./mas deploy"),
        ("latest", "is no schema version"),
        ("", "is no schema version"),
        (None, "is no schema version"),
    ],
)
def test_a_client_of_another_time_is_refused_and_told_what_to_do(
    database: Database, version: str | None, what_to_do: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SCHEMA_VERSION", version)
    for role in ("kicad", "terminal", "admin"):
        with pytest.raises(ApiError, match=what_to_do) as refused:
            database.api(role)
        assert refused.value.code == "PB030"
    with database.connect() as owner:
        still = owner.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'hardware_mas'"
        )
        assert still.fetchone() == (0,), "the refused connection was left open"


@pytest.mark.parametrize("version", ["0002.one-task-a-design", "0003.queue", NUMBERED[-1].stem])
def test_clients_since_the_last_release_are_answered(database: Database, version: str) -> None:
    with database.connect("monitor") as connection:
        assert connection.execute("select require_version(%s)", (version,)).fetchone() == (NUMBERED[-1].stem,)


def test_a_new_client_before_an_old_schema_says_deploy(database: Database) -> None:
    with database.connect() as owner:
        owner.execute("drop function api.require_version(text)")
    with pytest.raises(ApiError, match=r"run \./mas deploy") as refused:
        database.api("kicad")
    assert refused.value.code == "PB030"


def test_a_deployed_database_that_went_back_refuses_the_new_client(server: Server) -> None:
    """An agent that was started anew after a rollback of the last migration."""
    with empty_database(server) as other:
        list(deploy(other.admin_dsn, server.passwords()))
        with other.api("kicad") as api:
            assert api.claim_task(30) is None
        with other.connect() as owner:
            owner.execute("delete from public._yoyo_migration where migration_id = %s", (NUMBERED[-1].stem,))
        with pytest.raises(ApiError, match=r"run \./mas deploy"):
            other.api("kicad")


# ---------------------------------------------------------------------------- edited migrations


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of db/ that deploy takes for its own."""
    shutil.copytree(ROOT / "db", tmp_path / "db", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "yoyo.ini", tmp_path)
    monkeypatch.setattr(module, "DB", tmp_path / "db")
    return tmp_path


@pytest.mark.parametrize("name", ["0002.one-task-a-design.py", "0001.initial.schema"])
@pytest.mark.parametrize("how", ["edited", "removed"])
def test_a_migration_that_was_edited_after_it_was_applied_stops_the_deploy(
    server: Server, tree: Path, name: str, how: str
) -> None:
    with empty_database(server) as other:
        list(deploy(other.admin_dsn, {}))
        assert list(deploy(other.admin_dsn, {})) == []
        file = tree / "db/migrations" / name
        before = file.read_text()
        if how == "edited":
            file.write_text(before + "\n-- one more thing\n")
        else:
            file.unlink()
        for _ in range(2):
            with pytest.raises(DeployError, match=f"{name}: edited or removed after it was applied"):
                list(deploy(other.admin_dsn, {}))
        file.write_text(before)
        assert list(deploy(other.admin_dsn, {})) == []


def test_yoyo_alone_notices_an_edited_migration_with_the_next_functions(server: Server, tree: Path) -> None:
    with empty_database(server) as other:
        yoyo(other, "apply", folder=tree)
        file = tree / "db/migrations/0002.one-task-a-design.py"
        file.write_text(file.read_text() + "# one more thing\n")
        help_file = tree / "db/functions/help.sql"
        help_file.write_text(help_file.read_text() + "-- changed\n")
        subprocess.run([sys.executable, "db/stamp.py"], cwd=tree, check=True)
        with pytest.raises(AssertionError, match="edited or removed after it was applied: 0002"):
            yoyo(other, "apply", folder=tree)


def test_a_migration_taken_back_edited_and_applied_again_is_in_order(server: Server, tree: Path) -> None:
    last = NUMBERED[-1].stem
    with empty_database(server) as other:
        list(deploy(other.admin_dsn, {}))
        yoyo(other, "rollback", "--match", last, folder=tree)
        file = tree / "db/migrations" / f"{last}.py"
        file.write_text(file.read_text() + "# better\n")
        with (
            other.connect() as owner
        ):  # the functions that went with it come back with the functions' own migration
            owner.execute("delete from public._yoyo_migration where migration_id like '9999%'")
        assert [line for line in deploy(other.admin_dsn, {}) if line.startswith("applied 0")] == [
            f"applied {last}"
        ]
        assert list(deploy(other.admin_dsn, {})) == []


# ---------------------------------------------------------------------------- killed migrations (fault 22)

FINGERPRINT = """
    select md5(string_agg(x.line, E'\\n' order by x.line)) from (
      select format('class %s %s %s %s', c.oid::regclass, c.relkind, c.relowner::regrole, c.relacl) from pg_class c where c.relnamespace::regnamespace::text in ('core', 'api')
      union all select format('column %s %s %s %s', a.attrelid::regclass, a.attname, a.atttypid::regtype, a.attnotnull) from pg_attribute a join pg_class c on c.oid = a.attrelid
                 where c.relnamespace::regnamespace::text in ('core', 'api') and a.attnum > 0 and not a.attisdropped
      union all select format('constraint %s %s', k.conrelid::regclass, pg_get_constraintdef(k.oid)) from pg_constraint k where k.connamespace::regnamespace::text in ('core', 'api')
      union all select format('function %s %s %s %s', p.oid::regprocedure, md5(p.prosrc), p.proowner::regrole, p.proacl) from pg_proc p where p.pronamespace::regnamespace::text in ('core', 'api')
      union all select format('trigger %s %s', t.tgrelid::regclass, t.tgname) from pg_trigger t where not t.tgisinternal
      union all select format('policy %s %s', p.polrelid::regclass, p.polname) from pg_policy p
      union all select format('public %s', has_language_privilege('public', 'plpgsql', 'usage'))) x (line)"""
MARKS = "select migration_id from public._yoyo_migration order by 1"


def state(database: Database) -> tuple[tuple[str, ...], str]:
    """Which migrations are marked, and what is there."""
    with database.connect() as owner:
        (marked,) = owner.execute("select to_regclass('public._yoyo_migration') is not null").fetchone() or (
            False,
        )
        marks = tuple(name for (name,) in owner.execute(MARKS)) if marked else ()
        (digest,) = owner.execute(FINGERPRINT).fetchone() or ("",)
    return marks, str(digest)


class Killer:
    """Terminates the backend that is about to run the n-th statement in a database."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.countdown: int | None = None
        self.seen = 0
        execute = psycopg.Cursor.execute
        other = database.connect()
        self.close = other.close

        def killing(cursor: psycopg.Cursor[Any], *words: Any, **more: Any) -> Any:
            mine = cursor.connection is not other and cursor.connection.info.dbname == database.name
            if self.countdown is not None and mine:
                self.seen += 1
                if self.seen == self.countdown:
                    self.countdown = None
                    execute(
                        other.cursor(),
                        "select pg_terminate_backend(%s, 5000)",
                        (cursor.connection.info.backend_pid,),
                    )
            return execute(cursor, *words, **more)

        monkeypatch.setattr(psycopg.Cursor, "execute", killing)


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore:Nested transaction requested")  # yoyo tidying up on a dead connection
def test_a_deploy_killed_at_each_statement_leaves_whole_migrations_only(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: dict[tuple[str, ...], str] = {}
    with empty_database(server) as reference:
        marks, digest = state(reference)
        whole[marks] = digest
        for file in sorted(MIGRATIONS.glob("*.py")):
            yoyo(reference, "apply", "--match", file.stem)
            marks, digest = state(reference)
            whole[marks] = digest
    assert len(whole) == len(NUMBERED) + 2
    with empty_database(server) as other:
        killer = Killer(other, monkeypatch)
        statement, before, kills = 1, state(other), 0
        while True:
            killer.countdown, killer.seen = statement, 0
            try:
                list(deploy(other.admin_dsn, {}))
            except psycopg.Error:
                kills += 1
            else:
                break
            killer.countdown = None
            after = state(other)
            assert after[1] == whole[after[0]], (
                f"killed at statement {statement} with {after[0]} it left a part"
            )
            # functions are some hundred statements that differ in nothing but their text
            statement += 2 if len(after[0]) < len(NUMBERED) else 71
            if after[0] != before[0]:
                statement, before = 1 + (statement % 2), after
        killer.countdown = None
        killer.close()
        assert kills > 30
        assert state(other) == (tuple(sorted(whole, key=len)[-1]), whole[sorted(whole, key=len)[-1]])
