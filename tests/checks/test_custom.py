"""Boards of no family: what cannot be simulated is held by rules, and the rest is still measured."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import samples
from mutants import Change, changed, drop, move, short, swap, value

from kicad.checks import check_intent
from kicad.checks.circuit import from_intent
from kicad.checks.heat import check_heat
from kicad.checks.named import is_named
from kicad.checks.spice import Simulator, check_measures
from kicad.shapes import Check, Intent, IntentPart, Measure, Requirement

DATA = Path(__file__).parents[1] / "board" / "data"


@pytest.fixture(scope="module")
def tiny() -> Intent:
    """The ATtiny85's board: U2 is its regulator, D2 shows the supply, D3 hangs on a pin of the controller."""
    return samples.intent_from((DATA / "attiny85.py").read_text())


@pytest.fixture
def wanted() -> Requirement:
    requirement: Requirement = json.loads((DATA / "attiny85.json").read_text())
    return requirement


def failed(checks: list[Check]) -> set[str]:
    return {check["code"] for check in checks if not check["passed"]}


def test_a_good_board_of_no_family_passes_every_predicate(tiny: Intent, wanted: Requirement) -> None:
    assert failed(check_intent(wanted, tiny)) == set()


def _library_part(ref: str) -> Change:
    """The part as a script names it by its symbol alone, with a symbol that the parts table does not have."""

    def change(intent: Intent) -> None:
        for part in intent["parts"]:
            if part["ref"] == ref:
                part["part"], part["symbol"] = None, "MCU_Microchip_ATtiny:ATtiny85V-10S"
                part["value"] = "ATtiny85V"

    return change


MUTANTS: list[tuple[str, list[Change]]] = [
    ("RESET_FLOATING", [drop("R1")]),
    ("RESET_FLOATING", [move("U1", "1", "")]),
    ("RESET_FLOATING", [move("R1", "1", "GND")]),
    ("BUS_NO_PULLUP", [drop("R2")]),
    ("BUS_NO_PULLUP", [move("R2", "1", "GND")]),
    ("BUS_NO_PULLUP", [value("R3", "47")]),
    ("BUS_LEVEL", [move("R2", "1", "RAW")]),
    ("LED_PIN_CURRENT", [value("R5", "100")]),
    ("LED_PIN_CURRENT", [value("R5", "47k")]),
    ("LED_NO_RESISTOR", [short("R5")]),
    ("LED_REVERSED", [swap("D3", "1", "2")]),
    ("LED_UNPOWERED", [move("R5", "1", "")]),
    ("CONTACT_USELESS", [move("SW1", "2", "RST")]),
    ("CONTACT_USELESS", [move("SW1", "1", "")]),
    ("DECOUPLING_MISSING", [drop("C3"), drop("C4")]),
    ("POWER_UNCONNECTED", [move("U1", "8", "")]),
    ("SUPPLY_SWAPPED", [swap("U1", "4", "8")]),
    ("SUPPLY_RANGE", [move("U1", "8", "RAW")]),
    ("REGULATOR_OUTPUT_CAPACITOR", [drop("C2")]),
    ("NAMED_PART_MISSING", [drop("SW1")]),
    ("PORT_MISSING", [move("J2", "1", "")]),
]


@pytest.mark.parametrize(("code", "changes"), MUTANTS)
def test_a_planted_fault_is_named(
    code: str, changes: list[Change], tiny: Intent, wanted: Requirement
) -> None:
    mutant = changed(tiny, *changes)
    checks = check_intent(wanted, mutant)
    assert code in failed(checks)
    for check in checks:
        assert check["passed"] or (
            check["fix"] and check["measured"] and check["required"] and check["cause"]
        )


def test_a_pin_that_goes_both_ways_may_stay_open(tiny: Intent, wanted: Requirement) -> None:
    assert failed(check_intent(wanted, changed(tiny, move("U1", "2", "")))) == set()


def test_a_range_that_nobody_knows_is_told_and_not_failed(tiny: Intent, wanted: Requirement) -> None:
    checks = check_intent(wanted, changed(tiny, _library_part("U1")))
    told = [check for check in checks if check["code"] == "SUPPLY_RANGE_UNKNOWN"]
    assert [check["place"] for check in told] == ["U1"]
    assert "SUPPLY_RANGE" not in failed(checks)


def test_a_part_by_its_symbol_has_the_tables_limits(tiny: Intent, wanted: Requirement) -> None:
    def by_symbol(intent: Intent) -> None:
        next(part for part in intent["parts"] if part["ref"] == "U1")["part"] = None

    assert "SUPPLY_RANGE" in failed(check_intent(wanted, changed(tiny, by_symbol, move("U1", "8", "RAW"))))


# ---------------------------------------------------------------------------- crystals, ranges in words

CRYSTAL = """
from boardkit import *
j = part("J1", "HDR_1x02")
u = part("U1", "MCU_Microchip_ATmega:ATmega328P-A")
y = part("Y1", "XTAL_HC49", "16MHz")
one, other = part("C1", "C_0805", "22p"), part("C2", "C_0805", "22p")
c3, c4, c5, r = (part("C3", "C_0805", "100n"), part("C4", "C_0805", "100n"), part("C5", "C_0805", "100n"),
    part("R1", "R_0805", "10k"))
net("VCC", j["1"], u["VCC"], u["AVCC"], c3["1"], c4["1"], c5["1"], r["1"])
net("GND", j["2"], u["GND"], c3["2"], c4["2"], c5["2"], one["2"], other["2"], u["ADC6"], u["ADC7"])
net("RESET", u["RESET"], r["2"])
net("X1", y["1"], u["PB6"], one["1"])
net("X2", y["2"], u["XTAL2"], other["1"])
label("VCC", j["1"])
label("GND", j["2"])
"""


@pytest.fixture(scope="module")
def mega() -> Intent:
    return samples.intent_from(CRYSTAL)


def _five_volts() -> Requirement:
    return {**samples.requirement("led_indicator"), "family": "custom", "measures": []}


def test_a_controller_with_a_crystal_passes_every_predicate(mega: Intent) -> None:
    assert failed(check_intent(_five_volts(), mega)) == set()


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("CRYSTAL_CAPACITOR", [drop("C1")]),
        ("CRYSTAL_CAPACITOR", [value("C2", "22n")]),
        ("CRYSTAL_CAPACITOR", [move("Y1", "1", "")]),
        (
            "DECOUPLING_MISSING",
            [drop("C5")],
        ),  # pin 6 is passive in KiCad's symbol, and takes supply all the same
        ("POWER_UNCONNECTED", [move("U1", "6", "")]),
        ("INPUT_FLOATING", [move("U1", "19", "")]),
    ],
)
def test_a_fault_around_a_crystal_is_named(code: str, changes: list[Change], mega: Intent) -> None:
    assert code in failed(check_intent(_five_volts(), changed(mega, *changes)))


def test_a_range_in_kicads_description_is_held() -> None:
    """KiCad says 1.71-3.6V of a BME280."""
    script = """
from boardkit import *
j, u = part("J1", "HDR_1x02"), part("U1", "Sensor:BME280")
net("VCC", j["1"], u["VDD"])
"""
    checks = check_intent(_five_volts(), samples.intent_from(script))
    found = next(check for check in checks if check["code"] == "SUPPLY_RANGE")
    assert (found["passed"], found["required"]) == (False, "1.71 – 3.6 V")


# ---------------------------------------------------------------------------- what the user named


def _part(symbol: str, value_: str = "", key: str | None = None) -> IntentPart:
    return IntentPart(ref="U1", symbol=symbol, footprint="", value=value_, part=key, pins=[])


@pytest.mark.parametrize(
    ("what", "symbol", "same"),
    [
        ("ATtiny85", "MCU_Microchip_ATtiny:ATtiny85-20P", True),
        ("attiny 85", "MCU_Microchip_ATtiny:ATtiny85-20P", True),
        ("ATiny85", "MCU_Microchip_ATtiny:ATtiny85-20P", True),
        ("ATtiny45", "MCU_Microchip_ATtiny:ATtiny85-20P", False),
        ("ATtiny85", "MCU_Microchip_ATmega:ATmega328P-A", False),
        ("LM7805", "Regulator_Linear:L7805", True),
        ("LM7812", "Regulator_Linear:L7805", False),
        ("NE555", "Timer:TLC555xP", False),
        ("BME280 sensor", "Sensor:BME280", True),
        ("USB-C receptacle", "Connector:USB_C_Receptacle_USB2.0_16P", True),
        ("push buttons", "Switch:SW_Push", True),
        ("push button", "Device:LED", False),
        ("LED", "Device:LED", True),
        ("LED", "Device:R", False),
        ("", "Device:R", False),
    ],
)
def test_names_are_matched_tolerant_of_spelling(what: str, symbol: str, same: bool) -> None:
    assert is_named(what, _part(symbol)) is same


def test_too_few_of_a_named_part_are_told(tiny: Intent, wanted: Requirement) -> None:
    wanted["parts"] = [{"what": "LED", "quantity": 3}]
    checks = check_intent(wanted, tiny)
    found = next(check for check in checks if check["code"] == "NAMED_PART_MISSING")
    assert (found["passed"], found["measured"], found["required"]) == (False, "D2, D3", "3 × LED")


# ---------------------------------------------------------------------------- simulation around what has no model


def simulated(requirement: Requirement, intent: Intent, workdir: Path) -> list[Check]:
    simulator = Simulator(requirement, from_intent(intent), workdir)
    return check_measures(simulator) + check_heat(simulator)


def _measure(what: str, low: float | None, high: float | None, unit: str, **more: object) -> Measure:
    return Measure(id=what, what=what, min=low, max=high, unit=unit, **more)  # type: ignore[typeddict-item]


def _of(checks: list[Check], code: str) -> list[Check]:
    return [check for check in checks if check["code"] == code]


def test_a_regulator_is_measured_beside_a_controller(
    tiny: Intent, wanted: Requirement, tmp_path: Path
) -> None:
    checks = simulated(wanted, tiny, tmp_path)
    assert failed(checks) == set()
    (told,) = _of(checks, "UNSIMULATED")
    assert told["passed"]
    assert told["place"] == "U1"
    assert "14.9 mA" in told["measured"]  # 8 mA of the data sheet, 6.91 mA of D3
    (hot,) = _of(checks, "JUNCTION")
    # (12 V - 0.3 V - 5 V) (50 mA + 14.9 mA + 3.5 mA + 5 mA of its own) = 0.51 W, at 90 K/W
    assert float(hot["measured"].split()[0]) == pytest.approx(25 + 90 * 0.51, abs=2)


def test_the_supply_current_of_the_absent_part_loads_the_regulator(
    tiny: Intent, wanted: Requirement, tmp_path: Path
) -> None:
    """Without the LED at the controller's pin it takes 6.9 mA less: 46 mW, 4 K."""
    with_led, without = (
        float(_of(simulated(wanted, each, tmp_path), "JUNCTION")[0]["measured"].split()[0])
        for each in (tiny, changed(tiny, drop("D3")))
    )
    assert with_led - without == pytest.approx(90 * 0.0069 * 6.7, rel=0.1)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("OUTPUT_VOLTAGE", lambda m: m.update(min=5.1, max=5.25)),
        ("JUNCTION", lambda m: m.update(max=60.0)),
    ],
)
def test_a_missed_limit_beside_a_controller_is_found(
    code: str, change: Callable[[Measure], None], tiny: Intent, wanted: Requirement, tmp_path: Path
) -> None:
    for measure in wanted["measures"]:
        if (measure["what"] == "output_V") == (code == "OUTPUT_VOLTAGE"):
            change(measure)
    assert failed(simulated(wanted, tiny, tmp_path)) == {code}


def test_only_the_led_of_the_controller_is_not_simulated(
    tiny: Intent, wanted: Requirement, tmp_path: Path
) -> None:
    wanted["measures"] = [_measure("led_current_A", 0.002, 0.01, "A")]
    found = {check["place"]: check for check in _of(simulated(wanted, tiny, tmp_path), "LED_CURRENT")}
    assert found["D2"]["passed"]
    assert (found["D3"]["passed"], found["D3"]["measured"]) == (False, "not simulated")
    assert "U1" in found["D3"]["cause"]


@pytest.mark.parametrize(
    "measure",
    [
        _measure("output_V", 0.0, 9.0, "V", port="MISO"),
        _measure("output_V", 0.0, 9.0, "V", port="SDA"),
        _measure("cutoff_Hz", 1.0, 1e9, "Hz", source="VIN", port="RST"),
        _measure("cutoff_Hz", 1.0, 1e9, "Hz", source="SDA", port="5V"),
        _measure("on_voltage_V", None, 99.0, "V", port="SCL"),
    ],
)
def test_a_measure_that_hangs_on_the_absent_part_never_passes(
    measure: Measure, tiny: Intent, wanted: Requirement, tmp_path: Path
) -> None:
    wanted["measures"] = [measure]
    found = [check for check in simulated(wanted, tiny, tmp_path) if not check["passed"]]
    assert [check["measured"] for check in found] == ["not simulated"]


def test_the_ports_tell_the_current_of_a_part_that_the_table_does_not_have(
    tiny: Intent, wanted: Requirement, tmp_path: Path
) -> None:
    """100 mA come in, 50 mA go out: the other 50 mA are the absent part's."""
    checks = simulated(wanted, changed(tiny, _library_part("U1")), tmp_path)
    assert failed(checks) == set()
    assert "U1 takes 50 mA" in _of(checks, "UNSIMULATED")[0]["measured"]


def test_a_regulator_whose_load_nobody_knows_is_not_measured(
    tiny: Intent, wanted: Requirement, tmp_path: Path
) -> None:
    del wanted["ports"][0]["current_A"]
    checks = simulated(wanted, changed(tiny, _library_part("U1")), tmp_path)
    assert failed(checks) == {"OUTPUT_VOLTAGE", "JUNCTION"}
    assert all("current of U1" in check["cause"] for check in checks if not check["passed"])
    assert "U2" not in {check["place"] for check in _of(checks, "JUNCTION_LIMIT")}


def test_a_transistor_that_the_controller_switches_is_not_simulated(tmp_path: Path) -> None:
    requirement = copy.deepcopy(samples.requirement("lowside_switch"))
    requirement["ports"] = [port for port in requirement["ports"] if port["name"] != "IN"]
    requirement["ports"].append({"name": "VCC", "role": "supply_in", "volts_nom": 5.0, "volts_max": 5.0})
    script = samples.script("lowside_switch").replace('net("IN", j1["3"], b["IN"])', """
u, c = part("U1", "ATTINY85_SO8"), part("C1", "C_0805", "100n")
net("VCC", j1["3"], u["VCC"], c["1"])
net("GND", u["GND"], c["2"])
net("GATE", u["PB1"], b["IN"])
""")  # fmt: skip
    checks = simulated(requirement, samples.intent_from(script), tmp_path)
    assert failed(checks) == {"ON_VOLTAGE", "OFF_CURRENT", "JUNCTION"}
    assert {check["measured"] for check in checks if not check["passed"]} == {"not simulated"}


def test_the_hottest_part_is_not_known_beside_one_that_is_not_simulated(
    wanted: Requirement, tmp_path: Path
) -> None:
    """The regulator alone would pass; the controller's transistor might be hotter."""
    switch = """
q, r, down = part("Q1", "AO3400A"), part("R8", "R_0805", "1k"), part("R9", "R_0805", "100k")
net("GATE", mcu["PB3"], q["G"], down["1"])
net("GND", q["S"], down["2"])
net("DRAIN", q["D"], r["1"])
net("5V", r["2"])
"""
    intent = samples.intent_from((DATA / "attiny85.py").read_text() + switch)
    assert failed(check_intent(wanted, intent)) == set()
    (hot,) = _of(simulated(wanted, intent, tmp_path), "JUNCTION")
    assert (hot["passed"], hot["measured"]) == (False, "not simulated")
    assert hot["cause"].startswith("Q1 ")
