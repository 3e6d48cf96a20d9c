"""What every prompt is made of: messages that can be shortened, data that stays data, words fit to be shown.

Whatever a user, a file or an earlier reply says goes into a prompt as JSON between two labels.  In JSON a
line break is `\\n`, and `<` is written `\\u003c`, so no text can close its label, begin another one, or look
like a message of its own.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from clients.catalog.text import clean
from clients.llm import Answer, Message
from clients.llm.judging import Check

_BYTES_A_TOKEN = (
    3.0  # prose has about 4, code and part names 3; a prompt must not turn out longer than thought
)
_TOKENS_A_MESSAGE = 8
_TOKENS_A_PICTURE = 1500
_LINK = re.compile(
    r"!?\[([^\]]{0,200})\]\([^)\s]*\)?|\b(?:https?|ftp|file|data|javascript):\S+|\bwww\.\S+", re.I
)


class Ask(Protocol):
    """`Node.query_llm`: one exchange with the model; the database decides what a failure leads to."""

    def __call__(
        self,
        prompt_or_messages: list[Message],
        *,
        prompt: str,
        schema: dict[str, Any] | None = None,
        tools: list[dict[str, Any]] | None = None,
        check: Check | None = None,
        optional: bool = False,
    ) -> Answer:
        """The answer that `check` has nothing against.  Raises `GiveUp`, `TaskOver`."""


class Messages(list[Message]):
    """A prompt that can say the same in fewer words; whoever made it decides what is dropped first."""

    def __init__(self, versions: Iterable[Sequence[Message]]) -> None:
        """`versions`: the prompt, longest first; there is one at least."""
        self._left = iter(versions)
        super().__init__(next(self._left))

    def shorter(self) -> bool:
        """Become the next shorter version; False when nothing is left to be dropped."""
        version = next(self._left, None)
        if version is not None:
            self[:] = version
        return version is not None

    def much_shorter(self) -> bool:
        """Become the first version of half the length, or the last one; False when there is none left."""
        most = estimate_tokens(self) // 2
        changed = self.shorter()
        while estimate_tokens(self) > most and self.shorter():
            pass
        return changed

    def followed_by(self, more: Sequence[Message]) -> Messages:
        """The prompt and what was said since; when that becomes shorter, this does."""

        def versions() -> Iterator[list[Message]]:
            yield [*self, *more]
            while self.shorter():
                yield [*self, *more]

        return Messages(versions())


def fitting(versions: Iterable[Sequence[Message]], most_tokens: int) -> Messages:
    """The first version, longest first, that is estimated to fit; the last one when none does."""
    messages = Messages(versions)
    while estimate_tokens(messages) > most_tokens and messages.shorter():
        pass
    return messages


def estimate_tokens(messages: Sequence[Message]) -> int:
    """About how many tokens a prompt has: a third of its bytes in UTF-8, 1500 for a picture.

    No tokenizer of another model would be right for this one; the estimate is above the count of those in
    use today for English and for code.
    """
    return sum(_TOKENS_A_MESSAGE + _tokens(message.get("content")) for message in messages)


def _tokens(content: Any) -> int:
    if isinstance(content, list):
        return sum(_tokens(part["text"]) if "text" in part else _TOKENS_A_PICTURE for part in content)
    return math.ceil(len(str(content or "").encode(errors="replace")) / _BYTES_A_TOKEN)


def data(label: str, value: Any) -> str:
    """A value between its labels, as JSON; a list stands one entry a line."""
    entries = value if isinstance(value, list) else [value]
    lines = "\n".join(json.dumps(entry, ensure_ascii=False).replace("<", "\\u003c") for entry in entries)
    return f"<{label}>\n{lines}\n</{label}>"


def quoted(label: str, text: str) -> str:
    """A text of several lines between its labels as it is; what looks like a label in it is none."""
    return f"<{label}>\n{text.rstrip().replace('</', '< /')}\n</{label}>"


def clean_lines(text: str, most: int) -> str:
    """The text cleaned line by line, for a netlist's lines matter; a cut is said."""
    kept = "\n".join(clean(line) for line in text[: 4 * most].splitlines())
    return kept if len(kept) <= most and len(text) <= 4 * most else f"{kept[:most]}\n(cut here)"


def plain(text: str, most: int) -> str:
    """A model's words as they may be shown: cleaned, without links, pictures and calls to everybody."""
    lines = (clean(line) for line in text[: 4 * most].splitlines())
    shown = harmless("\n".join(line for line in lines if line))
    return shown if len(shown) <= most else shown[: most - 1].rstrip() + "…"


def harmless(text: str) -> str:
    """Without what a chat program would fetch, follow or ring: pictures, links, calls to everybody."""
    shown = _LINK.sub(lambda found: found[1] or "(link removed)", text)
    return re.sub(r"@(?=everyone|here|[&!]?\d)", "@ ", shown)


def settings_of(model: Mapping[str, Any]) -> tuple[int, int]:
    """Tokens that a prompt may have, and tokens that are kept for the answer."""
    context, answer = int(model.get("context_tokens", 32768)), int(model.get("max_tokens", 4096))
    answer = min(answer, context // 2)  # a small model answers in less rather than being told nothing
    return context - answer, answer
