"""--attach: what the command refuses before anything is begun."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clients.cli import MOST_FILE_BYTES


def refusal(*words: str, **environment: str) -> str:
    """The one line with which the command ends in bad input."""
    done = subprocess.run(
        [sys.executable, "-m", "clients.cli", "design", *words],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=os.environ | environment,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def test_files_that_cannot_go_are_told_by_name(tmp_path: Path) -> None:
    small, large = tmp_path / "a.txt", tmp_path / "large.pdf"
    small.write_text("x")
    large.write_bytes(bytes(MOST_FILE_BYTES + 1))
    brief = "LED indicator for 5 V"
    assert "gone.txt cannot be read: No such file" in refusal(brief, "--attach", str(tmp_path / "gone.txt"))
    assert "cannot be read: Is a directory" in refusal(brief, "--attach", str(tmp_path))
    assert "large.pdf has more than 8 MB" in refusal(brief, "--attach", str(small), str(large))
    assert "at most 10 files" in refusal(brief, "--attach", *[str(small)] * 2)
    assert "--resume takes none" in refusal("--resume", "7", "--attach", str(small))


@pytest.mark.parametrize("brief", ["", "x" * 5000])
def test_a_brief_for_a_model_is_checked_for_its_length_only(brief: str) -> None:
    assert refusal(brief, LLM_MODEL="any")
    assert "readable" in refusal("一个闪烁的发光二极管")
    assert "10 files" in refusal("一个闪烁的发光二极管", "--attach", *[__file__] * 11, LLM_MODEL="any")
