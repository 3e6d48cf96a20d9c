"""What a model can do, found out by asking: does it keep to a schema, how fast is it, what can it read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from clients.llm import Answer, ModelProblem, Request, provider_for

DIALECTS = ("json_object", "json_schema", "none")
SCHEMA = {
    "type": "object",
    "properties": {
        "metal": {"enum": ["copper", "iron"]},
        "symbol": {"type": "string"},
        "number": {"type": "integer"},
    },
    "required": ["metal", "symbol", "number"],
    "additionalProperties": False,
}
QUESTION = "Which metal are circuit boards' tracks of, what is its symbol and its atomic number?"
COUNT = "Count from 1 to 100 in figures, one after the other."
CODE = "heron"
WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")  # a token each
ROOM = 200  # tokens of a long prompt that are not its filling, and of its answer


def probe(settings: dict[str, Any]) -> Iterator[tuple[bool, str]]:
    """Ask the model of these settings (`api.agent_model`); yields (whether it is well, a line for people)."""
    try:
        yield _keeps_to_schema(settings)
        yield _speed(settings)
        yield _context(settings)
    except ModelProblem as problem:
        status = f" (HTTP {problem.status})" if problem.status else ""
        yield False, f"does not answer{status}: {problem.message or problem.problem}"


def _ask(settings: dict[str, Any], text: str, tokens: int, schema: dict[str, Any] | None = None) -> Answer:
    request = Request([{"role": "user", "content": text}], schema, temperature=0.0, max_tokens=tokens)
    return provider_for(settings).chat(request)


def _keeps_to_schema(settings: dict[str, Any]) -> tuple[bool, str]:
    """In the dialect of the settings; where that is of no use the others are tried."""
    own = settings["dialect"]
    for dialect in (own, *(other for other in DIALECTS if other != own)):
        told = f"{QUESTION} Answer as JSON that fits this schema: {json.dumps(SCHEMA)}"
        try:
            answer = _ask(settings | {"dialect": dialect}, told, ROOM, SCHEMA)
        except ModelProblem as problem:
            if dialect == own and problem.status not in (400, 422):  # it is not the schema
                raise
            continue
        if _fits(answer.content):
            if dialect == own:
                return True, f"keeps to a schema, in dialect {dialect}"
            return False, f"keeps to no schema in dialect {own}, but in {dialect}: set dialect={dialect}"
    return False, "keeps to no schema, in no dialect"


def _fits(text: str) -> bool:
    try:
        said = json.loads(text)
    except ValueError:
        return False
    properties = isinstance(said, dict) and said.keys() == SCHEMA["properties"].keys()  # type: ignore[attr-defined]
    return (
        properties
        and said["metal"] in ("copper", "iron")
        and isinstance(said["symbol"], str)
        and type(said["number"]) is int
    )


def _speed(settings: dict[str, Any]) -> tuple[bool, str]:
    answer = _ask(settings, COUNT, 2 * ROOM)
    rate = answer.completion_tokens / max(answer.latency_s, 1e-3)
    longest = settings["max_tokens"] / max(rate, 1e-3)
    words = f"{rate:.0f} tokens/s, {answer.latency_s:.1f} s to an answer of {answer.completion_tokens} tokens"
    if longest <= settings["timeout_s"]:
        return True, words
    return False, (
        f"{words}: {settings['max_tokens']} tokens (max_tokens) would take {longest:.0f} s, "
        f"and timeout_s is {settings['timeout_s']:g}"
    )


def _context(settings: dict[str, Any]) -> tuple[bool, str]:
    """A prompt of `context_tokens`, never more: is it taken, and is its beginning known at the end."""
    wanted = settings["context_tokens"]
    filling = " ".join(WORDS[n % len(WORDS)] for n in range(max(0, wanted - ROOM)))
    prompt = f"The code word is {CODE}. {filling}\nWhat is the code word? Answer with that word alone."
    try:
        answer = _ask(settings, prompt, ROOM // 10)
    except ModelProblem as problem:
        if problem.status not in (400, 413, 422):
            raise
        return False, f"refuses a prompt of {wanted} tokens (context_tokens): {problem.message}"
    if CODE in answer.content.lower():
        return True, f"reads a prompt of {wanted} tokens (context_tokens) whole"
    return False, f"takes a prompt of {wanted} tokens (context_tokens), but does not know how it began"
