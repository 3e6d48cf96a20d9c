"""What PostgREST does in the database, with its very settings and as its very roles; PostgREST itself is not run here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.conftest import ROOT, Database
from tests.db.test_gateway import refusal

CLAIMS = {"sub": "anna", "name": "Anna", "aud": "hardware_mas", "exp": 4102444800, "role": "web_user"}
CONFIGURATION = dict(
    re.findall(
        r'^([a-z-]+) = "?([^"#\n]*)', (ROOT / "deploy/gateway/postgrest.conf").read_text(), re.MULTILINE
    )
)


@contextmanager
def request(database: Database, claims: Any, **more: str) -> Iterator[psycopg.Connection]:
    """One transaction of PostgREST's, up to its main query."""
    settings = {
        "search_path": f'"{CONFIGURATION["db-schemas"]}"',
        "role": "web_user",
        "request.jwt.claims": json.dumps(claims),
        "request.method": "POST",
        "request.path": "/rpc/list_designs",
        "request.headers": '{"host": "localhost"}',
        "request.cookies": "{}",
        **more,
    }
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    words = [word for pair in settings.items() for word in pair]
    with database.connect("gateway") as connection, connection.transaction():
        connection.execute(f"select {calls}".encode(), words)
        connection.execute(f"select {CONFIGURATION['db-pre-request']}()".encode())
        yield connection


def test_each_person_has_their_own_and_nothing_else(database: Database) -> None:
    with request(database, CLAIMS) as anna:
        row = anna.execute("select send_message('a blinker', 'k1')").fetchone()
        assert row is not None
        design = row[0]
    with request(database, CLAIMS) as anna:
        assert anna.execute("select design from my_designs").fetchall() == [(design,)]
        assert anna.execute("show statement_timeout").fetchone() == ("5s",)
    with request(database, CLAIMS | {"sub": "bert", "name": "Bert"}) as bert:
        assert bert.execute("select design from my_designs").fetchall() == []
        assert refusal(bert, "select design_status(%s)", (design,)) == "PB006"
        assert refusal(bert, "select cancel_design(%s)", (design,)) == "PB006"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        None,
        [],
        "anna",
        *({name: value for name, value in CLAIMS.items() if name != left} for left in ("sub", "aud", "exp")),
        CLAIMS | {"sub": 1},
        CLAIMS | {"sub": None},
        CLAIMS | {"sub": ""},
        CLAIMS | {"sub": "a" * 201},
        CLAIMS | {"exp": "4102444800"},
        CLAIMS | {"aud": None},
        CLAIMS | {"aud": []},
        CLAIMS | {"name": "n" * 101},
    ],
)
def test_claims_that_are_no_persons_are_refused(database: Database, claims: Any) -> None:
    with pytest.raises(psycopg.Error) as refused, request(database, claims):
        pass
    assert refused.value.sqlstate == "PB042"


def test_without_claims_nothing_is_begun(database: Database) -> None:
    with database.connect("gateway") as connection:
        connection.execute("set role web_user")
        assert refusal(connection, "select api.pre_request()") == "PB042"
        connection.execute("select set_config('request.jwt.claims', '', false)")
        assert refusal(connection, "select api.pre_request()") == "PB042"


def test_whoever_was_forgotten_is_not_brought_back_by_a_token_of_before(database: Database) -> None:
    with request(database, CLAIMS) as anna:
        anna.execute("select send_message('a blinker', 'k1')")
    with database.connect("admin") as admin:
        admin.execute("select forget_user('web_user', 'anna')")
    with pytest.raises(psycopg.Error) as refused, request(database, CLAIMS):
        pass
    assert refused.value.sqlstate == "PB061"


def test_nobody_else_may_call_it(database: Database) -> None:
    for role in ("gateway", "terminal", "kicad", "admin", "monitor"):
        with database.connect(role) as connection:
            connection.execute("select set_config('request.jwt.claims', %s, false)", (json.dumps(CLAIMS),))
            assert refusal(connection, "select api.pre_request()") == "42501", role


@pytest.mark.parametrize("role", ["mas_owner", "admin", "postgres"])
def test_a_token_for_another_role_gets_nowhere(database: Database, role: str) -> None:
    """PostgREST becomes what the claim `role` says, if its login may: it may become web_user alone."""
    with pytest.raises(psycopg.Error) as refused, request(database, CLAIMS | {"role": role}, role=role):
        pass
    assert refused.value.sqlstate == "42501"


def test_the_configuration_asks_for_a_token_and_shows_one_schema() -> None:
    assert CONFIGURATION["db-schemas"] == "api"
    assert CONFIGURATION["db-extra-search-path"] == ""
    assert CONFIGURATION["jwt-aud"] == "hardware_mas"
    assert "db-anon-role" not in CONFIGURATION
    assert CONFIGURATION["jwt-secret"].startswith("@/run/secrets/")
    assert CONFIGURATION["db-uri"].startswith("@/run/secrets/")
