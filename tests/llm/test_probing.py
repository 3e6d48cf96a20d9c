"""What doctor finds out about a model, over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clients.doctor import _model, _models
from clients.llm.probing import CODE, COUNT, probe
from tests.conftest import Database
from tests.llm.openai_server import MODEL, OpenAIServer, Reply

SETTINGS: dict[str, Any] = {
    "provider": "huggingface", "model": MODEL, "hf_provider": "auto", "temperature": 0.2, "max_tokens": 4096,
    "timeout_s": 10, "dialect": "json_object", "context_tokens": 2000,
}  # fmt: skip
COPPER = json.dumps({"metal": "copper", "symbol": "Cu", "number": 29})


def good(asked: dict[str, Any]) -> Reply:
    """A model that does what it is asked."""
    question = asked["messages"][-1]["content"]
    if "circuit boards" in question:
        return Reply(COPPER if "response_format" in asked else "Copper!")
    return Reply(" ".join(map(str, range(1, 101))) if question == COUNT else f"It is {CODE}.")


def lines(server: OpenAIServer, **changes: Any) -> list[tuple[bool, str]]:
    return list(probe(SETTINGS | {"base_url": server.url} | changes))


def test_a_good_model_is_told_by_schema_speed_and_context() -> None:
    with OpenAIServer(good, context_tokens=4000) as server:
        (schema, keeps), (fast, speed), (reads, context) = lines(server)
        longest = max(len(asked.body["messages"][0]["content"].split()) for asked in server.requests)
    assert (schema, keeps) == (True, "keeps to a schema, in dialect json_object")
    assert fast
    assert "tokens/s" in speed
    assert (reads, context) == (True, "reads a prompt of 2000 tokens (context_tokens) whole")
    assert longest <= 2000, "never more than was asked for"


def test_another_dialect_is_found_and_named() -> None:
    def picky(asked: dict[str, Any]) -> Reply:
        kind = asked.get("response_format", {}).get("type")
        return Reply("no such format", status=400) if kind == "json_object" else good(asked)

    with OpenAIServer(picky) as server:
        found = lines(server)[0]
    assert found == (
        False,
        "keeps to no schema in dialect json_object, but in json_schema: set dialect=json_schema",
    )


def test_a_model_that_keeps_to_nothing_forgets_and_is_slow_is_said_to() -> None:
    def bad(asked: dict[str, Any]) -> Reply:
        return (
            Reply("one", delay_s=0.2)
            if asked["messages"][-1]["content"] == COUNT
            else Reply('{"metal": "tin"}')
        )

    with OpenAIServer(bad) as server:
        found = lines(server)
    assert [well for well, _ in found] == [False, False, False]
    assert found[0][1] == "keeps to no schema, in no dialect"
    assert "4096 tokens (max_tokens) would take" in found[1][1]
    assert found[2][1] == "takes a prompt of 2000 tokens (context_tokens), but does not know how it began"


def test_a_prompt_that_is_refused_and_a_server_that_is_not_there() -> None:
    with OpenAIServer(good, context_tokens=500) as server:
        assert lines(server)[2] == (
            False,
            "refuses a prompt of 2000 tokens (context_tokens): the prompt is too long",
        )
    (gone,) = probe(SETTINGS | {"base_url": server.url})
    assert not gone[0]
    assert gone[1].startswith("does not answer: ")
    with OpenAIServer([Reply("who are you?", status=401)]) as strict:
        assert lines(strict) == [(False, "does not answer (HTTP 401): who are you?")]


def test_doctor_asks_each_model_once_and_says_when_there_is_none(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setenv("MAS_DATABASE", database.name)
    for name in ("LLM_BASE_URL", "LLM_MODEL"):
        monkeypatch.delenv(name, raising=False)
    assert _models(said.append) == []
    assert said == [
        "model:    none; the catalog designs. LLM_MODEL, LLM_BASE_URL or an agent's settings name one"
    ]
    with OpenAIServer(good) as server:
        monkeypatch.setenv("LLM_BASE_URL", server.url)
        with database.api("admin") as admin:
            admin.set_agent_model("pcb_tester", {"provider": "catalog"})
            for agent in ("client_manager", "pcb_designer"):
                admin.set_agent_model(agent, {"context_tokens": 2048})
        ((agents, settings),) = _models(said.append)
        assert agents == "client_manager, pcb_designer"
        del said[:]
        assert _model(agents, settings, said.append)
    assert said[0] == f"model:    the only one at {server.url}, for client_manager, pcb_designer"
    assert len(said) == 4
