"""What is wrong with a script or an intent, in the form that a designer can act on."""

from __future__ import annotations

import sys
from typing import TypedDict

SCRIPT_NAME = "design.py"  # every script runs under this name, so that a finding can point at its line


class Finding(TypedDict):
    """One fault: `code` is stable, the rest is for reading."""

    code: str
    place: str
    line: int | None
    measured: str
    required: str
    cause: str
    fix: str


class Refused(Exception):
    """The script or the intent cannot be built; carries the findings."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(f"{f['code']} {f['place']}: {f['cause']}" for f in findings))
        self.findings = findings


def finding(
    code: str,
    place: str,
    cause: str,
    *,
    measured: str = "",
    required: str = "",
    fix: str = "",
    line: int | None = None,
) -> Finding:
    """A finding; `line` is the script's line that is running now unless it is given."""
    return Finding(
        code=code,
        place=place,
        line=line if line is not None else script_line(),
        measured=measured,
        required=required,
        cause=cause,
        fix=fix,
    )


def script_line() -> int | None:
    """The line of the script that is running, None when none is."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename.endswith(SCRIPT_NAME):
            return frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return None
