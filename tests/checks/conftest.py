"""Good intents, once a run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import samples

from kicad.shapes import Intent


@pytest.fixture(scope="session")
def good() -> dict[str, Intent]:
    """The good intent of every family; tests change copies."""
    return {family: samples.intent_from(samples.script(family)) for family in samples.FAMILIES}
