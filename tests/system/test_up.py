"""./mas up: the agents, and the Discord bot beside them when there is a token."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients import doctor
from clients.fleet import TOKENS
from tests.conftest import Database
from tests.system.conftest import environment

SECRETS = {"HF_TOKEN": "a", "HF_TOKEN_FILE": "b", "LLM_API_KEY": "c", "LLM_MODEL": "m"}
UP = """
import sys
from clients import fleet
fleet.AGENTS = {name: "tests.system.idle_agent" for name in ("client_manager", "kicad")}
fleet.BOT = {"discord_bot": "tests.system.ending_bot"}
from clients.cli import main
sys.exit(main(["up"]))
"""


@contextlib.contextmanager
def up(database: Database, **changes: str) -> Iterator[subprocess.Popen[str]]:
    """The command, with agents that only wait and a bot that only ends."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", UP],
        env=environment(MAS_DATABASE=database.name, **SECRETS, **changes),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def lines(process: subprocess.Popen[str], wanted: int) -> list[str]:
    """What it says first, in any order."""
    assert process.stdout is not None
    return sorted(process.stdout.readline().strip() for _ in range(wanted))


@pytest.mark.parametrize("code", ["2", "3"])
def test_a_bot_that_cannot_serve_ends_once_and_the_agents_go_on(database: Database, code: str) -> None:
    with up(database, DISCORD_TOKEN=code) as process:
        assert lines(process, 5) == [
            "2 agents and the Discord bot are up; Ctrl-C ends them",
            'ending_bot discord_bot ["DISCORD_TOKEN", "LLM_MODEL"]',
            'idle_agent ["HF_TOKEN", "HF_TOKEN_FILE", "LLM_API_KEY", "LLM_MODEL"]',
            'idle_agent ["LLM_MODEL"]',
            "mas: discord_bot is not started again; the agents go on without it",
        ]


def test_a_bot_that_dies_of_anything_else_is_started_again(database: Database) -> None:
    with up(database, DISCORD_TOKEN="1") as process:
        said = lines(process, 6)
    assert sum(line.startswith("ending_bot") for line in said) == 3
    assert not any("not started again" in line for line in said)


def test_without_a_token_there_is_no_bot(database: Database) -> None:
    with up(database, DISCORD_TOKEN="") as process:
        said = lines(process, 3)
    assert said[0] == "2 agents are up; Ctrl-C ends them"
    assert all(line.startswith("idle_agent") for line in said[1:])


def test_doctor_says_whether_there_is_a_token_and_what_is_wrong_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: list[str] = []
    for name in TOKENS:
        monkeypatch.delenv(name, raising=False)
    assert doctor._discord(said.append)
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(tmp_path / "nowhere"))
    assert not doctor._discord(said.append)
    assert all(line.startswith("discord:  ") for line in said)
    assert "no token" in said[0]
    assert "DISCORD_TOKEN_FILE cannot be read" in said[1]
