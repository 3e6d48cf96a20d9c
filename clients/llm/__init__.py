"""Language models behind one small interface: a request goes in, an answer or a `ModelProblem` comes out.

A provider only asks; budgets, retries and what a failure means are the database's business (`asking`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

Problem = Literal[
    "http", "timeout", "connection", "empty", "truncated", "too_large", "bad_schema", "no_script"
]
Message = dict[str, Any]  # {"role", "content", …} as the chat completions protocol has it
MAX_ANSWER_BYTES = 1_000_000  # of a whole reply; the database takes no more either


@dataclass(frozen=True)
class Request:
    """What a model is asked; `candidate` (1…n) makes answers to the same messages differ."""

    messages: list[Message]
    schema: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    temperature: float = 0.2
    max_tokens: int = 4096
    candidate: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The request as the database stores it."""
        return asdict(self)


@dataclass(frozen=True)
class Answer:
    """The assistant's message; `tool_calls` as the protocol has them, their arguments still JSON text."""

    content: str
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    finish_reason: str = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    latency_s: float = 0.0

    def message(self) -> Message:
        """The message to append to a conversation that goes on."""
        calls = {"tool_calls": self.tool_calls} if self.tool_calls else {}
        return {"role": "assistant", "content": self.content, **calls}

    def as_text(self) -> str:
        """The answer as the database stores it."""
        return json.dumps(
            {
                "content": self.content,
                "tool_calls": self.tool_calls,
                "finish_reason": self.finish_reason,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_text(cls, text: str) -> Answer:
        """An answer that was stored; it costs no tokens and no time."""
        stored = json.loads(text)
        return cls(stored["content"], stored.get("tool_calls") or [], stored.get("finish_reason") or "stop")


class ModelProblem(Exception):
    """The model gave no answer of use; the message is for people and has no secret in it."""

    def __init__(
        self,
        problem: Problem,
        message: str,
        status: int | None = None,
        retry_after_s: float | None = None,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(message)
        self.problem = problem
        self.message = message
        self.status = status
        self.retry_after_s = retry_after_s
        self.answer = answer  # what came, when something did


class Provider(Protocol):
    """Something that answers."""

    def chat(self, request: Request) -> Answer:
        """Ask once and wait, at most as long as the settings say.  Raises `ModelProblem`."""
        ...


def provider_for(settings: dict[str, Any]) -> Provider:
    """The provider that an agent's settings (`api.agent_model`) name; `ModelProblem` when there is none."""
    if settings["provider"] != "huggingface":
        raise ModelProblem("http", f"there is no provider {settings['provider']}", status=400)
    from clients.llm.huggingface import HuggingFace  # it takes 0.4 s, and a catalog's designs need none

    return HuggingFace.of(settings)
