"""Good intents and good boards, once a run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import samples

from kicad.adapter import apply_layout, export_geometry, read_board
from kicad.adapter.rules import rules_for
from kicad.layout import layout
from kicad.shapes import Board, Intent


@pytest.fixture(scope="session")
def good() -> dict[str, Intent]:
    """The good intent of every family; tests change copies."""
    return {family: samples.intent_from(samples.script(family)) for family in samples.FAMILIES}


class Built(NamedTuple):
    """A real board: made by the layout and by KiCad, read back by KiCad."""

    intent: Intent
    board: Board
    file: Path


@pytest.fixture(scope="session")
def built(good: dict[str, Intent], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Good boards; tests change copies."""
    boards = {}
    for family in ("led_indicator", "astable_555", "linear_regulator"):
        intent, folder = good[family], tmp_path_factory.mktemp(family)
        rules = rules_for(intent)
        plan = layout(export_geometry(intent, rules, None))
        file, _ = apply_layout(intent, plan, rules, family, folder)
        boards[family] = Built(intent, read_board(file), file)
    return boards
