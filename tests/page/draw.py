"""Pictures of the status page with a design that was really made: `python -m tests.page.draw PAGE.png PHONE.png`.

The gateway and the agents are processes on a database of their own, the board is KiCad's, and the browser is the
system's Chromium.  Wants KiCad, and Debian's chromium and pngquant.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from clients.fleet import Fleet
from tests.discord.draw import own_database
from tests.page.browser import DESKTOP, PHONE, Watched, launched
from tests.page.gateway_process import GatewayProcess

BUILT_MS = 300_000
BRIEFS = (
    "LED power indicator for 5 V, 2-pin header, 25x15 mm",
    "a 555 LED blinker about 1 Hz from 9 V, 40x30 mm, green LED, screw terminal",
)


def make(page: Page, brief: str, number: int) -> None:
    """Say what is needed, agree to what is offered, and wait for the board of this number."""
    page.get_by_label("What board do you need?").fill(brief)
    page.get_by_role("button", name="Design it").click()
    expect(page).to_have_url(re.compile(rf"#design={number}$"))
    approve = page.get_by_role("button", name="Approve", exact=True)
    default = page.get_by_role("button", name="Take the default")
    state = page.locator(".design .state")
    while True:
        expect(approve.or_(default).or_(state.filter(has_text="Passed")).first).to_be_visible(
            timeout=BUILT_MS
        )
        if state.filter(has_text="Passed").is_visible():
            return
        (approve if approve.is_visible() else default).click()
        expect(page.locator(".leaving li")).to_have_count(0)


def photograph(page: Page, out: Path) -> None:
    """What is on the screen, in few bytes, once the 3D view has been drawn."""
    expect(page.locator(".board .note")).to_be_empty()
    page.wait_for_function(
        "document.querySelector('canvas').width > 300"
    )  # what a canvas has before it is drawn
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder, "page.png")
        page.screenshot(path=picture)
        subprocess.run(["pngquant", "--force", "--output", out, "256", picture], check=True)


def main() -> int:
    """Make two boards and photograph the last of them."""
    if len(sys.argv) != 3:
        sys.stderr.write("python -m tests.page.draw PAGE.png PHONE.png\n")
        return 2
    desktop, phone = map(Path, sys.argv[1:])
    with (
        tempfile.TemporaryDirectory() as folder,
        own_database(),
        GatewayProcess(Path(folder)) as gateway,
        Fleet(),
        launched() as browser,
    ):
        token = gateway.token("anna", "Anna")
        wide = Watched(browser, gateway.url, viewport=DESKTOP, device_scale_factor=1, color_scheme="light")
        page = wide.open(token)
        for number, brief in enumerate(BRIEFS, 1):
            make(page, brief, number)
        photograph(page, desktop)
        view = page.url.partition("#")[2]
        wide.close()
        narrow = Watched(
            browser,
            gateway.url,
            viewport=PHONE,
            device_scale_factor=2,
            color_scheme="dark",
            has_touch=True,
            is_mobile=True,
        )
        page = narrow.open(token, view)
        expect(page.locator(".board canvas")).to_be_visible()
        page.locator(".board").evaluate("(board) => scrollTo(0, board.offsetTop - 60)")
        photograph(page, phone)
        narrow.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
