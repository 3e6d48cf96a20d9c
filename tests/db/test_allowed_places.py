"""Where a front end listens, which files it takes, and how people say so."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from clients import cli, control
from clients.control import ControlError
from clients.llm import attachments, kicad_files
from clients.server import Server
from tests.conftest import Database
from tests.db.test_control import mas
from tests.db.test_design_control import call, code_of

__all__ = ["mas"]  # a fixture

BOT = "discord_bot"
GUILD, OTHER_GUILD, CHANNEL, OTHER_CHANNEL, THREAD = "1101", "1102", "2201", "2202", "3301"
TAKEN, NOT_HERE = None, "files are not taken at this place"


def allow(database: Database, kind: str, place: str, front_end: str = BOT) -> bool:
    """The administrator lets a front end listen there."""
    return bool(call(database, "select allow_place(%s, %s, %s)", front_end, kind, place, role="admin"))


def listens(
    database: Database, guild: str | None, parent: str | None, place: str | None, role: str = BOT
) -> bool:
    """Whether the front end would take a file there, and an event."""
    ask = "select attachment_problem(%s, %s, %s, 'notes.txt', 10)"
    answer = call(database, ask, parent, guild, place, role=role)
    assert answer in (TAKEN, NOT_HERE)
    said = """select receive_event('7', 'Anna', gen_random_uuid()::text, 'help', p_place => %s, p_parent => %s, p_guild => %s) ->> 'outcome'"""
    assert (call(database, said, place, parent, guild, role=role) == "ignored") == (answer == NOT_HERE)
    return answer is TAKEN


def test_without_a_list_it_listens_wherever_it_was_invited_to(database: Database) -> None:
    assert listens(database, GUILD, None, CHANNEL)
    assert listens(database, GUILD, CHANNEL, THREAD)
    assert listens(database, None, None, "77")


@pytest.mark.parametrize(
    ("allowed", "guild", "parent", "place", "expected"),
    [
        ([("guild", GUILD)], GUILD, None, CHANNEL, True),
        ([("guild", GUILD)], GUILD, CHANNEL, THREAD, True),
        ([("guild", GUILD)], OTHER_GUILD, None, CHANNEL, False),
        ([("guild", GUILD), ("guild", OTHER_GUILD)], OTHER_GUILD, None, CHANNEL, True),
        ([("channel", CHANNEL)], GUILD, None, CHANNEL, True),
        ([("channel", CHANNEL)], GUILD, CHANNEL, THREAD, True),  # a thread of it
        ([("channel", CHANNEL)], GUILD, CHANNEL, None, True),  # a command in it
        ([("channel", CHANNEL)], GUILD, OTHER_CHANNEL, THREAD, False),
        ([("channel", CHANNEL)], GUILD, None, OTHER_CHANNEL, False),
        ([("channel", CHANNEL)], GUILD, OTHER_CHANNEL, None, False),
        ([("channel", THREAD)], GUILD, CHANNEL, THREAD, True),
        ([("guild", CHANNEL)], GUILD, None, CHANNEL, False),  # a number of the other kind
        ([("guild", GUILD), ("channel", CHANNEL)], GUILD, None, CHANNEL, True),
        ([("guild", GUILD), ("channel", CHANNEL)], GUILD, None, OTHER_CHANNEL, False),
        ([("guild", GUILD), ("channel", CHANNEL)], OTHER_GUILD, None, CHANNEL, False),
        ([("guild", GUILD), ("channel", CHANNEL)], None, None, "77", True),  # a direct message is in no guild
    ],
)
def test_what_is_listed_counts(
    database: Database,
    allowed: list[tuple[str, str]],
    guild: str | None,
    parent: str | None,
    place: str | None,
    expected: bool,
) -> None:
    for kind, number in allowed:
        assert allow(database, kind, number)
    assert listens(database, guild, parent, place) == expected


def test_direct_messages_are_a_setting_of_their_own(database: Database) -> None:
    call(database, "select change_setting('direct_messages', '0')", role="admin")
    assert not listens(database, None, None, "77")
    assert listens(database, GUILD, None, CHANNEL)
    assert listens(database, None, None, "tty1", role="terminal")  # which has nothing else


def test_a_list_is_one_front_ends(database: Database) -> None:
    allow(database, "guild", GUILD, "terminal")
    assert listens(database, OTHER_GUILD, None, CHANNEL)


def test_where_it_does_not_listen_nothing_is_stored(database: Database) -> None:
    allow(database, "guild", GUILD)
    said = "select receive_event('7', 'Anna', 'k', 'say', 'a board', p_parent => %s, p_guild => %s, p_source => '1')::text"
    assert '"ignored"' in call(database, said, CHANNEL, OTHER_GUILD, role=BOT)
    with database.connect() as owner:
        counts = "select (select count(*) from core.users), (select count(*) from core.chat_messages), (select count(*) from core.outbox)"
        assert owner.execute(counts).fetchone() == (0, 0, 0)


def test_the_list_is_kept_by_its_administrators(database: Database) -> None:
    assert allow(database, "guild", GUILD)
    assert not allow(database, "guild", GUILD)
    allow(database, "channel", CHANNEL)
    with database.connect("admin") as people:
        listed = "select front_end, kind, place from list_allowed_places()"
        assert people.execute(listed).fetchall() == [(BOT, "guild", GUILD), (BOT, "channel", CHANNEL)]
        taken_off = "select disallow_place(%s, %s, %s)"
        assert people.execute(taken_off, (BOT, "guild", GUILD)).fetchone() == (True,)
        assert people.execute(taken_off, (BOT, "guild", GUILD)).fetchone() == (False,)
        assert people.execute(listed).fetchall() == [(BOT, "channel", CHANNEL)]


@pytest.mark.parametrize(
    ("front_end", "kind", "place", "code"),
    [
        ("nobody", "guild", "1", "PB002"),
        ("kicad", "guild", "1", "PB002"),  # no front end
        (BOT, "thread", "1", "PB042"),
        (BOT, None, "1", "PB042"),
        (BOT, "guild", "", "PB042"),
        (BOT, "guild", None, "PB042"),
        (BOT, "guild", "1" * 101, "PB042"),
    ],
)
def test_what_is_no_place_is_refused(
    database: Database, front_end: str, kind: str, place: str, code: str
) -> None:
    assert code_of(database, "select allow_place(%s, %s, %s)", front_end, kind, place, role="admin") == code


# ---------------------------------------------------------------------------- files


def problem(database: Database, name: str | None, size: int | None) -> Any:
    """Why the bot would not take a file that somebody sends directly."""
    return call(database, "select attachment_problem(null, null, '77', %s, %s)", name, size, role=BOT)


def test_whatever_agents_read_is_taken(database: Database) -> None:
    endings = {*attachments.TEXTS, *attachments.TABLES, *kicad_files.ENDINGS, ".pdf", ".zip"}
    endings |= {".png", ".jpg", ".jpeg", ".gif", ".webp", ""}
    for ending in endings:
        assert problem(database, f"Netzliste ü{ending}", 10) is None, ending
        assert problem(database, f"BOARD{ending.upper()}", 10) is None, ending


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("setup.exe", 10, "setup.exe is of no kind that is taken; send text"),
        ("notes.pdf.exe", 10, "of no kind"),
        ("run.SH", 10, "of no kind"),
        ("picture.svg", 10, "of no kind"),
        ("page.html", 10, "of no kind"),
        ("x.", 10, "of no kind"),
        ("notes.pdf", 8 * 1024 * 1024 + 1, "notes.pdf has 9 MB, 8 are allowed"),
        (None, 10, "a file has a name and a size"),
        ("notes.pdf", None, "a file has a name and a size"),
        ("notes.pdf", -1, "a file has a name and a size"),
    ],
)
def test_what_is_not_taken_is_told_with_the_reason(
    database: Database, name: str | None, size: int | None, words: str
) -> None:
    assert words in problem(database, name, size)


def test_the_largest_file_is_taken(database: Database) -> None:
    assert problem(database, "notes.pdf", 8 * 1024 * 1024) is None
    assert problem(database, "a folder.d/notes", 10) is None


# ---------------------------------------------------------------------------- commands


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ["discord", "list"],
            0,
            "guilds: all that the bot was invited to channels: all that the bot was invited to",
        ),
        (["discord", "list", "guild"], 2, "takes nothing else"),
        (
            ["discord", "allow", "guild", GUILD],
            0,
            f"the bot listens in guild {GUILD}, and in no guild that is not on",
        ),
        (["discord", "allow", "guild"], 2, "./mas discord allow guild|channel ID"),
        (["discord", "allow", "guild", "my server"], 2, "with Discord's number of it"),
        (["discord", "deny", "channel", CHANNEL], 2, f"channel {CHANNEL} is not on the list"),
        (["forget", "terminal", "nobody"], 2, "this cannot be undone; say so with --yes"),
        (["forget", "terminal", "nobody", "--yes"], 2, "terminal knows nobody by the account nobody"),
    ],
)
def test_the_commands_end_with_a_sentence_and_a_code(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.setenv("MAS_DATABASE", database.name)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert cli.main(words) == code
    spoken = capsys.readouterr()
    assert said in " ".join((spoken.out + spoken.err).split())


def test_the_list_from_the_command_line(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAS_DATABASE", database.name)
    for words in (
        ["allow", "channel", CHANNEL],
        ["allow", "channel", CHANNEL],
        ["allow", "channel", OTHER_CHANNEL],
    ):
        assert cli.main(["discord", *words]) == 0
    assert cli.main(["discord", "list"]) == 0
    assert cli.main(["discord", "deny", "channel", CHANNEL]) == 0
    assert cli.main(["discord", "deny", "channel", OTHER_CHANNEL]) == 0
    spoken = " ".join(capsys.readouterr().out.split())
    for said in (
        f"the bot listens in channel {CHANNEL} already",
        f"channels: {CHANNEL}, {OTHER_CHANNEL}",
        f"channel {CHANNEL} is off the list; left are {OTHER_CHANNEL}",
        "the list is empty, so the bot listens in every channel",
    ):
        assert said in spoken


def answered(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """A person at a terminal who answers the question."""
    stdin = io.StringIO(answer + "\n")
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", stdin)


def test_a_person_is_forgotten_from_the_command_line_once_that_is_meant(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAS_DATABASE", database.name)
    call(database, "select receive_message('terminal:anna', 'Anna', 'a blinker', 'k')")
    answered(monkeypatch, "no")
    assert cli.main(["forget", "terminal", "terminal:anna"]) == 1
    assert "nothing was deleted" in capsys.readouterr().err
    assert call(database, "select count(*) from list_designs()") == 1
    answered(monkeypatch, "yes")
    assert cli.main(["forget", "terminal", "terminal:anna"]) == 0
    said = (
        "terminal:anna of terminal is forgotten, 1 designs cancelled; erased: 1 designs, 2 messages, 0 files,"
    )
    assert said in " ".join(capsys.readouterr().out.split())
    assert call(database, "select count(*) from list_designs()") == 0


def test_forgetting_as_a_function(mas: Server, database: Database, tmp_path: Path) -> None:
    call(database, "select receive_message('terminal:anna', 'Anna', 'a blinker', 'k')")
    assert control.forget_user(mas, "terminal", "terminal:anna")["designs"] == 1
    with pytest.raises(ControlError, match="knows nobody"):
        control.forget_user(mas, "terminal", "terminal:anna")
    assert control.export_file(mas, "users", tmp_path / "users.csv") == 0
