"""Every fault that can be planted into a good netlist is named by its own code, and a good one by none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import samples
from mutants import Change, changed, drop, move, short, swap, value

from kicad.checks import check_intent
from kicad.shapes import Intent, Requirement


def failed(requirement: Requirement, intent: Intent) -> set[str]:
    return {check["code"] for check in check_intent(requirement, intent) if not check["passed"]}


@pytest.mark.parametrize("family", samples.FAMILIES)
def test_a_good_netlist_passes_every_predicate(family: str, good: dict[str, Intent]) -> None:
    assert failed(samples.requirement(family), good[family]) == set()


def _unlabelled(intent: Intent) -> None:
    intent["labels"] = intent["labels"][1:]


def _no_classes(intent: Intent) -> None:
    intent["netclasses"] = []


def _weak_class(intent: Intent) -> None:
    intent["netclasses"][0]["current_A"] = 0.01


def _false_pin(intent: Intent) -> None:
    intent["parts"][1]["pins"][0]["type"] = "output"


def _two_outputs(intent: Intent) -> None:
    timer = next(part for part in intent["parts"] if part["ref"] == "U1")
    intent["parts"].append({**timer, "ref": "U2"})
    for net in intent["nets"]:
        net["pins"] += [("U2", number) for ref, number in net["pins"] if ref == "U1"]


def _other_part(ref: str, key: str, symbol: str) -> Change:
    def change(intent: Intent) -> None:
        for part in intent["parts"]:
            if part["ref"] == ref:
                part["part"], part["symbol"] = key, symbol

    return change


MUTANTS: list[tuple[str, str, list[Change]]] = [
    ("LED_REVERSED", "led_indicator", [swap("D1", "1", "2")]),
    ("LED_REVERSED", "astable_555", [swap("D1", "1", "2")]),
    ("LED_NO_RESISTOR", "led_indicator", [short("R1")]),
    ("LED_NO_RESISTOR", "astable_555", [short("R3")]),
    ("LED_UNPOWERED", "led_indicator", [move("D1", "1", "VCC")]),
    ("PIN_UNCONNECTED", "led_indicator", [move("D1", "1", "")]),
    ("PORT_MISSING", "led_indicator", [move("J1", "1", "")]),
    ("PORT_UNLABELLED", "led_indicator", [_unlabelled]),
    ("PORT_UNLABELLED", "led_indicator", [swap("J1", "1", "2")]),
    ("LABEL_NOT_ITS_NET", "linear_regulator", [move("J1", "2", "")]),
    ("LABEL_NOT_ITS_NET", "lowside_switch", [swap("J1", "1", "4")]),
    ("NET_DANGLING", "led_indicator", [move("R1", "1", "VCCC")]),
    ("PIN_MISMATCH", "led_indicator", [_false_pin]),
    ("VALUE_UNREADABLE", "led_indicator", [value("R1", "some")]),
    ("DECOUPLING_MISSING", "astable_555", [drop("C3")]),
    ("DECOUPLING_MISSING", "astable_555", [value("C3", "1n")]),
    ("CONTROL_CAPACITOR_MISSING", "astable_555", [drop("C2")]),
    ("CAPACITOR_REVERSED", "astable_555", [swap("C1", "1", "2")]),
    ("POWER_UNCONNECTED", "astable_555", [move("U1", "8", "")]),
    ("INPUT_FLOATING", "astable_555", [move("U1", "4", "")]),
    ("SUPPLY_SWAPPED", "astable_555", [swap("U1", "1", "8")]),
    ("POWER_UNDRIVEN", "astable_555", [move("U1", "8", "N_R3_1")]),
    ("PIN_CONFLICT", "astable_555", [_two_outputs]),
    ("REGULATOR_INPUT_CAPACITOR", "linear_regulator", [drop("C1")]),
    ("REGULATOR_OUTPUT_CAPACITOR", "linear_regulator", [drop("C2")]),
    ("REGULATOR_OUTPUT_CAPACITOR", "linear_regulator", [value("C2", "10n")]),
    ("NETCLASS_MISSING", "linear_regulator", [_no_classes]),
    ("NETCLASS_MISSING", "linear_regulator", [_weak_class]),
    ("SUPPLY_SWAPPED", "linear_regulator", [swap("U1", "1", "2")]),
    ("FLYBACK_REVERSED", "lowside_switch", [swap("D1", "1", "2")]),
    ("FLYBACK_MISSING", "lowside_switch", [drop("D1")]),
    ("FLYBACK_MISSING", "lowside_switch", [move("D1", "1", "GND")]),
    ("GATE_FLOATING", "lowside_switch", [drop("R2")]),
    ("GATE_FLOATING", "lowside_switch", [move("Q1", "1", "")]),
    ("MOSFET_REVERSED", "lowside_switch", [swap("Q1", "2", "3")]),
    ("MOSFET_CURRENT", "lowside_switch", [_other_part("Q1", "2N7002", "Transistor_FET:2N7002")]),
    ("SUPPLY_SHORT", "lowside_switch", [move("D1", "2", "VLOAD"), move("D1", "1", "GND")]),
    ("CAPACITOR_RATING", "astable_555", [_other_part("C1", "SW_6MM", "Device:C_Polarized")]),
]


@pytest.mark.parametrize(("code", "family", "changes"), MUTANTS)
def test_a_planted_fault_is_named(
    code: str, family: str, changes: list[Change], good: dict[str, Intent]
) -> None:
    mutant = changed(good[family], *changes)
    assert code in failed(samples.requirement(family), mutant)


STRESSES: list[tuple[str, str, Callable[[Requirement], None]]] = [
    ("CAPACITOR_RATING", "astable_555", lambda r: r["ports"][0].update(volts_max=21.0)),
    ("SUPPLY_RANGE", "astable_555", lambda r: r["ports"][0].update(volts_min=3.0)),
    ("SUPPLY_RANGE", "linear_regulator", lambda r: r["ports"][0].update(volts_max=40.0)),
    ("MOSFET_VOLTAGE", "lowside_switch", lambda r: r["ports"][0].update(volts_max=28.0)),
    ("MOSFET_GATE", "lowside_switch", lambda r: r["ports"][2].update(volts_nom=15.0)),
    ("MOSFET_CURRENT", "lowside_switch", lambda r: r["ports"][1].update(current_A=7.0)),
    ("DIODE_RATING", "lowside_switch", lambda r: r["ports"][0].update(volts_max=36.0)),
    ("DIODE_CURRENT", "lowside_switch", lambda r: r["ports"][1].update(current_A=2.0)),
    ("CONNECTOR_CURRENT", "led_indicator", lambda r: r["ports"][0].update(current_A=4.0)),
    ("REGULATOR_CURRENT", "linear_regulator", lambda r: r["ports"][1].update(current_A=2.0)),
]


@pytest.mark.parametrize(("code", "family", "stress"), STRESSES)
def test_a_part_that_bears_too_little_is_named(
    code: str, family: str, stress: Callable[[Requirement], None], good: dict[str, Intent]
) -> None:
    requirement = samples.requirement(family)
    stress(requirement)
    assert code in failed(requirement, good[family])


def test_every_failure_says_what_to_do(good: dict[str, Intent]) -> None:
    for _, family, changes in MUTANTS:
        for check in check_intent(samples.requirement(family), changed(good[family], *changes)):
            assert check["passed"] == (check["cause"] == "")
            assert check["passed"] or (check["fix"] and check["measured"] and check["required"])
