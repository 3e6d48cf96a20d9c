"""The page through bad times: a server that goes and comes, answers that are lost, tokens that expire, other people."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.board.test_model import triangle
from tests.conftest import Database
from tests.page.browser import DESKTOP, Watched
from tests.page.conftest import Visit
from tests.page.gateway_process import GatewayProcess
from tests.page.person import ask

pytestmark = pytest.mark.browser
BRIEF, MORE = "a 555 blinker about 1 Hz from 9 V", "the LED is green"


def live(visit: Visit, gateway: GatewayProcess, account: str = "anna") -> tuple[Watched, Page]:
    """A person's window, signed in and connected."""
    window = visit(viewport=DESKTOP)
    page = window.open(gateway.token(account, account.title()))
    expect(page.locator("#link")).to_have_text("Live")
    return window, page


def stored(database: Database, query: str) -> list[Any]:
    with database.connect() as owner:
        return [row[0] for row in owner.execute(query.encode()).fetchall()]


def said(database: Database) -> list[str]:
    """Every message, oldest first."""
    return stored(database, "select text from core.chat_messages order by message_id")


def test_a_server_that_goes_and_comes_loses_and_doubles_nothing(
    visit: Visit, gateway: GatewayProcess, own_database: Database
) -> None:
    _, page = live(visit, gateway)
    ask(page, BRIEF)
    gateway.stop()
    expect(page.locator("#link")).to_contain_text("Offline")
    page.get_by_label("Say something about it").fill(MORE)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".leaving li")).to_contain_text("being sent")
    page.get_by_label("Say something about it").fill("not sent yet")
    gateway.start()
    expect(page.locator("#link")).to_have_text("Live")
    expect(page.locator(".leaving li")).to_have_count(0)
    expect(page.locator(".talk:not(.leaving) .words")).to_have_text([BRIEF, MORE])
    expect(page.get_by_label("Say something about it")).to_have_value("not sent yet")
    expect(page.locator("#designs li")).to_have_count(1)
    assert said(own_database) == [BRIEF, MORE]
    page.reload()
    expect(page.get_by_label("Say something about it")).to_have_value("not sent yet")
    expect(page.locator(".talk:not(.leaving) .words")).to_have_text([BRIEF, MORE])


def test_an_answer_that_is_lost_is_asked_for_again_by_the_same_key(
    visit: Visit, gateway: GatewayProcess, own_database: Database
) -> None:
    """The brief arrives, its answer does not; then the page is left and opened again while it tries."""
    window, page = live(visit, gateway)
    lost: list[str] = []

    def lose(route: Route) -> None:
        route.fetch()
        lost.append(str(route.request.post_data))
        route.abort()

    page.route("**/rpc/send_message", lose)
    page.get_by_label("What board do you need?").fill(BRIEF)
    with (
        page.expect_request_finished(lambda request: "my_designs" in request.url),
        page.expect_event("requestfailed"),
    ):
        page.get_by_role("button", name="Design it").click()
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.unroute("**/rpc/send_message")
    page.reload()
    expect(page.locator(".design")).to_be_visible()
    expect(page.locator("#designs li")).to_have_count(1)
    assert lost
    assert said(own_database) == [BRIEF]
    window.troubles = [trouble for trouble in window.troubles if "send_message" not in trouble]


def test_a_refusal_is_said_and_the_words_stay(
    visit: Visit, gateway: GatewayProcess, own_database: Database
) -> None:
    _, page = live(visit, gateway)
    with own_database.connect() as owner:
        owner.execute("update core.settings set value = '1' where name = 'user_designs_at_once'")
    ask(page, BRIEF)
    page.get_by_role("link", name="hardware_mas").click()
    page.get_by_label("What board do you need?").fill("one more")
    page.get_by_role("button", name="Design it").click()
    expect(page.locator("#ask-trouble")).to_contain_text("wait until one has ended")
    expect(page.get_by_label("What board do you need?")).to_have_value("one more")
    assert said(own_database) == [BRIEF]


def test_whoever_must_sign_in_again_loses_nothing(
    visit: Visit, gateway: GatewayProcess, own_database: Database
) -> None:
    window = visit(viewport=DESKTOP)
    page = window.open(gateway.token("anna", "Anna", seconds=6))
    expect(page.locator("#link")).to_have_text("Live")
    ask(page, BRIEF)
    page.get_by_label("Say something about it").fill(MORE)
    page.get_by_label("What board do you need?").fill("another one")
    dialog = page.get_by_role("dialog", name="Sign in")
    expect(dialog).to_be_visible(timeout=60_000)
    expect(dialog).to_contain_text("what you have typed is still there")
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    token = page.get_by_label("Access token")
    for wrong, words in (("rubbish", "not a token"), (gateway.token("anna", seconds=-60), "expired")):
        token.fill(wrong)
        token.press("Enter")
        expect(page.locator("#sign-in-trouble")).to_contain_text(words)
    token.fill(gateway.token("anna", "Anna"))
    token.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#link")).to_have_text("Live")
    expect(page.get_by_label("What board do you need?")).to_have_value("another one")
    expect(page.get_by_label("Say something about it")).to_have_value(MORE)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".talk:not(.leaving) .words")).to_have_text([BRIEF, MORE])
    assert said(own_database) == [BRIEF, MORE]


def test_each_sees_only_their_own(visit: Visit, gateway: GatewayProcess) -> None:
    _, anna = live(visit, gateway)
    window, bert = live(visit, gateway, "bert")
    ask(anna, BRIEF)
    ask(bert, "an LED indicator for 5 V")
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url + str(request.post_data)))
    anna.get_by_label("Say something about it").fill(MORE)
    anna.get_by_role("button", name="Send").click()
    expect(anna.locator(".talk:not(.leaving) .words")).to_have_text([BRIEF, MORE])
    expect(bert.locator("#designs li")).to_have_count(1)
    bert.goto(f"{gateway.url}/#design=1")
    expect(bert.locator(".design")).to_contain_text("no such design, or it is not yours")
    assert BRIEF not in bert.locator("body").inner_text()
    assert not [url for url in asked if "/files/" in url]
    bert.get_by_role("button", name="Sign out").click()
    expect(bert.get_by_role("dialog", name="Sign in")).to_be_visible()
    assert bert.evaluate("sessionStorage.length") == 0
    bert.get_by_label("Access token").fill(gateway.token("anna", "Anna"))
    bert.get_by_label("Access token").press("Enter")
    expect(bert.locator("#designs li")).to_have_count(1)
    expect(bert.locator("#designs")).not_to_contain_text("LED indicator")


def test_who_takes_over_a_tab_takes_over_nothing_of_the_other(
    visit: Visit, gateway: GatewayProcess, own_database: Database
) -> None:
    """By a link with another token, both in the open page and after a reload, while a message waits and words are typed."""
    for again in (False, True):
        _, page = live(visit, gateway)
        page.get_by_label("What board do you need?").fill("never sent")
        page.route("**/rpc/send_message", lambda route: route.abort())
        page.get_by_role("button", name="Design it").click()
        expect(page.get_by_role("button", name="Being sent")).to_be_visible()
        page.get_by_label("What board do you need?").fill("half a thought")
        if again:
            page.goto("about:blank")
        page.unroute("**/rpc/send_message")
        page.goto(f"{gateway.url}/#token={gateway.token('bert', 'Bert')}")
        expect(page.locator("#name")).to_have_text("Bert")
        expect(page.get_by_label("What board do you need?")).to_have_value("")
        expect(page.get_by_role("button", name="Design it")).to_be_enabled()
        expect(page.locator("#link")).to_have_text("Live")
    assert said(own_database) == []


def test_a_design_is_stopped_only_when_it_was_meant(visit: Visit, gateway: GatewayProcess) -> None:
    _, page = live(visit, gateway)
    ask(page, BRIEF)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".design .state")).to_contain_text("Paused")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".design .state")).not_to_contain_text("Paused")
    page.get_by_role("button", name="Cancel design").click()
    page.locator(".design h1").click()  # no, not that
    page.get_by_role("button", name="Cancel design").click()
    page.get_by_role("button", name="Really cancel?").click()
    expect(page.locator(".design .state")).to_have_text("Cancelled")
    expect(page.get_by_label("Say something about it")).to_be_hidden()


def test_the_queue_is_live(visit: Visit, gateway: GatewayProcess, own_database: Database) -> None:
    _, page = live(visit, gateway)
    row = page.locator("#queue tbody tr").filter(has_text="KiCad")
    expect(row).to_contain_text("0")
    with own_database.connect("admin") as people:
        people.execute("select enqueue_task('kicad', '{\"n\": 1}')")
    expect(row.locator("td").first).to_have_text("1")


def test_the_viewer_reads_what_others_write(visit: Visit, gateway: GatewayProcess) -> None:
    """Interleaved views, indices of one byte, a node within a node that turns, stretches and moves; and damage."""
    _, page = live(visit, gateway)
    read = """async (bytes) => {
      const { readGlb } = await import("/page/glb.js");
      try {
        return readGlb(Uint8Array.from(bytes).buffer).map((mesh) => ({ ...mesh, positions: [...mesh.positions], indices: [...mesh.indices] }));
      } catch (error) { return error.message; }
    }"""
    (mesh,) = page.evaluate(read, list(triangle()))
    assert (mesh["name"], mesh["colour"], mesh["indices"]) == ("it", [1, 0, 0, 1], [0, 1, 2])
    assert mesh["positions"] == pytest.approx([0, 0, 5, 0, 2, 5, -1, 0, 5], abs=1e-6)
    for damaged in (
        b"",
        b"<html>",
        triangle()[:60],
        triangle(nodes=[{"children": [0]}]),
        triangle(accessors=[]),
    ):
        assert isinstance(page.evaluate(read, list(damaged)), str)
