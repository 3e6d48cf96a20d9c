"""The designer hears of at most five things, the earliest first, each with what to do."""

from __future__ import annotations

import pytest

from kicad.checks import feedback, grouped
from kicad.checks.finding import Stage, check, quantity, span
from kicad.shapes import Check, Intent


def _failure(code: str, stage: Stage, place: str = "R1") -> Check:
    return check(code, stage, False, "title", place=place, measured="1", required="2", cause="why", fix="do")


def test_at_most_five_findings_in_the_order_of_the_stages() -> None:
    failures = [
        _failure("S", "spice"),
        _failure("D", "drc"),
        _failure("C", "copper"),
        _failure("I", "intent"),
    ]
    failures += [_failure("L", "layout"), _failure("H", "heat")]
    assert [finding["code"] for finding in grouped(failures)] == ["I", "L", "C", "D", "S"]
    assert "1 more kinds of fault" in feedback(failures)


def test_one_finding_for_the_same_fault_at_many_places() -> None:
    (finding,) = grouped([_failure("X", "intent", f"C{n}") for n in range(1, 8)])
    assert finding["place"] == "C1, C2, C3, C4 (and 3 more)"


def test_a_finding_says_the_line_of_the_part_that_it_names(good: dict[str, Intent]) -> None:
    (finding,) = grouped([_failure("X", "intent", "C9, D1.2 (A)")], good["led_indicator"])
    part = next(part for part in good["led_indicator"]["parts"] if part["ref"] == "D1")
    assert finding["line"] == part["line"]


def test_a_passed_check_carries_no_cause() -> None:
    passed = check("X", "intent", True, "title", cause="why", fix="do")
    assert (passed["cause"], passed["fix"]) == ("", "")
    assert grouped([passed]) == []
    assert feedback([passed]) == "All 1 checks passed."


def test_feedback_names_measured_required_cause_and_fix() -> None:
    assert feedback([_failure("X", "intent")]).startswith("X at R1: 1, required 2. Cause: why. Fix: do.")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0103, "A", "10.3 mA"),
        (995.4, "Hz", "995 Hz"),
        (4.7e-8, "F", "47 nF"),
        (103.71, "°C", "103.7 °C"),
        (0.0, "A", "0 A"),
    ],
)
def test_quantities_read_as_people_write_them(value: float, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


def test_ranges_read_as_people_write_them() -> None:
    assert span(None, 110.0, "°C") == "≤ 110 °C"
    assert span(0.8, 1.2, "s") == "800 ms – 1.2 s"
