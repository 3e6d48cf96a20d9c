"""A node that asks a model: over a real wire, on the real database, whose word is the last."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from clients.api import ApiError
from clients.fleet import Fleet, _environment
from clients.lease import HEARTBEAT_S, Lease
from clients.llm import Answer, provider_for
from clients.llm.asking import Asking
from clients.llm.fitting import fitted, halved
from clients.llm.prompt_files import NoPrompt, prompt_text
from clients.llm.prompting import settings_of
from clients.node import Node
from tests.conftest import Database
from tests.db.steps import begin, work
from tests.llm.asker import SCRIPT, Asker
from tests.llm.openai_server import MODEL, OpenAIServer, Reply

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
ENOUGH_S = 20.0


@pytest.fixture(autouse=True)
def nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLM_BASE_URL", "LLM_MODEL", "LLM_API_KEY", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def use_model(database: Database, url: str, agent: str = "pcb_designer", **settings: Any) -> None:
    with database.api("admin") as admin:
        admin.set_agent_model(agent, {"base_url": url, "model": MODEL, "timeout_s": 10} | settings)


def designing(database: Database) -> int:
    """A design that waits for its script."""
    design = begin(database)
    work(database, "client_manager")
    return design


def asker(database: Database, agent: str = "pcb_designer") -> Asker:
    node = Asker(agent)
    node.connect(partial(database.api, agent))
    return node


@contextmanager
def model(database: Database, *replies: Reply, **settings: Any) -> Iterator[OpenAIServer]:
    with OpenAIServer(replies) as server:
        use_model(database, server.url, **settings)
        yield server


def status(database: Database, design: int) -> dict[str, Any]:
    with database.api("terminal") as terminal:
        return terminal.design_status(design)


def exchanges(database: Database, design: int) -> list[dict[str, Any]]:
    with database.api("terminal") as terminal:
        return terminal.model_exchanges(design)


def problems(database: Database, design: int) -> list[str]:
    return [row["problem"].partition(":")[0] for row in exchanges(database, design)]


# ---------------------------------------------------------------------------- answers


def test_an_answer_moves_the_design_on_and_is_kept_whole(database: Database) -> None:
    design = designing(database)
    with model(database, Reply(SCRIPT), price_in=500, price_out=1000) as server:
        done = asker(database)({"design": design})
        (asked,) = server.requests
    assert done == {"outcome": "scripted", "attempts_left": True, "trail": [("pcb_designer", "scripted", 1)]}
    assert status(database, design)["state"] == "building"
    (row,) = exchanges(database, design)
    assert row["request"]["messages"] == asked.body["messages"]
    assert json.loads(row["answer"])["content"] == SCRIPT
    assert (row["agent"], row["prompt"], row["prompt_version"], row["model"]) == (
        "pcb_designer",
        "asker",
        "1",
        MODEL,
    )
    with database.connect() as owner:
        assert owner.execute("select text from core.prompts").fetchall() == [("Write a script.\n",)]
        ((sent, received, cost),) = owner.execute(
            "select prompt_tokens, completion_tokens, cost from core.model_calls"
        ).fetchall()
    assert float(cost) == pytest.approx((sent * 500 + received * 1000) / 1e6)


@pytest.mark.parametrize(
    ("bad", "problem", "complaint"),
    [
        (Reply("Here is no script."), "no_script", "There is no script in it."),
        (Reply(""), "empty", "Your answer was empty. Answer the question above."),
        (Reply("```python\npa", finish_reason="length"), "truncated", "Your answer was cut off"),
        (Reply("x" * 5_000_000), "too_large", "Your answer was far too large."),
    ],
)  # fmt: skip
def test_a_bad_answer_is_asked_again_with_what_was_wrong(
    database: Database, bad: Reply, problem: str, complaint: str
) -> None:
    design = designing(database)
    with model(database, bad, Reply(SCRIPT)) as server:
        assert asker(database)({"design": design})["outcome"] == "scripted"
        first, second = (asked.body["messages"] for asked in server.requests)
    assert second[: len(first)] == first
    assert second[-1]["role"] == "user"
    assert second[-1]["content"].startswith(complaint)
    said = [message["content"] for message in second[len(first) : -1]]
    assert said == ([] if problem in ("empty", "too_large") else [bad.text])
    assert problems(database, design) == [problem, ""]


def test_an_answer_that_fits_no_schema_is_bad_whatever_the_caller_checks(database: Database) -> None:
    class Schooled(Asker):
        def process(self, state: dict[str, Any]) -> dict[str, Any]:
            answer = self.query_llm("answer", prompt="asker", schema=SCHEMA)
            return {"outcome": "scripted", "script": answer.content, "notes": []}

    design = designing(database)
    node = Schooled()
    node.connect(partial(database.api, "pcb_designer"))
    with model(database, Reply("prose"), Reply('{"answer": "42"}'), dialect="none") as server:
        node({"design": design})
        asked = server.requests[0].body
    assert "response_format" not in asked
    assert json.dumps(SCHEMA) in asked["messages"][-1]["content"]
    assert problems(database, design) == ["bad_schema", ""]


def test_a_model_that_is_never_right_costs_three_calls(database: Database) -> None:
    design = designing(database)
    with model(database, *[Reply("no")] * 9) as server:
        assert asker(database)({"design": design})["outcome"] == "gave_up"
        assert len(server.requests) == 3
    assert status(database, design)["error"] == "gave up: There is no script in it."


@pytest.mark.parametrize(
    "bad",
    [Reply("no"), Reply("x" * 5_000_000), Reply(""), Reply("```pa", finish_reason="length")],
    ids=["no script", "too large", "empty", "truncated"],
)
def test_recordings_answer_where_there_is_no_model(database: Database, bad: Reply) -> None:
    class Constant(Asker):
        def process(self, state: dict[str, Any]) -> dict[str, Any]:
            answer = self.query_llm("the same for all", prompt="asker", check=self.check)
            return {"outcome": "scripted", "script": answer.content, "notes": []}

    node = Constant()
    node.connect(partial(database.api, "pcb_designer"))
    with model(database, bad, Reply(SCRIPT)):
        node({"design": (first := designing(database))})
    with database.api("admin") as admin:
        admin.set_agent_model("pcb_designer", {"provider": "recorded"})
    again = designing(database)
    assert node({"design": again})["outcome"] == "scripted"
    assert problems(database, again) == problems(database, first)
    assert problems(database, again)[1:] == [""]
    asker(database)({"design": (unknown := designing(database))})
    assert "no model was asked this" in status(database, unknown)["error"]


# ---------------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("reply", "state", "error"),
    [
        (Reply("busy", status=429, headers={"Retry-After": "30"}), "designing", None),
        (Reply("down", status=503), "designing", None),
        (Reply("pay", status=402), "designing", None),
        (Reply("odd", status=400), "failed", "refused the request"),
        (Reply("who", status=401), "failed", "did not accept the access token"),
        (Reply("what", status=404), "failed", "has no test-model"),
    ],
)
def test_what_follows_from_a_status_is_the_databases_word(
    database: Database, monkeypatch: pytest.MonkeyPatch, reply: Reply, state: str, error: str | None
) -> None:
    design = designing(database)
    monkeypatch.setattr("clients.node.PATIENCE_S", 0.5)
    with model(database, reply) as server:
        done = asker(database)({"design": design})
        assert len(server.requests) == 1
    assert done["outcome"] == ("dead_lettered" if state == "failed" else None)
    last = status(database, design)
    assert last["state"] == state
    assert (error or "") in (last["error"] or "")
    if reply.status == 429:
        with database.connect() as owner:
            waits = (
                "select run_at > core.now() + interval '20 s' from core.tasks where agent = 'pcb_designer'"
            )
            assert owner.execute(waits).fetchall() == [(True,)]


def test_a_prompt_that_is_too_long_is_cut_and_asked_again(database: Database) -> None:
    class Wordy(Asker):
        def process(self, state: dict[str, Any]) -> dict[str, Any]:
            messages = [{"role": "system", "content": "s" * 2000}, {"role": "user", "content": "u" * 20_000}]
            answer = self.query_llm(messages, prompt="asker", check=self.check)
            return {"outcome": "scripted", "script": answer.content, "notes": []}

    design = designing(database)
    node = Wordy()
    node.connect(partial(database.api, "pcb_designer"))
    with model(database, Reply(status=413), Reply(status=422), Reply(SCRIPT)) as server:
        assert node({"design": design})["outcome"] == "scripted"
        sizes = [sum(len(m["content"]) for m in asked.body["messages"]) for asked in server.requests]
        assert all(asked.body["messages"][0]["content"] == "s" * 2000 for asked in server.requests)
    assert sizes[0] == 22_000
    assert sizes[1] <= sizes[0] / 2
    assert sizes[2] <= sizes[1] / 2


def test_a_spent_budget_ends_the_design_with_what_to_do(database: Database) -> None:
    design = designing(database)
    with database.connect("admin") as admin:
        admin.execute("select change_setting('model_calls_per_task', '1')")
    with model(database, Reply("no"), Reply(SCRIPT)) as server:
        assert asker(database)({"design": design})["outcome"] == "dead_lettered"
        assert len(server.requests) == 1
    assert "./mas settings model_calls_per_task N" in status(database, design)["error"]


def test_a_version_that_no_prompt_has_is_said(database: Database) -> None:
    design = designing(database)
    with model(database, prompt_version="7") as server:
        assert asker(database)({"design": design})["outcome"] == "dead_lettered"
        assert server.requests == []
    assert "the prompt asker has no version 7; set prompt_version to 1" in status(database, design)["error"]
    with pytest.raises(NoPrompt):
        prompt_text("asker", "../asker.1")


# ---------------------------------------------------------------------------- while a model is awaited


@pytest.fixture
def own_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("MAS_DATABASE", database.name)
    return database


def reached(database: Database, design: int, state: str) -> None:
    """Wait for a design's state."""
    with database.api("terminal") as terminal:
        until = time.monotonic() + ENOUGH_S
        while (now := terminal.design_status(design))["state"] != state:
            assert time.monotonic() < until, now
            terminal.wait_for_ring(0.5)


def test_a_cancelled_task_interrupts_the_call_that_waits(own_database: Database) -> None:
    design = designing(own_database)
    with model(own_database, Reply(never=True), Reply(SCRIPT), timeout_s=600) as server:
        with Fleet({"pcb_designer": "tests.llm.asker"}):
            assert server.arrived.acquire(timeout=ENOUGH_S)
            with own_database.api("terminal") as terminal:
                terminal.cancel_design(design)
            began = time.monotonic()
            reached(own_database, designing(own_database), "building")
            assert time.monotonic() - began < HEARTBEAT_S + 3
        assert status(own_database, design)["state"] == "cancelled"


def test_a_model_that_never_answers_costs_its_timeout_and_holds_up_nobody(own_database: Database) -> None:
    stuck = designing(own_database)

    def script(asked: dict[str, Any]) -> Reply:
        return Reply(never=True) if asked["messages"][-1]["content"] == f"design {stuck}" else Reply(SCRIPT)

    with OpenAIServer(script) as server:
        use_model(own_database, server.url, timeout_s=3)
        with Fleet({"pcb_designer": "tests.llm.asker"}, replicas=2):
            assert server.arrived.acquire(timeout=ENOUGH_S)
            began = time.monotonic()
            reached(own_database, designing(own_database), "building")
            assert time.monotonic() - began < 3
            with own_database.connect() as owner:
                until = time.monotonic() + ENOUGH_S
                while not owner.execute("select from core.model_calls where problem = 'timeout'").fetchall():
                    assert time.monotonic() < until
        ((latency,),) = owner_rows(
            own_database, "select min(latency_s) from core.model_calls where problem = 'timeout'"
        )
        assert 3 <= latency < 5
    assert status(own_database, stuck)["state"] == "designing"


def owner_rows(database: Database, query: str) -> list[Any]:
    with database.connect() as owner:
        return owner.execute(query).fetchall()


def test_a_heartbeat_that_is_refused_is_not_the_last(
    database: Database, claim: Callable[[str], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    design = designing(database)
    lease = Lease(claim("pcb_designer")[1], partial(database.api, "pcb_designer"), str)
    lease.start()
    with database.api("terminal") as terminal:
        lease.say("no text: \ud800")
        while lease._text is not None:
            terminal.wait_for_ring(0.1)
        lease.say("still here")
        until = time.monotonic() + ENOUGH_S
        while terminal.design_status(design)["progress"] != "still here":
            assert time.monotonic() < until
            terminal.wait_for_ring(0.1)
    lease.stop()
    assert "not valid UTF-8" in capfd.readouterr().err


def test_two_of_a_kind_side_by_side_do_no_task_twice(own_database: Database) -> None:
    designs = [designing(own_database) for _ in range(6)]

    def script(_: dict[str, Any]) -> Reply:
        return Reply(SCRIPT, delay_s=0.3)

    with OpenAIServer(script) as server:
        use_model(own_database, server.url)
        with Fleet({"pcb_designer": "tests.llm.asker"}, replicas=2):
            for design in designs:
                reached(own_database, design, "building")
        asked = sorted(request.body["messages"][-1]["content"] for request in server.requests)
    assert asked == sorted(f"design {design}" for design in designs)
    ((together,),) = owner_rows(
        own_database,
        """select count(*) from core.model_calls a join core.model_calls b on a.call_id < b.call_id
            where b.called_at < a.called_at + make_interval(secs => a.latency_s)""",
    )
    assert together > 0, "they worked one after the other"


# ---------------------------------------------------------------------------- what else a node is


def test_settings_hold_from_the_next_task_on(database: Database) -> None:
    node = asker(database)
    with model(database, Reply(SCRIPT), Reply(SCRIPT)) as server:
        node({"design": designing(database)})
        with database.api("admin") as admin:
            admin.set_agent_model("pcb_designer", {"model": "another", "temperature": 0.9})
        node({"design": designing(database)})
        first, second = (asked.body for asked in server.requests)
    assert (first["model"], first["temperature"]) == (MODEL, 0.2)
    assert (second["model"], second["temperature"]) == ("another", 0.9)


def test_candidates_differ_by_seed_and_temperature(database: Database, claim: Callable[[str], Any]) -> None:
    designing(database)
    api, task = claim("pcb_designer")
    with OpenAIServer([Reply("a")] * 3) as server:
        settings = {"provider": "huggingface", "base_url": server.url} | {
            "temperature": 0.2, "max_tokens": 100, "context_tokens": 1000, "tools": False, "timeout_s": 5,
            "prompt_version": "1", "dialect": "none",
        }  # fmt: skip
        for n in (None, 1, 3):
            asking = Asking(api, task, settings, partial(provider_for, settings), n)
            asking.ask([{"role": "user", "content": "?"}], "asker", None, [{"a": "tool"}], None)
        sent = [(asked.body.get("seed"), asked.body["temperature"]) for asked in server.requests]
        assert all("tools" not in asked.body for asked in server.requests)
    assert sent == [(None, 0.2), (1, 0.2), (3, pytest.approx(0.8))]


def test_a_node_without_a_task_asks_nobody() -> None:
    with pytest.raises(RuntimeError, match="has no task in hand"):
        Asker().query_llm("hello", prompt="asker")
    with pytest.raises(RuntimeError, match="how to connect"):
        Asker().send_notification("design_updates", {})


def test_a_node_hears_what_is_sent_and_asks_the_database_what_it_wants(database: Database) -> None:
    heard: list[Any] = []

    class Listener(Node):
        name = "pcb_designer"

        def on_response(self, response_type: str, payload: Any) -> None:
            heard.append((response_type, payload))

    tester = Node("pcb_tester", notify_channels=["corrections_needed"])
    tester.connect(partial(database.api, "pcb_tester"))
    listener = Listener(db_query="schema_version()", listen_channels=["corrections_needed"])
    listener.connect(partial(database.api, "pcb_designer"))
    tester.send_notification("corrections_needed", {"net": "VCC"}, "pcb_designer")
    tester.on_request("send_notification", {"channel": "corrections_needed", "message": {"net": "GND"}})
    assert listener.on_request("listen_db", {}) == 2
    assert listener.listen_for_notifications() == 0
    assert heard == [("corrections_needed", {"net": "VCC"}), ("corrections_needed", {"net": "GND"})]
    with pytest.raises(ApiError):
        tester.send_notification("task_queue", {})
    with pytest.raises(ValueError, match="knows no request"):
        tester.on_request("dance", {})
    tester.on_response("corrections_needed", {"net": "VCC"})  # is logged
    tester.on_response("design_updates", {"design": 7, "words": "a person's"})  # but for the words
    assert owner_rows(
        database,
        "select log_level, message from core.system_logs where component = 'pcb_tester' order by 1, 2",
    ) == [
        ("DEBUG", 'heard on corrections_needed: {"net": "VCC"}'),
        ("DEBUG", 'heard on design_updates: {"design": 7}'),
    ]
    assert listener.fetch_data_from_db_txt() == listener.fetch_data_from_db_json() != ""
    sly = Node("kicad", db_query="help(); drop table x")
    sly.connect(partial(database.api, "kicad"))
    with pytest.raises(ValueError, match="is no view and no function"):
        sly.fetch_data_from_db_json()


def test_the_loop_hears_notifications_while_it_waits_for_tasks(database: Database) -> None:
    node = Node("pcb_designer", listen_channels=["corrections_needed"])
    heard = threading.Event()
    node.handle_notification = lambda _: heard.set()  # type: ignore[method-assign]
    loop = threading.Thread(target=node.run, args=(partial(database.api, "pcb_designer"),))
    loop.start()
    with database.api("pcb_tester") as tester:
        tester.send_notification("corrections_needed", {"net": "VCC"})
    assert heard.wait(ENOUGH_S)
    node.stop()
    loop.join(ENOUGH_S)


def test_the_context_of_a_task_is_what_a_node_fetches(database: Database) -> None:
    fetched: list[Any] = []

    class Fetching(Asker):
        def process(self, state: dict[str, Any]) -> dict[str, Any]:
            fetched.append((state, self.fetch_data_from_db_json(), self.fetch_data_from_db_txt()))
            return {"outcome": "gave_up", "reason": "enough"}

    node = Fetching()
    node.connect(partial(database.api, "pcb_designer"))
    node({"design": designing(database)})
    ((state, data, text),) = fetched
    assert state == data == json.loads(text)


def test_messages_are_cut_where_it_costs_least() -> None:
    messages = [
        {"role": "system", "content": "s" * 3000},
        {"role": "user", "content": "a" * 3000 + "z" * 3000},
    ]
    assert fitted(messages, 10_000) == messages
    system, user = fitted(messages, 2000)
    assert system == messages[0]
    assert user["content"].startswith("a")
    assert user["content"].endswith("z")
    assert len(user["content"]) <= 3000
    picture = {
        "role": "user",
        "content": [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": "data:"}}],
    }
    assert fitted([picture], 1000) == [picture]
    assert halved([picture]) == [{"role": "user", "content": "see"}]
    assert sum(len(m["content"]) for m in fitted(messages, 100)) <= 2 * 600


def test_what_is_not_english_is_cut_by_its_tokens() -> None:
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "板" * 9000}]
    (_, user) = fitted(messages, 4000)
    assert 3000 < user["content"].count("板") <= 4000
    (_, user) = halved(messages)
    assert 4000 < user["content"].count("板") <= 4500


def test_a_small_context_is_shared_by_question_and_answer() -> None:
    assert settings_of({"context_tokens": 4096, "max_tokens": 4096}) == (2048, 2048)
    assert settings_of({"context_tokens": 32768, "max_tokens": 4096}) == (28672, 4096)


def test_an_answer_is_kept_as_it_was() -> None:
    answer = Answer("Ω", [{"id": "1"}], "tool_calls")
    assert Answer.from_text(answer.as_text()) == answer


def test_who_asks_no_model_has_no_key_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("LLM_API_KEY_FILE", "/run/secrets/key")
    assert _environment("pcb_designer")["HF_TOKEN"] == "hf_secret"
    assert not {"HF_TOKEN", "LLM_API_KEY_FILE"} & _environment("kicad").keys()
