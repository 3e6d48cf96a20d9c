"""What a failed check means, in a sentence by a model.  Gates decide; these words decide nothing."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator

from clients.llm import Answer
from clients.llm.asking import GiveUp
from clients.llm.judging import Complaint
from clients.llm.prompting import Ask, data, plain, quoted
from clients.llm.replies import Unusable, object_of
from clients.llm.requirement_checks import schema_complaints

NAME = "pcb_tester"
MOST_SENTENCE = 240
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["explanations"],
    "properties": {
        "explanations": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["number", "sentence"],
                "properties": {
                    "number": {"type": "integer", "minimum": 1, "maximum": 5},
                    "sentence": {"type": "string", "minLength": 1, "maxLength": 400},
                },
            },
        }
    },
}
_VALIDATOR = Draft202012Validator(_SCHEMA)


def explained(
    errors: Sequence[Mapping[str, Any]], script: str | None, ask: Ask, *, prompt: str
) -> list[dict[str, Any]]:
    """The errors, each with at most one sentence under `explanation`; nothing else of them can change.

    A model that fails, or gives nothing of use, leaves them as they are.
    """
    kept = [copy.deepcopy(dict(error)) for error in errors]
    numbered = [{"number": number} | error for number, error in enumerate(kept, 1)]
    content = f"{data('errors', numbered)}\n\n{quoted('file', script or '')}"
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": content}]
    found: dict[int, str] = {}

    def check(said: Answer) -> Complaint | None:
        try:
            answer = object_of(said)
        except Unusable as unusable:
            return unusable.complaint
        if wrong := schema_complaints(_VALIDATOR, answer, "answer"):
            return Complaint("bad_schema", "\n".join(wrong))
        for each in answer["explanations"]:
            found[each["number"]] = plain(each["sentence"], MOST_SENTENCE)
        return None

    try:
        ask(messages, prompt=NAME, schema=_SCHEMA, check=check, optional=True)
    except GiveUp:
        return kept
    for number, error in enumerate(kept, 1):
        if sentence := _one_sentence(found.get(number, "")):
            error["explanation"] = sentence
    return kept


def _one_sentence(text: str) -> str:
    """Up to the first mark that ends a sentence: one before a space and a capital letter."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", " ".join(text.split()), maxsplit=1)[0]
