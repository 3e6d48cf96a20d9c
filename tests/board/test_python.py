from __future__ import annotations

import subprocess
import sys

import pytest

from kicad.python import KicadMissing, kicad_cli, kicad_major, kicad_python, require_supported


def test_the_interpreter_found_imports_pcbnew() -> None:
    words = [kicad_python(), "-c", "import pcbnew; print(pcbnew.Version())"]
    asked = subprocess.run(words, capture_output=True, check=True)
    assert require_supported(asked.stdout.decode()) == kicad_major()
    assert kicad_cli()


def test_an_interpreter_without_pcbnew_is_named_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KICAD_PYTHON", sys.executable)
    kicad_python.cache_clear()
    try:
        with pytest.raises(KicadMissing, match="KICAD_PYTHON"):
            kicad_python()
    finally:
        kicad_python.cache_clear()


@pytest.mark.parametrize("version", ["7.0.11", "11.0.0", "", "unknown"])
def test_other_versions_are_refused(version: str) -> None:
    with pytest.raises(KicadMissing, match="install KiCad 8, 9 or 10"):
        require_supported(version)
