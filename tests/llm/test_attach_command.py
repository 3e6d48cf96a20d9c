"""--attach: what the command refuses before anything is begun."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clients.cli import main
from clients.doctor import _without_user, reads_with_model
from clients.front_end.names import plain_name
from clients.local_files import MOST_FILE_BYTES
from clients.server import ensure_server
from tests.conftest import Database


def refusal(*words: str, **environment: str) -> str:
    """The one line with which the command ends in bad input."""
    done = subprocess.run(
        [sys.executable, "-m", "clients.cli", "design", *words],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=os.environ | environment,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def test_files_that_cannot_go_are_told_by_name(tmp_path: Path) -> None:
    small, large = tmp_path / "a.txt", tmp_path / "large.pdf"
    small.write_text("x")
    large.write_bytes(bytes(MOST_FILE_BYTES + 1))
    brief = "LED indicator for 5 V"
    assert "gone.txt cannot be read: No such file" in refusal(brief, "--attach", str(tmp_path / "gone.txt"))
    assert "cannot be read: Is a directory" in refusal(brief, "--attach", str(tmp_path))
    assert "large.pdf has more than 8 MB" in refusal(brief, "--attach", str(small), str(large))
    assert "at most 10 files" in refusal(brief, "--attach", *[str(small)] * 2)
    assert "--resume takes none" in refusal("--resume", "7", "--attach", str(small))


def test_a_files_name_becomes_one_that_the_database_takes(tmp_path: Path) -> None:
    names = [
        "net (1).csv",
        "Schaltplan für Höhe.pdf",
        ".hidden",
        "-x.txt",
        "a\x1b\u202e.txt",
        "l" * 240 + ".csv",
    ]
    files = [tmp_path / name for name in names]
    for file in files:
        file.write_text("x")
    with Database("postgres", ensure_server()).connect() as any_database:
        made = [plain_name(file.name) for file in files]
        query = "select bool_and(length(n) <= 200 and n ~ %s) from unnest(%s::text[]) n"
        rule = "^[A-Za-z0-9_][A-Za-z0-9_. +-]*$"
        assert any_database.execute(query, (rule, made)).fetchone() == (True,)
    assert made[:2] == ["net _1_.csv", "Schaltplan f_r H_he.pdf"]
    assert made[5].endswith(".csv")


def test_a_design_that_is_nobodys_is_one_sentence(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAS_DATABASE", database.name)
    assert main(["design", "--resume", "99999"]) == 2
    assert "there is no design 99999 of yours (PB006)" in capsys.readouterr().err


def test_settings_that_name_a_model_let_every_language_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAS_DATABASE", database.name)
    for name in ("LLM_MODEL", "LLM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert not reads_with_model()
    with database.api("admin") as admin:
        admin.set_agent_model("client_manager", {"model": "any"})
    assert reads_with_model()
    with database.api("admin") as admin:
        admin.set_agent_model("client_manager", {"provider": "catalog"})
    assert not reads_with_model()


def test_an_address_is_shown_without_what_lets_somebody_in() -> None:
    assert _without_user("https://me:secret@host:1/v1") == "https://host:1/v1"
    assert _without_user("https://host/a@b") == "https://host/a@b"


@pytest.mark.parametrize("brief", ["", "x" * 5000])
def test_a_brief_for_a_model_is_checked_for_its_length_only(brief: str) -> None:
    assert refusal(brief, LLM_MODEL="any")
    assert "readable" in refusal("一个闪烁的发光二极管")
    assert "10 files" in refusal("一个闪烁的发光二极管", "--attach", *[__file__] * 11, LLM_MODEL="any")
