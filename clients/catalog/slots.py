"""What a brief says, in its places: slots by family, and the reading that collects them."""

# ruff: noqa: E501 - tables read best with one entry a line
from __future__ import annotations

from dataclasses import dataclass, field

from clients.catalog.quantities import Quantity

# Slots by family and the kind of quantity that fills them.
SLOTS: dict[str, dict[str, str]] = {
    "led_indicator": {"supply_V": "voltage", "led_current_A": "current", "resistor_ohm": "resistance"},
    "astable_555": {"frequency_Hz": "frequency", "supply_V": "voltage", "led_current_A": "current", "duty": "percent"},
    "rc_lowpass": {"cutoff_Hz": "frequency", "resistor_ohm": "resistance", "capacitor_F": "capacitance", "signal_V": "voltage"},
    "rc_highpass": {"cutoff_Hz": "frequency", "resistor_ohm": "resistance", "capacitor_F": "capacitance", "signal_V": "voltage"},
    "linear_regulator": {"input_V": "voltage", "output_V": "voltage", "load_A": "current"},
    "lowside_switch": {"load_V": "voltage", "load_A": "current", "logic_V": "voltage"},
}  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """A quantity in its place, SI units; `said` is how the user wrote it ("" for a default)."""

    low: float
    value: float
    high: float
    said: str = ""
    approximate: bool = False
    tolerance: float | None = None


@dataclass
class Reading:
    """All that is understood of a conversation so far."""

    family: str | None = None
    refusal: str | None = None
    slots: dict[str, Slot] = field(default_factory=dict)
    words: dict[str, str] = field(
        default_factory=dict
    )  # colour, connector, regulator, pins, holes, package, out
    size: tuple[float, float] | None = None
    count: int = 1  # of LEDs
    remarks: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def slot_of(quantity: Quantity, factor: float = 1.0) -> Slot:
    """The quantity as a slot, its value multiplied by `factor`."""
    return Slot(
        quantity.low * factor,
        quantity.value * factor,
        quantity.high * factor,
        quantity.text,
        quantity.approximate,
        quantity.tolerance,
    )


def inverse_slot(quantity: Quantity) -> Slot:
    """A period in seconds as a slot in hertz."""
    return Slot(
        1 / quantity.high,
        1 / quantity.value,
        1 / quantity.low,
        quantity.text,
        quantity.approximate,
        quantity.tolerance,
    )
