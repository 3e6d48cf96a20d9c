"""No secret is in the tree or in what its history has ever had; and one that is planted is found."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.operations.findings import in_history, in_tree


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=tests", "-c", "user.email=tests@localhost"]
    done = subprocess.run(["git", "-C", folder, *who, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def clone() -> Path:
    """The checkout with its history."""
    if not (ROOT / ".git").exists():
        pytest.skip("no history is here: this is a copy, not a clone")
    assert git(ROOT, "rev-parse", "--is-shallow-repository") == "false", (
        "fetch the whole history (fetch-depth: 0)"
    )
    return ROOT


def test_no_content_of_the_history_has_a_secret(clone: Path) -> None:
    assert in_history(clone) == []


def test_nothing_in_the_tree_is_called_a_secret(clone: Path) -> None:
    assert in_tree(clone) == []


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + "a1B2" * 9,
        "hf_" + "aB" * 17,
        "AKIA" + "Q7" * 8,
        "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiJhbm5hIn0." + "c" * 43,
        f"M{'T' * 23}.{'G' * 6}.{'x' * 38}",
        "postgresql://admin:" + "Sesame7@db/hardware_mas",
        "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
        "xoxb-" + "123456789012-" * 2 + "a" * 24,
    ],
)
def test_a_secret_that_was_committed_and_removed_again_is_found(tmp_path: Path, secret: str) -> None:
    git(tmp_path, "init", "-q")
    file = tmp_path / "settings.py"
    file.write_text(f"value = '{secret}'\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "oh")
    file.write_text("value = ''\n")
    git(tmp_path, "commit", "-qam", "gone")
    assert [line for line in in_history(tmp_path) if line.startswith("settings.py: ")]


def test_a_password_in_words_is_found_in_the_tree(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "settings.py").write_text("db_password = " + "'correct horse'\nname = 'anna'\n")
    git(tmp_path, "add", ".")
    assert in_tree(tmp_path) == ["settings.py:1: correct horse"]
