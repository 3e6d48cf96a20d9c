"""From many checks to the few things that the designer must change."""

from __future__ import annotations

from typing import TypedDict

from kicad.shapes import Check

MOST = 5
_STAGES = ("script", "intent", "layout", "copper", "drc", "spice", "heat", "fabrication")


class Finding(TypedDict):
    """A fault as the designer gets it."""

    code: str
    place: str
    measured: str
    required: str
    cause: str
    fix: str


def grouped(checks: list[Check]) -> list[Finding]:
    """At most five findings, one per code, earliest stage first: later faults often follow from those."""
    failed = sorted(
        (check for check in checks if not check["passed"]), key=lambda c: _STAGES.index(c["stage"])
    )
    by_code: dict[str, list[Check]] = {}
    for check in failed:
        by_code.setdefault(check["code"], []).append(check)
    findings = []
    for code, members in list(by_code.items())[:MOST]:
        first = members[0]
        places = list(dict.fromkeys(member["place"] for member in members if member["place"]))
        more = f" (and {len(places) - 4} more)" if len(places) > 4 else ""
        findings.append(
            Finding(
                code=code,
                place=", ".join(places[:4]) + more,
                measured=first["measured"],
                required=first["required"],
                cause=first["cause"],
                fix=first["fix"],
            )
        )
    return findings


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
