"""Prompts are files, `clients/prompts/<name>.<version>.md`; the version is a setting of the agent."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDERS = [Path(__file__).resolve().parent.parent / "prompts"]  # the first that has a prompt gives it


class NoPrompt(Exception):
    """The settings name a version that there is not."""

    permanent = True  # trying again is of no use


@cache
def prompt_text(name: str, version: str = "1") -> str:
    """The text of a prompt; raises `NoPrompt`."""
    files = [folder / f"{name}.{version}.md" for folder in FOLDERS]
    file = next((file for file in files if re.fullmatch(r"\w+", version) and file.is_file()), None)
    if file is None:
        found = (path for folder in FOLDERS for path in folder.glob(f"{name}.*.md"))
        there = sorted(path.name.split(".")[1] for path in found)
        has = " or ".join(there) or "none"
        raise NoPrompt(f"the prompt {name} has no version {version}; set prompt_version to {has}")
    return file.read_text(encoding="utf-8")
