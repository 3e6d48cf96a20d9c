"""Designs from a brief to a package, by real processes under real roles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

from clients.briefs import run_briefs
from clients.fleet import AGENTS, Fleet
from clients.terminal import Terminal
from tests.conftest import ROOT, Database
from tests.system.wrong_designer import BY_VOLTS

EXPECTED = {  # what the one error report of the first attempt must name
    "reversed_led": ("pcb_tester", {"LED_REVERSED"}),
    "unconnected": ("pcb_tester", {"PIN_UNCONNECTED"}),
    "crash": ("kicad", {"SCRIPT_CRASHED"}),
    "loop": ("kicad", {"SCRIPT_TIMEOUT"}),
    "copper": ("kicad", {"RAW_TOUCHED_COPPER"}),
    "rules": ("kicad", {"RAW_TOUCHED_COPPER"}),
}


def design(database: Database, brief: str) -> dict[str, object]:
    """Hand a brief in and wait for its end."""
    with database.api("terminal") as api:
        return Terminal(api, interactive=False, quiet=True).run(brief)


def test_a_wrong_first_script_is_reported_and_mended(wrong_fleet: Fleet, own_database: Database) -> None:
    with ThreadPoolExecutor(len(BY_VOLTS)) as pool:
        ends = list(
            pool.map(
                lambda volts: design(own_database, f"LED power indicator for {volts} V, 25x15 mm"), BY_VOLTS
            )
        )
    with own_database.connect() as owner:
        for fault, end in zip(BY_VOLTS.values(), ends, strict=True):
            assert (end["state"], end["attempt"]) == ("resolved", 2), (fault, end["error"])
            reports = owner.execute(
                """select r.agent, s.attempt_number, array(select e ->> 'code' from jsonb_array_elements(r.error_analysis) e)
                     from core.error_reports r join core.design_scripts s using (script_id) where s.state_id = %s""",
                (end["design"],),
            ).fetchall()
            ((agent, attempt, codes),) = reports
            assert attempt == 1
            assert agent == EXPECTED[fault][0], (fault, codes)
            assert set(codes) & EXPECTED[fault][1], (fault, codes)
            resolved = "select count(*) from core.resolved_designs where state_id = %s"
            assert owner.execute(resolved, (end["design"],)).fetchone() == (1,)


@pytest.mark.timeout(600)
def test_all_families_pass_in_three_wordings_each(own_database: Database) -> None:
    figures = run_briefs(own_database.server, ROOT / "tests/system/briefs.json", quick=False)
    missed = [(goal["name"], goal["measured"]) for goal in figures["goals"] if not goal["met"]]
    assert missed == []
    assert len(figures["goals"]) >= 15


def test_the_command_leaves_a_package_and_the_database_has_every_step(
    own_database: Database, tmp_path: Path
) -> None:
    words = [
        sys.executable,
        "-m",
        "clients.cli",
        "design",
        "LED power indicator for 5 V, 2-pin header, 25x15 mm",
        "--out",
        str(tmp_path / "my out"),
    ]
    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = (tmp_path / "my out").iterdir()
    with zipfile.ZipFile(BytesIO((folder / "fabrication.zip").read_bytes())) as package:
        names = package.namelist()
        assert all(check["passed"] for check in json.loads(package.read("checks.json")))
    assert {"board.kicad_pcb", "bom.csv", "board.step", "top.png", "rebuild.py"} <= set(names)
    with own_database.connect("admin") as people:
        parts = people.execute("select refs from bill_of_materials(1)").fetchall()
        nets = people.execute("select net from netlist(1)").fetchall()
        moves = people.execute("select outcome from design_history(1)").fetchall()
    assert {ref for (refs,) in parts for ref in refs.split()} == {"J1", "R1", "D1"}
    assert {"VCC", "GND"} <= {net for (net,) in nets}
    assert moves == [("received",), ("approved",), ("scripted",), ("built",), ("passed",)]


@pytest.mark.parametrize(
    ("brief", "says"),
    [
        ("", "board"),
        ("   ", "board"),
        ("x " * 50_000, "100,000 characters"),
        ("\x00\x01\x02\xff binary junk", ""),
        ("555 blinker at 0 Hz from 9 V", "0 Hz"),
        ("LED indicator for -5 V", "-5 V"),
        ("LED power indicator for 5 V, 1x1 mm", "1"),
    ],
)
def test_bad_input_is_refused_with_one_sentence(brief: str, says: str) -> None:
    words = [sys.executable, "-m", "clients.cli", "design", "-"]
    done = subprocess.run(words, input=brief.encode("latin-1"), capture_output=True, check=False)
    assert done.returncode == 2, done.stderr
    lines = done.stderr.decode().strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("mas: ")
    assert says in lines[0]


@pytest.mark.parametrize("words", [["--frobnicate"], ["design", "an LED", "--colour", "red"], ["nonsense"]])
def test_an_unknown_option_or_command_is_refused(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "clients.cli", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("mas: error: ")


def test_out_of_scope_is_said_at_once_with_what_can_be_done(fleet: Fleet, own_database: Database) -> None:
    end = design(own_database, "ESP32 board with USB-C and a battery charger")
    assert end["state"] == "refused"
    with own_database.api("terminal") as api:
        said = api.design_messages(int(str(end["design"])), 0)[-1]["text"]
    assert "regulator" in said


@pytest.mark.skipif(os.getuid() != 0, reason="hiding bubblewrap from one process needs root")
def test_without_a_sandbox_nothing_is_run_and_the_reason_is_told(own_database: Database) -> None:
    with Fleet(AGENTS | {"kicad": "tests.system.kicad_without_bwrap"}):
        end = design(own_database, "LED power indicator for 5 V, 25x15 mm")
    assert end["state"] == "failed"
    assert "the script was not run: bwrap is not installed" in str(end["error"])
    with own_database.connect() as owner:
        assert owner.execute("select count(*) from core.board_footprints").fetchone() == (0,)


def test_a_conversation_asks_only_for_what_is_missing(fleet: Fleet, own_database: Database) -> None:
    with own_database.api("terminal") as api:
        number = api.receive_message(
            "terminal:me", "me", "a blinker at 2 Hz, 40x30 mm", str(uuid.uuid4()), None, True
        )
        asked = answer(own_database, number, None)
        assert "?" in asked
        shown = answer(own_database, number, "12 V")
        assert "2 Hz" in shown
        answer(own_database, number, "make it green")
        answer(own_database, number, "yes", until="resolved")


def answer(database: Database, design_number: int, text: str | None, until: str = "awaiting_user") -> str:
    """Say something, wait until the design is there, and return what the agent said last."""
    with database.api("terminal") as api:
        if text is not None:
            api.receive_message("terminal:me", "me", text, str(uuid.uuid4()), design_number, True)
        while (state := api.design_status(design_number))["state"] != until:
            assert not state["finished"], state
            api.wait_for_ring(1.0)
        return str(api.design_messages(design_number, 0)[-1]["text"])
