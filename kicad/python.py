"""Finds the KiCad of this machine: its command line and the Python interpreter that it was packaged for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

SUPPORTED = (8, 9, 10)  # pcbnew's Python API came with SWIG until 10 and is gone in 11
_PLACES = (
    "/usr/bin/python3",
    "/usr/local/bin/python3",
    "/Applications/KiCad/KiCad.app/Contents/Frameworks/Python.framework/Versions/Current/bin/python3",
)
_CLI_PLACES = ("/Applications/KiCad/KiCad.app/Contents/MacOS/kicad-cli",)
_ASK = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pcbnew') is None)"


_SECRETS = re.compile(r"TOKEN|KEY|SECRET|PASS|CREDENTIAL|DATABASE|^PG", re.I)  # in the name of a variable


def environment() -> dict[str, str]:
    """What a tool that reads what a model has written is told of ours: no token, no password, no database."""
    return {name: value for name, value in os.environ.items() if not _SECRETS.search(name)}


class KicadMissing(RuntimeError):
    """No usable KiCad on this machine; the message says what to install."""


@cache
def kicad_python() -> str:
    """Path of the interpreter that has `pcbnew`, asked once per process.

    `KICAD_PYTHON` overrides the search.  Raises `KicadMissing` when no candidate has the module.
    """
    override = os.environ.get("KICAD_PYTHON")
    candidates = (override,) if override else (*_PLACES, shutil.which("python3") or "", sys.executable)
    for candidate in dict.fromkeys(candidates):
        if candidate and Path(candidate).exists() and _has_pcbnew(candidate):
            return candidate
    asked = ", ".join(filter(None, candidates))
    raise KicadMissing(
        f"no Python interpreter with KiCad's pcbnew module found (asked: {asked}); "
        "install KiCad 8, 9 or 10, or name the interpreter in KICAD_PYTHON"
    )


@cache
def kicad_cli() -> str:
    """Path of `kicad-cli`; raises `KicadMissing` when it is absent or not of a supported version."""
    found = shutil.which("kicad-cli") or next((place for place in _CLI_PLACES if Path(place).exists()), None)
    if found is None:
        raise KicadMissing("kicad-cli is not on PATH; install KiCad 8, 9 or 10")
    require_supported(_version_of(found))
    return found


@cache
def kicad_major() -> int:
    """Major version of `kicad_cli()`."""
    return require_supported(_version_of(kicad_cli()))


@cache
def _version_of(cli: str) -> str:
    asked = subprocess.run([cli, "version"], capture_output=True, text=True, timeout=30, check=False)
    return asked.stdout.strip()


def require_supported(version: str) -> int:
    """Major number of a version such as `9.0.8+1`; raises `KicadMissing` unless it is 8, 9 or 10."""
    found = re.search(r"(\d+)\.\d+", version)
    major = int(found.group(1)) if found else 0
    if major not in SUPPORTED:
        raise KicadMissing(
            f"KiCad {version or '(unknown version)'} is not supported; install KiCad 8, 9 or 10"
        )
    return major


def _has_pcbnew(interpreter: str) -> bool:
    try:
        asked = subprocess.run([interpreter, "-c", _ASK], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0
