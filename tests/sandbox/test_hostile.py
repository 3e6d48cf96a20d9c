"""Every hostile script ends in a typed way, and leaves nothing behind."""

from __future__ import annotations

import json
import socket

import pytest

from kicad import sandbox
from kicad.boardkit.findings import Refused
from kicad.boardkit.intent import validate_intent
from tests.sandbox.hostile import Report, names, run_all
from tests.sandbox.hostile.canary import ENVIRONMENT, planted


@pytest.fixture(scope="module")
def reports(request: pytest.FixtureRequest) -> dict[str, Report]:
    """The reports on the scripts that were asked for, run two at a time."""
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if "reports" in getattr(item, "fixturenames", ())
    }  # type: ignore[attr-defined]
    return run_all(sorted(wanted))


@pytest.mark.parametrize("name", names())
def test_hostile_script_is_contained(reports: dict[str, Report], name: str) -> None:
    assert reports[name].faults == []


def test_an_attack_that_succeeds_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The canaries sing: what a script must not do is seen when somebody does it outside of the sandbox."""
    monkeypatch.setenv(ENVIRONMENT, "mas-canary-of-this-test")
    with planted() as canary:
        assert not canary.contacted()
        assert canary.marks() == []
        told: dict[str, object] = {}
        exec(canary.words, told)
        assert canary.secret not in canary.words
        (canary.home / canary.mark).write_text("x")
        assert len(canary.marks()) == 1
        with socket.create_connection(("127.0.0.1", canary.port)):
            assert canary.contacted()


def test_source_that_is_no_text_is_refused() -> None:
    for source in ("part('\0')", "\ud800", "é = \x1b[2J", "\ufeff\u202epass"):
        assert sandbox.run(source).outcome in ("refused", "crashed")


def test_forged_intent_is_judged_again() -> None:
    part = {"ref": "R1'); drop table core.task;--"}
    forged = f"""
import os
with open("/scratch/out/intent.json", "w") as file:
    file.write({json.dumps({"parts": [part], "nets": []})!r})
os._exit(0)
"""
    result = sandbox.run(forged)
    assert result.outcome == "ok"
    with pytest.raises(Refused):
        validate_intent(json.loads(result.files["intent.json"]))
