"""The simulated figures are those of the circuit, and wrong circuits miss their limits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import samples
from mutants import Change, changed, drop, move, short, swap, value

from kicad.checks.circuit import from_intent
from kicad.checks.heat import check_heat
from kicad.checks.spice import Simulator, check_measures
from kicad.shapes import Check, Intent, Requirement


def simulated(requirement: Requirement, intent: Intent, workdir: Path) -> list[Check]:
    simulator = Simulator(requirement, from_intent(intent), workdir)
    return check_measures(simulator) + check_heat(simulator)


def failed(checks: list[Check]) -> set[str]:
    return {check["code"] for check in checks if not check["passed"]}


def hertz(check: Check) -> float:
    match = re.search(r"\(([\d.e+-]+) Hz\)", check["measured"])
    assert match, check
    return float(match[1])


@pytest.mark.parametrize("family", samples.FAMILIES)
def test_a_good_circuit_meets_every_measure(family: str, good: dict[str, Intent], tmp_path: Path) -> None:
    requirement = samples.requirement(family)
    checks = simulated(requirement, good[family], tmp_path)
    assert failed(checks) == set()
    assert len([check for check in checks if check["stage"] in {"spice", "heat"}]) >= len(
        requirement["measures"]
    )


def test_the_timer_keeps_the_data_sheets_formula(good: dict[str, Intent], tmp_path: Path) -> None:
    """TI SLFS022, 8.3.2: period = ln 2 (RA + 2 RB) C, here 0.9752 s; the model comes within 1 %."""
    checks = simulated(samples.requirement("astable_555"), good["astable_555"], tmp_path)
    period = next(check for check in checks if check["code"] == "LED_PERIOD")
    assert hertz(period) == pytest.approx(1 / 0.9752, rel=0.01)


@pytest.mark.parametrize(
    ("family", "resistor", "capacitor"), [("rc_lowpass", "16k", "10n"), ("rc_highpass", "160", "1u")]
)
def test_filters_have_the_textbook_frequency(
    family: str, resistor: str, capacitor: str, good: dict[str, Intent], tmp_path: Path
) -> None:
    intent = changed(good[family], value("R1", resistor), value("C1", capacitor))
    assert failed(simulated(samples.requirement(family), intent, tmp_path)) == set()


MUTANTS: list[tuple[str, str, list[Change]]] = [
    ("LED_CURRENT", "led_indicator", [value("R1", "680")]),
    ("LED_CURRENT", "led_indicator", [value("R1", "165")]),
    ("LED_CURRENT", "led_indicator", [swap("D1", "1", "2")]),
    ("LED_OVERLOAD", "led_indicator", [value("R1", "47")]),
    ("LED_PERIOD", "astable_555", [value("C1", "22u")]),
    ("LED_PERIOD", "astable_555", [value("R2", "33k")]),
    ("LED_PERIOD", "astable_555", [move("U1", "2", "VCC")]),
    ("LED_PERIOD", "astable_555", [move("U1", "4", "GND")]),
    ("CUTOFF", "rc_lowpass", [value("C1", "220n")]),
    ("CUTOFF", "rc_lowpass", [value("R1", "820")]),
    ("CUTOFF", "rc_lowpass", [drop("C1")]),
    ("CUTOFF", "rc_highpass", [short("C1")]),
    ("OUTPUT_VOLTAGE", "linear_regulator", [swap("U1", "1", "3")]),
    ("ON_VOLTAGE", "lowside_switch", [move("Q1", "1", "GND")]),
    ("OFF_CURRENT", "lowside_switch", [swap("Q1", "2", "3")]),
    ("OFF_CURRENT", "lowside_switch", [move("R2", "2", "VLOAD"), value("R1", "10M")]),
]


@pytest.mark.parametrize(("code", "family", "changes"), MUTANTS)
def test_a_wrong_circuit_misses_its_limit(
    code: str, family: str, changes: list[Change], good: dict[str, Intent], tmp_path: Path
) -> None:
    checks = simulated(samples.requirement(family), changed(good[family], *changes), tmp_path)
    assert code in failed(checks)


def test_a_hot_regulator_is_found(good: dict[str, Intent], tmp_path: Path) -> None:
    """P = (12 V - 5 V) 0.5 A + 12 V 4.2 mA = 3.55 W, at 50 K/W a junction of 203 °C."""
    requirement = samples.requirement("linear_regulator")
    requirement["ports"][0].update(volts_max=12.0)
    for measure in requirement["measures"]:
        measure["load_A"] = 0.5
    checks = simulated(requirement, good["linear_regulator"], tmp_path)
    hot = next(check for check in checks if check["code"] == "JUNCTION")
    assert not hot["passed"]
    assert float(hot["measured"].split()[0]) == pytest.approx(25 + 50 * 3.55, abs=2)
    assert "JUNCTION_LIMIT" in failed(checks)


def test_dropout_is_found_at_the_lowest_supply(good: dict[str, Intent], tmp_path: Path) -> None:
    requirement = samples.requirement("linear_regulator")
    requirement["ports"][0]["volts_min"] = 6.0
    checks = simulated(requirement, good["linear_regulator"], tmp_path)
    low = next(check for check in checks if check["code"] == "OUTPUT_VOLTAGE" and not check["passed"])
    assert "min supply" in low["measured"]


def test_a_part_without_a_model_fails_the_measure_and_says_so(
    good: dict[str, Intent], tmp_path: Path
) -> None:
    intent = changed(good["led_indicator"])
    intent["parts"][2]["part"] = None
    told, check = simulated(samples.requirement("led_indicator"), intent, tmp_path)
    assert (told["code"], told["passed"], told["place"]) == ("UNSIMULATED", True, "D1")
    assert (check["code"], check["passed"], check["measured"]) == ("LED_CURRENT", False, "not simulated")
    assert "D1" in check["cause"]


def test_a_hot_resistor_is_found(good: dict[str, Intent], tmp_path: Path) -> None:
    """(24 V - 2 V)² / 2.2 kΩ = 0.22 W, an 0805 bears 0.125 W."""
    requirement = samples.requirement("led_indicator")
    requirement["ports"][0].update(volts_min=24.0, volts_nom=24.0, volts_max=24.0)
    intent = changed(good["led_indicator"], value("R1", "2.2k"))
    assert failed(simulated(requirement, intent, tmp_path)) == {"RESISTOR_POWER"}


def test_references_that_spice_cannot_tell_apart_are_kept_apart(
    good: dict[str, Intent], tmp_path: Path
) -> None:
    """SPICE knows neither punctuation nor case; a reference is whatever a script makes of it."""

    def renamed(intent: Intent) -> None:
        new = {"R1": "X-1", "D1": "x.1"}
        for part in intent["parts"]:
            part["ref"] = new.get(part["ref"], part["ref"])
        for net in intent["nets"]:
            net["pins"] = [(new.get(ref, ref), number) for ref, number in net["pins"]]

    checks = simulated(
        samples.requirement("led_indicator"), changed(good["led_indicator"], renamed), tmp_path
    )
    assert failed(checks) == set()
