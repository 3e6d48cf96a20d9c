"""A pin is found by alias, then unit, then name, then pad number."""

from __future__ import annotations

import pytest

from tests.boardkit.conftest import Run


@pytest.mark.parametrize(
    ("part", "pin", "pads"),
    [
        ('"NE555_DIP"', "CV", {"5"}),  # alias
        ('"NE555_DIP"', "CONT", {"5"}),  # KiCad's name
        ('"NE555_DIP"', "RESET", {"4"}),
        ('"NE555_DIP"', "RST", {"4"}),  # ~{RST} without its bar
        ('"NE555_DIP"', "8", {"8"}),  # pad
        ('"R_0805"', "2", {"2"}),
        ('"CP_RAD_D5"', "POS", {"1"}),
        ('"LM358_SO8"', "IN1+", {"3"}),
        ('"LM358_SO8"', "A.+", {"3"}),  # unit
        ('"LM358_SO8"', "B.-", {"6"}),
        ('"LM358_SO8"', "B.7", {"7"}),
        ('"MCU_Microchip_ATmega:ATmega328P-A"', "GND", {"3", "5", "21"}),  # a supply's name: all its pins
        ('"MCU_Microchip_ATmega:ATmega328P-A"', "VCC", {"4", "6"}),
        ('"Regulator_Linear:LM78M05_TO252"', "VI", {"1"}),  # a symbol that extends another
        ('"Transistor_FET:SiS415DNT"', "D", {"5"}),
        ('"Transistor_FET:IRF7403"', "D", {"5", "6", "7", "8"}),  # stacked on each other
    ],
)  # fmt: skip
def test_the_way_to_a_pin(run: Run, part: str, pin: str, pads: set[str]) -> None:
    ran = run(f'part("R1", "R_0805", "1k")\nu = part("U1", {part}, "1k")\nnet("X", "R1.1", u["{pin}"])\n')
    assert ran.netlist == {"X": {"R1.1"} | {f"U1.{pad}" for pad in pads}}


def test_a_unit_may_stand_in_the_reference(run: Run) -> None:
    ran = run('part("U1", "LM358_SO8")\nnet("X", "U1A.-", "U1B.+")\n')
    assert ran.netlist == {"X": {"U1.2", "U1.5"}}


@pytest.mark.parametrize(
    ("end", "lists"),
    [('"U1.+"', "3 (unit A), 5 (unit B)"), ('u["-"]', "2 (unit A), 6 (unit B)")],
)
def test_two_matches_are_listed(run: Run, end: str, lists: str) -> None:
    ran = run(f'u = part("U1", "LM358_SO8")\nnet("X", {end})\n')
    error = ran.only("AMBIGUOUS_PIN")
    assert error["measured"] == lists
    assert error["line"] == 3


def test_signals_of_one_name_are_not_joined(run: Run) -> None:
    ran = run('u = part("U1", "Connector:USB_C_Receptacle_USB2.0_16P", footprint='
              '"Connector_USB:USB_C_Receptacle_HRO_TYPE-C-31-M-12")\nnet("D", u["D+"])\n')  # fmt: skip
    assert ran.only("AMBIGUOUS_PIN")["measured"] == "A6 (unit A), B6 (unit A)"
