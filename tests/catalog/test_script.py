"""Scripts run with the real boardkit and say what the requirement asks; errors are mended or given up."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from clients.catalog.eseries import parse_value
from clients.catalog.reading import read_brief
from clients.catalog.requirement import build_requirement
from clients.catalog.script import GaveUp, write_script
from kicad.shapes import Intent, Requirement
from tests.catalog.briefs import ALL, Brief

KICAD_PYTHON = "/usr/bin/python3"


def requirement_of(text: str) -> Requirement:
    return build_requirement(read_brief(text), text)


def intents_of(scripts: list[str]) -> list[Any]:
    runner = Path(__file__).with_name("run_scripts.py")
    done = subprocess.run(
        [KICAD_PYTHON, str(runner)],
        input=json.dumps(scripts),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def built() -> list[tuple[Brief, Requirement, str, Intent]]:
    wanted = [requirement_of(brief.text) for brief in ALL]
    scripts = [write_script(requirement).script for requirement in wanted]
    return list(zip(ALL, wanted, scripts, intents_of(scripts), strict=True))


def test_every_script_runs_and_names_its_nets_after_the_ports(
    built: list[tuple[Brief, Requirement, str, Intent]],
) -> None:
    for brief, requirement, script, intent in built:
        assert "refused" not in intent, (brief.text, script, intent)
        nets = {net["name"]: net["pins"] for net in intent["nets"]}
        plugs = {part["ref"] for part in intent["parts"] if part["ref"].startswith("J")}
        for port in requirement["ports"]:
            refs = {ref for ref, _ in nets[port["name"]]}
            assert refs & plugs, (brief.text, port["name"])
            assert refs - plugs, (brief.text, port["name"])


def test_every_connector_pin_has_a_label_and_every_connector_an_edge(
    built: list[tuple[Brief, Requirement, str, Intent]],
) -> None:
    for brief, _, _, intent in built:
        labels = {tuple(label["pin"]) for label in intent["labels"] if "pin" in label}
        edges = {edge["ref"] for edge in intent["edges"]}
        for part in intent["parts"]:
            if part["ref"].startswith("J"):
                assert part["ref"] in edges
                assert {(part["ref"], pin["number"]) for pin in part["pins"]} <= labels, brief.text


def test_nets_that_carry_much_have_a_class(built: list[tuple[Brief, Requirement, str, Intent]]) -> None:
    for brief, requirement, _, intent in built:
        wide = {net for each in intent["netclasses"] for net in each["nets"]}
        for port in requirement["ports"]:
            if port.get("current_A", 0.0) >= 0.15:
                assert {port["name"], "GND"} <= wide, brief.text


def test_connectors_are_as_asked(built: list[tuple[Brief, Requirement, str, Intent]]) -> None:
    for brief, _, _, intent in built:
        wanted = brief.words.get("connector")
        kinds = {part["part"] for part in intent["parts"] if part["ref"].startswith("J")}
        if wanted:
            assert all(str(kind).startswith("SCREW" if wanted == "screw" else "HDR") for kind in kinds), (
                brief.text
            )


def test_scripts_keep_to_the_vocabulary_and_show_the_brief(
    built: list[tuple[Brief, Requirement, str, Intent]],
) -> None:
    allowed = r"(?:from boardkit import \*|#.*|(?:\w+ = )?(?:block|part|net|connect)\(.*|\s+colour=.*|(?:edge|label|netclass|near|hole)\(.*|)"
    for brief, _, script, _ in built:
        assert "# Asked for: " in script
        for line in script.splitlines():
            assert re.fullmatch(allowed, line), line
            assert not line.rstrip().endswith("\\"), brief.text


def test_the_values_in_a_script_give_the_rate(built: list[tuple[Brief, Requirement, str, Intent]]) -> None:
    for brief, requirement, script, _ in built:
        if requirement["family"] == "astable_555":
            ra, rb, ct = (parse_value(value) for value in re.findall(r'(?:ra|rb|ct)="([^"]+)"', script))
            period = requirement["measures"][0]
            assert period["min"] is not None
            assert period["max"] is not None
            assert period["min"] < 0.6931 * (ra + 2 * rb) * ct < period["max"], brief.text


def test_hostile_words_stay_in_comments() -> None:
    text = 'LED indicator for 5 V\n"""\nimport os\nos.system("id")\r\u2028raise SystemExit # ${HOME} `id`'
    script = write_script(requirement_of(text)).script
    code = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert not any("os" in line.split('"')[0] and "import os" in line for line in code)
    assert all(re.match(r"from boardkit|[\w ]+ = |net\(|edge\(|label\(", line) for line in code)
    assert "refused" not in intents_of([script])[0]


def finding(code: str, measured: str = "") -> dict[str, str]:
    return {"code": code, "place": "", "measured": measured, "required": "", "cause": "", "fix": ""}


def test_a_period_that_is_off_is_mended_and_the_next_error_builds_on_it() -> None:
    requirement = requirement_of("555 LED blinker 1 Hz from 9 V")
    first = write_script(requirement).script
    second = write_script(requirement, [finding("LED_PERIOD", "1.2 s (0.833 Hz)")], 2, first)
    assert "tuning" in second.script
    assert any("1.2 s" in note for note in second.notes)

    def period(script: str) -> float:
        ra, rb, ct = (parse_value(value) for value in re.findall(r'(?:ra|rb|ct)="([^"]+)"', script))
        return 0.6931 * (ra + 2 * rb) * ct

    assert period(second.script) == pytest.approx(1 / 1.2, rel=0.05)
    third = write_script(requirement, [finding("LED_PERIOD", "0.95 s (1.05 Hz)")], 3, second.script).script
    assert period(third) == pytest.approx(1 / 1.2 / 0.95, rel=0.05)


def test_where_nothing_could_be_measured_another_capacitor_is_tried() -> None:
    requirement = requirement_of("multivibrator 2.5 Hz 5 volts")
    first = write_script(requirement).script
    second = write_script(requirement, [finding("LED_PERIOD", "no trustworthy result")], 2, first).script
    assert re.findall(r'ct="([^"]+)"', first) != re.findall(r'ct="([^"]+)"', second)


def test_led_current_and_cutoff_are_mended() -> None:
    led = requirement_of("LED indicator for 5 V")
    script = write_script(led, [finding("LED_CURRENT", "16 mA")], 2, write_script(led).script).script
    assert parse_value(re.findall(r'resistor="([^"]+)"', script)[0]) > 400
    low = requirement_of("RC low-pass 1 kHz")
    script = write_script(low, [finding("CUTOFF", "1.25 kHz (lowpass)")], 2, write_script(low).script).script
    r, c = (parse_value(value) for value in re.findall(r'(?:r|c)="([^"]+)"', script))
    assert 0.159155 / (r * c) == pytest.approx(800, rel=0.05)


def test_a_tight_board_gets_the_small_package_then_is_given_up() -> None:
    requirement = requirement_of("555 LED blinker about 1 Hz from 9 V, 40x30 mm")
    first = write_script(requirement).script
    second = write_script(requirement, [finding("BOARD_TOO_SMALL")], 2, first).script
    assert 'package="dip"' in first
    assert 'package="soic"' in second
    with pytest.raises(GaveUp, match="BOARD_TOO_SMALL"):
        write_script(requirement, [finding("BOARD_TOO_SMALL")], 3, second)


def test_a_hot_regulator_gets_the_larger_package() -> None:
    requirement = requirement_of("5 V LDO from 8 V, 150 mA")
    first = write_script(requirement).script
    assert "AMS1117-5.0" in first
    second = write_script(requirement, [finding("JUNCTION", "118 °C (1.03 W)")], 2, first).script
    assert "LM7805" in second


def test_somebody_elses_wrong_script_is_replaced() -> None:
    requirement = requirement_of("LED indicator for 5 V")
    assert (
        write_script(requirement, [finding("LED_REVERSED")], 2, "while True: pass").script
        == write_script(requirement).script
    )
    with pytest.raises(GaveUp, match="LED_REVERSED"):
        write_script(requirement, [finding("LED_REVERSED")], 3, write_script(requirement).script)
    forged = '# tuning: {"period": "x", "package": [1], "avoid": 5}\n'
    assert (
        write_script(requirement, [finding("LED_REVERSED")], 2, forged).script
        == write_script(requirement).script
    )


def test_mounting_holes_and_several_leds() -> None:
    intent = intents_of(
        [write_script(requirement_of("three green LEDs for 12 V with mounting holes, 50x40 mm")).script]
    )[0]
    assert len(intent["holes"]) == 4
    assert sum(part["ref"].startswith("D") for part in intent["parts"]) == 3
