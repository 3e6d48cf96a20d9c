"""What a person does on the page, and sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

BUILT_MS = 240_000
READ = """
() => { window.pixels = new Promise((done) => document.querySelector("canvas").addEventListener("drawn", (event) => {
  const gl = event.target.getContext("webgl2"), { width, height } = event.target;
  const read = new Uint8Array(width * height * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, read);
  const words = new Uint32Array(read.buffer), colours = new Set(words);
  let drawn = 0, green = 0, sum = 0;
  for (let at = 0; at < read.length; at += 4) {
    if (!read[at + 3]) continue;
    drawn += 1;
    green += read[at + 1] > read[at] + 20 && read[at + 1] > read[at + 2] + 10;
    sum = (sum * 31 + words[at / 4] + at) % 4294967291;
  }
  done({ share: drawn / (width * height), green: green / (width * height), colours: colours.size, sum });
}, { once: true })); }
"""


def ask(page: Page, brief: str) -> None:
    """Say what is needed, and wait for the new design."""
    before = page.url
    page.get_by_label("What board do you need?").fill(brief)
    page.get_by_role("button", name="Design it").click()
    expect(page).not_to_have_url(before)
    expect(page.locator(".design")).to_be_visible()


def press(page: Page, name: str) -> None:
    """Press a button of the talk as soon as it is offered."""
    page.get_by_role("button", name=name, exact=True).click(timeout=BUILT_MS)


def passes(page: Page) -> None:
    """Wait until the design has passed."""
    expect(page.locator(".design .state")).to_have_text(
        re.compile("^(Passed|Failed|Out of scope)"), timeout=BUILT_MS
    )
    expect(page.locator(".design .state")).to_have_text(re.compile("^Passed, attempt 1 of 5$"))


def pixels(page: Page, act: Callable[[], object]) -> dict[str, Any]:
    """What the canvas has after the next frame, which `act` causes: shares, number of colours, and a sum over all."""
    page.evaluate(READ)
    act()
    found: dict[str, Any] = page.evaluate("window.pixels")
    return found


def focused(page: Page) -> str:
    """The name of what has the focus."""
    return str(
        page.evaluate(
            "document.activeElement.labels?.[0]?.textContent ?? document.activeElement.ariaLabel ?? document.activeElement.textContent"
        )
    )


def tab_to(page: Page, name: str) -> None:
    """Press Tab until this has the focus."""
    for _ in range(80):
        if focused(page).strip().startswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {name!r}, but to {focused(page)!r}")
