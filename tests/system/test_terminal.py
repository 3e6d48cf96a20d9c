"""./mas design at a terminal: a talk with the real agents, killed while they build, and resumed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Database
from tests.front_end.person import Person

CLI = ("clients.cli", "design")


@pytest.mark.timeout(400)
def test_a_command_killed_in_the_middle_goes_on_by_its_number(own_database: Database, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    with Person(*CLI, "a blinker at 2 Hz, 40x30 mm", "--out", out) as person:
        person.sees("design 1")
        person.sees("Which supply voltage? (default 9 V; say yes for it)")
        person.types("/status")
        person.sees("Design 1, board: waiting for your answer")
        person.types("12 V")
        person.sees("Shall I build this? (say yes, or what to change)")
        person.types("")
        person.sees("building the board, attempt 1 of 5")
        person.kill()
    with Person(*CLI, "--resume", "1", "--out", out) as person:
        for words in ("you> a blinker at 2 Hz", "Which supply voltage?", "you> 12 V", "Shall I build this?"):
            person.sees(words)
        person.sees("Passed at attempt 1 of 5")
        person.sees("period of the LED")
        person.sees("design 1 passed in")
        assert person.sees_the_end() == 0
        assert person.screen.count("Shall I build this?") == 1
    (folder,) = (tmp_path / "out").iterdir()
    assert {"board.kicad_pcb", "fabrication.zip", "top.png"} <= {file.name for file in folder.iterdir()}
    with Person("clients.cli", "files", "1", "--out", str(tmp_path / "again")) as operator:
        operator.sees("files in")
        assert operator.sees_the_end() == 0
    assert len(list(folder.iterdir())) == len(list((tmp_path / "again" / folder.name).iterdir()))


def test_who_leaves_is_told_how_to_come_back(own_database: Database, tmp_path: Path) -> None:
    with Person(*CLI, "a blinker at 2 Hz, 40x30 mm", "--out", str(tmp_path)) as person:
        person.sees("Which supply voltage?")
        person.types("\x04")
        person.sees("mas: design 1 waits for your answer; ./mas design --resume 1 goes on")
        assert person.sees_the_end() == 1
    with Person(*CLI, "--resume", "1", "--out", str(tmp_path)) as person:
        person.sees("Which supply voltage?")
        person.types("/cancel")
        person.sees("client_manager> The design is cancelled.")
        person.sees("mas: design 1 ended as cancelled")
        assert person.sees_the_end() == 1
