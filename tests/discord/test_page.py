"""The page that is made of a transcript: it shows what was said, and no word of it does anything."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from tests.discord.page import marked, page
from tests.discord.server import DiscordServer

PNG = b"\x89PNG\r\n\x1a\n"
EVIL = "</p><script>alert(1)</script><img src=x onerror=alert(1)>\"'&@everyone"


TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "section", "h1", "h2", "i", "b", "em", "article", "div",
    "header", "time", "p", "small", "pre", "img", "span", "footer",
}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "class", "style", "src", "alt"}


class Seen(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_no_word_does_anything() -> None:
    with DiscordServer() as server:
        evil = server.person(EVIL)
        said = evil.mentions_bot(server.channel, EVIL, {f"{EVIL}.txt": b"x"})
        evil.says(evil.opens_thread(said, EVIL), f"```\n{EVIL}\n```\n-# {EVIL}")
        picture = server.world.keep("a.png", PNG, server.channel)
        embed = {
            "title": EVIL,
            "description": EVIL,
            "footer": {"text": EVIL},
            "image": {"url": "attachment://a.png"},
        }
        button = {"type": 2, "style": 1, "label": EVIL, "custom_id": "x"}
        server.do(
            server.world.send,
            server.world.bot,
            server.channel,
            embeds=[embed],
            files=[picture],
            components=[{"type": 1, "components": [button]}],
        )
        transcript = server.transcript
    seen = Seen(page(transcript, {picture.id: PNG}))
    assert {tag for tag, _ in seen.tags} <= TAGS
    assert all(name in ATTRIBUTES for _, given in seen.tags for name in given)
    (source,) = (given["src"] for tag, given in seen.tags if tag == "img")
    assert str(source).startswith("data:image/png;base64,")
    assert seen.text.count("<script>alert(1)</script>") >= 10


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("", ""),
        ("-# client\\_manager\nHow?", "<p><small>client_manager</small>\nHow?</p>"),
        ("a\n```\n✓ <b>\n```", "<p>a</p><pre>✓ &lt;b&gt;</pre>"),
        (r"\*no\* \`code\`", "<p>*no* `code`</p>"),
    ],
)
def test_of_the_markup_what_the_bot_uses_is_shown(words: str, html: str) -> None:
    assert marked(words) == html
