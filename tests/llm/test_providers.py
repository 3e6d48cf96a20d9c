"""Hugging Face's client against a real server: what is asked, and what each failure is called."""

from __future__ import annotations

import email.utils
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clients.llm import MAX_ANSWER_BYTES, Answer, ModelProblem, Request, provider_for
from clients.llm.bounded import _Alarm
from clients.llm.environment import named_model
from tests.conftest import ROOT
from tests.llm.openai_server import MODEL, OpenAIServer, Reply

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
TOOL = {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {}}}}
HELLO = Request([{"role": "user", "content": "hello"}])
SETTINGS: dict[str, Any] = {
    "provider": "huggingface", "model": MODEL, "hf_provider": "auto", "base_url": None, "temperature": 0.2,
    "max_tokens": 4096, "timeout_s": 10, "dialect": "json_object",
}  # fmt: skip
SECRET, HF_SECRET = "sk-" + "s" * 30, "hf_" + "h" * 34


@pytest.fixture(autouse=True)
def nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLM_BASE_URL", "LLM_MODEL", "LLM_API_KEY", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def ask(server: OpenAIServer, request: Request = HELLO, **settings: Any) -> Answer:
    return provider_for(SETTINGS | {"base_url": server.url} | settings).chat(request)


def problem(*replies: Reply, **settings: Any) -> ModelProblem:
    with OpenAIServer(replies) as server, pytest.raises(ModelProblem) as failed:
        ask(server, **settings)
    assert SECRET not in str(failed.value)
    assert failed.value.__cause__ is None, "what it came from has the request with its headers"
    return failed.value


# ---------------------------------------------------------------------------- what is asked


def test_an_answer_has_its_text_its_tokens_and_its_time() -> None:
    with OpenAIServer([Reply("hello, too")]) as server:
        answer = ask(server, Request(HELLO.messages, temperature=0.7, max_tokens=99, candidate=3))
        (asked,) = server.requests
    assert (answer.content, answer.finish_reason, answer.tool_calls) == ("hello, too", "stop", [])
    assert answer.prompt_tokens == len(json.dumps(HELLO.messages)) // 4
    assert answer.completion_tokens == 2
    assert 0 < answer.latency_s < 5
    assert asked.body == {
        "model": MODEL, "messages": HELLO.messages, "temperature": 0.7, "max_tokens": 99, "seed": 3, "stream": False,
    }  # fmt: skip


def test_tokens_are_estimated_where_a_server_does_not_count() -> None:
    with OpenAIServer([Reply("x" * 400, counts=False)]) as server:
        answer = ask(server)
    assert (answer.prompt_tokens, answer.completion_tokens) == (len(json.dumps(HELLO.messages)) // 4, 100)


def test_tool_calls_come_back_and_go_on() -> None:
    with OpenAIServer([Reply(tool_calls=[("find", {"words": "LED"})]), Reply("found")]) as server:
        answer = ask(server, Request(HELLO.messages, tools=[TOOL]))
        (call,) = answer.tool_calls
        said = {"role": "tool", "tool_call_id": call["id"], "content": "Device:LED"}
        ask(server, Request([*HELLO.messages, answer.message(), said], tools=[TOOL]))
        first, second = (asked.body for asked in server.requests)
    assert call["function"] == {"name": "find", "arguments": '{"words": "LED"}'}
    assert first["tools"] == [TOOL]
    assert second["messages"][1] == {"role": "assistant", "content": "", "tool_calls": [call]}
    assert Answer.from_text(answer.as_text()).tool_calls == [call]


@pytest.mark.parametrize(
    ("dialect", "sent"),
    [
        ("json_object", {"type": "json_object", "schema": SCHEMA}),
        (
            "json_schema",
            {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True}},
        ),
        ("none", None),
    ],
)
def test_a_schema_travels_in_the_dialect_of_the_settings(dialect: str, sent: Any) -> None:
    with OpenAIServer([Reply('{"answer": "42"}')]) as server:
        ask(server, Request(HELLO.messages, SCHEMA), dialect=dialect)
        (asked,) = server.requests
    assert asked.body.get("response_format") == sent


def test_text_that_postgresql_cannot_keep_is_cleaned() -> None:
    raw = '{"choices": [{"message": {"content": "a\\u0000b\\ud800c"}, "finish_reason": "stop"}]}'
    with OpenAIServer([Reply(raw=raw)]) as server:
        assert ask(server).content == "ab?c"


# ---------------------------------------------------------------------------- secrets


def test_hf_token_never_goes_to_a_server_with_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", HF_SECRET)
    with OpenAIServer([Reply("hello")]) as server:
        ask(server)
        (asked,) = server.requests
    assert "Authorization" not in asked.headers
    assert HF_SECRET not in json.dumps([asked.headers, asked.body])


def test_the_key_goes_to_its_own_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET + "\n")
    monkeypatch.setenv("LLM_API_KEY_FILE", str(tmp_path / "key"))
    with OpenAIServer([Reply("a"), Reply("b")]) as server:
        monkeypatch.setenv("LLM_BASE_URL", server.url)
        monkeypatch.setenv("LLM_MODEL", MODEL)
        assert named_model() == {"model": MODEL, "base_url": server.url}
        ask(server)
        monkeypatch.setenv("LLM_BASE_URL", "https://models.example/v1")
        ask(server)
        first, second = server.requests
    assert first.headers["Authorization"] == f"Bearer {SECRET}"
    assert "Authorization" not in second.headers


def test_a_secret_that_a_server_says_back_is_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_API_KEY", SECRET)
    failed = problem(Reply(f"no such key: {SECRET}, nor {HF_SECRET}", status=401))
    assert (failed.status, str(failed)) == (401, "no such key: ***, nor ***")


def test_without_a_token_hugging_face_is_not_asked() -> None:
    with pytest.raises(ModelProblem, match="HF_TOKEN is not set") as failed:
        provider_for(SETTINGS).chat(HELLO)
    assert (failed.value.problem, failed.value.status) == ("http", 401)


def test_a_servers_words_hold_nothing_that_a_terminal_obeys() -> None:
    failed = problem(Reply("\x1b]0;owned\x07no\r\n\u202emodel\x9b2J", status=404))
    assert str(failed) == "]0;ownedno  model2J"


@pytest.mark.parametrize("count", [10**12, -5, 2**70])
def test_a_count_that_is_none_is_estimated(count: int) -> None:
    body = json.loads(Reply("x" * 400).body({"messages": []}))
    body["usage"] = {"prompt_tokens": count, "completion_tokens": count, "total_tokens": count}
    with OpenAIServer([Reply(raw=json.dumps(body))]) as server:
        answer = ask(server)
    assert (answer.prompt_tokens, answer.completion_tokens) == (len(json.dumps(HELLO.messages)) // 4, 100)


def test_a_reply_that_grows_when_it_is_escaped_is_too_large() -> None:
    body = json.loads(Reply(tool_calls=[("find", {})]).body({"messages": []}))
    body["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] = {"words": '"' * 450_000}
    assert problem(Reply(raw=json.dumps(body))).problem == "too_large"


def test_a_connection_that_is_made_too_late_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    alarm = _Alarm(1000)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        alarm._ring()
        stream = SimpleNamespace(get_extra_info=lambda _: ours)
        alarm.watch("connection.connect_tcp.complete", {"return_value": stream})
        assert theirs.recv(1) == b""


def test_a_model_that_is_an_address_gets_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", HF_SECRET)
    with OpenAIServer([Reply("hello")]) as server:
        with pytest.raises(ModelProblem, match="base_url") as failed:
            provider_for(SETTINGS | {"model": server.url}).chat(HELLO)
        assert failed.value.status == 400
        assert server.requests == []


def test_a_file_that_is_not_there_is_said_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN_FILE", "/nowhere/token")
    with pytest.raises(ModelProblem, match="cannot be read: No such file"):
        provider_for(SETTINGS)


@pytest.mark.parametrize(
    "words",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens.",
        "the request exceeds the available context size (2048 tokens), try increasing it",
    ],
)
def test_a_prompt_that_is_too_long_is_said_in_one_way(words: str) -> None:
    assert problem(Reply(words, status=400)).status == 413
    assert problem(Reply("no such model", status=400)).status == 400


def test_where_a_server_sends_us_we_do_not_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_API_KEY", SECRET)
    with OpenAIServer([Reply("never asked")]) as elsewhere:
        moved = Reply("go there", status=307, headers={"Location": f"{elsewhere.url}/chat/completions"})
        assert problem(moved).status == 307
        assert elsewhere.requests == []


# ---------------------------------------------------------------------------- failures


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 529])
def test_a_status_is_kept_with_the_servers_words(status: int) -> None:
    failed = problem(Reply("because", status=status))
    assert (failed.problem, failed.status, str(failed)) == ("http", status, "because")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error": "short"}', "short"),
        ('{"error": {"message": "deep"}}', "deep"),
        ('{"detail": [{"message": "listed"}]}', "listed"),
        ('["odd"]', "odd"),
        ("plain words", "plain words"),
        ("<html><body>gateway</body></html>", ""),
        ("x" * 100_000, "x" * 300),
        ("[" * 9_000, "[" * 300),
    ],
)
def test_an_errors_words_are_found_in_whatever_holds_them(body: str, words: str) -> None:
    failed = problem(Reply(raw=body, status=500))
    assert (failed.status, str(failed)) == (500, words)


def test_how_long_to_wait_is_read() -> None:
    def waits(**headers: str) -> float | None:
        return problem(
            Reply(status=429, headers={k.replace("_", "-"): v for k, v in headers.items()})
        ).retry_after_s

    assert waits(Retry_After="7") == 7
    assert waits(Retry_After="soon") is None
    assert waits() is None
    assert waits(RateLimit='"api";r=0;t=55') == 55
    assert waits(RateLimit='"api";r=9;t=55') is None
    date = email.utils.format_datetime(email.utils.localtime().astimezone())
    assert waits(Retry_After=date) == 0
    later = email.utils.formatdate(time.time() + 100, usegmt=True)
    assert 90 < (waits(Retry_After=later) or 0) <= 100


def test_a_server_that_never_answers_costs_the_timeout() -> None:
    began = time.monotonic()
    assert problem(Reply(never=True), timeout_s=1).problem == "timeout"
    assert 1 <= time.monotonic() - began < 2


def test_a_byte_at_a_time_costs_the_timeout_too() -> None:
    began = time.monotonic()
    assert problem(Reply("x" * 1000, trickle_s=0.2), timeout_s=1).problem == "timeout"
    assert 1 <= time.monotonic() - began < 2


def test_a_refusal_a_byte_at_a_time_is_still_a_refusal() -> None:
    began = time.monotonic()
    assert problem(Reply("x" * 1000, status=503, trickle_s=0.2), timeout_s=1).problem in ("http", "timeout")
    assert time.monotonic() - began < 2


def test_five_megabytes_are_not_read() -> None:
    assert problem(Reply("x" * 5_000_000)).problem == "too_large"
    assert problem(Reply("x" * MAX_ANSWER_BYTES)).problem == "too_large"


def test_what_is_packed_is_not_unpacked() -> None:
    failed = problem(Reply("x", headers={"Content-Encoding": "gzip"}))
    assert (failed.problem, str(failed)) == ("connection", "the reply is compressed, which nobody asked for")


@pytest.mark.parametrize("body", ["", "no JSON", "[]", "{}", '{"choices": []}', '{"choices": [{"message": 1}]}', "\xff", "[" * 100_000])  # fmt: skip
def test_a_reply_that_is_no_completion_is_the_servers_fault(body: str) -> None:
    failed = problem(Reply(raw=body))
    assert (failed.problem, failed.status) == ("connection", None), str(failed)


def test_a_connection_that_is_cut_and_one_that_is_never_made() -> None:
    assert problem(Reply("x" * 1000, cut=True)).problem == "connection"
    with OpenAIServer([]) as server:
        url = server.url
    with pytest.raises(ModelProblem) as failed:
        provider_for(SETTINGS | {"base_url": url}).chat(HELLO)
    assert failed.value.problem == "connection"


def test_what_the_client_itself_refuses_is_a_bad_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "no-token-of-theirs")
    with pytest.raises(ModelProblem) as failed:
        provider_for(SETTINGS).chat(HELLO)
    assert (failed.value.problem, failed.value.status) == ("http", 400)
    assert "no-token" not in str(failed.value)


# ---------------------------------------------------------------------------- the server of these tests


def test_the_server_says_501_to_what_it_does_not_know_and_runs_by_itself(tmp_path: Path) -> None:
    (tmp_path / "replies.json").write_text(json.dumps([{"text": "from afar"}]))
    with subprocess.Popen(
        [sys.executable, "-m", "tests.llm.openai_server", str(tmp_path / "replies.json")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        settings = SETTINGS | {"base_url": process.stdout.readline().strip()}
        assert provider_for(settings).chat(HELLO).content == "from afar"
        with pytest.raises(ModelProblem, match="no reply is left") as failed:
            provider_for(settings).chat(HELLO)
        assert failed.value.status == 501
        with pytest.raises(ModelProblem, match="no POST") as lost:
            provider_for(settings | {"base_url": settings["base_url"] + "/elsewhere"}).chat(HELLO)
        assert lost.value.status == 501
        assert process.stdin is not None
        process.stdin.close()
