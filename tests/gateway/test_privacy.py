"""Whoever asks gets what is theirs, by every way that there is, and whoever asks at the same time, too."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.gateway.served import PNG, Person, Served

SAMPLES = {"integer": 1, "string": "board.png", "boolean": True}


def taking_a_design(gateway: Served) -> dict[str, dict[str, Any]]:
    """Every function of the document that takes a design, with what else it needs."""
    found = {}
    for path, item in gateway.ask("GET", "/openapi.json").json["paths"].items():
        if "post" in item:
            schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
            if "p_design" in schema["properties"]:
                needed = {*schema.get("required", []), "p_design"}
                found[path.removeprefix("/rpc/")] = {
                    name: SAMPLES[schema["properties"][name]["type"]] for name in needed - {"p_design"}
                }
    return found


@pytest.fixture
def people(gateway: Served) -> tuple[Person, int, Person, int]:
    """Two people with a finished design each."""
    anna, bert = gateway.person(), gateway.person()
    return anna, anna.finished(), bert, bert.finished()


def test_a_foreign_design_is_denied_by_every_function_that_takes_one(
    gateway: Served, people: tuple[Person, int, Person, int]
) -> None:
    anna, hers, bert, his = people
    functions = taking_a_design(gateway)
    assert {"design_status", "read_file", "cancel_design", "send_message", "fork_design"} <= set(functions)
    nobodys = 10**15
    for name, more in functions.items():
        foreign = bert.call(name, p_design=hers, **more)
        missing = bert.call(name, p_design=nobodys, **more)
        assert (foreign.status, foreign.code) == (404, "PB006"), name
        assert foreign.body.replace(str(hers).encode(), b"N") == missing.body.replace(
            str(nobodys).encode(), b"N"
        )
    for name, more in functions.items():  # the same calls reach whoever's it is
        mine = anna.call(name, p_design=hers, **more)
        assert mine.status in (200, 409), (name, mine.body)
        assert mine.status == 200 or mine.code in ("PB005", "PB010"), name
    assert anna.call("design_status", p_design=hers).json["state"] == "resolved"
    assert bert.get(f"/files/{hers}/board.png").code == "PB006"
    assert anna.get(f"/files/{hers}/board.png").body == PNG
    assert bert.call("design_status", p_design=his).status == 200


def test_lists_and_views_have_nothing_of_others(people: tuple[Person, int, Person, int]) -> None:
    anna, hers, bert, his = people
    for person, mine, others in ((anna, hers, his), (bert, his, hers)):
        assert [row["design"] for row in person.call("list_designs").json] == [mine]
        assert [row["design"] for row in person.get("/my_designs").json] == [mine]
        assert person.get(f"/my_designs?design=eq.{others}").json == []


def test_a_user_id_from_outside_is_nobodys(gateway: Served, people: tuple[Person, int, Person, int]) -> None:
    _, _, bert, his = people
    with gateway.database.connect() as owner:
        (number,) = owner.execute(
            "select user_id from core.users where account = %s", (people[0].account,)
        ).fetchone() or (0,)
    for more in (
        {"mas.user_id": str(number)},
        {"X-User-Id": str(number)},
        {"Role": "admin"},
        {"Prefer": "tx=rollback"},
    ):
        said = gateway.ask("GET", "/my_designs", None, bert.headers | more)
        assert [row["design"] for row in said.json] == [his]


def test_fifty_at_once_do_not_mix(gateway: Served) -> None:
    """More people than connections, and some of their transactions fail in between."""
    people = [gateway.person() for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        mine = dict(zip((p.account for p in people), pool.map(Person.begin, people), strict=True))
    designs = list(mine.values())
    assert len(set(designs)) == 50
    chance = random.Random(7)

    def asks() -> Iterator[tuple[Person, int]]:
        for _ in range(8):
            for person in people:
                yield person, chance.choice(designs)

    def ask(what: tuple[Person, int]) -> list[str]:
        person, other = what
        own = mine[person.account]
        wrong = []
        if [row["design"] for row in person.get("/my_designs").json] != [own]:
            wrong.append("a view")
        if [row["design"] for row in person.call("list_designs").json] != [own]:
            wrong.append("a list")
        foreign = person.call("design_status", p_design=other)
        if foreign.status != (200 if other == own else 404):
            wrong.append(f"a design: {foreign.status}")
        if person.call("design_status", p_design=10**18).status != 404:
            wrong.append("a failure")
        return wrong

    with ThreadPoolExecutor(50) as pool:
        assert [wrong for found in pool.map(ask, asks()) for wrong in found] == []
    with gateway.database.connect() as owner:
        query = (
            "select count(*) from pg_stat_activity where usename = 'gateway' and datname = current_database()"
        )
        assert (owner.execute(query).fetchone() or (99,))[0] <= 9, "more connections than were allowed"


def test_a_person_is_made_once(gateway: Served) -> None:
    me = gateway.person()
    with ThreadPoolExecutor(20) as pool:
        assert {said.status for said in pool.map(me.get, ["/my_designs"] * 40)} == {200}
    with gateway.database.connect() as owner:
        query = "select count(*) from core.users where account = %s"
        assert owner.execute(query, (me.account,)).fetchone() == (1,)
        before = owner.execute("select pg_current_wal_insert_lsn()").fetchone()
        row = "select xmin::text from core.users where account = %s"
        version = owner.execute(row, (me.account,)).fetchone()
        me.get("/my_designs")
        assert owner.execute(row, (me.account,)).fetchone() == version, "a read writes"
        assert before is not None


def test_who_was_forgotten_is_nobody_for_a_day_and_then_somebody_new(gateway: Served) -> None:
    me = gateway.person(name="Anna who is forgotten")
    design = me.finished()
    with gateway.database.connect("admin") as admin:
        admin.execute("select forget_user('web_user', %s)", (me.account,))
    for said in (
        me.get("/my_designs"),
        me.call("design_status", p_design=design),
        me.get("/events"),
        me.call("send_message", p_text="a blinker", p_message_key="k"),
        me.get(f"/files/{design}/board.png"),
    ):
        assert (said.status, said.code) == (403, "PB061")
    with gateway.database.connect() as owner:
        query = "select count(*) from core.users where account = %s or username = 'Anna who is forgotten'"
        assert owner.execute(query, (me.account,)).fetchone() == (0,), "a token brought them back"
        owner.execute("update core.erasures set erased_at = erased_at - interval '1 day'")
    assert me.get("/my_designs").json == []
    assert me.call("design_status", p_design=design).code == "PB006"
