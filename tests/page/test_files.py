"""The page's files as they lie there: nothing from elsewhere, nothing inline, words only as text, contrast enough."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = ROOT / "clients/gateway/page"
FILES = sorted(PAGE.iterdir())
ON = {"ground": ("ink", "soft", "green", "red", "amber"), "card": ("ink", "soft", "green", "red", "amber"),
      "tint": ("ink", "soft"), "green": ("on-green",)}  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nothing_comes_from_elsewhere_and_no_words_become_markup(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) <= 200
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setAttribute\(.on",
        text,
    )
    if file.suffix == ".html":
        assert not re.findall(r"<style|<script(?![^>]+src=)|\son\w+=|\sstyle=", text)
    if file.suffix == ".js":
        assert re.match("// ", text), "a module says first what it is"


def test_words_are_readable_in_light_and_in_dark() -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2.2, AA)."""
    light, dark = (PAGE / "page.css").read_text().split("@media (prefers-color-scheme: dark)", 1)
    for theme in (light, dark.split("*, ::before", 1)[0]):
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", theme))
        for ground, inks in ON.items():
            for ink in inks:
                assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
