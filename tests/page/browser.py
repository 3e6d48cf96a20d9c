"""The system's Chromium, and pages that note whatever must not happen in them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
]  # fmt: skip
expect.set_options(timeout=30_000)  # how long a busy machine may take for what is expected at once
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


def chromium() -> str:
    """Where it is; without it the test is skipped, or fails when a browser was promised (MAS_BROWSER=required)."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        missing = "no chromium here: apt-get install chromium"
        if os.environ.get("MAS_BROWSER") == "required":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@contextmanager
def launched(arguments: list[str] | None = None) -> Iterator[Browser]:
    """A browser of our own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS + (arguments or []))
        yield browser
        browser.close()


class Watched:
    """A page in a context of its own, and what it did wrong."""

    def __init__(self, browser: Browser, url: str, **context: Any) -> None:
        self.context = browser.new_context(accept_downloads=True, **context)
        self.page: Page = self.context.new_page()
        self.url, self.troubles = url, list[str]()
        self.page.add_init_script(VIOLATIONS)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("console", self._console)
        self.page.on("request", self._request)
        self.page.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}"))
        self.page.set_default_timeout(60_000)

    def _console(self, message: Any) -> None:
        expected = (
            "Failed to load resource"  # the browser's own note of every refusal and of a server that is away
        )
        if (
            message.type in ("error", "warning")
            and expected not in message.text
            and "GPU stall" not in message.text
        ):
            self.troubles.append(f"{message.type}: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((f"{self.url}/", "blob:", "data:")):
            self.troubles.append(f"request: {request.url}")

    def open(self, token: str | None = None, view: str = "") -> Page:
        """The page, signed in by the address."""
        words = "&".join(filter(None, (f"token={token}" if token else "", view)))
        self.page.goto(f"{self.url}/#{words}")
        return self.page

    def close(self) -> None:
        """Nothing forbidden may have happened."""
        violations = self.page.evaluate("window.violations")
        self.context.close()
        assert self.troubles + violations == []
