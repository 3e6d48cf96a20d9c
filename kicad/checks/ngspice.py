"""ngspice as a measuring instrument that is not believed at once.

ngspice can end with exit code 0 and nonsense, so every reading is taken twice, with a coarse and a
fine step (or tolerance); they must agree within 2 %, and the nodes must stay within the rails.
"""

from __future__ import annotations

import math
import re
import subprocess
from pathlib import Path

from kicad.checks.finding import Unavailable
from kicad.python import environment

TIMEOUT_S = 20.0
AGREEMENT = 0.02
_FLOOR = 1e-6  # volts, amperes, watts: below this, readings are taken as equal
_READING = re.compile(r"^(m\d+)\s*=\s*(\S+)", re.MULTILINE)
# Gear integration: the trapezoidal rule rings behind the switching edges of behavioural models.
OPTIONS = ".options method=gear rshunt=1e12 noacct\n.save all"


class SimulationError(Exception):
    """A deck that gave no trustworthy reading; the message says why."""


def measure(
    deck: str, quantities: dict[str, str], analysis: str, workdir: Path, name: str
) -> dict[str, float]:
    """Run one deck and return the readings that succeeded, by key of `quantities`.

    `quantities` maps a key to what follows `.meas <analysis> <name>`, e.g. "MAX v(out)".
    Raises SimulationError when ngspice is too slow or has no reading, Unavailable when it is missing.
    """
    names = {f"m{index}": key for index, key in enumerate(quantities)}
    lines = [f".meas {analysis} m{index} {what}" for index, what in enumerate(quantities.values())]
    file = workdir / f"{name}.cir"
    file.write_text("\n".join([f"* {name}", deck, OPTIONS, *lines, ".end", ""]), encoding="utf-8")
    try:
        run = subprocess.run(
            ["ngspice", "-n", "-b", str(file)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            cwd=workdir,
            env=environment(),
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise Unavailable("ngspice is not installed", permanent=True) from error
    except subprocess.TimeoutExpired as error:
        raise SimulationError(f"ngspice did not end within {TIMEOUT_S:g} s") from error
    readings = {}
    for label, text in _READING.findall(run.stdout):
        try:
            value = float(text)
        except ValueError:
            continue
        if label in names and math.isfinite(value):
            readings[names[label]] = value
    if not readings:
        reason = next(
            (line for line in run.stderr.splitlines() if "rror" in line), f"exit code {run.returncode}"
        )
        raise SimulationError(f"ngspice measured nothing: {reason.strip()[:160]}")
    return readings


def agreed(coarse: dict[str, float], fine: dict[str, float]) -> dict[str, float]:
    """The fine readings, after both sets were found to agree within 2 %.

    Raises SimulationError with the first quantity that does not agree.
    """
    for key in sorted(coarse.keys() | fine.keys()):
        if key not in coarse or key not in fine:
            raise SimulationError(f"{key} was found with one step size only")
        one, other = coarse[key], fine[key]
        if abs(one - other) > AGREEMENT * max(abs(one), abs(other)) + _FLOOR:
            raise SimulationError(f"two step sizes disagree on {key}: {one:.4g} and {other:.4g}")
    return fine


def inside_rails(nodes: dict[str, float], low: float, high: float) -> None:
    """Raises SimulationError when a node is more than 1 V outside `low` … `high` volts."""
    for net, volts in nodes.items():
        if not low - 1.0 <= volts <= high + 1.0:
            raise SimulationError(
                f"net {net} at {volts:.3g} V is outside the supplies: the result is nonsense"
            )
