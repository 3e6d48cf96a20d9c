"""Hostile scripts: each is run in the sandbox, and the machine is looked over afterwards.

A script is a file in `scripts/`; its first line says what it tries, its second how it may end.  The rule for
each: a typed ending; no byte changed outside the scratch directory; no planted secret in its output and no
listener contacted; no process left after 5 s; the next good script succeeds.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import re
import secrets
import statistics
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kicad import sandbox
from kicad.python import kicad_python
from kicad.sandbox.command import FIRST_UID, UIDS
from kicad.sandbox.kit import kit
from tests.sandbox.hostile.canary import ENVIRONMENT, PREFIX, Canary, planted

SCRIPTS = Path(__file__).parent / "scripts"
AT_ONCE = 2
LEFT_S = 5.0
OVERHEAD_S = 0.1
LIMITS = sandbox.Limits(
    wall_s=2.0, cpu_s=1, memory=300 << 20, scratch=16 << 20, entries=500, output=64 << 10, results=8 << 20
)
GOOD = """
from boardkit import *
j1 = part("J1", "HDR_1x02")
b = block("led_indicator", resistor="330")
net("VCC", j1["1"], b["VCC"])
net("GND", j1["2"], b["GND"])
"""


@dataclass
class Report:
    """What one script tried, how it ended, and everything that it broke."""

    name: str
    tries: str
    outcome: str = ""
    took_s: float = 0.0
    faults: list[str] = field(default_factory=list)


def names() -> list[str]:
    """The scripts, by name."""
    return sorted(path.stem for path in SCRIPTS.glob("*.py"))


def run_all(chosen: list[str] | None = None) -> dict[str, Report]:
    """Run the scripts, two at a time, each worker a process with its own canaries and its own kit."""
    os.environ[ENVIRONMENT] = PREFIX + secrets.token_hex(16)
    try:
        fresh = multiprocessing.get_context(
            "spawn"
        )  # so that the secret is in the worker's first environment
        with ProcessPoolExecutor(AT_ONCE, mp_context=fresh) as workers:
            return {report.name: report for report in workers.map(attack, chosen or names())}
    finally:
        del os.environ[ENVIRONMENT]


def attack(name: str) -> Report:
    """Run one script and look the machine over."""
    text = (SCRIPTS / f"{name}.py").read_text()
    tries, ends = re.findall(r"^# (?:ends: )?(.*)$", text, re.MULTILINE)[:2]
    report = Report(name, tries)
    with planted() as canary:
        before = _system()
        began = time.monotonic()
        result = sandbox.run(canary.words + text, limits=LIMITS)
        report.took_s, report.outcome = round(time.monotonic() - began, 2), result.outcome
        if result.outcome not in ends.split():
            report.faults.append(f"ended as {result.outcome} ({result.exit_code}): {result.stderr[-300:]}")
        if report.took_s > LIMITS.wall_s + LEFT_S:
            report.faults.append(f"took {report.took_s} s")
        report.faults += _looked_over(canary, result, before)
    good = sandbox.run(GOOD)
    if good.outcome != "ok":
        report.faults.append(f"the next good script ended as {good.outcome}: {good.stderr[-300:]}")
    return report


def _looked_over(canary: Canary, result: sandbox.Result, before: str) -> list[str]:
    said = result.stdout + result.stderr
    everything = (said + str(result.files)).encode("utf-8", "replace")
    faults = [line for line in said.splitlines() if line.startswith("BROKEN") or " BROKEN" in line]
    if canary.secret.encode() in everything:
        faults.append("the secret is in its output")
    if canary.contacted():
        faults.append("a listener was contacted")
    faults += [f"it wrote {place}" for place in (*canary.marks(), *_left_files())]
    if _system() != before:
        faults.append("the kit or the checkout was changed")
    if not _gone(_processes):
        faults.append(f"processes are left: {_processes()}")
    return faults


def _system() -> str:
    """A digest of the files that a script could hope to change for the next one."""
    seen = hashlib.sha256()
    for folder in (kit(), Path(sandbox.__file__).parent.parent, Path("/usr/lib/python3/dist-packages")):
        for path in sorted(folder.glob("**/*.py" if folder.name == "kicad" else "*")):
            seen.update(f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}\n".encode())
    return seen.hexdigest()


def _left_files() -> list[str]:
    """Files of a sandbox's uid where everybody may write."""
    uids = range(FIRST_UID, FIRST_UID + UIDS)
    return [
        str(path)
        for folder in ("/tmp", "/var/tmp", "/dev/shm")
        for path in Path(folder).glob("*")
        if not path.is_symlink() and path.exists() and path.stat().st_uid in uids
    ]


def _processes() -> list[int]:
    """Processes that see this worker's kit mounted: those of its sandboxes and no others."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if kit().name in (entry / "mountinfo").read_text():
                    found.append(int(entry.name))
            except OSError:
                continue  # it ended, or it is somebody else's
    return found


def _gone(look: Callable[[], list[int]]) -> bool:
    until = time.monotonic() + LEFT_S
    while look():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def overhead_s(rounds: int = 7) -> float:
    """Median seconds that the sandbox adds to a good script, over the same interpreter and kit without it."""
    inside, outside = [], []
    bare = (
        "import sys; sys.path.insert(0, sys.argv[1]); from kicad.boardkit.run import main; main(sys.argv[2])"
    )
    out = Path(kit(), "out")
    out.mkdir(exist_ok=True)
    (out / "design.py").write_text(GOOD)
    for _ in range(rounds):
        inside.append(sandbox.run(GOOD).wall_s)
        began = time.monotonic()
        words = [kicad_python(), "-I", "-B", "-c", bare, str(kit()), str(out / "design.py")]
        subprocess.run(words, env={"BOARDKIT_MODE": "intent", "BOARDKIT_OUT": str(out)}, check=True)
        outside.append(time.monotonic() - began)
    return statistics.median(inside) - statistics.median(outside)


def hostile(quick: bool) -> dict[str, Any]:
    """The goals of `./mas hostile` and the report on every script; quick: not what the sandbox costs."""
    reports = run_all()
    held = sum(not report.faults for report in reports.values())
    goals = [
        _goal("hostile scripts contained", len(reports), held, f"of {len(reports)}", held == len(reports))
    ]
    if not quick:
        cost = round(overhead_s(), 3)
        goals.append(_goal("what the sandbox adds to a script", OVERHEAD_S, cost, "s", cost <= OVERHEAD_S))
    return {"goals": goals, "raw": [asdict(report) for report in reports.values()]}


def _goal(name: str, goal: float, measured: float, unit: str, met: bool) -> dict[str, Any]:
    return {"name": name, "goal": goal, "measured": measured, "unit": unit, "met": met}
