"""Kill any process at any moment: every design still ends, and ends once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from clients.fleet import Fleet
from tests.conftest import Database

BRIEFS = [
    "LED power indicator for 5 V, 25x15 mm",
    "RC low-pass 1 kHz with pin headers",
    "555 LED blinker about 1 Hz from 9 V, 40x30 mm",
    "RC high-pass 100 Hz with pin headers",
    "green LED indicator for 12 V, 30x20 mm",
    "LED pilot light for 24 V, 30x20 mm",
]
KILLS = 50
SEED = 20260101
PACE_S = (0.1, 0.7)  # between kills: time enough to get somewhere, too little to get far
ENOUGH_S = 400


@pytest.mark.timeout(600)
def test_fifty_kills_lose_nothing(own_database: Database) -> None:
    chance = random.Random(SEED)
    killed: dict[str, int] = {}
    with Fleet(replicas=1) as fleet, contextlib.ExitStack() as stack:
        ends = {f"kill-{n}": brief for n, brief in enumerate(BRIEFS)}
        front_ends = {key: stack.enter_context(_front_end(key, brief)) for key, brief in ends.items()}
        until = time.monotonic() + ENOUGH_S
        for _ in range(KILLS):
            time.sleep(chance.uniform(*PACE_S))  # the moment is the test: nothing is waited for
            name, pid = chance.choice(_running(fleet, front_ends))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed[name] = killed.get(name, 0) + 1
            for key, process in front_ends.items():
                if process.poll() not in (None, 0):
                    front_ends[key] = stack.enter_context(_front_end(key, ends[key]))
        for key in ends:
            while front_ends[key].wait(max(1.0, until - time.monotonic())) != 0:
                front_ends[key] = stack.enter_context(_front_end(key, ends[key]))
    assert sum(killed.values()) >= KILLS - 2
    assert set(killed) == {"client_manager", "pcb_designer", "kicad", "pcb_tester", "terminal"}
    with own_database.connect() as owner:
        designs = owner.execute(
            "select state_id, state, error from core.design_states order by state_id"
        ).fetchall()
        assert len(designs) == len(BRIEFS), "a brief said twice became two designs"
        assert [state for _, state, _ in designs] == ["resolved"] * len(BRIEFS), (designs, killed)
        per_design = """select count(*) filter (where s.final) from core.design_events e join core.states s on s.state = e.to_state
                         group by e.state_id"""
        assert owner.execute(per_design).fetchall() == [(1,)] * len(BRIEFS)
        assert owner.execute("select count(*) from core.resolved_designs").fetchone() == (len(BRIEFS),)
        replay = """select count(*) from core.design_events e where e.from_state is not null and not exists (
                      select from core.transitions t where (t.from_state, t.outcome, t.to_state) = (e.from_state, e.outcome, e.to_state))"""
        assert owner.execute(replay).fetchone() == (0,)
        assert owner.execute("select count(*) from core.tasks").fetchone() == (0,)


def _front_end(key: str, brief: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.system.front_end", key, brief],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _running(fleet: Fleet, front_ends: dict[str, subprocess.Popen[bytes]]) -> list[tuple[str, int]]:
    """Whom to kill: one of the agents, or one of the terminals."""
    while not (agents := fleet.processes()):
        pass
    terminals = [("terminal", process.pid) for process in front_ends.values() if process.poll() is None]
    return agents * 2 + terminals[:2]
