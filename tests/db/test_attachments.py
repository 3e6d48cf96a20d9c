"""Files that people send: bound by the message's key, limited, private, and forgotten when nothing comes of them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from clients.api import Api, ApiError
from tests.conftest import Database
from tests.db.steps import work
from tests.db.test_design_control import call

ME, OTHER = "terminal:me", "terminal:other"


def attach(
    database: Database,
    key: str,
    name: str = "netlist.csv",
    content: bytes = b"R1,1k",
    account: str = ME,
    role: str = "terminal",
) -> int:
    """Send a file ahead of a message."""
    with database.api(role) as api:
        return int(
            api._one(
                "attach_file",
                p_account=account,
                p_username="me",
                p_message_key=key,
                p_name=name,
                p_content=content,
            )
        )


def say(database: Database, key: str, design: int | None = None, account: str = ME) -> int:
    """Send the message itself."""
    with database.api("terminal") as api:
        return api.receive_message(account, "me", f"see the file of {key}", key, design, True)


def read(api: Api, task: Any, name: str) -> bytes:
    """The file as the holder of a task reads it."""
    return bytes(api._one("read_attachment", p_task_id=task.task_id, p_token=task.lease_token, p_name=name))


def code(call_it: Any, *words: Any, **more: Any) -> str | None:
    """The code of the refusal."""
    try:
        call_it(*words, **more)
    except ApiError as refused:
        return refused.code
    return None


def test_files_come_to_the_design_of_their_message(database: Database, claim: Any) -> None:
    attach(database, "k1")
    attach(database, "k1", "pictures/board.png", bytes(range(256)) * 20000)
    attach(database, "another message", "secret.txt", b"not yet")
    say(database, "k1")
    api, task = claim("client_manager")
    files = api.task_context(task)["attachments"]
    assert files == [{"name": "netlist.csv", "bytes": 5}, {"name": "pictures/board.png", "bytes": 5120000}]
    assert read(api, task, "netlist.csv") == b"R1,1k"
    assert read(api, task, "pictures/board.png") == bytes(range(256)) * 20000
    assert code(read, api, task, "secret.txt") == "PB009"


def test_a_later_message_brings_more_and_the_last_of_a_name_counts(database: Database, claim: Any) -> None:
    attach(database, "k1")
    design = say(database, "k1")
    work(database, "client_manager", outcome="asked", reply="Which supply?", requirement=None)
    attach(database, "k2", content=b"R1,2k2")
    attach(database, "k2", "more.txt", b"")
    say(database, "k2", design)
    api, task = claim("client_manager")
    files = api.task_context(task)["attachments"]
    assert files == [{"name": "netlist.csv", "bytes": 6}, {"name": "more.txt", "bytes": 0}]
    assert read(api, task, "netlist.csv") == b"R1,2k2"


def test_candidates_read_their_design_s_files(database: Database, claim: Any) -> None:
    attach(database, "k1")
    with database.api("terminal") as api:
        api.receive_message(ME, "me", "a blinker", "k1", None, False)
    work(database, "client_manager")
    work(database, "pcb_designer", outcome="branched")
    api, task = claim("pcb_designer")
    assert api.task_context(task)["attachments"] == [{"name": "netlist.csv", "bytes": 5}]
    assert read(api, task, "netlist.csv") == b"R1,1k"


def test_another_account_can_neither_bind_nor_read_nor_replace(database: Database, claim: Any) -> None:
    attach(database, "k1", content=b"mine")
    attach(
        database, "k1", content=b"another's", account=OTHER
    )  # the same key of somebody else is another file
    theirs = say(database, "k1", account=OTHER)
    api, task = claim("client_manager")
    assert task.payload["design"] == theirs
    assert read(api, task, "netlist.csv") == b"another's"
    attach(database, "k3", "mine.txt", b"mine")
    say(database, "k3 of another", account=OTHER)
    api, task = claim("client_manager")
    assert api.task_context(task)["attachments"] == []
    assert code(read, api, task, "mine.txt") == "PB009"
    with database.connect() as owner:
        bound = owner.execute(
            "select u.account, a.state_id from core.attachments a join core.users u using (user_id) order by 1, 2"
        ).fetchall()
    assert bound == [(ME, None), (ME, None), (OTHER, theirs)]


def test_no_front_end_sees_another_s_files(database: Database) -> None:
    attach(database, "k1")
    with database.connect() as owner:
        owner.execute("set role mas_owner")
        owner.execute(
            "create function api.peek() returns bigint language sql stable security definer "
            "set search_path = pg_catalog, pg_temp as 'select count(*) from core.attachments'"
        )
        owner.execute("grant execute on function api.peek() to terminal, discord_bot")
    assert call(database, "select peek()", role="discord_bot") == 0
    assert call(database, "select peek()", role="terminal") == 1


def test_said_twice_it_is_one_file_and_other_content_replaces_it_until_the_message_comes(
    database: Database, claim: Any
) -> None:
    first = attach(database, "k1")
    assert attach(database, "k1") == first
    assert attach(database, "k1", content=b"R1,2k2") == first
    say(database, "k1")
    assert attach(database, "k1", content=b"R1,2k2") == first  # the answer was lost: said again
    assert code(attach, database, "k1", content=b"R1,3k3") == "PB004"
    assert code(attach, database, "k1", "late.txt") == "PB004"
    api, task = claim("client_manager")
    assert read(api, task, "netlist.csv") == b"R1,2k2"


def test_limits(database: Database) -> None:
    for number in range(10):
        attach(database, "k1", f"{number}.txt", b"x")
    assert code(attach, database, "k1", "ten.txt") == "PB045"
    attach(database, "k1", "9.txt", b"y")  # replacing one is no eleventh
    attach(database, "k2", "ten.txt")
    assert code(attach, database, "k2", "big.bin", bytes(8 * 1024 * 1024 + 1)) == "PB003"
    attach(database, "k2", "big.bin", bytes(8 * 1024 * 1024))
    for name in ("../x", "/etc/passwd", "a\nb", "", "-rf", "ü.txt", "a" * 201):
        assert code(attach, database, "k3", name) == "PB040"
    for key in ("", "k" * 201):
        assert code(attach, database, key) == "PB042"
    assert code(attach, database, "k3", account="") == "PB042"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("notes.txt", None),
        ("board.KICAD_PCB", None),
        ("project.zip", None),
        ("photo.jpg", None),
        ("datasheet.pdf", None),
        ("README", None),
        ("folder.d/README", None),
        ("setup.exe", "PB047"),
        ("notes.txt.exe", "PB047"),
        ("page.html", "PB047"),
        ("drawing.svg", "PB047"),
        ("folder.txt/run.sh", "PB047"),
    ],
)
def test_only_what_is_listed_is_taken(database: Database, name: str, expected: str | None) -> None:
    assert code(attach, database, "k1", name) == expected
    with database.connect() as owner:
        stored = owner.execute("select name from core.attachments").fetchall()
    assert stored == ([] if expected else [(name,)])


def test_the_refusal_is_what_would_have_been_said_before(database: Database) -> None:
    ask = "select attachment_problem(null, null, 'tty', 'setup.exe', 5)"
    with pytest.raises(ApiError) as refused:
        attach(database, "k1", "setup.exe")
    assert str(refused.value) == call(database, ask)


@pytest.mark.parametrize("argument", ["p_message_key", "p_content", "p_account"])
def test_nothing_is_left_out(database: Database, argument: str) -> None:
    given = {"p_account": ME, "p_username": "me", "p_message_key": "k", "p_name": "a.txt", "p_content": b"x"}
    with database.api("terminal") as api, pytest.raises(ApiError) as refused:
        api._one("attach_file", **given | {argument: None})
    assert refused.value.code == "PB042"


def test_what_belongs_to_no_message_is_forgotten_after_a_day(database: Database, claim: Any) -> None:
    attach(database, "k1", "bound.txt")
    say(database, "k1")
    attach(database, "k2", "old.txt")
    with database.connect() as owner:
        owner.execute("update core.attachments set attached_at = core.now() - interval '25 hours'")
        attach(database, "k3", "young.txt")
        call(database, "select run_maintenance()", role="admin")
        left = owner.execute("select name from core.attachments order by 1").fetchall()
    assert left == [("bound.txt",), ("young.txt",)]
    api, task = claim("client_manager")
    assert read(api, task, "bound.txt") == b"R1,1k"


def test_only_the_holder_of_the_lease_reads(database: Database, claim: Any) -> None:
    attach(database, "k1")
    say(database, "k1")
    api, task = claim("client_manager")
    with database.connect("client_manager") as late, pytest.raises(psycopg.Error) as refused:
        late.execute("select read_attachment(%s, gen_random_uuid(), 'netlist.csv')", (task.task_id,))
    assert refused.value.sqlstate == "PB001"
    with database.connect("admin") as people:
        people.execute("select enqueue_task('kicad', '{}')")
    api, task = claim("kicad")  # a task of no design
    assert code(read, api, task, "netlist.csv") == "PB009"
