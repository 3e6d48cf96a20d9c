"""Boards for the tests: a hand-made LED board, and one built from a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from kicad.adapter import apply_layout, read_board
from kicad.adapter.rules import rules_for
from kicad.build import BuildResult, build
from kicad.fabrication import Package
from kicad.shapes import Board
from tests.board.samples import REGULATOR, led_intent, led_layout, packed, requirement


@pytest.fixture(scope="session")
def led_board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("led")
    return apply_layout(led_intent(), led_layout(), rules_for(led_intent()), "LED indicator", folder)[0]


@pytest.fixture(scope="session")
def led_read(led_board: Path) -> Board:
    return read_board(led_board)


@pytest.fixture(scope="session")
def regulator(tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    """The whole way from a script: screw terminals, wide tracks, mounting holes."""
    folder = tmp_path_factory.mktemp("regulator")
    made = build(REGULATOR, requirement("5 V supply"), folder, lambda _: None)
    assert made.errors == []
    return made


@pytest.fixture(scope="session")
def package(regulator: BuildResult, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return packed(regulator, tmp_path_factory.mktemp("package"))
