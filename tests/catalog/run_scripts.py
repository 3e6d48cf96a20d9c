"""Runs scripts with the real boardkit under KiCad's interpreter; JSON in, intents or errors out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import kicad.boardkit
from kicad.boardkit.circuit import Circuit
from kicad.boardkit.findings import Refused
from kicad.boardkit.intent import intent_of

sys.modules["boardkit"] = kicad.boardkit


def run(script: str) -> object:
    kicad.boardkit.CIRCUIT = Circuit()
    try:
        exec(compile(script, "design.py", "exec"), {"__name__": "__main__"})
        return intent_of(kicad.boardkit.CIRCUIT)
    except Refused as refused:
        return {"refused": refused.findings}


json.dump([run(script) for script in json.load(sys.stdin)], sys.stdout)
