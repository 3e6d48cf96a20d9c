"""What ngspice says is believed only when two runs agree and the nodes stay within the rails."""

from __future__ import annotations

from pathlib import Path

import pytest

from kicad.checks import deck, ngspice
from kicad.checks.ngspice import SimulationError
from kicad.parts import parts_table

# A node pulled to 73 V below ground, which ngspice reports with exit code 0.
_NONSENSE = "V1 a 0 5\nR1 a b 1k\nI1 b 0 78m\nV_sweep s 0 0\n.dc V_sweep 0 1 1"


def test_readings_come_back_by_name(tmp_path: Path) -> None:
    circuit = "V1 a 0 5\nR1 a b 1k\nR2 b 0 3k\nV_sweep s 0 0\n.dc V_sweep 0 1 1"
    assert ngspice.measure(circuit, {"half": "FIND v(b) AT=0"}, "dc", tmp_path, "x") == {
        "half": pytest.approx(3.75)
    }


def test_a_simulation_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "LLM_API_KEY", "LLM_API_KEY_FILE", "DATABASE_URL", "PGPASSWORD"):
        monkeypatch.setenv(name, "a-secret")
    circuit = "V1 a 0 5\nR1 a 0 1k\n.dc V1 0 1 1\n.control\nshell sh tell\n.endc"
    (tmp_path / "tell").write_text("env > told\n")
    ngspice.measure(circuit, {"half": "FIND v(a) AT=0"}, "dc", tmp_path, "x")
    assert "PATH=" in (tmp_path / "told").read_text()
    assert "a-secret" not in (tmp_path / "told").read_text()


def test_nonsense_with_exit_code_0_is_refused(tmp_path: Path) -> None:
    found = ngspice.measure(_NONSENSE, {"net b": "FIND v(b) AT=0"}, "dc", tmp_path, "x")
    with pytest.raises(SimulationError, match="outside the supplies"):
        ngspice.inside_rails(found, 0.0, 5.0)


def test_a_broken_deck_is_an_error_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match="measured nothing"):
        ngspice.measure("X1 a b NOWHERE\n.dc V1 0 1 1", {"a": "FIND v(a) AT=0"}, "dc", tmp_path, "x")


def test_readings_that_differ_by_more_than_2_percent_are_refused() -> None:
    assert ngspice.agreed({"i": 1.0}, {"i": 1.019}) == {"i": 1.019}
    with pytest.raises(SimulationError, match="disagree on i"):
        ngspice.agreed({"i": 1.0}, {"i": 1.03})
    with pytest.raises(SimulationError, match="one step size only"):
        ngspice.agreed({"i": 1.0}, {})


def test_a_run_that_does_not_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ngspice, "TIMEOUT_S", 0.3)
    endless = "V1 a 0 SIN(0 1 1e6)\nR1 a b 1k\nC1 b 0 1n\n.tran 1n 100"
    with pytest.raises(SimulationError, match="did not end"):
        ngspice.measure(endless, {"a": "MAX v(a)"}, "tran", tmp_path, "x")


def test_every_model_of_the_parts_table_exists() -> None:
    wanted = {row.spice for row in parts_table().values()} - {"", "R", "C", "CP", "L"}
    assert wanted <= deck.models().keys()


@pytest.mark.parametrize(
    ("model", "gate_V", "amps", "ohm"),
    [
        ("AO3400A", 2.5, 1.0, 0.048),
        ("AO3400A", 10.0, 1.0, 0.0265),
        ("IRLZ44N", 10.0, 5.0, 0.022),
        ("2N7002", 5.0, 0.05, 7.5),
        ("2N7002", 10.0, 0.05, 5.0),
        ("BSS138", 4.5, 0.05, 6.0),
    ],
)
def test_mosfets_have_the_data_sheets_resistance(
    model: str, gate_V: float, amps: float, ohm: float, tmp_path: Path
) -> None:
    circuit = (
        f"{deck.models()[model]}\nX1 d g 0 {model}\nV1 g 0 {gate_V}\nI1 0 d {amps}\nV_s s 0 0\n.dc V_s 0 1 1"
    )
    found = ngspice.measure(circuit, {"on": "FIND v(d) AT=0"}, "dc", tmp_path, "x")
    assert found["on"] / amps == pytest.approx(ohm, rel=0.06)


@pytest.mark.parametrize(
    ("model", "amps", "volts"),
    [
        ("LED_RED", 0.02, 2.0),
        ("LED_GREEN", 0.02, 2.9),
        ("SS14", 1.0, 0.48),
        ("1N4007", 1.0, 0.93),
        ("1N4148", 0.01, 0.72),
    ],
)
def test_diodes_have_the_data_sheets_voltage(model: str, amps: float, volts: float, tmp_path: Path) -> None:
    circuit = f"{deck.models()[model]}\nD1 a 0 {model}\nI1 0 a {amps}\nV_s s 0 0\n.dc V_s 0 1 1"
    found = ngspice.measure(circuit, {"forward": "FIND v(a) AT=0"}, "dc", tmp_path, "x")
    assert found["forward"] == pytest.approx(volts, rel=0.02)


@pytest.mark.parametrize(("milliamps", "volts"), [(10, 13.57), (100, 13.3)])
def test_the_timers_output_drops_as_the_data_sheet_says(milliamps: int, volts: float, tmp_path: Path) -> None:
    """TI SLFS022: at 15 V and 100 mA the high output is typically 13.3 V."""
    models = "\n".join(deck.models()[name] for name in ("NE555", "TIMER_CORE"))
    circuit = (
        f"{models}\nX1 0 0 out vcc cv 0 dis vcc NE555\nV1 vcc 0 15\nI1 out 0 {milliamps}m\n.tran 1u 1m uic"
    )
    found = ngspice.measure(circuit, {"out": "FIND v(out) AT=0.9m"}, "tran", tmp_path, "x")
    assert found["out"] == pytest.approx(volts, abs=0.05)
