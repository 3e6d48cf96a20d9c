"""The sandbox: where a script that nobody trusts is run, and nowhere else."""

from __future__ import annotations

from kicad.sandbox.runner import Limits, NoSandbox, Result, describe, probe, run

__all__ = ["Limits", "NoSandbox", "Result", "describe", "probe", "run"]
