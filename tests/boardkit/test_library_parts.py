"""Parts from all of KiCad's libraries: their pins are found by name, and what is missing is said with help."""

from __future__ import annotations

import pytest

from kicad.boardkit.circuit import Circuit
from kicad.library import fitting_footprints, footprint_pads
from kicad.python import kicad_major

USB = "Connector:USB_C_Receptacle_USB2.0_16P"
GCT = "Connector_USB:USB_C_Receptacle_GCT_USB4105-xx-A_16P_TopMnt_Horizontal"
SHIELD = "SH" if kicad_major() >= 10 else "S1"  # the library's own name of the pads


@pytest.mark.parametrize(
    ("symbol", "footprint", "pins"),
    [
        (USB, GCT, {"A6": "A6", "CC1": "A5", "VBUS": "A4 A9 B4 B9", "SHIELD": SHIELD}),
        ("Sensor:BME280", None, {"VDD": "8", "GND": "1 7", "SDI": "3"}),
        ("Battery_Management:MCP73831-2-OT", None, {"VDD": "4", "VSS": "2", "PROG": "5"}),
        ("Battery_Management:TP4057", None, {"VCC": "4", "BAT": "3"}),
        ("Device:Crystal_GND24", "Crystal:Crystal_SMD_3225-4Pin_3.2x2.5mm", {"1": "1", "G": "2 4"}),
        ("Device:Battery_Cell", "Battery:BatteryHolder_Keystone_3034_1x20mm", {"+": "1", "-": "2"}),
        ("Interface_USB:CP2102N-Axx-xQFN24", None, {"D+": "3", "RI": "1", "GND": "2 25"}),
        ("MCU_RaspberryPi:RP2040", None, {"RUN": "26", "IOVDD": "1 10 22 33 42 49", "GND": "57"}),
        ("MCU_ST_STM32F0:STM32F042F6Px", None, {"PA9": "17", "PA11": "17", "VDD": "16"}),
        ("RF_Module:ESP32-WROOM-32", None, {"IO0": "25", "TXD0": "35", "GND": "1 15 38 39"}),
        ("74xx:74HC595", "Package_SO:SOIC-16_3.9x9.9mm_P1.27mm", {"SER": "14", "VCC": "16"}),
        ("Sensor_Motion:MPU-6050", None, {"SDA": "24", "VDD": "13"}),
        ("Driver_Motor:DRV8833PWP", None, {"VM": "12", "SLEEP": "1"}),
        ("MCU_Microchip_ATmega:ATmega328P-A", None, {"PB6": "7", "XTAL1": "7", "RESET": "29", "VCC": "4 6"}),
        ("Timer_RTC:DS3231M", None, {"SDA": "15"}),
        ("LED:WS2812B", None, {"DIN": "4"}),
    ],
)  # fmt: skip
def test_pins_resolve_by_name(symbol: str, footprint: str | None, pins: dict[str, str]) -> None:
    circuit = Circuit()
    part = circuit.add_part("U1", symbol, None, footprint)
    found = {name: " ".join(part[name].numbers) for name in pins}
    assert circuit.findings == []
    assert found == pins


@pytest.mark.parametrize(
    ("symbol", "pin", "near"),
    [
        ("Regulator_Switching:MT3608", "VIN", "IN"),
        ("Driver_Motor:DRV8833PWP", "NSLEEP", "SLEEP"),
        ("Isolator:PC817", "A", "1, 2, 3, 4"),
        ("MCU_Microchip_ATtiny:ATtiny85-20S", "PB9", "PB1"),
    ],
)
def test_a_pin_that_is_not_there_is_said_with_those_that_are(symbol: str, pin: str, near: str) -> None:
    circuit = Circuit()
    circuit.add_part("U1", symbol)[pin]
    (fault,) = circuit.findings
    assert fault["code"] == "UNKNOWN_PIN"
    assert near in fault["required"]
    assert "use one of" in fault["fix"]


def test_one_name_on_two_pins_of_a_chip_is_still_ambiguous() -> None:
    circuit = Circuit()
    circuit.add_part("U1", "Amplifier_Audio:LM386", None, "Package_DIP:DIP-8_W7.62mm")["GAIN"]
    (fault,) = circuit.findings
    assert (fault["code"], fault["measured"]) == ("AMBIGUOUS_PIN", "1 (unit A), 8 (unit A)")
    assert fault["fix"].endswith('for all of them U1["1"], U1["8"]')


@pytest.mark.parametrize(
    ("symbol", "footprint"),
    [
        ("Amplifier_Audio:LM386", "Package_DIP:DIP-8_W7.62mm"),
        ("74xx:74HC595", "Package_DIP:DIP-16_W7.62mm"),
        ("Device:Crystal_GND24", "Crystal:Crystal_SMD_3225-4Pin_3.2x2.5mm"),
    ],
)
def test_a_symbol_without_a_footprint_is_told_which_fit(symbol: str, footprint: str) -> None:
    circuit = Circuit()
    circuit.add_part("U1", symbol)
    (fault,) = circuit.findings
    assert fault["code"] == "UNKNOWN_FOOTPRINT"
    assert footprint in fault["required"]
    assert all(footprint_pads(name) for name in fitting_footprints(symbol))


def test_many_missing_footprints_take_no_minute() -> None:
    """Looking through fifteen thousand names is done for the first few alone."""
    circuit = Circuit()
    for number in range(1, 60):
        circuit.add_part(f"U{number}", "74xx:74HC595")
    assert sum("closest" in fault["required"] for fault in circuit.findings) <= 10
