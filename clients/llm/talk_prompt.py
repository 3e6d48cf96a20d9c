"""What a model that talks with a user is told: all that was said, and what is in the files; each as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clients.catalog.text import clean
from clients.llm import Message
from clients.llm.attachments import Part
from clients.llm.prompting import data

MOST_BRIEF = 4000  # characters of a message, as in the catalog
MOST_MESSAGES = 60  # of a long talk: the first two, and the last ones
LEFT_OUT = {"sender": "(left out)", "text": ""}
_INTERACTIVE = (
    "The user can answer. Ask for one thing that is missing and matters, "
    "or give the requirement when all is known."
)
_ALONE = (
    "Nobody can answer, so ask nothing: take a sensible default for what is missing, state each in "
    "assumptions, and give the requirement now, or a refusal."
)


def versions(state: Mapping[str, Any], prompt: str, files: list[Part]) -> Iterator[list[Message]]:
    """The prompt, longest first: whole; with fewer messages; without the files' texts."""
    said = state["conversation"]
    said = said if len(said) <= MOST_MESSAGES else [*said[:2], LEFT_OUT, *said[3 - MOST_MESSAGES :]]
    talk = [{"sender": str(each["sender"]), "text": clean(each["text"][:MOST_BRIEF])} for each in said]
    for most, parts in (
        (MOST_MESSAGES, files),
        (20, files),
        (20, _halved(files)),
        (8, _named(files)),
        (4, []),
    ):
        kept = talk if len(talk) <= most else [*talk[:2], LEFT_OUT, *talk[3 - most :]]
        sections = [data("conversation", kept)]
        if state.get("requirement"):
            sections.append(data("shown_requirement", state["requirement"]))
        sections.append(_INTERACTIVE if state["interactive"] else _ALONE)
        words = {"type": "text", "text": "\n\n".join(sections)}
        content: Any = [*parts, words] if parts else words["text"]
        yield [{"role": "system", "content": prompt}, {"role": "user", "content": content}]


def _halved(files: list[Part]) -> list[Part]:
    most = 4000
    return [part if len(part.get("text", "")) <= most else _cut(part, most) for part in files]


def _named(files: list[Part]) -> list[Part]:
    return [_cut(part, 300) if len(part["text"]) > 300 else part for part in files if "text" in part]


def _cut(part: Part, most: int) -> Part:
    """The part's text cut within its JSON, and its label closed again."""
    return {"type": "text", "text": f"{part['text'][:most]} (cut here)\n</attachment>"}
