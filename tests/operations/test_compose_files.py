"""deploy/compose.yaml and the scripts of the containers, as they can be judged without a Docker daemon."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from clients.server import ROLES
from tests.conftest import ROOT

COMPOSE = ROOT / "deploy/compose.yaml"
FOREIGN = {"pgadmin", "grafana"}  # images of others, which run in a way of their own
WAY_OUT = {"client_manager", "pcb_designer", "gateway", "discord_bot", "prometheus"} | FOREIGN


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    """compose.yaml with its anchors resolved."""
    return dict(yaml.safe_load(COMPOSE.read_text()))


def test_it_keeps_to_the_compose_specification() -> None:
    words = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        str(COMPOSE),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_service_of_ours_is_hardened_and_bounded(stack: dict[str, Any]) -> None:
    for name, service in stack["services"].items():
        if name not in FOREIGN:
            assert (service["read_only"], service["cap_drop"], service["init"]) == (True, ["ALL"], True), name
            assert "no-new-privileges:true" in service["security_opt"], name
            assert service["pids_limit"], name
        assert service["mem_limit"], name
        assert not {"privileged", "cap_add", "pid", "ipc", "devices"} & set(service), name
        for port in service.get("ports", []):
            assert re.search(r":-127\.0\.0\.1:\d+}", port), (name, port)


def test_only_kicad_has_another_seccomp_profile_and_it_has_no_way_out(stack: dict[str, Any]) -> None:
    services = stack["services"]
    other = {name for name, service in services.items() if len(service.get("security_opt", [])) > 1}
    assert other == {"kicad", "pcb_tester"}
    assert all(services[name]["networks"] == ["kicad"] for name in other)
    machine = {name for name, service in services.items() if service.get("network_mode") == "host"}
    assert machine == {"logging"}  # Docker itself brings it the lines, to 127.0.0.1
    assert {name for name in set(services) - machine if "outside" in services[name]["networks"]} == WAY_OUT
    assert {name for name, network in stack["networks"].items() if not network.get("internal")} == {"outside"}


def test_the_deploy_sets_the_password_of_every_login(stack: dict[str, Any]) -> None:
    logins = set(ROLES) - {
        "scaler"
    }  # nobody scales a stack by its queue: without a password it cannot log in
    assert set(stack["services"]["deploy"]["secrets"]) == logins | {"deployer", "ca.crt"}
    assert set(stack["secrets"]) >= logins
    for name, secret in stack["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}


def test_the_example_of_settings_names_each_with_its_default() -> None:
    used = dict(re.findall(r"\${(\w+):-([^}]*)}", COMPOSE.read_text()))
    lines = (ROOT / "deploy/.env.example").read_text().splitlines()
    named = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    quiet = {"MAS_PREFIX", "GRAFANA_IMAGE", "MAS_BACKUP_STYLE", "MAS_BACKUP_PATH"}
    assert named == {name: value for name, value in used.items() if name not in quiet} | {
        "COMPOSE_PROFILES": ""
    }


def test_shell_scripts_are_clean() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    scripts = [file for file in files if file.is_file() and _is_shell(file)]
    assert len(scripts) >= 10
    shellcheck = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([shellcheck, *scripts], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def _is_shell(file: Path) -> bool:
    with file.open("rb") as text:
        return text.readline().rstrip() in (b"#!/bin/sh", b"#!/usr/bin/env bash", b"#!/bin/bash")
