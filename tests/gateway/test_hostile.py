"""Whatever is sent, the answer is a refusal of the client's and the server lives."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest

from tests.gateway.served import Answer, Person, Served, token

JSON = {"Content-Type": "application/json"}
SEND = "/rpc/send_message"
MEGABYTE = 1_000_000


@pytest.fixture
def me(gateway: Served) -> Iterator[Person]:
    """Somebody with a design; afterwards it is still theirs, and nobody's log had a word of it."""
    person = gateway.person()
    design = person.begin()
    yield person
    assert gateway.process.poll() is None
    assert gateway.ask("GET", "/healthz").status == 200
    assert [row["design"] for row in person.get("/my_designs?order=design&limit=1").json] == [design]
    figures = gateway.ask("GET", "/metrics").body.decode()
    assert not [line for line in figures.splitlines() if 'status="500"' in line]


def send(me: Person, body: bytes, path: str = SEND, **headers: str) -> Answer:
    said = me.gateway.ask(
        "POST", path, body, me.headers | JSON | {k.replace("_", "-"): v for k, v in headers.items()}
    )
    assert said.headers["Content-Type"] == "application/json; charset=utf-8"
    return said


def words(text: str) -> bytes:
    return json.dumps({"p_text": text, "p_message_key": "k"}).encode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 422),  # no arguments at all, where some are needed
        (b"null", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"{'p_text': 1}", 400),
        (b'{"p_text": NaN, "p_message_key": "k"}', 400),
        (b'{"p_text": "a", "p_text": "b", "p_message_key": "k"}', 400),
        (b'{"p_text": "\xff\xfe", "p_message_key": "k"}', 400),
        ('{"p_text": "a"}'.encode("utf-16"), 400),
        (b"\xef\xbb\xbf{}", 400),
        (b"[" * 10_000 + b"]" * 10_000, 400),
        (b'{"p_text": ' * 10_000 + b"1" + b"}" * 10_000, 400),
        (b'{"p_text": ' + b"[" * 400 + b"]" * 400 + b', "p_message_key": "k"}', 422),
        (b'{"p_text": 1' + b"0" * 5000 + b', "p_message_key": "k"}', 400),
        (b'{"p_text": "a"} {"p_text": "b"}', 400),
        (b'{"p_text": "a\x00", "p_message_key": "k"}', 400),
        (words("nul \0 in it"), 422),
        (words("lone \ud800 surrogate"), 422),
        (words("x" * 70_000), 413),
        (words("x" * MEGABYTE), 413),
        (b" " * (MEGABYTE + 1), 413),
        (b'{"p_text": 5, "p_message_key": "k"}', 422),
        (b'{"p_text": null, "p_message_key": "k"}', 422),
        (b'{"p_text": "a"}', 422),
        (b'{"p_text": "a", "p_message_key": "k", "p_user": 1}', 422),
        (b'{"p_text": "a", "p_message_key": "k", "mas.user_id": 1}', 422),
        (b'{"p_text": "a", "p_message_key": "k", "p_design": "1"}', 422),
        (b'{"p_text": "a", "p_message_key": "k", "p_design": 1.5}', 422),
        (b'{"p_text": "a", "p_message_key": "k", "p_design": 9223372036854775808}', 422),
        (b'{"p_text": "a", "p_message_key": "k", "p_design": 1e999}', 422),
        (b'{"p_text": "a", "p_message_key": "k", "p_interactive": "yes"}', 422),
        (b'{"p_text": "a", "p_message_key": ""}', 422),
        (words("a")[:-2] + b"x" * 300 + b'"}', 422),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else str(value),
)
def test_a_body_that_is_wrong(me: Person, body: bytes, status: int) -> None:
    said = send(me, body)
    assert said.status == status, said.body
    assert said.code
    assert len(said.body) < 2000


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": "multipart/form-data; boundary=x"},
        {"Content_Type": "application/json-patch+json"},
        {"Content_Type": ""},
        {"Content_Encoding": "gzip"},
        {"Content_Encoding": "deflate"},
    ],
)
def test_a_body_that_is_no_json(me: Person, headers: dict[str, str]) -> None:
    assert send(me, words("a"), **headers).status == 415
    assert send(me, gzip.compress(b"x" * 10_000_000), **headers).status == 415  # and is not unpacked


@pytest.mark.parametrize(
    "text",
    [
        "'; drop table core.users; --",
        "R1'); drop table core.tasks;--",
        "%s %(x)s {} $1 \\",
        "@everyone <script>alert(1)</script>",
        "${HOME} `id` $(id)",
        "\u202e\u200b\U000e0041 \x1b[31m",
    ],
)
def test_words_are_words(me: Person, text: str) -> None:
    design = send(me, json.dumps({"p_text": text, "p_message_key": text}).encode()).json
    said = me.call("design_messages", p_design=design)
    assert said.json[0]["text"] == text
    assert said.headers["Content-Type"].startswith("application/json")
    assert me.call("read_file", p_design=design, p_name=text).code == "PB009"


@pytest.mark.parametrize(
    "name",
    [
        "help'--",
        'help"',
        "help()",
        "help;select 1",
        "core.now",
        "api.help",
        "pg_sleep",
        "HELP",
        "help%00",
        "%2e%2e",
        "..",
        "a" * 5000,
        "set_config",
        "query_to_xml",
    ],
)
def test_names_are_names(me: Person, name: str) -> None:
    name = name if "%" in name else quote(name)
    for method, path in (("POST", f"/rpc/{name}"), ("GET", f"/{name}")):
        said = me.gateway.ask(method, path, b"{}" if method == "POST" else None, me.headers | JSON)
        assert said.status in (403, 404), (path, said.status)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=1;drop",
        "limit=%F0%9D%9F%8F",
        "limit=" + "9" * 400,
        "limit=1&limit=2",
        "offset=x",
        "order=nothing",
        "order=design;drop",
        "order=design.desc.asc",
        "order=user_id",
        "user_id=eq.1",
        "design=1",
        "design=eq.1 or true",
        "design=gt.0",
        "design=eq." + "9" * 19,
        "state=eq.%00",
        "paused=eq.maybe",
        "created_at=eq.now",
        "select=*",
        "=",
        "%FF=%FF",
    ],
)
def test_a_query_that_is_wrong(me: Person, query: str) -> None:
    said = me.get("/my_designs?" + query.replace(" ", "%20"))
    assert (said.status, said.code) == (422, "GW422"), said.body


@pytest.mark.parametrize("value", ["eq.' or '1'='1", "eq.briefing'--", "eq.%25", "eq.\\"])
def test_a_value_is_a_value(me: Person, value: str) -> None:
    said = me.get("/my_designs?state=" + value.replace(" ", "%20").replace("'", "%27"))
    assert (said.status, said.json) == (200, [])


# ---------------------------------------------------------------------------- below HTTP


@contextmanager
def raw(gateway: Served, said: bytes) -> Iterator[socket.socket]:
    """A connection on which this was said, TOKEN being a valid one."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as connection:
        connection.sendall(said.replace(b"TOKEN", token().encode()))
        yield connection


def until_closed(connection: socket.socket) -> bytes:
    said = b""
    while piece := connection.recv(65536):
        said += piece
    return said


def head(*lines: str, path: str = SEND) -> bytes:
    return "\r\n".join(
        [f"POST {path} HTTP/1.1", "Host: x", "Authorization: Bearer TOKEN", *lines, "", ""]
    ).encode()


@pytest.mark.parametrize(
    "said",
    [
        head("Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
        head("Transfer-Encoding: chunked", "Transfer-Encoding: identity") + b"0\r\n\r\n",
        head("Transfer-Encoding: xchunked", "Content-Length: 2") + b"{}",
        head("Content-Length: 2", "Content-Length: 5") + b"{}",
        head("Content-Length: 2, 5") + b"{}",
        head("Content-Length: +2") + b"{}",
        head("Content-Length: -1"),
        head("Content-Length: 0x2") + b"{}",
        head("Content-Length : 2") + b"{}",
        head("Transfer-Encoding: chunked") + b"zz\r\n{}\r\n0\r\n\r\n",
        head("X: a\nTransfer-Encoding: chunked"),
        head("X: a\0b"),
        head(": nothing"),
        head(*(f"X-{n}: x" for n in range(500))),
        head("X: " + "x" * 20_000),
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"\0" * 100 + b"\r\n\r\n",
    ],
    ids=lambda said: repr(said[-40:]),
)
def test_a_request_that_two_servers_could_read_in_two_ways(me: Person, said: bytes) -> None:
    """It gets one refusal, and nothing behind it is taken for another request."""
    with raw(me.gateway, said) as connection:
        answer = until_closed(connection)
    assert answer[:10] in (b"HTTP/1.0 4", b"HTTP/1.1 4"), answer[:200]
    assert answer.count(b"HTTP/1.") == 1, answer
    assert b"mas_gateway" not in answer


def test_two_tokens_are_none(me: Person) -> None:
    said = head("Authorization: Bearer TOKEN", "Content-Length: 0", "Connection: close")
    with raw(me.gateway, said) as connection:
        assert until_closed(connection).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("said", [b"", b"POST /rpc/help HTT", head("Content-Length: 2")[:-2]])
def test_a_head_that_does_not_come_is_not_waited_for(me: Person, said: bytes) -> None:
    """The gateway of these tests waits a second."""
    with raw(me.gateway, said) as connection:
        assert not until_closed(connection).startswith(b"HTTP/1.1 2")


@pytest.mark.parametrize("lines", [["Content-Length: 1000"], ["Transfer-Encoding: chunked"]])
def test_a_body_that_does_not_come_is_not_waited_for(me: Person, lines: list[str]) -> None:
    with raw(me.gateway, head(*lines, "Content-Type: application/json")) as connection:
        assert until_closed(connection).startswith(b"HTTP/1.1 408")


def test_whoever_goes_away_in_the_middle_is_nobodys_trouble(me: Person) -> None:
    for cut in (
        head("Content-Length: 1000") + b"{",
        head("Content-Type: application/json", "Content-Length: 2") + b"{}",
    ):
        for _ in range(20):
            with raw(me.gateway, cut):
                pass


def test_a_hundred_connections_that_say_nothing_keep_nobody_out(me: Person) -> None:
    connections: list[Any] = [socket.create_connection(("127.0.0.1", me.gateway.port)) for _ in range(100)]
    try:
        assert me.get("/my_designs").status == 200
    finally:
        for connection in connections:
            connection.close()
