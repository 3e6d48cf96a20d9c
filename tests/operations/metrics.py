"""Names of metrics: those that rules and dashboard ask for, and those that an exporter exposes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT

MONITORING = ROOT / "deploy/monitoring"
PREFIXES = "mas|pg|node|kubelet"
NAME = re.compile(rf"\b(?:(?:{PREFIXES})_\w+|up)\b")


def rules() -> list[dict[str, Any]]:
    """Every alert of rules.yaml."""
    groups = yaml.safe_load((MONITORING / "rules.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard_expressions() -> list[str]:
    """Every expression of the dashboard."""
    panels = json.loads((MONITORING / "grafana/dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def asked(expression: str) -> set[str]:
    """The metrics of an expression, without its labels' names and values."""
    bare = re.sub(r"\{[^}]*\}|\b(?:by|without|on) \([^)]*\)", "", expression)
    return set(NAME.findall(bare))


def wanted_metrics() -> set[str]:
    """All that rules and dashboard ask for."""
    return set().union(*(asked(e) for e in [*(rule["expr"] for rule in rules()), *dashboard_expressions()]))


def names_in(exposition: str) -> set[str]:
    """The names in Prometheus' text format."""
    return set(re.findall(r"^([a-z_]\w*)[{ ]", exposition, re.MULTILINE))


def queries() -> dict[str, Any]:
    """What queries.yaml asks, by the metric's first name."""
    return dict(yaml.safe_load(Path(MONITORING / "queries.yaml").read_text()))
