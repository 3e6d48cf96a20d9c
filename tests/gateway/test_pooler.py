"""What the gateway is told of a pooler; that its requests bear one is tried with PgBouncer by hand (deploy/README.md)."""

from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from clients.gateway.server import _through
from clients.gateway.settings import BadSetting, read_settings

DSN = "postgresql://gateway:secret@psql-rw:5432/hardware_mas?sslmode=verify-full"


def test_requests_go_through_it_with_the_same_login_and_listening_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAS_GATEWAY_POOLER", "psql-pooler:6432")
    through = conninfo_to_dict(_through(read_settings().pooler, DSN))
    direct = conninfo_to_dict(DSN)
    assert through == direct | {"host": "psql-pooler", "port": "6432"}


def test_without_one_everything_goes_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAS_GATEWAY_POOLER", raising=False)
    assert _through(read_settings().pooler, DSN) == DSN


@pytest.mark.parametrize(
    "wrong", ["psql-pooler", ":5432", "psql-pooler:", "psql-pooler:x", "psql-pooler:0", "a:99999"]
)
def test_a_place_that_is_none_is_said_at_the_start(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("MAS_GATEWAY_POOLER", wrong)
    with pytest.raises(BadSetting, match="MAS_GATEWAY_POOLER is like"):
        read_settings()
