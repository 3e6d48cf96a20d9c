"""Fitting: messages cut to the room that a model has, the least valuable first."""

from __future__ import annotations

import math
from typing import Any

from clients.llm import Message

BYTES_A_TOKEN = 3  # of English and Python it is about 4: rather too short than refused
LEAST_CHARACTERS = 600  # of a message that is kept
CUT = "\n[… cut …]\n"


def fitted(messages: list[Message], tokens: int) -> list[Message]:
    """The messages cut so that they are about so many tokens at most; unchanged when they are."""
    return _cut(messages, max(tokens, 1) * BYTES_A_TOKEN)


def halved(messages: list[Message]) -> list[Message]:
    """The messages at half their length, pictures left out: what a server that found them too long gets."""
    plain = [message | {"content": _text(message)} for message in messages]
    return _cut(plain, sum(_bytes(_text(message)) for message in plain) // 2)


def _cut(messages: list[Message], most: int) -> list[Message]:
    """Shorten the longest message until all fit; what the system says is cut last."""
    texts = [_text(message) for message in messages]
    for whole in (False, True):
        may = [n for n, message in enumerate(messages) if whole or message["role"] != "system"]
        while (over := sum(map(_bytes, texts)) - most) > 0 and may:
            longest = max(may, key=lambda n: _bytes(texts[n]))
            if len(texts[longest]) <= LEAST_CHARACTERS:
                break
            share = over / _bytes(texts[longest])
            texts[longest] = _without_middle(texts[longest], math.ceil(share * len(texts[longest])))
    return [
        message if text == _text(message) else message | {"content": text}
        for message, text in zip(messages, texts, strict=True)
    ]


def _without_middle(text: str, over: int) -> str:
    """The text without `over` characters or more of its middle: how it begins and how it ends says most."""
    keep = max(LEAST_CHARACTERS, len(text) - over) - len(CUT)
    return text[: keep // 2] + CUT + text[len(text) - keep // 2 :]


def _bytes(text: str) -> int:
    """A letter of other scripts than ours is a token of its own: bytes tell, letters do not."""
    return len(text.encode(errors="replace"))


def _text(message: Message) -> str:
    content: Any = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part.get("type") == "text")
