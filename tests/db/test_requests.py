"""How a request of the API begins, what it may be told, and the limits of people by every way in."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from clients.api import ApiError
from tests.conftest import Database
from tests.db.steps import begin
from tests.db.test_gateway import refusal

BEGIN = "select api.begin_request(%s, %s)"


def users(database: Database) -> list[Any]:
    with database.connect() as owner:
        query = "select user_id, front_end, account, username from core.users order by user_id"
        return owner.execute(query).fetchall()


def test_a_person_is_known_from_their_first_request_on(database: Database) -> None:
    with database.connect("gateway") as gateway:
        (anna,) = gateway.execute(BEGIN, ("anna", "Anna")).fetchone() or (0,)
        (bert,) = gateway.execute(BEGIN, ("bert", None)).fetchone() or (0,)
        assert gateway.execute(BEGIN, ("anna", "Anna B.")).fetchone() == (anna,)
        assert gateway.execute(BEGIN, ("anna", None)).fetchone() == (anna,)  # a token without a name
    assert users(database) == [(anna, "web_user", "anna", "Anna B."), (bert, "web_user", "bert", None)]


def test_the_same_account_of_another_front_end_is_somebody_else(database: Database) -> None:
    begin(database)  # terminal:me
    with database.connect("gateway") as gateway:
        gateway.execute(BEGIN, ("terminal:me", "me"))
    assert [row[1] for row in users(database)] == ["terminal", "web_user"]


def test_who_it_is_ends_with_the_transaction(database: Database) -> None:
    """Also when that fails: a pooled connection carries nobody over to the next request."""
    who = "select current_setting('mas.user_id', true), current_setting('role')"
    with database.connect("gateway") as gateway:
        for fails in (False, True):
            with gateway.transaction(force_rollback=fails):
                (number,) = gateway.execute(BEGIN, ("anna", "Anna")).fetchone() or (0,)
                gateway.execute("set local role web_user")
                assert gateway.execute(who).fetchone() == (str(number), "web_user")
            assert gateway.execute(who).fetchone() == ("", "none")


@pytest.mark.parametrize(("account", "name"), [(None, "x"), ("", "x"), ("x" * 201, "x"), ("anna", "x" * 101)])
def test_an_account_that_is_none(database: Database, account: str | None, name: str) -> None:
    with database.connect("gateway") as gateway:
        assert refusal(gateway, BEGIN, (account, name)) == "PB042"
    assert users(database) == []


def test_a_known_person_is_not_written(database: Database) -> None:
    with database.connect("gateway") as gateway, database.connect() as owner:
        gateway.execute(BEGIN, ("anna", "Anna"))
        query = "select xmin::text from core.users"
        before = owner.execute(query).fetchone()
        with owner.transaction():
            owner.execute("select from core.users for update")  # nobody waits for a row that is only read
            gateway.execute("set statement_timeout = '5s'")
            gateway.execute(BEGIN, ("anna", "Anna"))
        assert owner.execute(query).fetchone() == before


def test_who_is_being_forgotten_does_not_come_back_in_between(database: Database) -> None:
    """Whoever forgets holds the person; a request that has to write waits, and is refused."""
    with database.connect("gateway") as gateway, database.connect("admin") as admin:
        gateway.execute(BEGIN, ("anna", "Anna"))
        with admin.transaction():
            admin.execute("select forget_user('web_user', 'anna')")
            gateway.execute("set lock_timeout = '100ms'")
            assert refusal(gateway, BEGIN, ("anna", "another name")) == "55P03"
        assert refusal(gateway, BEGIN, ("anna", "Anna")) == "PB061"
    assert [row[2].startswith("forgotten-") for row in users(database)] == [True]


# ---------------------------------------------------------------------------- what it may be told


@pytest.mark.parametrize(
    ("role", "has", "lacks"),
    [
        ("kicad", "/rpc/claim_task", "/rpc/send_message"),
        ("monitor", "/queue_depth", "/rpc/change_setting"),
        ("terminal", "/rpc/receive_event", "/my_designs"),
    ],
)
def test_the_document_is_the_callers(database: Database, role: str, has: str, lacks: str) -> None:
    with database.connect(role) as connection:
        (document,) = connection.execute("select openapi()").fetchone() or ({},)
        names = {name.partition("(")[0] for (name,) in connection.execute("select call from help()")}
    assert has in document["paths"]
    assert lacks not in document["paths"]
    assert {path.rpartition("/")[2] for path in document["paths"]} == names


def test_every_type_of_the_api_has_a_schema(database: Database) -> None:
    """Nothing but text is a text without a word on its form."""
    with database.connect("admin") as admin:
        (document,) = admin.execute("select openapi()").fetchone() or ({},)
    enqueue = document["paths"]["/rpc/enqueue_tasks"]["post"]["requestBody"]["content"]["application/json"]
    properties = enqueue["schema"]["properties"]
    assert properties["p_payloads"]["type"] == "array"
    assert properties["p_payloads"]["items"] == {}
    assert properties["p_agent"]["maxLength"] == 63


def test_every_error_has_the_status_of_a_refusal(database: Database) -> None:
    with database.connect() as owner:
        statuses = dict(owner.execute("select code, http_status from core.error_codes").fetchall())
    assert {statuses[code] for code in ("PB006", "PB009", "PB014")} == {404}
    assert {statuses[code] for code in ("PB004", "PB005", "PB010")} == {409}
    assert (statuses["PB003"], statuses["PB060"], statuses["PB061"], statuses["PB042"]) == (
        413,
        429,
        403,
        422,
    )


def test_the_load_is_counted_to_a_thousand(database: Database) -> None:
    with database.connect("admin") as admin:
        admin.execute("select enqueue_tasks('kicad', array_fill('{}'::jsonb, array[1500]))")
        query = "select waiting, working, oldest_s < 600 from queue_load where agent = 'kicad'"
        assert admin.execute(query).fetchone() == (1000, 0, True)


# ---------------------------------------------------------------------------- limits of people


def limit(database: Database, name: str, value: int) -> None:
    with database.connect("admin") as admin:
        admin.execute("select change_setting(%s, %s)", (name, str(value)))


def test_a_limited_front_end_is_limited_by_messages_as_by_events(database: Database) -> None:
    limit(database, "user_messages_per_minute", 2)
    event = "select receive_event('1', 'Anna', %s, 'design', 'a blinker', p_place => 'dm')"
    with database.connect("discord_bot") as bot:
        bot.execute(event, ("e1",))  # as an event and as a message it is one
        with database.api("discord_bot") as api:
            design = api.receive_message("1", "Anna", "red", "m1", 1, True)
            assert api.receive_message("1", "Anna", "red", "m1", 1, True) == design
            with pytest.raises(ApiError, match="That were 2 messages in a minute") as refused:
                api.receive_message("1", "Anna", "green", "m2", 1, True)
            assert refused.value.code == "PB060"
            assert api.receive_message("2", "Bert", "a blinker", "m3", None, True)
        said = bot.execute(
            "select receive_event('1', 'Anna', 'e2', 'say', 'blue', p_place => 'dm')"
        ).fetchone()
        assert said == ({"outcome": "limited", "design": None},)


def test_a_front_end_without_limits_has_none(database: Database) -> None:
    for name in ("user_messages_per_minute", "user_designs_at_once", "user_designs_per_day"):
        limit(database, name, 1)
    assert begin(database) < begin(database)


def test_how_long_it_lasts_is_the_errors_detail(database: Database) -> None:
    limit(database, "user_messages_per_minute", 1)
    with database.connect("gateway") as gateway, gateway.transaction():
        gateway.execute(BEGIN, ("anna", "Anna"))
        gateway.execute("set local role web_user")
        gateway.execute("select api.send_message('a blinker', 'k1')")
        with pytest.raises(psycopg.Error) as refused, gateway.transaction():
            gateway.execute("select api.send_message('a blinker', 'k2')")
    assert refused.value.sqlstate == "PB060"
    assert 1 <= int(refused.value.diag.message_detail or 0) <= 60
