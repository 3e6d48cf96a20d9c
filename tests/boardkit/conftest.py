"""Runs design scripts as the sandbox does: under KiCad's interpreter, in a process of their own."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kicad.python import kicad_python
from kicad.shapes import Intent

ROOT = Path(__file__).resolve().parents[2]
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    "from kicad.boardkit.run import main; sys.exit(main(sys.argv[2]))"
)


@dataclass
class Ran:
    """How a script ended."""

    code: int
    intent: Intent | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    written: bytes = b""

    @property
    def netlist(self) -> dict[str, set[str]]:
        """Pads by net, like {"GND": {"J1.2", "C1.2"}}."""
        assert self.intent is not None, self.errors
        return {net["name"]: {".".join(pin) for pin in net["pins"]} for net in self.intent["nets"]}

    @property
    def codes(self) -> list[str]:
        return [error["code"] for error in self.errors]

    def only(self, code: str) -> dict[str, Any]:
        """The one error there is, which must have this code."""
        assert self.codes == [code], self.errors
        return self.errors[0]


Run = Callable[..., Ran]


def run_script(
    folder: Path,
    script: str,
    mode: str = "intent",
    board: Path | None = None,
    head: str = "from boardkit import *\n",
) -> Ran:
    """Run a script in a folder; "from boardkit import *" stands on its first line already."""
    file, out = folder / "design.py", folder / "out"
    file.write_text(head + script, encoding="utf-8")
    out.mkdir(exist_ok=True)
    for left in out.iterdir():
        left.unlink()
    environment = {"BOARDKIT_MODE": mode, "BOARDKIT_OUT": str(out), "BOARDKIT_BOARD": str(board or "")}
    ended = subprocess.run(
        [kicad_python(), "-I", "-B", "-c", _BOOT, str(ROOT), str(file)],
        env=environment | {"PATH": os.defpath},
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )
    intent, error = out / "intent.json", out / "error.json"
    written = intent.read_bytes() if intent.exists() else b""
    return Ran(
        ended.returncode,
        json.loads(written) if written else None,
        json.loads(error.read_bytes())["errors"] if error.exists() else [],
        written,
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run_script` in a folder of the test's own."""
    return functools.partial(run_script, tmp_path)
