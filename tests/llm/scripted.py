"""A model that says what a test has written down: a function with the contract of `Node.query_llm`."""

from __future__ import annotations

import json
from typing import Any

from clients.llm import Answer, Message, ModelProblem
from clients.llm.asking import GiveUp
from clients.llm.judging import Check, repair_after, require

REPAIRS = 2  # setting model_repairs


class Scripted:
    """Says one answer after the other; a bad one is complained about and the next one is asked for."""

    def __init__(self, *answers: str | dict[str, Any] | Answer) -> None:
        self._left = [answer if isinstance(answer, Answer) else Answer(_text(answer)) for answer in answers]
        self.asked: list[list[Message]] = []
        self.complaints: list[ModelProblem] = []
        self.tools: list[list[dict[str, Any]] | None] = []

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
        repair: list[Message] = []
        while True:
            json.dumps(prompt_or_messages)  # it goes over a wire
            self.asked.append([*prompt_or_messages, *repair])
            self.tools.append(tools)
            assert self._left, "the model was asked once more than the test thought"
            answer = self._left.pop(0)
            try:
                require(answer, schema, check)
            except ModelProblem as problem:
                self.complaints.append(problem)
                if len(self.complaints) > REPAIRS:
                    raise GiveUp(problem.message, problem.answer) from problem
                repair = repair_after(problem)
                continue
            return answer

    @property
    def said(self) -> str:
        """All that the model was told last, as one text."""
        return "\n".join(text_of(message) for message in self.asked[-1])


def text_of(message: Message) -> str:
    """The words of a message, pictures left out."""
    content = message["content"]
    return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)


def _text(answer: str | dict[str, Any]) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer)


def refused_to_speak(*_: Any, **__: Any) -> Answer:
    """A model that must not be asked."""
    raise AssertionError("the model was asked")


def called(*calls: tuple[str, Any]) -> Answer:
    """An answer that calls functions."""
    made = [
        {
            "id": f"c{n}",
            "type": "function",
            "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
        }
        for n, (name, given) in enumerate(calls)
    ]
    return Answer("", made, "tool_calls")
