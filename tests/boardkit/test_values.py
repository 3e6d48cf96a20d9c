"""Values as people write them."""

from __future__ import annotations

import pytest

from kicad.boardkit.values import number_of, value_text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4.7k", 4700.0), ("4k7", 4700.0), ("330", 330.0), ("330R", 330.0), ("2R2", 2.2), ("1M", 1e6), ("10 kΩ", 1e4),
        ("100n", 1e-7), ("10u", 1e-5), ("10µF", 1e-5), ("0.1uF", 1e-7), ("22p", 22e-12), ("4u7", 4.7e-6), ("10m", 0.01),
    ],
)  # fmt: skip
def test_values_are_read(text: str, number: float) -> None:
    assert number_of(text) == pytest.approx(number)


@pytest.mark.parametrize(
    "text", ["", "k", "1.2.3", "-5", "0", "0u", "1k2k", "1e3", "٣k", "lots", "nan", "1" * 30]
)
def test_what_is_no_value(text: str) -> None:
    with pytest.raises(ValueError, match="no value"):
        number_of(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(680, "680"), (4700, "4.7k"), (1e6, "1M"), (1e-7, "100n"), (2.2e-11, "22p"), (0.5, "500m"), (" 1k ", "1k"), (5e-13, "0.5p")],
)  # fmt: skip
def test_numbers_become_text(value: object, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize("value", [None, True, float("nan"), float("inf"), -1, 0, [], 1e12])
def test_what_no_text_can_be_made_of(value: object) -> None:
    with pytest.raises(ValueError, match="no value"):
        value_text(value)
