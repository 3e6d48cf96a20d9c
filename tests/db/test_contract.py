"""The contract in words: every function and view says what it does, its errors are those it raises, its example runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import psycopg
import pytest

from clients import api as client
from db import document
from db.document import Entry
from tests.conftest import ROOT, Database

# What is raised below and never comes out: by the function that takes care of it.
NEVER = {
    # core.transitions refers to agents that are there; no key, no priority
    "core.move_design": {"PB002", "PB004", "PB042"},
    "core.announce_end": {"PB002", "PB004", "PB042"},
    "core.branch_design": {"PB002", "PB004", "PB042"},
    "api.fork_design": {"PB002", "PB004", "PB042"},
    "core.take_message": {"PB002", "PB005", "PB042"},  # moves from awaiting_user only
    # the person's row is locked, and the design's, which goes on
    "core.do_command": {"PB002", "PB005", "PB006", "PB010", "PB060"},  # whoever has too much has been told
    "core.close_place": {"PB005", "PB006"},  # the design's row is locked, and it goes on
    "core.give_back": {"PB005", "PB006"},  # every state can be dead-lettered; the design's row is locked
    "core.finish_task": {"PB006"},  # the design's row is locked
    "core.erase_user": {
        "PB005",
        "PB006",
    },  # every unfinished state can be cancelled; the designs' rows are locked
    "core.look_around": {
        "PB002",
        "PB003",
        "PB004",
        "PB012",
        "PB042",
    },  # what it does for others keeps their errors
    "api.cancel_task": {"PB005", "PB006"},  # the design has a task, so it goes on
    "api.complete_tasks": {"PB001", "PB005", "PB011"},  # are said by `accepted`
    "api.fit_logins": {"PB002"},  # asks for listed agents only
    "api.retry_task": {"PB004", "PB042"},  # the key has one payload, and its length is ours
}
# What is raised without a line of ours: a domain's check, a trigger.
ALSO = {
    "PB003": {"api.enqueue_task", "api.enqueue_tasks", "api.schedule_task"},  # core.is_payload
    "PB043": {"api.register_agent", "api.change_agent"},  # core.is_model
}


@pytest.fixture
def entries(database: Database) -> list[Entry]:
    with database.connect() as owner:
        return document.read(owner)


def test_every_function_and_view_says_what_the_contract_asks(entries: list[Entry]) -> None:
    assert document.gaps(entries) == []


def test_the_document_is_what_the_catalogue_says(database: Database) -> None:
    with database.connect() as owner:
        assert document.API.read_text() == document.document(owner), "run `python -m db.document`"


@pytest.mark.parametrize(
    ("planted", "lack"),
    [
        (
            "create function api.planted() returns int language sql stable as 'select 1'",
            "planted: its comment lacks a summary in its first line",
        ),
        (
            "create function api.planted(p_x int) returns int language sql stable as 'select 1'",
            "planted: its comment lacks a line `p_x: …`",
        ),
        (
            "create function api.planted() returns int language sql volatile as 'select 1'",
            "planted: its comment lacks a line `Locks: …` (or `nothing`)",
        ),
        (
            "create function api.planted() returns int language sql stable as 'select 1'",
            "planted: its comment lacks a line `Raises: PB…` (or `nothing`)",
        ),
        (
            "create view api.planted as select 1 as one",
            "planted: its comment lacks a comment on its column one",
        ),
        (
            "create view api.planted as select 1 as one",
            "planted: its comment lacks `Example:` and then lines like `admin=> select …;` with the rows that come back",
        ),
    ],
)
def test_what_is_missing_is_said(database: Database, planted: str, lack: str) -> None:
    with database.connect() as owner:
        owner.execute(planted.encode())
        found = document.check(owner)
    assert lack in found
    assert "db/API.md is not what the catalogue says: run `python -m db.document`" in found


def test_help_says_the_same_in_psql(database: Database, entries: list[Entry]) -> None:
    with database.connect("monitor") as monitor:
        listed = {
            call.partition("(")[0]: text
            for call, text in monitor.execute("select call, description from help()")
        }
        mine = {entry.name: entry for entry in entries if "monitor" in entry.roles}
        assert listed == {name: entry.summary.splitlines()[0] for name, entry in mine.items()}
        for name in ("help", "design_status", "queue_depth"):
            row = monitor.execute("select description from help(%s)", (name,)).fetchone()
            assert row == (mine[name].comment,)
        assert monitor.execute("select * from help('claim_task')").fetchall() == []  # not monitor's


# ---------------------------------------------------------------------------- examples


def steps(example: str) -> Iterator[tuple[str, str, list[str]]]:
    """Role, statement and expected lines of a transcript like psql's."""
    for part in re.split(r"^(?=\w+=> )", example, flags=re.MULTILINE):
        if part.strip():
            role, rest = part.split("=> ", 1)
            statement, _, rows = (
                rest.partition(";\n") if ";\n" in rest else (rest.rstrip().removesuffix(";"), "", "")
            )
            yield role, statement, [line for line in rows.splitlines() if line.strip()]


def run(connection: psycopg.Connection, statement: str) -> list[str]:
    """The rows as text, or the code of the refusal."""
    try:
        with connection.transaction():
            result = connection.execute(statement.encode()).pgresult
    except psycopg.Error as error:
        return [f"{error.sqlstate}: {error.diag.message_primary}"]
    assert result is not None
    rows = [
        " | ".join((result.get_value(row, column) or b"").decode() for column in range(result.nfields))
        for row in range(result.ntuples)
    ]
    return [row for row in rows if row]  # a function without a result says nothing


@pytest.fixture
def as_role(database: Database) -> Iterator[Callable[[str], psycopg.Connection]]:
    """A connection of each role, kept for the whole example; what an administrator does to roles is taken back."""
    with ExitStack() as stack:

        @cache
        def connected(role: str) -> psycopg.Connection:
            login = {"web_user": "gateway", "mas_administrator": None}.get(role, role)
            connection = stack.enter_context(database.connect(login))
            if role == "web_user":
                connection.execute("set role web_user; set mas.user_id = '1'")
            elif role == "mas_administrator":
                connection.execute("set search_path = api")
                stack.enter_context(connection.transaction(force_rollback=True))
            return connection

        yield connected


def examples() -> list[str]:
    """Names of everything in the api, as the files have them."""
    functions = (
        re.search(r"function api\.(\w+)", file.read_text()) for file in (ROOT / "db/functions").glob("*.sql")
    )
    schema = "".join(file.read_text() for file in (ROOT / "db/schema").glob("*.sql"))
    views = re.findall(r"^create view api\.(\w+)", schema, re.MULTILINE)
    return sorted([*(found[1] for found in functions if found), *views])


@pytest.mark.parametrize("name", examples())
def test_the_example_does_what_it_says(
    database: Database, entries: list[Entry], as_role: Callable[[str], psycopg.Connection], name: str
) -> None:
    (entry,) = (entry for entry in entries if entry.name == name)
    said = list(steps(entry.field("Example")))
    assert any(re.search(rf"\b{name}\b", statement) and role in entry.roles for role, statement, _ in said)
    for role, statement, expected in said:
        got = run(as_role(role), statement)
        pattern = "\n".join(re.escape(line.rstrip()).replace("…", ".*") for line in expected)
        assert re.fullmatch(pattern, "\n".join(row.rstrip() for row in got)), (role, statement, got)


# ---------------------------------------------------------------------------- errors


def bodies() -> dict[str, str]:
    """Every function of core and api by name, without its comment."""
    found = {}
    for file in (ROOT / "db/functions").glob("*.sql"):
        text = file.read_text().partition("create or replace function ")[2].partition("\nrevoke all")[0]
        found[text.partition("(")[0]] = text
    return found


def raised(name: str, of: dict[str, str], seen: set[str]) -> set[str]:
    """Codes that a function raises, or that whatever it calls raises and it lets through."""
    if name in seen or name not in of:
        return set()
    codes = set(re.findall(r"errcode = '(PB\d{3})'", of[name]))
    below: set[str] = set()
    for called in re.findall(r"\b((?:core|api)\.\w+)\(", of[name]):
        below |= raised(called, of, seen | {name})
    return codes | (below - NEVER.get(name, set()))


def test_a_function_says_exactly_the_errors_that_it_raises(entries: list[Entry]) -> None:
    of = bodies()
    wrong = {}
    for entry in entries:
        name = f"api.{entry.name}"
        if entry.returns:
            may = raised(name, of, set()) | {code for code, names in ALSO.items() if name in names}
            if may != set(entry.codes):
                wrong[entry.name] = (sorted(may - set(entry.codes)), sorted(set(entry.codes) - may))
    assert wrong == {}, "(raised and not said, said and not raised)"


def test_the_registry_names_exactly_the_codes_that_are_raised(database: Database) -> None:
    sources = [*(ROOT / "db/functions").glob("*.sql"), *(ROOT / "db/schema").glob("*.sql")]
    codes = {code for file in sources for code in re.findall(r"errcode = '(\w+)'", file.read_text())}
    codes |= {client.BAD_TEXT}  # PostgreSQL refuses such text before a function of ours could
    with database.connect() as owner:
        assert {code for (code,) in owner.execute("select code from core.error_codes")} == codes


def test_no_function_raises_an_error_without_a_code() -> None:
    for name, text in bodies().items():
        for statement in re.findall(r"\braise exception [^;]*;", re.sub(r"'(?:[^']|'')*'", "''", text)):
            assert "errcode =" in statement, f"{name}: {statement}"


def test_the_client_matches_codes_by_names_that_the_registry_has(database: Database) -> None:
    with database.connect() as owner:
        registry = dict(owner.execute("select code, name from core.error_codes").fetchall())
    constants = {
        name: value
        for name, value in vars(client).items()
        if isinstance(value, str) and re.fullmatch(r"PB\d{3}", value)
    }
    assert len(constants) >= 3
    for name, code in constants.items():
        assert code in registry, name
    for file in (ROOT / "clients").rglob("*.py"):
        tree = ast.parse(file.read_text())
        named = {
            id(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and re.fullmatch(r"PB\d{3}", str(node.value))
                and node.value != "PB000"
            ):
                assert id(node) in named, f"{file.name}:{node.lineno} says {node.value} without a name"
                assert node.value in registry, f"{file.name}:{node.lineno}"
