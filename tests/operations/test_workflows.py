"""GitHub's workflows: well formed, safe, and made of commands that there are.  They themselves are not run here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from clients.cli import main as mas
from tests.conftest import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yaml"))
SCRIPTS = sorted((ROOT / ".ci").iterdir())
PINNED = re.compile(r"^\s*(?:- )?uses: (?:\./\S+|\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")
TOOLS = Path(sys.executable).parent


def run(*words: str | Path) -> None:
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def read(workflow: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(workflow.read_text())
    return read


def steps(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in read(workflow)["jobs"].values() for step in job.get("steps", [])]


def commands() -> list[tuple[str, str]]:
    """(where, what a shell is given) of every step."""
    return [
        (f"{workflow.name}: {step['name']}", step["run"])
        for workflow in WORKFLOWS
        for step in steps(workflow)
        if "run" in step
    ]


def test_they_are_of_githubs_form() -> None:
    run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
    run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.dependabot", GITHUB / "dependabot.yml")


def test_nothing_in_them_is_known_to_be_unsafe() -> None:
    run(TOOLS / "zizmor", "--offline", "--no-progress", GITHUB)


def test_an_unsafe_workflow_is_noticed(tmp_path: Path) -> None:
    text = "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.head_ref }}\n"
    (tmp_path / "unsafe.yaml").write_text(text)
    words = [TOOLS / "zizmor", "--offline", "--no-progress", tmp_path / "unsafe.yaml"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "template-injection" in done.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_actions_are_pinned_by_commit_with_their_version(workflow: Path) -> None:
    used = [line for line in workflow.read_text().splitlines() if re.search(r"\buses:", line)]
    assert [line for line in used if not PINNED.match(line)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_each_job_has_an_end_and_no_more_rights_than_it_says(workflow: Path) -> None:
    read_ = read(workflow)
    called = "workflow_call" in read_[True]  # YAML 1.1 takes `on` for a truth value
    assert called or read_["permissions"] == {}, "nothing by default"
    assert called or "group" in read_["concurrency"]
    for name, job in read_["jobs"].items():
        assert "uses" in job or job["timeout-minutes"] <= 120, name
        assert called or "permissions" in job, name
        assert (
            "write" not in {job.get("permissions", {}).get("contents")} or workflow.name == "release.yaml"
        ), name


@pytest.mark.parametrize(("where", "script"), commands(), ids=[where for where, _ in commands()])
def test_what_a_step_runs_is_sound_shell(where: str, script: str, tmp_path: Path) -> None:
    assert "${{" not in script, "what GitHub puts in stands in no script: by env"
    file = tmp_path / "step"
    file.write_text(f"#!/usr/bin/env bash\nset -eo pipefail\n{script}")  # as GitHub starts it
    run(TOOLS / "shellcheck", file)


def test_the_scripts_of_ci_are_sound_shell() -> None:
    run(TOOLS / "shellcheck", "--exclude", "SC2016", *SCRIPTS)  # words for another shell, in quotes for it


def test_every_command_that_they_name_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    text = "\n".join([script for _, script in commands()] + [file.read_text() for file in SCRIPTS])
    named = set(re.findall(r"\./mas (\w+)", text))
    assert {"lint", "test", "design"} <= named
    for command in named:
        with pytest.raises(SystemExit) as ended:
            mas([command, "--help"])
        assert ended.value.code == 0, command
    for path in re.findall(r"(?<![\w/.-])(?:\./)?((?:tests|db|\.ci|deploy/postgres)/[\w./-]+)", text):
        assert (ROOT / path).exists(), path


def test_every_image_is_built_and_no_other() -> None:
    (job,) = read(GITHUB / "workflows/images.yaml")["jobs"].values()
    listed = {entry["file"] for entry in job["strategy"]["matrix"]["include"]}
    words = ["git", "ls-files", "Dockerfile*", "*/Dockerfile*"]
    there = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert listed == set(there)


def test_weekly_and_release_can_be_started_by_those_who_should() -> None:
    assert set(read(GITHUB / "workflows/release.yaml")[True]) == {"push"}
    assert read(GITHUB / "workflows/release.yaml")[True]["push"] == {"tags": ["v*"]}
    assert "pull_request_target" not in "".join(file.read_text() for file in WORKFLOWS)
