"""From many checks to the few things that the designer must change."""

from __future__ import annotations

import re
from typing import NotRequired, TypedDict

from kicad.shapes import Check, Intent

MOST = 5
_STAGES = ("script", "intent", "layout", "copper", "drc", "spice", "heat", "fabrication")


class Finding(TypedDict):
    """A fault as the designer gets it."""

    code: str
    place: str
    line: NotRequired[int]  # of the script, where the first named part is declared
    measured: str
    required: str
    cause: str
    fix: str


def grouped(checks: list[Check], intent: Intent | None = None) -> list[Finding]:
    """At most five findings, one per code, earliest stage first: later faults often follow from those.

    With the intent, each says the script's line of the first part that it names.
    """
    failed = sorted(
        (check for check in checks if not check["passed"]), key=lambda c: _STAGES.index(c["stage"])
    )
    by_code: dict[str, list[Check]] = {}
    for check in failed:
        by_code.setdefault(check["code"], []).append(check)
    return [_finding(code, members, intent) for code, members in list(by_code.items())[:MOST]]


def _finding(code: str, members: list[Check], intent: Intent | None) -> Finding:
    first = members[0]
    places = list(dict.fromkeys(member["place"] for member in members if member["place"]))
    more = f" (and {len(places) - 4} more)" if len(places) > 4 else ""
    finding = Finding(
        code=code,
        place=", ".join(places[:4]) + more,
        measured=first["measured"],
        required=first["required"],
        cause=first["cause"],
        fix=first["fix"],
    )
    lines = {part["ref"]: part["line"] for part in intent["parts"] if "line" in part} if intent else {}
    named = [lines[word] for word in re.findall(r"[A-Za-z]+\d+", finding["place"]) if word in lines]
    if named:
        finding["line"] = named[0]
    return finding


def feedback(checks: list[Check]) -> str:
    """The findings as text, a line each, and what passed."""
    findings = grouped(checks)
    passed = sum(check["passed"] for check in checks)
    if not findings:
        return f"All {passed} checks passed."
    lines = [
        f"{f['code']} at {f['place'] or 'the board'}: {f['measured']}, required {f['required']}. "
        f"Cause: {f['cause']}. Fix: {f['fix']}."
        for f in findings
    ]
    failed_codes = {check["code"] for check in checks if not check["passed"]}
    hidden = len(failed_codes) - len(findings)
    tail = f"{passed} of {len(checks)} checks passed" + (
        f"; {hidden} more kinds of fault behind these." if hidden else "."
    )
    return "\n".join([*lines, tail])
