"""The grammar of quantities: spellings, prefixes, ranges, rates, sizes, and where each stands in the text."""

from __future__ import annotations

import itertools

import pytest

from clients.catalog.quantities import Quantity, find_quantities
from clients.catalog.text import clean
from clients.catalog.units import show


def only(text: str) -> Quantity:
    found = find_quantities(clean(text))
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("5 V", "voltage", 5), ("5V", "voltage", 5), ("five volts", "voltage", 5), ("5 Volt", "voltage", 5), ("5vdc", "voltage", 5),
        ("5-volt", "voltage", 5), ("3V3", "voltage", 3.3), ("3,3 V", "voltage", 3.3), (".5 V", "voltage", 0.5), ("500 mV", "voltage", 0.5),
        ("twenty-four volts", "voltage", 24), ("two and a half volts", "voltage", 2.5), ("-5 V", "voltage", -5), ("minus five volts", "voltage", -5),
        ("three point three volts", "voltage", 3.3), ("200 mA", "current", 0.2), ("200 milliamps", "current", 0.2), ("0.2 A", "current", 0.2),
        ("2a", "current", 2), ("1,5A", "current", 1.5), ("half an amp", "current", 0.5), ("a quarter of an amp", "current", 0.25),
        ("two hundred and fifty milliamps", "current", 0.25), ("20 µA", "current", 20e-6), ("1 kHz", "frequency", 1e3), ("1khz", "frequency", 1e3),
        ("1,000 Hz", "frequency", 1e3), ("1.5 kilohertz", "frequency", 1.5e3), ("2 MHz", "frequency", 2e6), ("1 mhz", "frequency", 1e6),
        ("2k5Hz", "frequency", 2500), ("1e3 Hz", "frequency", 1e3), ("120 bpm", "frequency", 2), ("0 Hz", "frequency", 0),
        ("twice a second", "frequency", 2), ("two times per second", "frequency", 2), ("2x per second", "frequency", 2), ("2/s", "frequency", 2),
        ("once per second", "frequency", 1), ("30 times a minute", "frequency", 0.5), ("90 flashes per minute", "frequency", 1.5),
        ("three blinks each second", "frequency", 3), ("twice every 3 seconds", "frequency", 2 / 3), ("500 ms", "time", 0.5), ("half a second", "time", 0.5),
        ("every half second", "time", 0.5), ("every two seconds", "time", 2), ("once every two seconds", "time", 2), ("every other second", "time", 2),
        ("every second", "time", 1), ("1½ seconds", "time", 1.5), ("one and a half seconds", "time", 1.5), ("4k7", "resistance", 4700),
        ("4.7 kΩ", "resistance", 4700), ("4.7 kohm", "resistance", 4700), ("10k", "resistance", 1e4), ("1M", "resistance", 1e6), ("330 ohms", "resistance", 330),
        ("47R", "resistance", 47), ("100 nF", "capacitance", 1e-7), ("100n", "capacitance", 1e-7), ("0.1uF", "capacitance", 1e-7), ("4n7", "capacitance", 4.7e-9),
        ("10 microfarads", "capacitance", 1e-5), ("22 pF", "capacitance", 22e-12), ("70 %", "percent", 0.7), ("70 percent", "percent", 0.7), ("3 W", "power", 3),
        ("a dozen volts", "voltage", 12), ("a couple of volts", "voltage", 2),
    ],
)  # fmt: skip
def test_number_and_unit(text: str, kind: str, value: float) -> None:
    found = only(text)
    assert found.kind == kind
    assert found.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("9 to 15 V", 9, 15), ("9-15V", 9, 15), ("9 – 15 V", 9, 15), ("9...15 V", 9, 15), ("between 9 and 15 volts", 9, 15),
        ("9 V to 15 V", 9, 15), ("from 9 to 15 volts", 9, 15), ("nine to fifteen volts", 9, 15), ("12 V ±10 %", 10.8, 13.2), ("12V +/- 1V", 11, 13),
        ("anything from 7 up to 35 V", 7, 35),
    ],
)  # fmt: skip
def test_range(text: str, low: float, high: float) -> None:
    found = only(text)
    assert (found.low, found.high) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("40x30 mm", (40, 30)), ("40x30", (40, 30)), ("40 x 30 mm", (40, 30)), ("40mm x 30mm", (40, 30)), ("40×30mm", (40, 30)), ("40*30 mm", (40, 30)),
        ("40 by 30 millimetres", (40, 30)), ("40 by 30 millimeters", (40, 30)), ("4 cm x 3 cm", (40, 30)), ("4x3 cm", (40, 30)), ("1.5 x 1 inch", (38.1, 25.4)),
        ('2" x 1"', (50.8, 25.4)), ("forty by thirty millimetres", (40, 30)), ("50 mm square", (50, 50)), ("40 mm wide and 30 mm high", (40, 30)),
        ("30 mm tall, 40 mm wide", (40, 30)), ("width 40 mm, height 30 mm", (40, 30)), ("1x1 mm", (1, 1)), ("0.05 m x 0.04 m", None),
    ],
)  # fmt: skip
def test_size(text: str, size: tuple[float, float] | None) -> None:
    found = [each for each in find_quantities(clean(text)) if each.kind == "size"]
    assert [(each.value, each.second) for each in found] == ([pytest.approx(size)] if size else [])


@pytest.mark.parametrize(
    ("text", "source", "low", "high"),
    [
        ("9V battery", "9 V battery", 7.2, 9.6), ("coin cell", "coin cell", 2.7, 3.2), ("CR2032", "coin cell", 2.7, 3.2), ("USB", "USB", 4.75, 5.25),
        ("usb port", "USB", 4.75, 5.25), ("Li-ion cell", "Li-ion cell", 3.0, 4.2), ("LiPo", "Li-ion cell", 3.0, 4.2), ("car battery", "car battery", 9, 15),
        ("12 V car battery", "car battery", 9, 15), ("18650", "Li-ion cell", 3.0, 4.2),
    ],
)  # fmt: skip
def test_implied(text: str, source: str, low: float, high: float) -> None:
    found = only(text)
    assert (found.source, found.low, found.high) == (source, low, high)


def test_alkaline_cells_count() -> None:
    assert [only(text).value for text in ("three AA batteries", "4 AAA cells", "4xAA cells")] == [4.5, 6, 6]


def test_part_names_are_no_quantities() -> None:
    for name in (
        "NE555",
        "LM7805",
        "7812",
        "AMS1117-3.3",
        "1N4007",
        "2N7002",
        "IRLZ44N",
        "555",
        "a 1x4 header",
        "SOT-23",
        "TO-220",
    ):
        assert find_quantities(name) == [], name


def test_a_falling_range_is_two_voltages() -> None:
    for text in ("12 V to 5 V", "12V-to-5V", "12 to 5 V", "12V -> 5V", "12V→5V"):
        assert [each.value for each in find_quantities(clean(text))] == [12, 5], text


def test_about_max_and_min_are_heard() -> None:
    for text in (
        "about 1 Hz",
        "around 1 Hz",
        "~1 Hz",
        "approx. 1 Hz",
        "roughly a 1 Hz",
        "1 Hz or so",
        "≈1 Hz",
    ):
        assert only(text).approximate, text
    assert not only("1 Hz").approximate
    assert only("up to 200 mA").bound == "max"
    assert only("at least 7 V").bound == "min"


def test_spans_point_at_the_words() -> None:
    text = "an LED that flashes twice a second from two and a half volts, 40x30 mm, half a second on"
    for quantity in find_quantities(text):
        start, end = quantity.span
        assert text[start:end].strip() == quantity.text
    assert [each.text for each in find_quantities(text)] == [
        "twice a second",
        "two and a half volts",
        "40x30 mm",
        "half a second",
    ]


_SPELLINGS = {
    "voltage": ("V", " V", " volts", "V DC", "-volt"),
    "current": (" A", "A", " amps", " ampere"),
    "frequency": (" Hz", "Hz", " hertz", " hz"),
    "time": (" s", " seconds", "s", " sec"),
    "resistance": (" Ω", " ohm", "R"),
    "capacitance": (" F", "F", " farads"),
}
_PREFIX = {"": 1.0, "m": 1e-3, "k": 1e3, "µ": 1e-6}


@pytest.mark.parametrize("kind", _SPELLINGS)
def test_roundtrip_of_spellings(kind: str) -> None:
    """Every number comes back in every spelling; with prefixes in the short one."""
    for number, unit in itertools.product((0.15, 1, 2.2, 7, 12, 33, 470), _SPELLINGS[kind]):
        found = only(f"{number}{unit}")
        assert (found.kind, found.value) == (kind, pytest.approx(number)), f"{number}{unit}"
    short = _SPELLINGS[kind][0].strip()
    usual = {
        "voltage": "mk",
        "current": "mµ",
        "frequency": "k",
        "time": "mµ",
        "resistance": "k",
        "capacitance": "µ",
    }
    for number, prefix in itertools.product((0.15, 1, 4.7, 220), usual[kind]):
        found = only(f"{number} {prefix}{short}")
        assert (found.kind, found.value) == (kind, pytest.approx(number * _PREFIX[prefix])), (
            f"{number} {prefix}{short}"
        )


def test_what_is_shown_is_read_again() -> None:
    for value, unit in itertools.product((0.0047, 0.02, 0.5, 1.5, 12.0, 999.0), ("V", "A", "s", "Ω")):
        assert only(show(value, unit)).value == pytest.approx(value, rel=1e-3)
    for value in (1 / 60, 0.5, 12.0, 15e3):
        assert only(show(value, "Hz")).value == pytest.approx(value, rel=1e-3)
