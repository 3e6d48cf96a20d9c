"""The tester: holds requirement, intent and board against each other, cheap checks first.

It imports neither the blocks nor the catalog: the truth about pins comes from KiCad's symbols, that
about parts from the parts table, and the figures from the simulation of what was built.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kicad.checks.circuit import from_board
from kicad.checks.copper import check_copper
from kicad.checks.drc import check_drc
from kicad.checks.finding import Unavailable
from kicad.checks.heat import check_heat
from kicad.checks.intent import check_intent
from kicad.checks.layout import check_layout
from kicad.checks.report import Finding, feedback, grouped
from kicad.checks.spice import Simulator, check_measures
from kicad.shapes import Board, Check, Intent, Requirement

__all__ = ["Finding", "Unavailable", "check_board", "check_intent", "feedback", "grouped"]


def check_board(
    requirement: Requirement,
    intent: Intent,
    board: Board,
    board_file: Path,
    workdir: Path,
    progress: Callable[[str], None] = lambda stage: None,
) -> list[Check]:
    """Every check on a built board: netlist, placement, copper, design rules, simulation, heat.

    A board whose copper is not the intent's is not simulated: the figures would belong to another
    circuit.  `progress` is told each stage.  Raises Unavailable when KiCad cannot be run at all.
    """
    workdir.mkdir(parents=True, exist_ok=True)
    progress("checking the netlist")
    checks = check_intent(requirement, intent)
    progress("checking the placement")
    checks += check_layout(requirement, intent, board)
    progress("tracing the copper")
    copper = check_copper(intent, board)
    checks += copper
    progress("checking design rules")
    checks += check_drc(board_file, workdir)
    if all(check["passed"] for check in copper):
        progress("simulating")
        simulator = Simulator(requirement, from_board(board), workdir)
        checks += check_measures(simulator)
        checks += check_heat(simulator)
    return checks
