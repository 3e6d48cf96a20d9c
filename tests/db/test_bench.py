"""`./mas bench`: the quickest slice end to end, and goals that are judged by what was measured."""

from __future__ import annotations

import fcntl
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from clients.server import home
from db.bench import run
from db.bench.cluster import DELAY, DISK, BenchError
from db.bench.contest import Bench, Load, Plan, at_least, at_most, below, cpu_us, ratio
from db.bench.ours import silence
from db.bench.plot import draw
from db.bench.run import MEASURES, bench
from tests.conftest import Database

ROOT = Path(__file__).resolve().parent.parent.parent
SLICE = Plan(quick=True, rounds=3, turns=1, seconds=0.02, waiting=2_000, waiting_for_batches=0, peers=False)
HOLDS = {
    "≥": lambda goal: goal["measured"] >= goal["goal"],
    "≤": lambda goal: goal["measured"] <= goal["goal"],
}


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    """Our queue and the floor, a few hundred tasks each, by pgbench and through psycopg."""
    return alone(["work", "clients"])


def alone(measures: list[str]) -> dict[str, Any]:
    """Run measures when no other process of the suite does: there is one bench in a home."""
    lock = home() / "bench" / "tests.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        return bench(SLICE, measures, lambda _: None)


def test_the_shape_is_that_of_every_command_that_measures(result: dict[str, Any]) -> None:
    assert set(result) == {"goals", "raw"}
    assert {"name", "goal", "measured", "unit", "met"} <= set.intersection(
        *(set(goal) for goal in result["goals"])
    )
    assert json.loads(json.dumps(result)) == result
    assert result["raw"]["machine"]["rounds"] == 3


def test_each_system_was_measured_in_both_regimes_and_every_round(result: dict[str, Any]) -> None:
    for regime in (DISK, DELAY):
        systems = result["raw"]["work"][regime]
        assert set(systems) == {"claim + complete", "complete_and_claim", "floor"}
        for figures in systems.values():
            assert len(figures["turns"]) == 3
            assert min(figures["turns"]) > 0
            assert figures["tasks"] >= 3 * 100


def test_ours_is_driven_through_psycopg_too(result: dict[str, Any]) -> None:
    systems = result["raw"]["clients"][DISK]
    assert set(systems) == {"claim + complete"}
    assert all(figures["tasks"] >= 3 * 8 for figures in systems.values())


def test_without_the_bell_nothing_rings_any_more(database: Database) -> None:
    callers = (
        "select count(*) from pg_proc where prosrc ~ '(ring_bell|all_awake)\\(' and proname <> 'ring_bell'"
    )
    with database.connect() as connection:
        assert connection.execute(callers).fetchone() != (0,)
        silence(database)  # type: ignore[arg-type]
        assert connection.execute(callers).fetchone() == (0,)
    with database.connect("admin") as connection:
        connection.execute("select api.enqueue_task('pcb_tester', '{}')")


def test_a_slow_disk_is_slower(result: dict[str, Any]) -> None:
    """Eight workers that wait 3 ms for each commit cannot pass 8 / 3 ms; an unset regime would."""
    floor = result["raw"]["work"][DELAY]["floor"]
    assert floor["tasks_per_s"] < 8 / 2 / 0.003 * 1.1


def test_goals_are_judged_by_the_turns(result: dict[str, Any]) -> None:
    for goal in result["goals"]:
        assert goal["met"] == HOLDS[goal["bound"]](goal), goal
    for regime in (DISK, DELAY):
        systems = result["raw"]["work"][regime]
        pairs = zip(systems["complete_and_claim"]["turns"], systems["floor"]["turns"], strict=True)
        (goal,) = (
            each for each in result["goals"] if each["name"] == f"complete_and_claim, {regime}: by the floor"
        )
        assert goal["measured"] == pytest.approx(statistics.median(one / two for one, two in pairs), rel=0.01)


def test_a_goal_is_met_by_the_figure_that_is_shown() -> None:
    assert at_least("", 0.95, 0.9499, "×")["met"] is False
    assert at_least("", 0.95, 0.9501, "×")["met"] is True
    assert at_most("", 250, 250.0004, "µs")["met"] is False
    assert at_most("", 250, 250, "µs")["met"] is True
    assert below("", 1.25, 1.25, "×")["met"] is False


def test_ratios_are_taken_turn_by_turn() -> None:
    """What slows everything down for a while must not count against one of them."""
    loads = {
        "a": [Load(100, 1, 1), Load(10, 5, 1), Load(100, 2, 1)],
        "b": [Load(200, 1, 1), Load(20, 1, 1), Load(400, 1, 1)],
    }
    assert ratio(loads, "a", "b") == 0.5
    assert cpu_us(loads, "a") == 2


def test_the_picture_is_well_formed_and_has_every_system(result: dict[str, Any]) -> None:
    drawn = "".join(ElementTree.fromstring(draw(result["raw"])).itertext())
    assert all(name in drawn for name in ("claim + complete", "complete_and_claim", "floor", DISK, DELAY))


def test_a_measure_that_fails_is_a_goal_not_met(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Bench) -> Any:
        raise BenchError("it cannot be")

    monkeypatch.setattr(run, "MEASURES", {"this": fails})
    found = alone(["this"])
    assert [goal["met"] for goal in found["goals"]] == [False]
    assert found["raw"]["this"]["error"] == "it cannot be"


def test_an_unknown_measure_is_told() -> None:
    words = [sys.executable, "-m", "clients.cli", "bench", "--only", "nothing"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert all(name in done.stderr for name in MEASURES)
