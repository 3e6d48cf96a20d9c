"""Hugging Face: any of its providers, or any server that speaks the chat completions protocol, by its URL."""

from __future__ import annotations

import json
import re
import time
from typing import Any, Self

import httpx2
from huggingface_hub import InferenceClient
from huggingface_hub.errors import InferenceTimeoutError

from clients.catalog.text import clean
from clients.llm import MAX_ANSWER_BYTES, Answer, ModelProblem, Problem, Request
from clients.llm.bounded import NO_KEY, REFUSAL_BYTES, Refused, TooLarge, replied
from clients.llm.environment import key_for
from clients.llm.refusals import retry_after_s, words_of

SAID_CHARACTERS = 300  # of a server's own words
MOST_TOKENS = 100_000_000  # of a call that any server counts
CHARACTERS_A_TOKEN = 4  # where a server does not count, so that a budget holds all the same
HIDDEN = "***"
BAD_REQUEST, UNAUTHORIZED, TOO_LONG = 400, 401, 413
# how vLLM, llama.cpp and others say 413: a bad request whose words are about the context
_TOO_LONG = re.compile(
    r"context (length|size|window)|prompt is too long|too many tokens|input is too long", re.I
)


class _AsIs(dict[str, Any]):
    """A response format that reaches the server as it is.

    For a server with a URL huggingface_hub rewrites `json_schema` into a dialect that only one server knows.
    It looks at the type by `get`; on the wire go the items.
    """

    def get(self, key: str, default: Any = None) -> Any:
        """Everything but the type."""
        return default if key == "type" else super().get(key, default)


class HuggingFace:
    """One model, asked as an agent's settings say."""

    def __init__(self, settings: dict[str, Any], key: str | None) -> None:
        self._settings, self._key = settings, key
        self._timeout_s = float(settings["timeout_s"])

    @classmethod
    def of(cls, settings: dict[str, Any]) -> Self:
        """The model of an agent, with the secret that this process has for it."""
        try:
            return cls(settings, key_for(settings.get("base_url")))
        except OSError as error:
            words = f"the file of the access token cannot be read: {error.strerror}"
            raise ModelProblem("http", words, status=UNAUTHORIZED) from error

    def chat(self, request: Request) -> Answer:
        """Ask once.  Raises `ModelProblem`: http with its status, timeout, connection or too_large."""
        began = time.monotonic()
        replied.set(False)
        try:
            said = self._client().chat_completion(**self._arguments(request))
            took = time.monotonic() - began
            answer = _answer(said, request, took)
        except Exception as error:
            raise self._problem(error, time.monotonic() - began) from None  # what it came from has the key
        if took >= self._timeout_s:  # cut by us, and what had come could be read
            raise self._late()
        return answer

    # ------------------------------------------------------------------ the question

    def _client(self) -> InferenceClient:
        settings = self._settings
        if url := settings.get("base_url"):
            return InferenceClient(base_url=url, api_key=self._key or NO_KEY, timeout=self._timeout_s)
        if "://" in (settings.get("model") or ""):  # huggingface_hub would go there, and take HF_TOKEN along
            words = "a model is named, it is no address: base_url (LLM_BASE_URL) names a server"
            raise ModelProblem("http", words, status=BAD_REQUEST)
        if self._key is None:
            raise ModelProblem("http", "no access token: HF_TOKEN is not set", status=UNAUTHORIZED)
        return InferenceClient(provider=settings["hf_provider"], api_key=self._key, timeout=self._timeout_s)

    def _arguments(self, request: Request) -> dict[str, Any]:
        return {
            "model": self._settings.get("model"),
            "messages": request.messages,
            "tools": request.tools,
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "seed": request.candidate,
            "response_format": self._format(request.schema),
        }

    def _format(self, schema: dict[str, Any] | None) -> dict[str, Any] | None:
        if schema is None:
            return None
        match self._settings["dialect"]:
            case "json_object":
                return {"type": "json_object", "schema": schema}
            case "json_schema":
                named = {"name": "answer", "schema": schema, "strict": True}
                return _AsIs(type="json_schema", json_schema=named)
            case _:
                return None

    # ------------------------------------------------------------------ what went wrong

    def _late(self) -> ModelProblem:
        return ModelProblem("timeout", f"no whole answer within {self._timeout_s:g} s")

    def _problem(self, error: Exception, took: float) -> ModelProblem:
        """Any failure by its kind, with nothing secret in its words."""
        status = wait_s = None
        words = str(error) or type(error).__name__
        kind: Problem = "connection"
        match error:
            case ModelProblem():
                return error
            case Refused():
                kind, status, words = "http", error.status, words_of(error.body)
                if status == BAD_REQUEST and _TOO_LONG.search(words):
                    status = TOO_LONG
                wait_s = retry_after_s(error.headers)
            case TooLarge():
                kind, words = "too_large", "the reply is larger than 1 MB"
            case InferenceTimeoutError() | httpx2.TimeoutException():
                return self._late()
            case _ if took >= self._timeout_s:
                return self._late()
            case httpx2.TransportError() | httpx2.DecodingError() | OSError():
                pass
            case _ if replied.get():
                words = "the server's reply is no chat completion"
            case _:  # huggingface_hub refuses a model or a provider before it asks, or the URL is none
                kind, status = "http", BAD_REQUEST
        return ModelProblem(kind, self._plain(words), status, wait_s)

    def _plain(self, words: str) -> str:
        if self._key:
            words = words.replace(self._key, HIDDEN)
        return re.sub(r"\bhf_\w{8,}", HIDDEN, clean(words[:REFUSAL_BYTES]))[:SAID_CHARACTERS]


def _answer(said: Any, request: Request, took_s: float) -> Answer:
    """What came, whatever a server leaves out; any exception when it is no chat completion."""
    choice, usage = said.choices[0], said.usage
    content = choice.message.content or ""
    if not isinstance(content, str):
        content = "".join(part["text"] for part in content)
    calls = [_call(call, n) for n, call in enumerate(choice.message.tool_calls or [])]
    finish = str(choice.finish_reason or "stop")
    sent, received = (_count(getattr(usage, name, None)) for name in ("prompt_tokens", "completion_tokens"))
    answer = Answer(
        _clean(content),
        calls,
        finish,
        sent or len(json.dumps(request.messages)) // CHARACTERS_A_TOKEN,
        received or len(content) // CHARACTERS_A_TOKEN,
        took_s,
    )
    if len(answer.as_text().encode()) > MAX_ANSWER_BYTES:  # escaped it may be longer than what came
        raise TooLarge
    return answer


def _count(said: Any) -> int:
    """Tokens as a server counts them; 0 for what can be no count."""
    count = int(said or 0)
    return count if 0 < count <= MOST_TOKENS else 0


def _call(call: Any, number: int) -> dict[str, Any]:
    """A tool call as the protocol has it; some servers give the arguments as an object, or no id."""
    given = call.function.arguments
    arguments = given if isinstance(given, str) else json.dumps(given or {}, ensure_ascii=False)
    function = {"name": _clean(call.function.name), "arguments": _clean(arguments)}
    return {"id": _clean(call.id or f"call_{number}"), "type": "function", "function": function}


def _clean(text: str) -> str:
    """Text that PostgreSQL can keep."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
