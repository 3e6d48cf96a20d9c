"""How much one may ask for: rates in the process, and the limits of people in the database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clients.gateway import limits
from clients.gateway.doors import AT_ONCE
from clients.gateway.limits import Buckets
from clients.gateway.settings import BadSetting, Rate, read_settings
from tests.conftest import Database
from tests.gateway.served import Served, serving, token

SLOW = "0.01/3"  # three at once, and no fourth within a minute


def test_a_bucket_fills_again() -> None:
    now = [0.0]
    bucket = Buckets(Rate(2, 4), lambda: now[0])
    assert [bucket.take("anna") for _ in range(4)] == [0, 0, 0, 0]
    assert bucket.take("anna") == 0.5
    assert bucket.take("bert") == 0
    now[0] = 0.25
    assert bucket.take("anna") == 0.25
    now[0] = 0.5
    assert bucket.take("anna") == 0
    now[0] = 100
    assert [bucket.take("anna") for _ in range(5)] == [0, 0, 0, 0, 0.5]


def test_buckets_are_few_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST", 100)
    now = [0.0]
    buckets = Buckets(Rate(1, 2), lambda: now[0])
    for n in range(1000):
        buckets.take(str(n))
        assert len(buckets._left) <= 100
    assert buckets.take("anna") == buckets.take("anna") == 0
    now[0] = 10
    for n in range(1000, 1090):
        buckets.take(str(n))
    assert len(buckets._left) <= 100


def test_an_account_is_slowed_down_alone(shared_database: Database, key_file: Path) -> None:
    with serving(shared_database, key_file, MAS_GATEWAY_ACCOUNT_RATE=SLOW) as gateway:
        me, other = gateway.person(), gateway.person()
        assert [me.get("/my_designs").status for _ in range(3)] == [200, 200, 200]
        said = me.call("list_designs")
        assert (said.status, said.code) == (429, "GW429")
        assert 90 <= int(said.headers["Retry-After"]) <= 100
        assert other.get("/my_designs").status == 200
        assert gateway.ask("GET", "/healthz").status == 200


def test_an_account_has_so_many_turns_and_others_theirs(database: Database, key_file: Path) -> None:
    """Somebody who asks more at once than there are connections keeps nobody out; what waits is served after."""
    with serving(database, key_file) as gateway:
        me, other = gateway.person(), gateway.person()
        me.begin()
        with ThreadPoolExecutor(20) as pool, database.connect() as owner:
            with owner.transaction():
                owner.execute("lock table core.design_states in access exclusive mode")
                mine = [pool.submit(me.get, "/my_designs") for _ in range(20)]
                waits = "select count(*) from pg_stat_activity where usename = 'gateway' and wait_event_type = 'Lock' and datname = current_database()"
                with database.connect() as watcher:
                    while watcher.execute(waits).fetchone() != (AT_ONCE,):
                        pass
                assert other.get("/queue_load").status == 200
            assert {one.result().status for one in mine} == {200}


def test_an_address_without_a_valid_token_is_slowed_down(shared_database: Database, key_file: Path) -> None:
    with serving(shared_database, key_file, MAS_GATEWAY_ADDRESS_RATE=SLOW) as gateway:
        forged = {"Authorization": f"Bearer {token(b'x' * 64)}"}
        statuses = [
            gateway.ask("GET", "/my_designs", None, forged | {"X-Forwarded-For": f"10.0.0.{n}"}).status
            for n in range(5)
        ]
        assert statuses == [401, 401, 401, 429, 429], "an address is believed that nobody vouches for"
        assert gateway.ask("GET", "/openapi.json").status == 429
        assert gateway.person().get("/my_designs").status == 200
        assert gateway.ask("GET", "/readyz").status == 200


def test_behind_a_proxy_of_ours_its_client_is_slowed_down(shared_database: Database, key_file: Path) -> None:
    more = {"MAS_GATEWAY_ADDRESS_RATE": SLOW, "MAS_GATEWAY_FORWARDED": "1"}
    with serving(shared_database, key_file, **more) as gateway:

        def status(said: str) -> int:
            return gateway.ask("GET", "/my_designs", None, {"X-Forwarded-For": said}).status

        # the last is what the proxy added; what stands before it, its client may have written
        assert [status(f"1.2.3.{n}, 10.0.0.1") for n in range(4)] == [401, 401, 401, 429]
        assert status("10.0.0.1, 10.0.0.2") == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAS_GATEWAY_PORT", "http"),
        ("MAS_GATEWAY_PORT", "70000"),
        ("MAS_GATEWAY_CONNECTIONS", "0"),
        ("MAS_GATEWAY_ACCOUNT_RATE", "20"),
        ("MAS_GATEWAY_ACCOUNT_RATE", "0/40"),
        ("MAS_GATEWAY_ADDRESS_RATE", "x/y"),
    ],
)
def test_a_setting_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=name):
        read_settings()


# ---------------------------------------------------------------------------- limits of people


@pytest.fixture
def limited(database: Database, key_file: Path) -> Served:
    with serving(database, key_file) as gateway:
        yield gateway


def change(gateway: Served, name: str, value: int) -> None:
    with gateway.database.connect("admin") as admin:
        admin.execute("select change_setting(%s, %s)", (name, str(value)))


def test_messages_in_a_minute(limited: Served) -> None:
    change(limited, "user_messages_per_minute", 3)
    me, other = limited.person(), limited.person()
    said = [me.call("send_message", p_text="a blinker", p_message_key="0")]
    design = said[0].json
    said += [
        me.call("send_message", p_text="red", p_message_key=str(n), p_design=design) for n in range(1, 5)
    ]
    assert [one.status for one in said] == [200, 200, 200, 429, 429]
    assert said[3].code == "PB060"
    assert said[3].json["message"].startswith("That were 3 messages in a minute; please wait ")
    assert 1 <= int(said[3].headers["Retry-After"]) <= 60
    again = me.call("send_message", p_text="red", p_message_key="2", p_design=design)
    assert (again.status, again.json) == (200, design), "what was taken is not refused when it comes again"
    assert len(me.call("design_messages", p_design=design).json) == 3, "what was too much is stored"
    assert other.begin()
    with limited.database.connect() as owner:
        owner.execute("update core.chat_messages set sent_at = sent_at - interval '1 min'")
    assert me.call("send_message", p_text="red", p_message_key="3", p_design=design).status == 200


def test_designs_at_once(limited: Served) -> None:
    change(limited, "user_designs_at_once", 2)
    me = limited.person()
    first, _ = me.begin(), me.begin()
    said = me.call("send_message", p_text="one more", p_message_key="k")
    assert (said.status, said.code, said.headers["Retry-After"]) == (429, "PB060", "60")
    assert me.call("send_message", p_text="red", p_message_key="k", p_design=first).status == 200
    me.call("cancel_design", p_design=first)
    assert me.begin()


def test_designs_in_a_day_and_forks_are_designs(limited: Served) -> None:
    change(limited, "user_designs_per_day", 2)
    me = limited.person()
    finished = me.finished()
    assert me.call("fork_design", p_design=finished, p_attempt=1).status == 200
    for said in (
        me.call("fork_design", p_design=finished, p_attempt=1),
        me.call("send_message", p_text="one more", p_message_key="k"),
    ):
        assert (said.status, said.code) == (429, "PB060")
        assert 86_000 < int(said.headers["Retry-After"]) <= 86_400
