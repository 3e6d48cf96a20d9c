"""How a delivery looks, whoever carries it: words, rows, buttons, and files within what can be sent."""

from __future__ import annotations

import hashlib
import io
import random
import uuid
import zipfile
from typing import Any

import pytest

from clients.api import Delivery
from clients.front_end.checks import rows_of
from clients.front_end.commands import Command, parse
from clients.front_end.names import plain_name, slug
from clients.front_end.packing import EMPTY_ZIP, grouped, packed_sizes, zipped
from clients.front_end.post import Button, Row
from clients.front_end.render import render
from clients.front_end.words import ASKING, FAILED, PASSED, WORKING, took
from tests.conftest import LEASE_S, Database
from tests.db.steps import BOARD, CHECK, RESULTS, begin, work

ANY: Any = None  # what needs no database
PLENTY = 10**9
STATUS = {
    "design": 12, "title": "555 blinker", "state": "building", "attempt": 2, "attempt_limit": 5,
    "progress": "placing 9 parts", "elapsed_s": 12.34, "finished": False, "buttons": ["cancel"],
    "failed": [{"code": "LED_REVERSED", "place": "D1", "measured": "", "required": None}],
}  # fmt: skip


def delivery(kind: str, content: dict[str, Any], design: int | None = 12) -> Delivery:
    """A delivery as the outbox gives it."""
    return Delivery(
        7, uuid.uuid4(), kind, design, "a place", None, None, "a nonce", None, False, None, content, None
    )


# ---------------------------------------------------------------------------- lines


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("make it red", Command("say", "make it red")),
        ("", Command("say", "")),
        ("/status", Command("status")),
        (" /Status  #12 ", Command("status", "", 12)),
        ("/status of mine", Command("status", "of mine")),
        ("/cancel 3", Command("cancel", "", 3)),
        ("/design 555 blinker\nfrom 9 V", Command("design", "555 blinker\nfrom 9 V")),
        ("/design 12", Command("design", "12")),
        ("/forget yes", Command("forget", "yes")),
        ("/frobnicate", Command("frobnicate")),
        ("/status " + "9" * 40, Command("status", "9" * 40)),
        ("/ status", Command("say", "/ status")),
        ("/usr/share is full", Command("say", "/usr/share is full")),
        ("5 V / 2 A", Command("say", "5 V / 2 A")),
    ],
)
def test_a_line_is_a_command_or_is_said(line: str, command: Command) -> None:
    assert parse(line) == command


def test_names_of_files_and_folders() -> None:
    assert [plain_name(name) for name in ("net (1).csv", ".hidden", "a\x1b\u202e.txt")] == [
        "net _1_.csv",
        "_.hidden",
        "a__.txt",
    ]
    assert slug("555 blinker, 1 Hz from 9 V!") == "555-blinker-1-hz-from-9-v"
    assert slug("发光") == "board"


# ---------------------------------------------------------------------------- words


def test_a_status_is_a_line_a_colour_and_what_failed() -> None:
    post = render(ANY, delivery("status", STATUS), PLENTY)
    assert post.title == "Design 12: 555 blinker"
    assert (post.text, post.elapsed) == ("building the board, attempt 2 of 5: placing 9 parts", "12.3 s")
    assert post.rows == (Row("LED_REVERSED", "D1", "", "", False),)
    assert post.buttons == (Button("cancel", "Cancel", 12),)
    assert (post.colour, post.ended) == (WORKING, False)


@pytest.mark.parametrize(
    ("state", "text", "colour"),
    [
        ("awaiting_user", "waiting for your answer", ASKING),
        ("resolved", "passed", PASSED),
        ("failed", "failed", FAILED),
        ("a state of tomorrow", "a state of tomorrow", WORKING),
    ],
)
def test_a_status_of_each_kind(state: str, text: str, colour: int) -> None:
    content = {"design": 1, "title": None, "state": state, "attempt": 0, "attempt_limit": 5, "elapsed_s": 0}
    post = render(ANY, delivery("status", content | {"finished": state == "resolved", "failed": []}), PLENTY)
    assert (post.title, post.text, post.colour) == ("Design 1: board", text, colour)
    assert post.ended is (state == "resolved")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0.0 s"), (59.94, "59.9 s"), (60, "1 min 0 s"), (3725.4, "62 min 5 s")]
)
def test_a_duration_is_short(seconds: float, words: str) -> None:
    assert took(seconds) == words


def test_words_keep_nothing_that_a_screen_obeys() -> None:
    content = {"text": "a\x1b[2J \u202eb\u200b\nc", "sender": "kicad\x07", "source": "41"}
    post = render(ANY, delivery("message", content), PLENTY)
    assert (post.text, post.sender, post.source) == ("a[2J b\nc", "kicad", "41")


def test_a_proposal_has_a_button_for_each_way_and_the_message_that_it_is_about() -> None:
    content = {
        "text": "Shall I?",
        "sender": "client_manager",
        "message": 41,
        "buttons": ["approve", "no such"],
    }
    assert render(ANY, delivery("proposal", content), PLENTY).buttons == (
        Button("approve", "Approve", 12, 41),
    )


def test_a_thread_has_a_name_and_somebody_to_add() -> None:
    post = render(ANY, delivery("thread", {"name": "blinker", "source": "9", "member": "77"}), PLENTY)
    assert (post.title, post.source, post.member, post.text) == ("blinker", "9", "77", "")


# ---------------------------------------------------------------------------- checks


def test_rows_that_passed_alike_are_counted() -> None:
    alike = [CHECK | {"title": "resistor", "place": f"R{n}"} for n in range(3)]
    intent = [CHECK | {"title": f"rule {n}", "stage": "intent"} for n in range(4)]
    assert rows_of(alike + intent) == (
        Row("resistor", "3 places", "each passed", "", True),
        Row("rules on the netlist", "4 places", "each passed", "", True),
    )
    assert [row.place for row in rows_of(alike[:2])] == ["R0", "R1"]


def test_what_failed_is_listed_with_all_of_its_kind() -> None:
    alike = [CHECK | {"title": "resistor", "place": f"R{n}", "passed": n != 1} for n in range(3)]
    intent = [CHECK | {"title": "rule", "stage": "intent", "passed": n > 0} for n in range(4)]
    rows = rows_of(alike + intent)
    assert [(row.title, row.passed) for row in rows] == [
        *(("resistor", n != 1) for n in range(3)),
        ("rule", False),
        ("rules on the netlist", True),
    ]


# ---------------------------------------------------------------------------- packing


def some_files(seed: int) -> dict[str, bytes]:
    chance = random.Random(seed)
    return {f"file-{n}.bin": chance.randbytes(chance.randint(0, 5000)) for n in range(chance.randint(1, 30))}


@pytest.mark.parametrize("seed", range(20))
def test_groups_fit_and_nothing_is_left_out(seed: int) -> None:
    files, limit = some_files(seed), 4000
    groups, large = grouped(packed_sizes(files), limit)
    assert sorted(large + [name for group in groups for name in group]) == sorted(files)
    assert all(len(zipped({name: files[name] for name in group})) <= limit for group in groups)
    assert all(len(zipped({name: files[name]})) > limit for name in large)
    firsts = [packed_sizes({name: files[name]})[name] for group in groups[1:] for name in group[:1]]
    sizes = [len(zipped({name: files[name] for name in group})) for group in groups]
    assert all(size + first > limit for size, first in zip(sizes, firsts, strict=False)), "a group had room"


def test_a_zip_is_the_sum_of_its_files_and_the_same_every_time() -> None:
    files = some_files(3) | {"Höhe/net.csv": b"R1,1k\n" * 1000, "empty": b""}
    package = zipped(files)
    assert len(package) == sum(packed_sizes(files).values()) + EMPTY_ZIP
    assert hashlib.sha256(package).digest() == hashlib.sha256(zipped(files)).digest()
    with zipfile.ZipFile(io.BytesIO(package)) as read:
        assert {name: read.read(name) for name in read.namelist()} == files
        assert {info.external_attr >> 16 for info in read.infolist()} == {0o100644}


# ---------------------------------------------------------------------------- files of a design


@pytest.fixture
def built(database: Database, claim: Any) -> dict[str, bytes]:
    """Files of design 1, by name."""
    chance = random.Random(7)
    files = {f"{n}.bin": chance.randbytes(3000) for n in range(4)} | {"top.png": b"a picture"}
    assert begin(database) == 1
    work(database, "client_manager")
    work(database, "pcb_designer")
    api, task = claim("kicad")
    for name, content in files.items():
        api.store_artifact(task, name, content)
    return files


def files_delivery(*names: str, part: int = 1, of: int = 1) -> Delivery:
    return delivery("files", {"names": list(names), "part": part, "of": of, "stem": "1-a-board"}, 1)


def test_a_result_has_the_picture_and_the_table(database: Database, built: dict[str, bytes]) -> None:
    content = {
        "text": "Passed.", "title": "a board", "checks": [CHECK], "picture": "top.png", "passed": True,
    }  # fmt: skip
    with database.api("terminal") as api:
        post = render(api, delivery("result", content, 1), PLENTY)
        assert post.picture == ("top.png", b"a picture")
        assert (post.title, post.colour, len(post.rows)) == ("Design 1: a board", PASSED, 1)
        assert render(api, delivery("result", content, 1), 5).picture is None
        post = render(api, delivery("result", content | {"passed": False, "picture": None}, 1), PLENTY)
        assert (post.picture, post.colour) == (None, FAILED)


def test_files_go_as_one_zip(database: Database, built: dict[str, bytes]) -> None:
    with database.api("terminal") as api:
        post = render(api, files_delivery(*built), PLENTY)
    ((name, package),) = post.files
    assert (name, post.text) == ("1-a-board.zip", "5 files of design 1 in 1-a-board.zip.")
    with zipfile.ZipFile(io.BytesIO(package)) as read:
        assert {each: read.read(each) for each in read.namelist()} == built


def test_a_file_too_large_to_send_is_named_with_how_to_get_it(
    database: Database, built: dict[str, bytes]
) -> None:
    with database.api("terminal") as api:
        post = render(api, files_delivery("0.bin", "top.png"), 1000)
        ((_, package),) = post.files
        assert zipfile.ZipFile(io.BytesIO(package)).namelist() == ["top.png"]
        first, second = post.text.splitlines()
        assert first == "1 file of design 1 in 1-a-board.zip."
        assert second.startswith("0.bin has 3 kB, and 1 kB can be sent here.")
        assert "./mas files 1 --out DIR" in second
        assert render(api, files_delivery("0.bin"), 1000).files == ()


def test_files_above_the_limit_become_several_messages_whoever_dies_meanwhile(database: Database) -> None:
    chance = random.Random(11)
    files = {f"{n}.bin": chance.randbytes(3000) for n in range(5)} | {"large.bin": chance.randbytes(9000)}
    seen: dict[str, bytes] = {}
    said: list[str] = []
    with database.api("terminal") as api:
        api.receive_event("me", "me", "k1", "design", "a blinker", place="here", interactive=False)
        finish(database, files)
        for claimed in iter(lambda: api.claim_deliveries("one", limit=1), []):
            (each,) = claimed
            if each.kind == "files":
                post = render(api, each, 7000)
                assert api.start_front_end("one") == 1  # it was split, and not sent
                (each,) = api.claim_deliveries("one", limit=1)
                assert render(api, each, 7000) == post
                said.append(post.text)
                for _, package in post.files:
                    assert len(package) <= 7000
                    with zipfile.ZipFile(io.BytesIO(package)) as read:
                        seen |= {name: read.read(name) for name in read.namelist()}
            api.record_delivery(each, each.nonce)
    assert seen == {name: content for name, content in files.items() if name != "large.bin"}
    assert [text.splitlines()[0] for text in said] == [
        "2 files of design 1 in a-board-1-of-3.zip.",
        "2 files of design 1 in a-board-2-of-3.zip.",
        "1 file of design 1 in a-board-3-of-3.zip.",
    ]
    assert ["large.bin" in text for text in said] == [True, False, False]


def finish(database: Database, files: dict[str, bytes]) -> None:
    """Design 1 passes with these files."""
    work(database, "client_manager")
    work(database, "pcb_designer")
    with database.api("kicad") as api:
        task = api.claim_task(LEASE_S)
        assert task is not None
        for name, content in files.items():
            api.store_artifact(task, name, content)
        api.store_board(task, BOARD)
        api.complete_task(task, RESULTS["kicad"])
    work(database, "pcb_tester")
