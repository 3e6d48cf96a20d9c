"""Language models: settings, calls, what is done about each failure, budgets, recordings, and who reads the texts."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from clients.deploy import deploy
from clients.server import Server
from tests.conftest import Database
from tests.db.steps import RESULTS, begin, status, work
from tests.db.test_deploy import empty_database, yoyo
from tests.db.test_gateway import behind_gateway
from tests.db.test_races import AGENT, Stage, inside, sql, stage  # noqa: F401 - stage is a fixture

ANSWER = json.dumps({"content": "What size?", "tool_calls": None, "finish_reason": "stop"})
REQUEST: dict[str, Any] = {"messages": [{"role": "user", "content": "a blinker"}], "max_tokens": 100}
LIMITS = ("model_repairs", "model_calls_per_task", "model_calls_per_design", "design_budget_cents")


class Hand:
    """A task in hand, over a connection of its agent."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        row = connection.execute("select task_id, lease_token, attempt from claim_task()").fetchone()
        assert row is not None, "nothing to do"
        self.task: int = row[0]
        self.token: UUID = row[1]
        self.attempt: int = row[2]

    def value(self, call: str, *more: Any) -> Any:
        """First column of a call with the task and its token before these arguments."""
        row = self.connection.execute(
            f"select * from {call}".encode(), (self.task, self.token, *more)
        ).fetchone()
        assert row is not None
        return row[0] if len(row) == 1 else row

    def begin(
        self, request: Any = REQUEST, recorded: bool = False, model: str = "m"
    ) -> tuple[int, str | None]:
        """A call: its number, and its recorded answer."""
        call = "begin_model_call(%s, %s, %s, 'a_prompt', '1', %s, %s)"
        number, answer = self.value(call, model, Jsonb(request), recorded)
        return number, answer

    def end(
        self, call: int, answer: str | None = ANSWER, sent: int | None = 1000, received: int | None = 500
    ) -> None:
        """The model answered."""
        self.value("end_model_call(%s, %s, %s, %s, %s, %s, 1.5)", call, answer, sent, received)

    def fail(
        self,
        problem: str,
        status: int | None = None,
        wait: float | None = None,
        message: str = "the server's words",
    ) -> str:
        """A new call that fails so; the verdict."""
        call, _ = self.begin()
        return str(
            self.value(
                "fail_model_call(%s, %s, %s, %s, %s, %s, %s, 0.5)", call, problem, status, wait, message
            )
        )

    def lost(self) -> bool:
        """Whether the task is no longer this worker's."""
        return refusal(lambda: self.value("heartbeat_task(%s, %s)")) == "PB001"


def refusal(call: Callable[[], Any]) -> str | None:
    """The code that a call is refused with."""
    try:
        call()
    except psycopg.Error as error:
        return error.sqlstate
    return None


@pytest.fixture
def hand(database: Database) -> Iterator[Callable[[str], Hand]]:
    """Claim the next task of an agent."""
    with ExitStack() as stack:
        yield lambda agent: Hand(stack.enter_context(database.connect(agent)))


def owner(database: Database, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
    """What the administrator sees or does."""
    with database.connect() as connection:
        cursor = connection.execute(query.encode(), arguments)
        return cursor.fetchall() if cursor.description else []


def admin(database: Database, query: str, *arguments: Any) -> Any:
    """The first value of what the role admin does."""
    with database.connect("admin") as connection:
        row = connection.execute(query.encode(), arguments).fetchone()
        return row[0] if row else None


def set_limit(database: Database, name: str, value: int) -> None:
    admin(database, "select change_setting(%s, %s)", name, str(value))


def make_due(database: Database) -> None:
    """What is scheduled may run now."""
    owner(database, "update core.tasks set run_at = core.now() - interval '1 s' where state = 'scheduled'")


def designing(database: Database) -> int:
    """A design whose next task is pcb_designer's."""
    design = begin(database)
    work(database, "client_manager")
    return design


# ---------------------------------------------------------------------------- settings


IMPOSSIBLE: list[tuple[Any, str]] = [
    ({"api_key": "x"}, "there is no setting api_key of a model; there are provider, model,"),
    ({"provider": "openai"}, "provider is catalog, huggingface or recorded"),
    ({"model": ""}, "model is a model's name"),
    ({"model": "a b"}, "model is a model's name"),
    ({"model": "x" * 201}, "model is a model's name"),
    ({"base_url": "ftp://host/"}, "base_url is an http or https address"),
    ({"base_url": "https://user:secret@host/v1"}, "without user or query"),
    ({"base_url": "https://host/v1?key=secret"}, "without user or query"),
    ({"temperature": 2.1}, "temperature is a number from 0 to 2, not 2.1"),
    ({"temperature": "hot"}, 'not "hot"'),
    ({"temperature": "NaN"}, 'not "NaN"'),
    ({"temperature": [1]}, "temperature is a number"),
    ({"max_tokens": 0.5}, "max_tokens is a whole number"),
    ({"timeout_s": 601}, "timeout_s is a number from 1 to 600"),
    ({"context_tokens": 0}, "context_tokens is a whole number"),
    ({"price_in": -1}, "price_in is a number"),
    ({"prompt_version": "../1"}, "prompt_version is a version"),
    ({"dialect": "xml"}, "dialect is json_object, json_schema or none"),
    ({"tools": "maybe"}, "tools is true or false"),
    ({"candidates": 6}, "candidates is a whole number from 1 to 5"),
    ([], "the settings of a model are an object"),
    (None, "the settings of a model are an object"),
    ("catalog", "the settings of a model are an object"),
]


def test_a_setting_that_cannot_be_is_refused_by_every_way_in(database: Database) -> None:
    look = "select jsonb_agg(model order by name) from list_agents()"
    before = admin(database, look)
    for settings, said in IMPOSSIBLE:
        calls = ["select set_agent_model('pcb_designer', %s)"]
        if isinstance(settings, dict):
            calls += [
                "select change_agent('pcb_designer', p_model => %s)",
                "select register_agent('other', p_model => %s)",
            ]
        for call in calls:
            with pytest.raises(psycopg.Error, match=re.escape(said)) as refused:
                admin(database, call, Jsonb(settings))
            assert refused.value.sqlstate == "PB043"
        written = "update core.agents set model = %s where name = 'kicad'"
        assert refusal(lambda: owner(database, written, Jsonb(settings))) == "PB043"  # noqa: B023 - called at once
    assert admin(database, look) == before


def test_what_is_set_is_merged_and_read_with_its_type(database: Database) -> None:
    call = "select set_agent_model('pcb_designer', %s)"
    assert admin(database, call, Jsonb({"temperature": "0.10", "tools": "false", "prompt_version": 2})) == {
        "temperature": 0.1,
        "tools": False,
        "prompt_version": "2",
    }
    assert admin(database, call, Jsonb({"tools": None, "candidates": "5"})) == {
        "temperature": 0.1,
        "candidates": 5,
        "prompt_version": "2",
    }
    assert refusal(lambda: admin(database, "select set_agent_model('nobody', '{}')")) == "PB002"
    assert (
        refusal(lambda: admin(database, call, Jsonb({"tempreature": None}))) == "PB043"
    )  # a slip of the pen


DEFAULTS = {
    "provider": "catalog",
    "model": None,
    "hf_provider": "auto",
    "base_url": None,
    "temperature": 0.2,
    "max_tokens": 4096,
    "timeout_s": 120,
    "context_tokens": 32768,
    "price_in": 0,
    "price_out": 0,
    "prompt_version": "1",
    "dialect": "json_object",
    "tools": True,
    "vision": False,
    "candidates": 3,
}


SOURCES: list[tuple[dict[str, Any], Any, dict[str, Any]]] = [
    ({}, {}, {}),
    ({}, {"model": "", "base_url": "", "LLM_API_KEY": "secret"}, {}),
    ({}, {"model": "E"}, {"provider": "huggingface", "model": "E"}),
    ({}, {"base_url": "http://e/v1"}, {"provider": "huggingface", "base_url": "http://e/v1"}),
    ({"model": "R"}, {}, {"provider": "huggingface", "model": "R"}),
    (
        {"model": "R"},
        {"model": "E", "base_url": "http://e"},
        {"provider": "huggingface", "model": "R", "base_url": "http://e"},
    ),
    ({"provider": "catalog"}, {"model": "E"}, {"provider": "catalog", "model": "E"}),
    ({"provider": "recorded", "vision": True}, {}, {"provider": "recorded", "vision": True}),
    ({}, [], {}),
    ({}, None, {}),
]


def test_the_row_comes_before_the_environment_before_the_defaults(database: Database) -> None:
    call = "select set_agent_model('pcb_designer', %s)"
    with database.connect("pcb_designer") as agent:  # each change is seen on the same connection
        for row, environment, changes in SOURCES:
            admin(database, call, Jsonb(dict.fromkeys(DEFAULTS) | row))
            found = agent.execute("select agent_model(%s)", (Jsonb(environment),)).fetchone()
            assert found == (DEFAULTS | changes,), (row, environment)
        assert agent.execute("select agent_model()").fetchone() == (DEFAULTS,)
    assert admin(database, "select count(*) from model_settings('kicad') where not is_set") == len(DEFAULTS)
    assert refusal(lambda: admin(database, "select * from model_settings('nobody')")) == "PB002"


def test_what_was_there_before_is_brought_along(server: Server) -> None:
    """Agents' settings and calls of a database at 0007."""
    with empty_database(server) as old:
        yoyo(old, "apply", "--revision", "0007.policies")
        for name, model in (
            ("kicad", {"provider": "catalog"}),
            ("pcb_designer", {"provider": "huggingface", "model": "M", "temperature": 9, "limits": {"x": 1}}),
            ("pcb_tester", ["odd"]),
        ):
            owner(old, "update core.agents set model = %s where name = %s", Jsonb(model), name)
        ((user,),) = owner(
            old, "insert into core.users (front_end, account) values ('terminal', 'anna') returning user_id"
        )
        ((design,),) = owner(
            old, "insert into core.design_states (user_id) values (%s) returning state_id", user
        )
        owner(
            old,
            """insert into core.model_calls (agent, state_id, model, prompt_tokens, completion_tokens, cost, latency_s)
               values ('pcb_designer', %s, 'M', 1, 2, 0.5, 1), ('kicad', null, 'M', 1, 2, 0.5, 1)""",
            design,
        )
        list(deploy(old.admin_dsn, {}))
        assert dict(owner(old, "select name, model from core.agents where name ~ '^(kicad|pcb)'")) == {
            "kicad": {},
            "pcb_designer": {"provider": "huggingface", "model": "M"},
            "pcb_tester": {},
        }
        calls = "select root_id, user_id, status, recorded from core.model_calls order by call_id"
        assert owner(old, calls) == [(design, user, "answered", False), (None, None, "answered", False)]
        yoyo(old, "rollback", "--match", "0008.models")
        assert owner(old, "select model from core.agents where name = 'kicad'") == [
            ({"provider": "catalog"},)
        ]
        assert owner(old, "select count(*) from core.model_calls") == [(2,)]


# ---------------------------------------------------------------------------- calls


def test_a_call_keeps_its_texts_its_figures_and_its_prompt(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    design = designing(database)
    admin(database, "select set_agent_model('pcb_designer', '{\"price_in\": 2, \"price_out\": 10}')")
    mine = hand("pcb_designer")
    for text in ("old words", "new words", "new words"):
        mine.connection.execute("select record_prompt('a_prompt', '1', %s)", (text,))
    call, recorded = mine.begin()
    assert recorded is None
    mine.end(call)
    mine.end(call, "another answer", 9, 9)  # said twice: the first holds
    assert owner(database, "select count(*) from core.prompts") == [(2,)]
    assert owner(
        database,
        """select p.text, c.status, c.cost::float8, c.root_id, c.task_id, x.request_hash = sha256(convert_to(x.request::text, 'UTF8'))
             from core.model_calls c join core.model_exchanges x using (call_id) join core.prompts p using (prompt_id)""",
    ) == [("new words", "answered", 0.007, design, mine.task, True)]
    with database.connect("terminal") as front_end:
        row = front_end.execute(
            """select call_id, agent, attempt, prompt, prompt_version, model, request, answer, problem, prompt_tokens, completion_tokens,
                      cost::float8, latency_s from model_exchanges(%s)""",
            (design,),
        ).fetchall()
    assert row == [
        (call, "pcb_designer", 1, "a_prompt", "1", "m", REQUEST, ANSWER, "", 1000, 500, 0.007, 1.5)
    ]


def test_tokens_that_nobody_counted_are_none(database: Database, hand: Callable[[str], Hand]) -> None:
    begin(database)
    mine = hand("client_manager")
    mine.end(mine.begin()[0], sent=None, received=None)
    mine.end(mine.begin()[0], sent=2**31 - 1, received=2**31 - 1)
    assert owner(database, "select prompt_tokens from core.model_calls order by 1") == [(0,), (2**31 - 1,)]


def test_the_figures_of_a_task_of_no_design_are_kept(database: Database, hand: Callable[[str], Hand]) -> None:
    admin(database, "select enqueue_task('kicad', '{}')")
    mine = hand("kicad")
    mine.end(mine.begin()[0])
    assert mine.fail("http", 402) == "paused"
    assert owner(database, "select root_id, user_id, status from core.model_calls order by call_id") == [
        (None, None, "answered"),
        (None, None, "failed"),
    ]


NONSENSE = [
    ("begin_model_call(%s, %s, '', 'p', '1', '{}')", "PB042"),
    ("begin_model_call(%s, %s, null, 'p', '1', '{}')", "PB042"),
    ("begin_model_call(%s, %s, 'm', null, '1', '{}')", "PB042"),
    ("begin_model_call(%s, %s, 'm', 'p', '', '{}')", "PB042"),
    ("begin_model_call(%s, %s, 'm', 'p', '1', '[]')", "PB042"),
    ("begin_model_call(%s, %s, 'm', 'p', '1', null)", "PB042"),
    ("begin_model_call(%s, %s, 'm', 'p', '1', jsonb_build_object('x', repeat('x', 16777216)))", "PB003"),
    ("end_model_call(%s, %s, CALL, null, 1, 1, 1)", "PB042"),
    ("end_model_call(%s, %s, CALL, '{}', -1, 1, 1)", "PB042"),
    ("end_model_call(%s, %s, CALL, '{}', 1, 1, 'NaN')", "PB042"),
    ("end_model_call(%s, %s, CALL, '{}', 1, 1, null)", "PB042"),
    ("end_model_call(%s, %s, CALL, repeat('x', 1048577), 1, 1, 1)", "PB003"),
    ("end_model_call(%s, %s, 999, '{}', 1, 1, 1)", "PB042"),
    ("fail_model_call(%s, %s, CALL, 'bored')", "PB042"),
    ("fail_model_call(%s, %s, CALL, 'lost')", "PB042"),
    ("fail_model_call(%s, %s, CALL, 'http')", "PB042"),
    ("fail_model_call(%s, %s, CALL, 'timeout', 500)", "PB042"),
    ("fail_model_call(%s, %s, CALL, 'timeout', p_latency_s => 'NaN')", "PB042"),
    ("fail_model_call(%s, %s, 999, 'timeout')", "PB042"),
    ("fail_model_call(%s, %s, null, 'timeout')", "PB042"),
]


def test_what_makes_no_sense_is_refused_and_the_task_stays(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    begin(database)
    mine = hand("client_manager")
    number, _ = mine.begin()
    for call, code in NONSENSE:
        assert refusal(lambda: mine.value(call.replace("CALL", str(number)))) == code, call  # noqa: B023 - called at once
    mine.end(number)
    assert not mine.lost()


# ---------------------------------------------------------------------------- what is done about each failure

LATER = [("http", code) for code in (408, 425, 429, 500, 502, 503, 504, 529, 599)] + [
    ("timeout", None),
    ("connection", None),
]
CONFIGURE = {
    400: "./mas agent model pcb_designer shows the settings",
    401: "put a valid one into HF_TOKEN, or into LLM_API_KEY",
    403: "a file that holds it in HF_TOKEN_FILE or LLM_API_KEY_FILE",
    404: "the model service has no m (HTTP 404: no such model): name a model that it has with ./mas agent model pcb_designer model=NAME or LLM_MODEL",
    301: "look at base_url (LLM_BASE_URL)",
    409: "look at base_url (LLM_BASE_URL)",
}
USELESS = ("empty", "truncated", "too_large", "bad_schema", "no_script")


@pytest.mark.parametrize(("problem", "code"), LATER)
def test_a_busy_service_is_asked_later(
    database: Database, hand: Callable[[str], Hand], problem: str, code: int | None
) -> None:
    design = designing(database)
    mine = hand("pcb_designer")
    assert mine.fail(problem, code) == "later"
    assert mine.lost()
    assert status(database, design)["state"] == "designing"
    assert status(database, design)["progress"] == "the model is busy; it will be asked again"
    ((state, attempt, wait, error),) = owner(
        database,
        "select state::text, attempt, extract(epoch from run_at - core.now())::float8, last_error from core.tasks",
    )
    assert (state, attempt) == ("scheduled", 1)
    assert 0.2 < wait <= 1
    assert "LLM_BASE_URL" in error or "./mas agent model pcb_designer" in error
    make_due(database)
    assert hand("pcb_designer").attempt == 2
    assert owner(database, "select status, problem, http_status, verdict from core.model_calls") == [
        ("failed", problem, code, "later")
    ]


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        (30, 29, 33.1),
        (0, 0.2, 1),
        (None, 0.2, 1),
        (-5, 0.2, 1),
        (86400, 3590, 3600),
        (float("nan"), 3590, 3600),
    ],
)
def test_retry_after_is_honoured_up_to_an_hour(
    database: Database, hand: Callable[[str], Hand], asked: float | None, least: float, most: float
) -> None:
    designing(database)
    assert hand("pcb_designer").fail("http", 429, asked) == "later"
    ((wait,),) = owner(database, "select extract(epoch from run_at - core.now())::float8 from core.tasks")
    assert least <= wait <= most


def test_the_backoff_grows_and_the_last_attempt_fails_the_design(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    design = designing(database)
    for n in range(7):
        assert hand("pcb_designer").fail("http", 503) == "later"
        ((wait,),) = owner(database, "select extract(epoch from run_at - core.now())::float8 from core.tasks")
        assert 0.5 * min(60, 2**n) - 0.5 <= wait <= min(60, 2**n)
        make_due(database)
    mine = hand("pcb_designer")
    assert mine.fail("http", 503, message="Overloaded\n\x1b[31m now") == "over"
    assert mine.lost()
    failed = status(database, design)
    assert failed["state"] == "failed"
    assert failed["error"] == (
        "the model service is busy or down (HTTP 503: Overloaded [31m now); if it stays so, name another with "
        "./mas agent model pcb_designer model=NAME or hf_provider=NAME"
    )


def test_what_comes_back_while_its_design_is_paused_waits_for_it(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    design = designing(database)
    mine = hand("pcb_designer")
    with database.connect("terminal") as front_end:
        front_end.execute("select pause_design(%s)", (design,))
        assert mine.fail("timeout") == "later"
        assert owner(database, "select state::text from core.tasks") == [("blocked",)]
        front_end.execute("select resume_design(%s)", (design,))
    assert owner(database, "select state::text from core.tasks") == [("scheduled",)]


def test_402_pauses_the_agent_burns_no_attempt_and_tells_the_user_once(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    design = designing(database)
    for n in range(3):
        mine = hand("pcb_designer")
        assert mine.attempt == 1
        assert mine.fail("http", 402, message=f"request {n}: pay") == "paused"
        assert mine.lost()
        assert owner(database, "select name from core.agents where paused") == [("pcb_designer",)]
        assert owner(database, "select state::text, attempt from core.tasks") == [("ready", 0)]
        with pytest.raises(AssertionError, match="nothing to do"):
            hand("pcb_designer")  # paused
        assert status(database, design)["state"] == "designing"
        admin(database, "select resume_agent('pcb_designer')")
    with database.connect("terminal") as front_end:
        said = front_end.execute(
            "select text from design_messages(%s) where sender = 'pcb_designer'", (design,)
        ).fetchall()
    assert len(said) == 1
    assert "asks for payment" in said[0][0]
    assert "./mas agent resume pcb_designer" in said[0][0]
    work(database, "pcb_designer")  # paid: it goes on where it was
    assert status(database, design)["state"] == "building"


@pytest.mark.parametrize("code", CONFIGURE)
def test_what_somebody_must_configure_fails_the_design_and_says_so(
    database: Database, hand: Callable[[str], Hand], code: int
) -> None:
    design = designing(database)
    mine = hand("pcb_designer")
    assert mine.fail("http", code, message="no such model") == "over"
    assert mine.lost()
    failed = status(database, design)
    assert failed["state"] == "failed"
    assert CONFIGURE[code] in failed["error"]
    assert f"HTTP {code}: no such model" in failed["error"]
    assert owner(database, "select error from core.task_history where outcome = 'dead'") == [
        (failed["error"],)
    ]
    with database.connect("terminal") as front_end:
        (said,) = front_end.execute(
            "select text from design_messages(%s) order by message_id desc limit 1", (design,)
        ).fetchone() or ("",)
    assert CONFIGURE[code] in said


def test_a_long_or_missing_message_is_no_trouble(database: Database, hand: Callable[[str], Hand]) -> None:
    design = designing(database)
    mine = hand("pcb_designer")
    call, _ = mine.begin()
    assert (
        mine.value("fail_model_call(%s, %s, %s, 'http', 400, null, repeat('x', 100000), null)", call)
        == "over"
    )
    assert len(status(database, design)["error"]) < 500
    assert owner(database, "select length(complaint) from core.model_exchanges") == [(4000,)]


@pytest.mark.parametrize("code", [413, 422])
def test_a_prompt_is_shortened_twice_at_most(
    database: Database, hand: Callable[[str], Hand], code: int
) -> None:
    design = designing(database)
    mine = hand("pcb_designer")
    assert mine.fail("http", code) == "shorten"
    assert not mine.lost()
    mine.value("fail_task(%s, %s, 'a crash')")  # what was counted outlives the attempt
    make_due(database)
    mine = hand("pcb_designer")
    assert mine.fail("http", 413 if code == 422 else 422) == "shorten"
    assert mine.fail("http", code) == "over"
    assert mine.lost()
    assert "context_tokens=N" in status(database, design)["error"]


@pytest.mark.parametrize("repairs", [0, 1, 2, 5])
@pytest.mark.parametrize("agent", ["client_manager", "pcb_designer"])
def test_an_answer_of_no_use_is_asked_again_so_often(
    database: Database, hand: Callable[[str], Hand], agent: str, repairs: int
) -> None:
    set_limit(database, "model_repairs", repairs)
    design = begin(database)
    if agent == "pcb_designer":
        work(database, "client_manager")
    mine = hand(agent)
    for n in range(repairs):
        assert mine.fail(USELESS[n % 5]) == "again"
        assert not mine.lost()
    last = mine.fail("bad_schema", message="title is missing")
    if agent == "pcb_designer":
        assert last == "give_up"
        assert not mine.lost()
        mine.value("complete_task(%s, %s, %s)", Jsonb(RESULTS[agent]))
        assert status(database, design)["state"] == "building"
    else:
        assert last == "over"
        assert mine.lost()
        error = status(database, design)["error"]
        assert "(bad schema: title is missing)" in error
        assert "./mas settings model_repairs N" in error


@pytest.mark.parametrize("problem", USELESS)
def test_a_useless_answer_that_was_paid_for_keeps_its_cost(
    database: Database, hand: Callable[[str], Hand], problem: str
) -> None:
    design = designing(database)
    admin(database, "select set_agent_model('pcb_designer', '{\"price_out\": 2}')")
    mine = hand("pcb_designer")
    call, _ = mine.begin()
    mine.end(call, "prose", 10, 1000)
    for _ in range(2):  # said twice, the same verdict, and counted once
        assert mine.value("fail_model_call(%s, %s, %s, %s, p_message => 'no JSON')", call, problem) == "again"
    assert owner(
        database, "select status, verdict, completion_tokens, cost::float8, latency_s from core.model_calls"
    ) == [("failed", "again", 1000, 0.002, 1.5)]
    with database.connect("terminal") as front_end:
        row = front_end.execute("select answer, problem from model_exchanges(%s)", (design,)).fetchone()
    assert row == ("prose", f"{problem}: no JSON")
    assert refusal(lambda: mine.end(call)) == "PB042"


def test_a_failure_of_a_cancelled_task_ends_it(database: Database, hand: Callable[[str], Hand]) -> None:
    design = designing(database)
    mine = hand("pcb_designer")
    with database.connect("terminal") as front_end:
        front_end.execute("select cancel_design(%s)", (design,))
    assert mine.fail("http", 429) == "over"
    assert owner(database, "select outcome::text from core.task_history where agent = 'pcb_designer'") == [
        ("cancelled",)
    ]
    assert status(database, design)["state"] == "cancelled"


# ---------------------------------------------------------------------------- fences


def test_a_late_worker_neither_begins_nor_ends_nor_fails_a_call(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    designing(database)
    late = hand("pcb_designer")
    call, _ = late.begin()
    owner(database, "update core.tasks set lease_until = core.now() - interval '1 s'")
    with database.connect("pcb_designer") as anybody:
        anybody.execute("select * from claim_task()")  # gives it back; it is due after its backoff
    make_due(database)
    mine = hand("pcb_designer")
    assert mine.task == late.task
    assert refusal(late.begin) == "PB001"
    assert refusal(lambda: late.end(call)) == "PB001"
    assert refusal(lambda: late.value("fail_model_call(%s, %s, %s, 'http', 402)", call)) == "PB001"
    assert owner(database, "select count(*) from core.agents where paused") == [(0,)]
    # nor does the worker that holds the task now end the other's call
    assert refusal(lambda: mine.end(call)) == "PB042"
    assert refusal(lambda: mine.value("fail_model_call(%s, %s, %s, 'timeout')", call)) == "PB042"
    mine.end(mine.begin()[0])
    assert owner(database, "select status, problem, verdict from core.model_calls order by call_id") == [
        ("failed", "lost", None),
        ("answered", None, None),
    ]


def test_another_agent_cannot_speak_for_the_task(database: Database, hand: Callable[[str], Hand]) -> None:
    designing(database)
    mine = hand("pcb_designer")
    call, _ = mine.begin()
    with database.connect("pcb_tester") as other:
        mine.connection, own = other, mine.connection
        assert refusal(mine.begin) == "PB001"
        assert refusal(lambda: mine.end(call)) == "PB001"
        assert refusal(lambda: mine.value("fail_model_call(%s, %s, %s, 'timeout')", call)) == "PB001"
        mine.connection = own
    mine.end(call)


# ---------------------------------------------------------------------------- budgets


def spend(database: Database, mine: Hand, dollars: float) -> None:
    """A call that costs so much."""
    admin(database, f"select set_agent_model('{mine.connection.info.user}', '{{\"price_in\": 1000}}')")
    call, _ = mine.begin()
    mine.end(call, sent=round(dollars * 1000), received=0)


def spent(mine: Hand) -> str:
    """The sentence that the next call is refused with."""
    with pytest.raises(psycopg.Error) as refused:
        mine.begin()
    assert refused.value.sqlstate == "PB050"
    return refused.value.diag.message_primary or ""


def test_the_limits_of_a_task_and_of_a_design_are_exact(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    set_limit(database, "model_calls_per_task", 3)
    set_limit(database, "model_calls_per_design", 5)
    design = begin(database)
    mine = hand("client_manager")
    mine.end(mine.begin()[0])
    assert mine.fail("http", 429) == "later"
    make_due(database)
    mine = hand("client_manager")
    mine.end(mine.begin()[0])
    words = spent(mine)
    assert words == (
        "a model was asked 3 times for this task, and model_calls_per_task allows 3; "
        "an administrator raises it with ./mas settings model_calls_per_task N"
    )
    mine.value("complete_task(%s, %s, %s)", Jsonb(RESULTS["client_manager"]))
    mine = hand("pcb_designer")
    mine.end(mine.begin()[0])
    assert mine.fail("http", 402) == "paused"  # no call was made
    admin(database, "select resume_agent('pcb_designer')")
    mine = hand("pcb_designer")
    mine.end(mine.begin()[0])
    words = spent(mine)
    assert "5 times for this design, and model_calls_per_design allows 5" in words
    assert mine.value("fail_task(%s, %s, %s, false)", words) == "dead"
    assert status(database, design)["error"] == words
    begin(database)
    hand("client_manager").begin()  # another design is another matter


def test_a_design_stops_at_its_budget_and_says_what_was_spent(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    designing(database)
    mine = hand("pcb_designer")
    spend(database, mine, 1.99)
    spend(database, mine, 0.04)
    assert spent(mine) == (
        "models have cost 2.03 US dollars for this design, and design_budget_cents allows 2.00; "
        "an administrator raises it with ./mas settings design_budget_cents N"
    )
    set_limit(database, "design_budget_cents", 500)
    spend(database, mine, 3)
    assert "cost 5.03 US dollars" in spent(mine)
    set_limit(database, "design_budget_cents", 0)
    mine.begin()


def test_a_user_stops_at_the_day_s_budget_over_all_designs(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    set_limit(database, "user_budget_cents_per_day", 100)
    begin(database)
    spend(database, hand("client_manager"), 0.6)
    begin(database)
    mine = hand("client_manager")
    spend(database, mine, 0.6)
    words = spent(mine)
    assert "cost 1.20 US dollars for this user today, and user_budget_cents_per_day allows 1.00" in words
    with database.api("terminal") as api:
        api.receive_message("terminal:other", "other", "a blinker", str(uuid.uuid4()), None, False)
    hand("client_manager").begin()  # somebody else
    owner(
        database,
        "update core.model_calls set called_at = date_trunc('day', core.now(), 'UTC') - interval '1 s'",
    )
    mine.begin()  # a day later


@pytest.mark.parametrize("limit", LIMITS[1:])
def test_zero_is_no_limit(database: Database, hand: Callable[[str], Hand], limit: str) -> None:
    for name in LIMITS[1:]:
        set_limit(database, name, 1 if name != limit else 0)
    begin(database)
    mine = hand("client_manager")
    spend(database, mine, 0.02)
    assert limit not in spent(mine)
    for name in LIMITS[1:]:
        set_limit(database, name, 0)
    spend(database, mine, 0.02)


def test_calls_of_the_old_kind_count_too(database: Database, hand: Callable[[str], Hand]) -> None:
    begin(database)
    mine = hand("client_manager")
    mine.value("record_model_call(%s, %s, 'm', 1, 1, 2.5, 1)")
    assert "cost 2.50 US dollars" in spent(mine)


def test_a_candidate_s_calls_count_for_its_parent(database: Database, hand: Callable[[str], Hand]) -> None:
    """By core.root_design alone: here every design is a candidate of the first."""
    parent = begin(database)
    child = begin(database)
    owner(
        database,
        f"create or replace function core.root_design(p_state_id bigint) returns bigint language sql stable as 'select least(p_state_id, {parent})'",
    )
    one, other = hand("client_manager"), hand("client_manager")
    spend(database, one, 1)
    spend(database, other, 1.5)
    assert "cost 2.50 US dollars for this design" in spent(one)
    assert "cost 2.50 US dollars for this design" in spent(other)
    with database.connect("monitor") as people:
        assert people.execute(
            "select design, calls, cost::float8 from model_spending where per = 'design'"
        ).fetchall() == [(parent, 2, 2.5)]
    with database.connect("terminal") as front_end:
        counts = [
            front_end.execute("select count(*) from model_exchanges(%s)", (d,)).fetchone()
            for d in (parent, child)
        ]
    assert counts == [(2,), (1,)]


def test_people_see_what_was_spent_against_the_limits(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    design = begin(database)
    spend(database, hand("client_manager"), 0.25)
    set_limit(database, "user_budget_cents_per_day", 0)
    for role in ("monitor", "admin"):
        with database.connect(role) as people:
            rows = people.execute(
                """select per, design, day = (now() at time zone 'UTC')::date, calls, prompt_tokens, cost::float8, budget::float8
                     from model_spending order by per"""
            ).fetchall()
        assert rows == [
            ("design", design, None, 1, 250, 0.25, 2.0),
            ("user and day", None, True, 1, 250, 0.25, None),
        ]


# ---------------------------------------------------------------------------- recordings


def ask(mine: Hand, *contents: str) -> None:
    """Ask a model once for each content, and answer with it."""
    for n, content in enumerate(contents):
        call, _ = mine.begin({"messages": [{"content": content}]})
        mine.end(call, f"{content} {n}")


def replay(mine: Hand, content: str, model: str = "m") -> str | None:
    """The recorded answer, said to have come."""
    call, answer = mine.begin({"messages": [{"content": content}]}, recorded=True, model=model)
    mine.end(call, answer, 5, 5)
    return answer


def test_a_recording_answers_the_kth_time_for_the_kth_time(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    admin(database, "select set_agent_model('client_manager', '{\"price_in\": 1000}')")
    set_limit(database, "design_budget_cents", 0)
    set_limit(database, "user_budget_cents_per_day", 0)
    begin(database)
    first = hand("client_manager")
    ask(first, "a", "b", "a")
    call, _ = first.begin({"messages": [{"content": "a"}]})
    first.value("fail_model_call(%s, %s, %s, 'bad_schema')", call)  # no answer came: nothing to give again
    begin(database)
    again = hand("client_manager")
    assert [replay(again, c) for c in "aba"] == ["a 0", "b 1", "a 2"]
    for content in "abc":
        with pytest.raises(psycopg.Error) as refused:
            again.begin({"messages": [{"content": content}]}, recorded=True)
        assert refused.value.sqlstate == "PB051"
    assert not again.lost()
    figures = "select recorded, count(*), sum(cost)::float8 from core.model_calls where status = 'answered' group by 1 order by 1"
    assert owner(database, figures) == [(False, 3, 3.0), (True, 3, 0.0)]
    begin(database)
    assert replay(hand("client_manager"), "a") == "a 0"  # what was replayed is no recording


def test_keys_of_a_request_have_no_order(database: Database, hand: Callable[[str], Hand]) -> None:
    begin(database)
    mine = hand("client_manager")
    mine.end(mine.begin({"a": 1, "b": {"c": 2, "d": 3}})[0], "it")
    begin(database)
    other = hand("client_manager")
    assert other.begin({"b": {"d": 3, "c": 2}, "a": 1}, recorded=True)[1] == "it"


def test_an_answer_of_no_use_is_recorded_too(database: Database, hand: Callable[[str], Hand]) -> None:
    designing(database)
    mine = hand("pcb_designer")
    call, _ = mine.begin()
    mine.end(call, "prose")
    mine.value("fail_model_call(%s, %s, %s, 'no_script')", call)
    work_on = designing(database)
    other = hand("pcb_designer")
    call, answer = other.begin(recorded=True)
    assert answer == "prose"
    other.end(call, answer)
    assert other.value("fail_model_call(%s, %s, %s, 'no_script')", call) == "again"
    assert status(database, work_on)["state"] == "designing"


def test_of_several_recordings_the_same_model_s_and_then_the_latest_answers(
    database: Database, hand: Callable[[str], Hand]
) -> None:
    for model, answer in (("m", "one"), ("m", "two"), ("n", "three")):
        begin(database)
        mine = hand("client_manager")
        mine.end(mine.begin(model=model)[0], answer)
    begin(database)
    mine = hand("client_manager")
    assert mine.begin(recorded=True, model="m")[1] == "two"
    assert mine.begin(recorded=True, model="n")[1] == "three"
    assert mine.begin(recorded=True, model="other")[1] == "three"


def test_another_agent_s_recording_is_none(database: Database, hand: Callable[[str], Hand]) -> None:
    begin(database)
    mine = hand("client_manager")
    mine.end(mine.begin()[0])
    mine.value("complete_task(%s, %s, %s)", Jsonb(RESULTS["client_manager"]))
    begin(database)
    assert refusal(lambda: hand("pcb_designer").begin(recorded=True)) == "PB051"


# ---------------------------------------------------------------------------- who reads the texts


def test_texts_are_their_user_s_alone(database: Database, hand: Callable[[str], Hand]) -> None:
    designs = {}
    for account in ("anna", "bert"):
        with database.connect("gateway") as web, web.transaction():
            web.execute("select api.begin_request(%s)", (account,))
            web.execute("set local role web_user")
            (designs[account],) = web.execute(
                "select api.send_message('a blinker', %s)", (account,)
            ).fetchone()
        mine = hand("client_manager")
        mine.end(mine.begin({"messages": [account]})[0])
    users = dict(owner(database, "select account, user_id from core.users"))
    look = "select request from api.model_exchanges(%s)"
    for account, other in (("anna", "bert"), ("bert", "anna")):
        with behind_gateway(database, users[account]) as web:
            assert web.execute(look, (designs[account],)).fetchall() == [({"messages": [account]},)]
            with pytest.raises(psycopg.Error) as refused:
                web.execute(look, (designs[other],))
            assert refused.value.sqlstate == "PB006"
    for role, code in (
        ("discord_bot", "PB006"),
        ("kicad", "42501"),
        ("terminal", "PB006"),
        ("admin", None),
        ("monitor", None),
    ):
        with database.connect(role) as connection:
            assert refusal(lambda c=connection: c.execute(look, (designs["anna"],))) == code, role


def test_erased_texts_leave_the_figures(database: Database, hand: Callable[[str], Hand]) -> None:
    design = begin(database)
    spend(database, hand("client_manager"), 0.5)
    owner(database, "delete from core.model_exchanges")
    with database.connect("terminal") as front_end:
        rows = front_end.execute(
            "select request, answer, cost::float8 from model_exchanges(%s)", (design,)
        ).fetchall()
    assert rows == [(None, None, 0.5)]
    with database.connect("monitor") as people:
        assert people.execute("select calls, cost::float8 from model_costs").fetchall() == [(1, 0.5)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("Bad Name", "1", "x"), "PB042"),
        (("p", "../1", "x"), "PB042"),
        (("p", "1", ""), "PB042"),
        (("p", "1", None), "PB042"),
        ((None, "1", "x"), "PB042"),
        (("p", "1", "x" * 1_048_577), "PB003"),
    ],
)
def test_a_prompt_that_is_none_is_refused(database: Database, arguments: tuple[Any, ...], code: str) -> None:
    with database.connect("pcb_designer") as agent:
        assert refusal(lambda: agent.execute("select record_prompt(%s, %s, %s)", arguments)) == code


# ---------------------------------------------------------------------------- races


class Race:
    """A stage with one task of a design-less agent for each order."""

    agent = AGENT

    def __init__(self, on: Stage) -> None:
        self.on = on

    def task(self) -> str:
        """The next task's number and token, as arguments."""
        self.on.owner.execute("update core.agents set paused = false")
        self.on.owner.execute("truncate core.model_exchanges, core.model_calls")
        self.on.enqueue()
        task, token = self.on.claim()
        return f"{task}, '{token}'"

    def call(self, held: str) -> int:
        """A call that is open."""
        with self.on.database.connect(self.agent) as agent:
            row = agent.execute(
                f"select call_id from begin_model_call({held}, 'm', 'p', '1', '{{}}')".encode()
            ).fetchone()
        assert row is not None
        return int(row[0])


def test_two_begin_where_one_may(stage: Callable[..., Stage], database: Database) -> None:  # noqa: F811
    set_limit(database, "model_calls_per_task", 1)
    on = stage(Race.agent, Race.agent)
    race = Race(on)

    def prepare() -> list[Any]:
        begin_call = sql(f"select call_id from begin_model_call({race.task()}, 'm', 'p', '1', '{{}}')")
        return [inside("one", begin_call), inside("other", begin_call)]

    def check(results: dict[str, Any]) -> None:
        assert [results["one"], results["other"]].count("PB050") == 1

    assert on.race(prepare, check) == 20


@pytest.mark.parametrize("second", ["fail", "end", "complete", "timeout", "cancel", "resume", "retire"])
def test_402_meets(stage: Callable[..., Stage], second: str) -> None:  # noqa: F811
    on = stage(Race.agent, "admin" if second in ("cancel", "resume", "retire") else Race.agent)
    race = Race(on)

    def prepare() -> list[Any]:
        held = race.task()
        call = race.call(held)
        steps = {
            "fail": f"select fail_model_call({held}, {call}, 'http', 402)",
            "end": f"select end_model_call({held}, {call}, '{{}}', 1, 1, 1)",
            "complete": f"select complete_task({held})",
            "timeout": f"select fail_model_call({held}, {call}, 'timeout')",
            "cancel": f"select cancel_task({held.partition(',')[0]})",
            "resume": f"select resume_agent('{Race.agent}')",
            "retire": f"select retire_agent('{Race.agent}')",
        }
        other = inside("second", sql(steps[second]))
        if (
            second == "retire"
        ):  # the agent's row first: whoever held the task's and waited for it would lock us out
            other = [other[0], ("pause", sql(f"select pause_agent('{Race.agent}')")), *other[1:]]
        return [inside("402", sql(steps["fail"])), other]

    def check(results: dict[str, Any]) -> None:
        first, other = results["402"], results["second"]
        states = [state for _, state in on.states()]
        if second == "fail":  # the first took the task with it
            assert sorted([first, other]) == ["PB001", "paused"]
        elif second == "end":
            assert first == "paused"
            assert other in ("PB001", "")
        elif second == "timeout":
            assert sorted([first, other]) in (["PB001", "later"], ["PB001", "paused"])
        elif second == "complete":
            assert (first, states) in (("PB001", []), ("paused", ["ready"]))
        elif second == "retire":
            assert first in ("paused", "PB001")
            assert states == ["ready"]
        elif second == "cancel":
            assert first in ("paused", "over")
            assert states == []
        else:
            assert first == "paused"
            assert states == ["ready"]
        if first == "paused" and second != "resume":
            assert on.owner.execute(
                "select paused from core.agents where name = %s", (Race.agent,)
            ).fetchone() == (True,)

    assert on.race(prepare, check) == (35 if second == "retire" else 20)


def test_two_calls_fail_with_402_at_once(stage: Callable[..., Stage]) -> None:  # noqa: F811
    """Two replicas, two tasks: both go back, nobody locks the other out."""
    on = stage(Race.agent, Race.agent)
    race = Race(on)

    def prepare() -> list[Any]:
        first = race.task()
        one = race.call(first)
        on.enqueue()
        task, token = on.claim()
        second = f"{task}, '{token}'"
        other = race.call(second)
        return [
            inside(name, sql(f"select fail_model_call({held}, {call}, 'http', 402)"))
            for name, held, call in (("one", first, one), ("other", second, other))
        ]

    def check(results: dict[str, Any]) -> None:
        assert (results["one"], results["other"]) == ("paused", "paused")
        assert [state for _, state in on.states()] == ["ready", "ready"]

    assert on.race(prepare, check) == 20
