"""Each path, asked over the wire of a real process on a real database."""

from __future__ import annotations

import json
import re

import pytest

from tests.gateway.served import PNG, Served

JSON = {"Content-Type": "application/json"}
HARDENED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}


def test_a_design_from_a_brief_to_its_files(gateway: Served) -> None:
    me = gateway.person(name="Anna")
    design = me.finished()
    status = me.call("design_status", p_design=design)
    assert (status.status, status.json["state"]) == (200, "resolved")
    assert status.headers["Content-Type"] == "application/json; charset=utf-8"
    assert me.call("design_messages", p_design=design).json[0]["sender"] == "user"
    assert [row["refs"] for row in me.call("bill_of_materials", p_design=design).json] == ["R1"]
    assert {row["name"] for row in me.call("design_files", p_design=design).json} >= {
        "board.png",
        "design.py",
    }
    read = me.call("read_file", p_design=design, p_name="board.png")
    assert (read.status, read.body, read.headers["Content-Type"]) == (200, PNG, "image/png")
    assert me.call("list_designs").json[0]["design"] == design
    forked = me.call("fork_design", p_design=design, p_attempt=1).json
    assert me.call("pause_design", p_design=forked).json is True
    assert me.get("/my_designs?paused=eq.true").json[0]["design"] == forked
    assert me.call("cancel_design", p_design=forked).body == b"null"


def test_the_same_key_is_one_message(gateway: Served) -> None:
    me = gateway.person()
    first, again = (me.call("send_message", p_text="a blinker", p_message_key="k") for _ in range(2))
    assert (first.status, again.status, first.json) == (200, 200, again.json)
    other = me.call("send_message", p_text="other words", p_message_key="k")
    assert (other.status, other.code) == (409, "PB004")


@pytest.mark.parametrize(
    ("name", "kind", "how"),
    [
        ("board.png", "image/png", "inline"),
        ("design.py", "text/plain; charset=utf-8", "inline"),
        ("board.svg", "application/octet-stream", "attachment"),  # a page in disguise
        ("report.html", "application/octet-stream", "attachment"),
        ("fabrication/top.gbr", "application/octet-stream", "attachment"),
    ],
)
def test_a_file_is_no_page(gateway: Served, name: str, kind: str, how: str) -> None:
    me = gateway.person("whoever has files")
    designs = me.get("/my_designs").json
    design = designs[0]["design"] if designs else me.finished()
    read = me.get(f"/files/{design}/{name}")
    assert (read.status, read.body) == (200, PNG)
    assert read.headers["Content-Type"] == kind
    assert read.headers["Content-Disposition"].partition(";")[0] == how
    assert read.headers["Cache-Control"] == "no-store"
    assert {key: read.headers[key] for key in HARDENED} == HARDENED


def test_a_view_is_cut_ordered_and_filtered(gateway: Served) -> None:
    me = gateway.person()
    designs = [me.begin() for _ in range(3)]
    me.call("cancel_design", p_design=designs[0])

    def seen(query: str) -> list[int]:
        said = me.get(f"/my_designs{query}")
        assert said.status == 200, said.body
        return [row["design"] for row in said.json]

    assert seen("?order=design") == designs
    assert seen("?order=design.desc&limit=2") == designs[:0:-1]
    assert seen("?order=design&limit=1&offset=1") == designs[1:2]
    assert seen("?state=eq.cancelled") == designs[:1]
    assert seen(f"?design=eq.{designs[1]}&state=eq.briefing") == designs[1:2]
    assert seen("?state=eq.nothing%20like%20this") == []


def test_the_queue_is_totals(gateway: Served) -> None:
    rows = gateway.person().get("/queue_load").json
    assert {row["agent"] for row in rows} == {"client_manager", "pcb_designer", "kicad", "pcb_tester"}
    assert {key for row in rows for key in row} == {"agent", "waiting", "working", "workers", "oldest_s"}


def test_what_needs_no_token(gateway: Served) -> None:
    assert gateway.ask("GET", "/healthz").body == b"alive\n"
    assert gateway.ask("GET", "/readyz").body == b"ready\n"
    assert gateway.ask("GET", "/openapi.json").json["openapi"] == "3.1.0"


def test_the_page_runs_nothing_but_its_own(gateway: Served) -> None:
    for path in ("/", "/page/index.html"):
        page = gateway.ask("GET", path)
        assert page.status == 200
        assert b"<!doctype html>" in page.body
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in policy
    for path in (
        "/page/",
        "/page/..%2fserver.py",
        "/page/../server.py",
        "/page/%2e%2e",
        "/page/.",
        "/page/none.js",
    ):
        assert gateway.ask("GET", path).status == 404, path


def test_figures_name_no_person(gateway: Served) -> None:
    me = gateway.person("a very private account")
    me.get("/my_designs")
    me.get("/a_very_private_view")
    me.call("a_very_private_function")
    figures = gateway.ask("GET", "/metrics")
    assert figures.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    text = figures.body.decode()
    assert "private" not in text
    assert re.search(
        r'^mas_gateway_requests_total{method="GET",route="/{view}",status="200"} \d+$', text, re.M
    )
    assert re.search(
        r'^mas_gateway_request_seconds_bucket{route="/rpc/{function}",le="\+Inf"} \d+$', text, re.M
    )
    assert re.search(r"^mas_gateway_streams \d+$", text, re.M)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/rpc/help", 405),
        ("DELETE", "/my_designs", 405),
        ("POST", "/my_designs", 405),
        ("PUT", "/healthz", 405),
        ("POST", "/rpc/claim_task", 403),  # there, and not for people
        ("POST", "/rpc/no_such_thing", 403),  # not there: it looks the same
        ("POST", "/rpc/begin_request", 403),
        ("GET", "/queue_depth", 403),
        ("GET", "/no_such_view", 403),
        ("GET", "/a/b/c", 404),
        ("GET", "/files/x/board.png", 404),
    ],
)
def test_what_is_not_there(gateway: Served, method: str, path: str, status: int) -> None:
    said = gateway.ask(method, path, b"{}", gateway.person().headers | JSON)
    assert (said.status, said.code) == (status, f"GW{status}")
    if status == 403:
        known = gateway.ask("POST", "/rpc/claim_task", b"{}", gateway.person().headers | JSON)
        assert said.body == known.body, "it tells which names there are"


def test_every_error_says_what_to_do(gateway: Served) -> None:
    me = gateway.person()
    said = me.call("design_status", p_design=10**12)
    assert said.status == 404
    assert said.json == {
        "code": "PB006",
        "message": "there is no design 1000000000000 of yours",
        "what_to_do": "There is no such design, or it is not yours.",
    }
    assert {key: said.headers[key] for key in HARDENED} == HARDENED
    assert me.call("read_file", p_design=me.begin(), p_name="none").code == "PB009"
    assert json.loads(me.call("help", p_function="help").body)[0]["returns"].startswith("TABLE")
