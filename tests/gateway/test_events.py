"""The stream of what has changed: one's own, soon, and nothing else."""

from __future__ import annotations

import http.client
import json
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Database
from tests.gateway.served import Person, Served, serving

Event = tuple[str, Any]


class Stream:
    """An open stream; what comes is read when it is asked for."""

    def __init__(self, person: Person) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", person.gateway.port, timeout=40)
        self._connection.request("GET", "/events", headers=person.headers)
        self.response = self._connection.getresponse()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def events(self) -> Iterator[Event]:
        """Events until the stream ends."""
        name = ""
        while line := self.response.readline():
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)

    def next(self, name: str) -> Any:
        """The data of the next event of this name."""
        return next(data for said, data in self.events() if said == name)


@contextmanager
def listening(person: Person) -> Iterator[Stream]:
    """A stream that has said its first word."""
    with Stream(person) as stream:
        assert stream.response.status == 200, stream.response.read()
        assert stream.next("queue")
        yield stream


def test_ones_own_designs_and_nobody_elses(gateway: Served) -> None:
    me, other = gateway.person(), gateway.person()
    before, theirs = me.begin(), other.begin()
    with listening(me) as stream:
        assert stream.response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert stream.response.headers["Cache-Control"] == "no-store"
        other.call("send_message", p_text="red", p_message_key="x", p_design=theirs)
        other.begin()
        mine = me.begin()
        assert set(designs(until(stream, mine))) <= {mine, before}
        other.call("cancel_design", p_design=theirs)
        me.call("cancel_design", p_design=before)
        assert set(designs(until(stream, before))) <= {mine, before}


def designs(events: Iterator[Event]) -> list[int]:
    return [data["design"] for name, data in events if name == "design"]


def until(stream: Stream, design: int) -> Iterator[Event]:
    for event in stream.events():
        yield event
        if event == ("design", {"design": design}):
            return


def test_the_queue_is_told_once_a_second(gateway: Served) -> None:
    me = gateway.person()
    with listening(me) as stream:
        told = []
        for _ in range(3):
            me.begin()
            rows = stream.next("queue")
            told.append(time.monotonic())
            assert {row["agent"] for row in rows} == {"client_manager", "pcb_designer", "kicad", "pcb_tester"}
        assert told[2] - told[0] > 1.5


def test_a_forged_ring_says_nothing_of_others(gateway: Served) -> None:
    me, other = gateway.person(), gateway.person()
    theirs = other.begin()
    with listening(me) as stream, gateway.database.connect("monitor") as forger:
        for payload in (str(theirs), "x", "", "-1", "9" * 30, "1e3", "0", str(10**17), "' or 1=1"):
            forger.execute("select pg_notify('design_updates', %s)", (payload,))
        mine = me.begin()
        # a ring of a number that is not there yet hides nothing that comes
        assert stream.next("design") == {"design": mine}


def test_what_was_not_heard_is_told_all_the_same(database: Database, key_file: Path) -> None:
    with serving(database, key_file) as gateway:
        me = gateway.person()
        with listening(me) as stream, database.connect() as owner:
            query = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gateway' and query = 'listen design_updates'"
            owner.execute(query)
            mine = me.begin()
            assert stream.next("design") == {"design": mine}


def test_a_stream_ends_with_its_token(gateway: Served) -> None:
    me = gateway.person(exp=int(time.time()) + 3)
    began = time.monotonic()
    with listening(me) as stream:
        assert designs(stream.events()) == []
        assert time.monotonic() - began < 10
    assert me.get("/events").status == 401


def test_a_stream_ends_with_its_person(gateway: Served) -> None:
    me = gateway.person()
    me.begin()
    with listening(me) as stream:
        with gateway.database.connect("admin") as admin:
            admin.execute("select forget_user('web_user', %s)", (me.account,))
        assert len(list(stream.events())) < 10  # it ends
    assert me.get("/events").code == "PB061"


def test_streams_are_few(gateway: Served) -> None:
    me = gateway.person()
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(listening(me))
        said = me.get("/events")
        assert (said.status, said.code) == (429, "GW429")
        assert gateway.person().get("/my_designs").status == 200


def test_streams_end_when_the_process_does(database: Database, key_file: Path) -> None:
    with serving(database, key_file) as gateway, listening(gateway.person()) as stream:
        gateway.process.send_signal(signal.SIGTERM)
        assert [name for name, _ in stream.events() if name == "design"] == []
        assert gateway.process.wait(10) == 0


@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_only_by_get(gateway: Served, method: str) -> None:
    assert gateway.ask(method, "/events", None, gateway.person().headers).status == 405
