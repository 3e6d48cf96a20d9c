"""Every computed value, checked again by a formula of its own."""

from __future__ import annotations

import itertools
import math

import pytest

from clients.catalog import eseries, power, sizing
from clients.catalog.sizing import Impossible, Supply
from kicad.parts import parts_table


def fixed(volts: float) -> Supply:
    return Supply(volts, volts, volts)


def diode_current(volts: float, ohm: float, colour: str) -> float:
    """Shockley's law by bisection, fitted to the data sheets at 1 mA and 20 mA, apart from the module's straight line."""
    emission, at_20mA, series = {
        "red": (2.0, 2.0, 4.5),
        "yellow": (2.0, 2.0, 4.5),
        "green": (2.6, 2.9, 9),
    }.get(colour, (2.6, 3.1, 9))
    thermal = emission * 0.02585
    low, high = 0.0, 1.0
    for _ in range(80):
        amps = (low + high) / 2
        needed = at_20mA + thermal * math.log(max(amps, 1e-12) / 0.02) + series * (amps - 0.02) + amps * ohm
        low, high = (amps, high) if needed < volts else (low, amps)
    return low


@pytest.mark.parametrize(
    ("colour", "volts"),
    [
        (colour, volts)
        for colour, volts in itertools.product(
            sizing.FORWARD, (3.0, 3.3, 3.7, 5, 6, 9, 12, 13.8, 24, 36, 48, 60)
        )
        if volts >= 3.3 or colour in {"red", "yellow", "green"}
    ],
)
def test_led_current(colour: str, volts: float) -> None:
    led = sizing.size_led(fixed(volts), colour)
    total = led.ohm * led.count
    assert 0.005 < diode_current(volts, total, colour) < 0.015
    piece = diode_current(volts, total, colour) ** 2 * led.ohm
    assert piece <= parts_table()[led.part].limits["Pmax"] * 0.9
    assert led.ohm in eseries.STOCKED_RESISTORS


@pytest.mark.parametrize("milliamps", [1, 2, 5, 10, 15, 20])
def test_led_current_as_asked(milliamps: float) -> None:
    led = sizing.size_led(fixed(5), "red", milliamps / 1000)
    assert diode_current(5, led.ohm, "red") == pytest.approx(milliamps / 1000, rel=0.2)
    assert diode_current(5, led.ohm, "red") <= parts_table()["LED_0805_RED"].limits["Imax"]


def test_led_current_stays_within_the_limit_at_the_highest_supply() -> None:
    led = sizing.size_led(Supply(9, 12, 15), "green")
    assert diode_current(15, led.ohm * led.count, "green") < 0.02


@pytest.mark.parametrize("colour", ["red", "green", "blue"])
@pytest.mark.parametrize("volts", [5, 9, 12, 15])
def test_led_behind_a_timer(colour: str, volts: float) -> None:
    led = sizing.size_led(fixed(volts), colour, drop_V=sizing.TIMER_DROP_V, one_piece=True)
    for drop in (1.3, 1.7):
        assert 0.004 < diode_current(volts - drop, led.ohm, colour) < 0.015


def timer_period(ra: float, rb: float, ct: float, volts: float) -> float:
    """An NE555 with 0.18 V and 12 Ω in the discharge transistor and 0.5 µA out of the trigger pin."""
    bias = 0.5e-6

    def seconds(start: float, end: float, aim: float, ohm: float) -> float:
        aim += bias * ohm
        return ohm * ct * math.log((aim - start) / (aim - end))

    third = volts / 3
    return seconds(third, 2 * third, volts, ra + rb) + seconds(2 * third, third, 0.02, rb + 12)


@pytest.mark.parametrize(
    "hertz",
    [
        1 / 60,
        0.05,
        0.1,
        0.3,
        0.5,
        0.75,
        1,
        1.2,
        1.7,
        2,
        2.5,
        3,
        5,
        8,
        10,
        33,
        50,
        100,
        440,
        1e3,
        4.4e3,
        10e3,
        38e3,
        100e3,
    ],
)
@pytest.mark.parametrize("volts", [4.5, 5, 9, 12, 16])
def test_astable_period(hertz: float, volts: float) -> None:
    made = sizing.size_astable(fixed(volts), hertz)
    assert timer_period(made.ra, made.rb, made.ct, volts) * hertz == pytest.approx(1, rel=0.05)
    assert made.period_s == pytest.approx(0.6931 * (made.ra + 2 * made.rb) * made.ct, rel=1e-3)
    assert volts / made.ra <= 0.0101
    assert {made.ra, made.rb} <= set(eseries.STOCKED_RESISTORS)
    assert made.ct in (*eseries.CERAMICS, *eseries.ELECTROLYTICS)
    if made.ct > 1e-6:
        assert made.ra + made.rb <= 300e3


@pytest.mark.parametrize("duty", [0.55, 0.6, 0.7, 0.8, 0.9])
def test_astable_duty(duty: float) -> None:
    made = sizing.size_astable(fixed(9), 2, duty)
    assert (made.ra + made.rb) / (made.ra + 2 * made.rb) == pytest.approx(duty, abs=0.03)


@pytest.mark.parametrize(
    "hertz",
    [
        0.5,
        1,
        2,
        5,
        10,
        20,
        50,
        60,
        100,
        123,
        159,
        300,
        500,
        777,
        1e3,
        1.6e3,
        3.4e3,
        5e3,
        10e3,
        20e3,
        44.1e3,
        100e3,
        250e3,
        1e6,
    ],
)
def test_filter(hertz: float) -> None:
    made = sizing.size_filter(hertz)
    assert 0.15915494 / (made.r * made.c) == pytest.approx(hertz, rel=0.05)
    assert made.r in eseries.STOCKED_RESISTORS or made.r == pytest.approx(eseries.nearest(made.r))
    assert made.c in eseries.CERAMICS


def test_filter_keeps_what_is_given() -> None:
    assert sizing.size_filter(1e3, given_r=4700).c == pytest.approx(33e-9)
    assert sizing.size_filter(1e3, given_c=10e-9).r == pytest.approx(15.9e3, rel=0.02)
    assert sizing.size_filter(None, 10e3, 100e-9).cutoff_Hz == pytest.approx(159.15, rel=1e-3)
    with pytest.raises(Impossible, match=r"159\.2 Hz, not 1 kHz"):
        sizing.size_filter(1e3, 10e3, 100e-9)


@pytest.mark.parametrize(
    ("volts", "output", "amps", "name"),
    [
        (12, 5, 0.2, "LM7805"), (9, 5, 0.3, "LM7805"), (6.5, 5, 0.1, "AMS1117-5.0"), (5, 3.3, 0.4, "AMS1117-3.3"), (12, 3.3, 0.08, "AMS1117-3.3"),
        (24, 12, 0.1, "LM7812"), (15, 9, 0.2, "LM7809"), (3.3, 1.8, 0.3, "AMS1117-1.8"), (5, 2.5, 0.2, "AMS1117-2.5"), (18, 15, 0.2, "LM7815"),
    ],
)  # fmt: skip
def test_regulator(volts: float, output: float, amps: float, name: str) -> None:
    made = power.size_regulator(fixed(volts), output, amps)
    assert made.name == name
    theta = parts_table()[made.part].limits["theta_ja"]
    assert made.junction_C == pytest.approx(25 + theta * ((volts - output) * amps + 0.005 * volts))
    assert made.junction_C <= 110
    assert volts >= output + made.dropout_V


def test_heat_limit_is_offered() -> None:
    with pytest.raises(Impossible) as caught:
        power.size_regulator(fixed(12), 5, 0.5)
    offer = caught.value.offer
    assert caught.value.slot == "load_A"
    assert offer is not None
    assert 25 + 50 * (7 * offer + 0.06) <= 110
    assert power.size_regulator(fixed(12), 5, offer).name == "LM7805"


@pytest.mark.parametrize(
    ("volts", "amps", "logic", "mosfet", "diode"),
    [
        (12, 1, 3.3, "AO3400A", "SS14"), (24, 2, 3.3, "AO3400A", "SS34"), (5, 0.08, 3.3, "AO3400A", "SS14"), (12, 1, 12, "IRLZ44N", "SS14"),
        (28, 1, 5, "IRLZ44N", "SS14"), (36, 0.5, 5, "IRLZ44N", "M7"), (12, 3, 5, "AO3400A", "SS34"), (6, 1.2, 2.5, "AO3400A", "SS34"),
    ],
)  # fmt: skip
def test_switch(volts: float, amps: float, logic: float, mosfet: str, diode: str) -> None:
    made = power.size_switch(fixed(volts), amps, logic)
    assert (made.mosfet, made.diode) == (mosfet, diode)
    transistor, flyback = parts_table()[mosfet].limits, parts_table()[diode].limits
    assert transistor["Vmax"] >= 1.25 * volts
    assert flyback["Vmax"] >= 1.25 * volts
    assert flyback["Imax"] >= amps
    assert transistor["Vgs_max"] >= logic
    assert amps * made.on_ohm < 0.2
    assert 25 + transistor["theta_ja"] * amps**2 * made.on_ohm * 1.4 < 110


@pytest.mark.parametrize(
    ("call", "slot"),
    [
        (lambda: sizing.size_led(fixed(100), "red"), "supply_V"),
        (lambda: sizing.size_led(fixed(1.5), "red"), "supply_V"),
        (lambda: sizing.size_led(fixed(3), "blue"), "colour"),
        (lambda: sizing.size_led(fixed(12), "red", 1.0), "led_current_A"),
        (lambda: sizing.size_led(fixed(12), "red", given_ohm=10), "resistor_ohm"),
        (lambda: sizing.size_astable(fixed(9), 1e6), "frequency_Hz"),
        (lambda: sizing.size_astable(fixed(9), 0.001), "frequency_Hz"),
        (lambda: sizing.size_astable(fixed(3), 1), "supply_V"),
        (lambda: sizing.size_astable(fixed(24), 1), "supply_V"),
        (lambda: sizing.size_astable(fixed(9), 1, 0.1), "duty"),
        (lambda: sizing.size_filter(10e6), "cutoff_Hz"),
        (lambda: sizing.size_filter(1e3, given_r=1.0), "resistor_ohm"),
        (lambda: power.size_regulator(fixed(6), 5, 0.1), "input_V"),
        (lambda: power.size_regulator(fixed(3.3), 5, 0.1), "input_V"),
        (lambda: power.size_regulator(fixed(40), 5, 0.01), "input_V"),
        (lambda: power.size_regulator(fixed(12), 7, 0.1), "output_V"),
        (lambda: power.size_regulator(fixed(12), 5, 3), "load_A"),
        (lambda: power.size_switch(fixed(12), 10, 5), "load_A"),
        (lambda: power.size_switch(fixed(60), 1, 5), "load_V"),
        (lambda: power.size_switch(fixed(12), 1, 1.8), "logic_V"),
        (lambda: power.size_switch(fixed(12), 1, 24), "logic_V"),
    ],
)
def test_what_cannot_be_is_said_by_slot(call: object, slot: str) -> None:
    with pytest.raises(Impossible) as caught:
        call()  # type: ignore[operator]
    assert caught.value.slot == slot
    assert caught.value.sentence.endswith(".")


def test_preferred_numbers() -> None:
    assert [len(series) for series in eseries.SERIES.values()] == [6, 12, 24, 96]
    for series in ("E6", "E12", "E24"):
        assert set(eseries.SERIES[series]) <= set(eseries.E24)
    assert eseries.nearest(15.9e3) == 16e3
    assert eseries.nearest(9.8, "E6") == 10
    assert eseries.nearest(4990, "E96") == 4990
    for value in (*eseries.STOCKED_RESISTORS, *eseries.CERAMICS, *eseries.ELECTROLYTICS):
        assert eseries.parse_value(eseries.format_value(value)) == pytest.approx(value)
    for gap in (18e3, 39e3, 82e3, 330e3):
        assert gap not in eseries.STOCKED_RESISTORS
