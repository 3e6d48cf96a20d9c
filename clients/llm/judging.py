"""Judging: whether an answer is of use at all, and what the model is told when it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from clients.llm import Answer, Message, ModelProblem, Problem

Check = Callable[[Answer], str | None]  # what is wrong with an answer, None when nothing is

TOO_LARGE = "too_large"  # how a reply ended that was not read to its end
QUOTED_CHARACTERS = 8000  # of a bad answer, shown to the model once more
SAY_AGAIN = {
    "empty": "Your answer was empty. Answer the question above.",
    "truncated": "Your answer was cut off because it was too long. Answer again, shorter, and complete.",
    "too_large": "Your answer was far too large. Answer again in a few thousand words at most.",
}


class Complaint(str):
    """What is wrong with an answer, in words for the model; `problem` is the word for `fail_model_call`."""

    problem: Problem

    def __new__(cls, problem: Problem, text: str) -> Complaint:
        """`problem`: bad_schema, no_script, empty, truncated or too_large."""
        made = super().__new__(cls, text)
        made.problem = problem
        return made


def require(answer: Answer, schema: dict[str, Any] | None, check: Check | None) -> None:
    """Raise what is wrong with an answer."""
    if answer.finish_reason == TOO_LARGE:
        raise ModelProblem("too_large", "the reply is larger than 1 MB", answer=answer)
    if answer.finish_reason == "length":
        raise ModelProblem("truncated", "the answer was cut off at max_tokens", answer=answer)
    if not answer.content.strip() and not answer.tool_calls:
        raise ModelProblem("empty", "the answer was empty", answer=answer)
    complaint = (check or (_no_json if schema else _nothing))(answer)
    if complaint is not None:
        kind: Problem = "bad_schema" if schema else "no_script"
        if isinstance(complaint, Complaint):
            kind = complaint.problem
        raise ModelProblem(kind, str(complaint), answer=answer)


def _nothing(_: Answer) -> str | None:
    return None


def _no_json(answer: Answer) -> str | None:
    """A caller that only gives a schema wants an object at least."""
    if answer.tool_calls:
        return None
    try:
        return None if isinstance(json.loads(answer.content), dict) else "The answer is no JSON object."
    except ValueError as error:
        return f"The answer is not JSON: {error}"


def with_schema(messages: list[Message], schema: dict[str, Any] | None, dialect: str) -> list[Message]:
    """Where the server is told of no schema the model is."""
    if schema is None or dialect != "none":
        return messages
    words = (
        f"Answer with one JSON object and nothing else. It must fit this JSON schema:\n{json.dumps(schema)}"
    )
    return [*messages, {"role": "system", "content": words}]


def repair_after(problem: ModelProblem) -> list[Message]:
    """What is said after a bad answer: the answer, as far as there was one, and what was wrong with it."""
    said = problem.answer.content[:QUOTED_CHARACTERS] if problem.answer else ""
    complaint = SAY_AGAIN.get(problem.problem, problem.message)
    quoted = [{"role": "assistant", "content": said}] if said.strip() else []
    return [*quoted, {"role": "user", "content": complaint}]
