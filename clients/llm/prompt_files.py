"""Prompts are files, `clients/prompts/<name>.<version>.md`; the version is a setting of the agent."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "prompts"


class NoPrompt(Exception):
    """The settings name a version that there is not."""

    permanent = True  # trying again is of no use


@cache
def prompt_text(name: str, version: str = "1") -> str:
    """The text of a prompt; raises `NoPrompt`."""
    file = FOLDER / f"{name}.{version}.md"
    if not re.fullmatch(r"\w+", version) or not file.is_file():
        there = sorted(path.name.split(".")[1] for path in FOLDER.glob(f"{name}.*.md"))
        has = " or ".join(there) or "none"
        raise NoPrompt(f"the prompt {name} has no version {version}; set prompt_version to {has}")
    return file.read_text(encoding="utf-8")
