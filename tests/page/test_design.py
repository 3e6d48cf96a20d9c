"""A design watched from the brief to the 3D view: a real gateway, real agents, real KiCad, a real browser."""

from __future__ import annotations

import json
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.page.browser import DESKTOP, PHONE
from tests.page.conftest import Visit
from tests.page.gateway_process import GatewayProcess
from tests.page.person import ask, passes, pixels, press, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("agents"), pytest.mark.timeout(400)]
SMALL = "LED power indicator for 5 V, 2-pin header, 25x15 mm"
SEEN = """
window.seen = [];
new MutationObserver(() => {
  const state = document.querySelector(".design .state")?.textContent.split(",")[0];
  if (state && !seen.includes(state)) seen.push(state);
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
NO_3D = "HTMLCanvasElement.prototype.getContext = () => null;"


def test_a_design_is_watched_from_brief_to_3d_view(visit: Visit, gateway: GatewayProcess) -> None:
    window = visit(viewport=DESKTOP)
    window.page.add_init_script(SEEN)
    page = window.open(gateway.token("anna", "Anna"))
    assert "token" not in page.url
    expect(page.locator("#link")).to_have_text("Live")
    ask(page, "a 555 LED blinker from 9 V, 40x30 mm, please")
    answer = page.get_by_label("Your answer")
    answer.fill("about 1 Hz")
    answer.press("Enter")
    press(page, "Change")
    change = page.get_by_label("What should be different?")
    expect(change).to_be_focused()
    change.fill("a green LED, please")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".talk .theirs").last).to_contain_text("LED: green")
    press(page, "Approve")
    passes(page)

    seen = page.evaluate("window.seen")
    assert seen[-1] == "Passed"
    assert {"Waiting for you", "Building the board", "Testing the board"} <= set(seen)
    said = page.locator(".talk .mine .words").all_inner_texts()
    assert said == [
        "a 555 LED blinker from 9 V, 40x30 mm, please",
        "about 1 Hz",
        "a green LED, please",
        "Yes, build it.",
    ]
    expect(page.locator("#designs li")).to_have_count(1)
    expect(page.locator("#designs a[aria-current]")).to_contain_text("Passed")
    sees_the_board(page)
    sees_what_was_measured(page)
    gets_the_files(page)

    blind = visit(viewport=DESKTOP)
    blind.page.add_init_script(NO_3D)
    view = page.url.partition("#")[2]
    page = blind.open(gateway.token("anna"), view)
    expect(page.locator(".board .note")).to_contain_text("WebGL 2 is missing")
    page.get_by_role("tab", name="Picture").click()
    expect(page.get_by_alt_text("The board from the side")).to_be_visible()


def sees_the_board(page: Page) -> None:
    """The 3D view has pixels that change when it is turned; KiCad's pictures are there."""
    canvas = page.locator("canvas")
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    first = pixels(page, lambda: canvas.press("Home"))
    assert 0.15 < first["share"] < 0.95, first
    assert first["green"] > 0.08, first  # solder mask
    assert first["colours"] > 50, first  # copper, silk, bodies, each face in its light
    box = canvas.bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    turned = pixels(page, lambda: page.mouse.move(middle[0] + 80, middle[1] + 30))
    page.mouse.up()
    assert turned["sum"] != first["sum"]
    assert 0.15 < turned["share"] < 0.95, turned
    closer = pixels(page, lambda: page.mouse.wheel(0, -200))
    assert closer["share"] > turned["share"]
    again = pixels(page, lambda: canvas.press("Home"))
    assert again["sum"] == first["sum"]
    page.mouse.move(*middle)
    page.mouse.move(middle[0] + 2, middle[1])
    expect(
        page.locator(".under")
    ).not_to_be_empty()  # the timer stands in the middle of the board, or beside it
    page.get_by_role("button", name="Turn over").click()
    for name, alt in (("Picture", "from the side"), ("Top", "from above"), ("Bottom", "from below")):
        page.get_by_role("tab", name=name).click()
        picture = page.get_by_alt_text(alt)
        expect(picture).to_be_visible()
        assert picture.evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 500


def sees_what_was_measured(page: Page) -> None:
    """Every check with its figures; the parts; the moves."""
    checks = page.locator(".checks")
    expect(checks.locator("caption")).to_contain_text("checks passed")
    expect(checks.locator("tbody .failed")).to_have_count(0)
    row = checks.locator("tbody tr").filter(has_text="3D model re-read")
    expect(row).to_contain_text("bodies")
    expect(checks.locator("tbody tr").filter(has_text="Simulation").first).to_contain_text("passed")
    page.get_by_text("Bill of materials", exact=True).click()
    expect(page.locator(".parts tbody tr").filter(has_text="NE555P")).to_be_visible()
    page.get_by_text("How it went").click()
    expect(page.locator(".history tbody tr").last).to_contain_text("Passed")


def gets_the_files(page: Page) -> None:
    """The package is whole, and each file comes under its own name."""
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download the package").click()
    with zipfile.ZipFile(coming.value.path()) as package:
        assert package.testzip() is None
        assert {"board.glb", "gerbers/board-F_Cu.gbr", "bom.csv"} <= set(package.namelist())
        assert all(check["passed"] for check in json.loads(package.read("checks.json")))
    with page.expect_download() as coming:
        page.get_by_role("button", name="design.py").click()
    assert coming.value.suggested_filename == "design-1-design.py"


def fits(page: Page) -> None:
    """The page is as wide as the screen, whatever it holds."""
    wide, screen, beyond = page.evaluate("""() => [document.documentElement.scrollWidth, innerWidth,
        [...document.querySelectorAll("body *")].filter((item) => !item.closest(".scroll, .queue, .talk, dialog:not([open])")
          && item.getBoundingClientRect().right > innerWidth + 0.5).map((item) => item.outerHTML.slice(0, 90))]""")
    assert (wide, beyond) == (screen, [])


def test_on_a_phone_everything_is_reached_by_thumb(visit: Visit, gateway: GatewayProcess) -> None:
    page = visit(
        viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True, color_scheme="dark"
    ).open(gateway.token("anna"))
    expect(page.locator("#link")).to_have_text("Live")
    fits(page)
    page.get_by_label("What board do you need?").fill(SMALL)
    page.get_by_role("button", name="Design it").tap()
    approve = page.get_by_role("button", name="Approve", exact=True)
    expect(approve).to_be_visible(timeout=60_000)
    fits(page)
    approve.tap()
    passes(page)
    expect(page.locator("canvas")).to_be_visible()
    page.get_by_text("Bill of materials", exact=True).tap()
    page.get_by_text("How it went").tap()
    fits(page)
    for control in page.locator("button:visible, a:visible, summary:visible, canvas:visible").all():
        control.tap(trial=True)  # it can be scrolled to, and nothing lies over it
        size = control.bounding_box()
        assert size
        assert min(size["width"], size["height"]) >= 24, control.inner_text()  # WCAG 2.2, target size
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    before = pixels(page, lambda: canvas.press("Home"))
    assert before["green"] > 0.08
    after = pixels(page, lambda: canvas.evaluate(TWO_FINGERS))
    assert after["share"] > before["share"]  # spread, so it came closer
    page.get_by_role("link", name="All designs").tap()
    expect(page.locator("#designs a")).to_be_visible()
    fits(page)


TWO_FINGERS = """(canvas) => {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const touch = (kind, pointerId, x) => canvas.dispatchEvent(new PointerEvent(kind, { pointerId, pointerType: "touch", bubbles: true,
    buttons: 1, clientX: left + width / 2 + x, clientY: top + height / 2 }));
  canvas.setPointerCapture = () => undefined;  // these fingers are made of script
  touch("pointerdown", 11, -20), touch("pointerdown", 12, 20);
  touch("pointermove", 12, 45), touch("pointerup", 11, -20), touch("pointerup", 12, 45);
}"""


def test_the_keyboard_alone_is_enough(visit: Visit, gateway: GatewayProcess) -> None:
    page = visit(viewport=DESKTOP, reduced_motion="reduce").open()
    expect(page.get_by_label("Access token")).to_be_focused()
    page.keyboard.type(gateway.token("anna", "Anna"))
    page.keyboard.press("Enter")
    expect(page.locator("#link")).to_have_text("Live")
    tab_to(page, "What board do you need?")
    page.keyboard.type(SMALL)
    tab_to(page, "Design it")
    page.keyboard.press("Enter")
    expect(page.locator(".design h1")).to_be_focused()
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible(timeout=60_000)
    tab_to(page, "Approve")
    page.keyboard.press("Enter")
    passes(page)
    expect(page.locator("canvas")).to_be_visible()
    tab_to(page, "3D")
    tab_to(page, "The board in three dimensions")
    first = pixels(page, lambda: page.keyboard.press("Home"))
    turned = pixels(page, lambda: page.keyboard.press("ArrowLeft"))
    moved = pixels(page, lambda: page.keyboard.press("Shift+ArrowUp"))
    larger = pixels(page, lambda: page.keyboard.press("+"))
    assert len({first["sum"], turned["sum"], moved["sum"], larger["sum"]}) == 4
    back = pixels(page, lambda: page.keyboard.press("Home"))
    assert back["sum"] == first["sum"]
    tab_to(page, "Turn over")
    over = pixels(page, lambda: page.keyboard.press("Enter"))
    assert over["sum"] != first["sum"]
    tab_to(page, "Checks")  # a table that scrolls is scrolled by the arrow keys
    tab_to(page, "Download the package")
    with page.expect_download() as coming:
        page.keyboard.press("Enter")
    assert coming.value.suggested_filename == "design-1-fabrication.zip"
    page.keyboard.press("Shift+Tab")
    page.get_by_role("tab", name="3D").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Picture")).to_be_focused()
    expect(page.get_by_alt_text("The board from the side")).to_be_visible()
