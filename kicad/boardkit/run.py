"""Runs a script inside the sandbox, and writes what became of it.

The sandbox gives three words by environment: BOARDKIT_MODE (`intent` or `raw`), BOARDKIT_OUT (the folder for
`intent.json` or `error.json`) and BOARDKIT_BOARD (the board of a raw step).  Exit codes: 0 done, 3 refused.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path

import kicad.boardkit
from kicad.boardkit.findings import SCRIPT_NAME, Finding, Refused, finding
from kicad.boardkit.intent import intent_of

REFUSED = 3


def main(script: str) -> int:
    """Run the script at this path; returns the exit code."""
    out = Path(os.environ["BOARDKIT_OUT"])
    sys.modules["boardkit"] = kicad.boardkit  # what scripts import
    try:
        _execute(Path(script))
        if os.environ.get("BOARDKIT_MODE") == "raw":
            _raw_steps()
        else:
            (out / "intent.json").write_text(json.dumps(intent_of(kicad.boardkit.CIRCUIT)))
    except Refused as refused:
        return _refuse(out, refused.findings)
    except Exception as error:
        return _refuse(out, [*kicad.boardkit.CIRCUIT.findings, _crash(error)])
    return 0


def _execute(script: Path) -> None:
    code = compile(script.read_text(encoding="utf-8"), SCRIPT_NAME, "exec")
    exec(code, {"__name__": "__main__", "__file__": SCRIPT_NAME})  # noqa: S102 - this is the sandbox's inside


def _raw_steps() -> None:
    import pcbnew

    board = pcbnew.LoadBoard(os.environ["BOARDKIT_BOARD"])
    for step in kicad.boardkit.CIRCUIT.raw_steps:
        step(board)  # type: ignore[operator]
    board.Save(os.environ["BOARDKIT_BOARD"])


def _crash(error: Exception) -> Finding:
    lines = [
        entry.lineno
        for entry in traceback.extract_tb(error.__traceback__)
        if entry.filename.endswith(SCRIPT_NAME)
    ]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    return finding(
        "SCRIPT_CRASHED",
        f"line {line}" if line else SCRIPT_NAME,
        f"{type(error).__name__}: {error}"[:500],
        fix="mend the Python of the script",
        line=line or 0,
    )


def _refuse(out: Path, findings: list[Finding]) -> int:
    (out / "error.json").write_text(json.dumps({"errors": findings[:20]}))
    return REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
