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
from kicad.boardkit.intent import MOST_FAULTS, intent_of

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
            intent = json.dumps(intent_of(kicad.boardkit.CIRCUIT), indent=1)
            (out / "intent.json").write_text(intent, encoding="utf-8")
    except Refused as refused:
        return _refuse(out, refused.findings)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return _refuse(out, [_crash(error), *kicad.boardkit.CIRCUIT.findings])
    return 0


def _execute(script: Path) -> None:
    code = compile(script.read_text(encoding="utf-8"), SCRIPT_NAME, "exec")
    try:
        exec(code, {"__name__": "__main__", "__file__": SCRIPT_NAME})  # noqa: S102 - this is the sandbox's inside
    except SystemExit as end:
        if end.code not in (None, 0):
            raise  # a script may leave early, but not say that it failed


def _raw_steps() -> None:
    import pcbnew  # noqa: PLC0415 - half a second that only a raw step needs

    board = pcbnew.LoadBoard(os.environ["BOARDKIT_BOARD"])
    for step in kicad.boardkit.CIRCUIT.raw_steps:
        step(board)
    board.Save(os.environ["BOARDKIT_BOARD"])


def _crash(error: BaseException) -> Finding:
    lines = [
        entry.lineno
        for entry in traceback.extract_tb(error.__traceback__)
        if entry.filename.endswith(SCRIPT_NAME)
    ]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    said = error.msg if isinstance(error, SyntaxError) else error
    return finding(
        "SCRIPT_CRASHED",
        f"line {line}" if line else SCRIPT_NAME,
        f"{type(error).__name__}: {said}"[:500].rstrip(": "),
        fix="mend the Python of the script",
        line=line or 0,
    )


def _refuse(out: Path, findings: list[Finding]) -> int:
    (out / "error.json").write_text(
        json.dumps({"errors": findings[:MOST_FAULTS]}, indent=1), encoding="utf-8"
    )
    return REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
