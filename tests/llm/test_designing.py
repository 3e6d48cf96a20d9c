"""A designer that is a model: what it is told, what it may look up, and what becomes of its file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clients.llm import Answer
from clients.llm.designing import MOST_LOOKED_UP, MOST_ROUNDS, write_with_model
from clients.llm.knowledge import FUNCTIONS, keys_for, parts_of
from clients.llm.prompt_files import prompt_text
from clients.llm.prompting import Messages, estimate_tokens
from clients.llm.requirement_schema import complete
from tests.llm.samples import SCRIPT, requirement
from tests.llm.scripted import Scripted, called, refused_to_speak, text_of

PROMPT = prompt_text("pcb_designer")
MODEL: dict[str, Any] = {"context_tokens": 65_536, "max_tokens": 4096, "tools": True}
FENCED = f"```python\n{SCRIPT}```"
WORSE = SCRIPT.replace("330", "33")
ERROR = {
    "code": "LED_CURRENT",
    "place": "D1",
    "line": 5,
    "measured": "30 mA",
    "required": "5 – 15 mA",
    "cause": "too high",
    "fix": "change R1",
}


def example(title: str) -> dict[str, Any]:
    return {
        "title": title,
        "requirement": requirement(),
        "script": f"# {title}\n{SCRIPT}",
        "attempts": 1,
        "source": "own",
    }


class Library:
    """What the database finds, and what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def tools(self) -> dict[str, Any]:
        return {
            "find_symbols": lambda *words: self._rows("find_symbols", *words),
            "find_footprints": lambda *words: self._rows("find_footprints", *words),
            "find_parts": lambda *words: self._rows("find_parts", *words),
            "similar_designs": lambda: [example("first"), example("second")],
        }

    def _rows(self, name: str, *words: str) -> list[dict[str, Any]]:
        self.asked.append((name, *words))
        if words[0] == "nothing":
            return []
        return [
            {
                "symbol": "Sensor:BME280",
                "description": f"found by {name} for {words[0]}",
                "keywords": None,
                "pins": 8,
            }
        ] * 10


def state(**more: Any) -> dict[str, Any]:
    blank = {
        "attempt": 1,
        "script": None,
        "errors": [],
        "best": None,
        "unchanged": [],
        "candidates": 0,
        "candidate": None,
    }
    return {"requirement": complete(requirement(), "words")} | blank | more


def write(
    ask: Any, library: Library | None = None, model: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    return write_with_model(
        state(**more), ask, (library or Library()).tools(), prompt=PROMPT, model=MODEL | (model or {})
    )


# ---------------------------------------------------------------------------- what becomes of the file


def test_a_file_becomes_the_script() -> None:
    ask = Scripted(f"Here it is.\n{FENCED}")
    assert write(ask) == {"outcome": "scripted", "script": SCRIPT, "notes": []}
    assert ask.tools == [FUNCTIONS]


def test_a_first_attempt_of_several_candidates_is_branched_without_a_model() -> None:
    assert write(refused_to_speak, candidates=3) == {"outcome": "branched"}


def test_candidates_are_told_to_take_different_ways() -> None:
    told = []
    for number in (1, 2, 3):
        ask = Scripted(FENCED)
        write(ask, candidate=number)
        told.append(ask.said)
    assert len(set(told)) == 3


@pytest.mark.parametrize(
    ("bad", "problem", "says"),
    [
        ("I am sorry.", "no_script", "no Python file"),
        (f"```python\n{SCRIPT[:100]}", "truncated", ""),
        (Answer(f"```python\n{SCRIPT[:100]}", finish_reason="length"), "truncated", ""),
        ("", "empty", ""),
        ("x" * 5_000_000, "too_large", ""),
        (json.dumps({"answer": 42}), "no_script", "no Python file"),
        ("```python\nfrom boardkit import *\npart(\n```", "no_script", "Mend this"),
        ("```python\nimport os\nfrom boardkit import *\n```", "no_script", "Mend this"),
    ],
)  # fmt: skip
def test_a_bad_file_is_complained_about_and_the_next_one_counts(bad: Any, problem: str, says: str) -> None:
    ask = Scripted(bad, FENCED)
    assert write(ask)["outcome"] == "scripted"
    assert ask.complaints[0].problem == problem
    assert says in ask.complaints[0].message


@pytest.mark.parametrize(
    ("bad", "code", "script"),
    [
        ("I am sorry.", "NO_SCRIPT", "I am sorry."),
        ("", "ANSWER_EMPTY", ""),
        (f"```python\n{SCRIPT[:100]}", "ANSWER_TRUNCATED", ""),
        (Answer(SCRIPT, finish_reason="length"), "ANSWER_TRUNCATED", ""),
        ("x" * 5_000_000, "ANSWER_TOO_LARGE", ""),
        ("```python\nfrom boardkit import *\npart(\n```", None, "from boardkit import *\npart(\n"),
    ],
)  # fmt: skip
def test_a_model_that_never_gives_a_file_ends_in_a_rejected_attempt_with_its_report(
    bad: Any, code: str | None, script: str
) -> None:
    made = write(Scripted(bad, bad, bad))
    assert made["outcome"] == "rejected"
    assert made["script"] == script
    assert 1 <= len(made["errors"]) <= 5
    assert code in (None, made["errors"][0]["code"])
    assert made["errors"][0].keys() == {"code", "place", "line", "measured", "required", "cause", "fix"}
    assert made["feedback"].startswith(made["errors"][0]["code"])
    json.dumps(made)


def test_what_came_is_cut_and_can_be_stored() -> None:
    made = write(Scripted(*["no\0file " * 100_000] * 3))
    assert len(made["script"].encode()) <= 256 * 1024
    assert "\0" not in made["script"]


# ---------------------------------------------------------------------------- what it may look up


def test_functions_are_called_and_their_results_given_back() -> None:
    library = Library()
    calls = called(
        ("find_symbols", {"words": "BME280"}),
        ("pins_of", {"symbol": "NE555_DIP"}),
        ("find_parts", {"value": "10k", "package": "0805"}),
    )
    ask = Scripted(calls, called(("find_footprints", {"words": "LGA-8"})), FENCED)
    assert write(ask, library)["outcome"] == "scripted"
    assert ("find_symbols", "BME280") in library.asked
    assert ("find_parts", "10k", "0805") in library.asked
    roles = [message["role"] for message in ask.asked[-1]]
    assert roles == ["system", "user", "assistant", "tool", "tool", "tool", "assistant", "tool"]
    results = [message["content"] for message in ask.asked[-1] if message["role"] == "tool"]
    assert "Sensor:BME280" in results[0]
    assert "THR" in results[1]
    assert all(len(result) < 4100 for result in results)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (("run_shell", {"words": "id"}), "there is no function run_shell"),
        (("find_symbols", {}), "needs words"),
        (("find_symbols", "nonsense"), "no JSON object"),
        (("find_symbols", "[" * 1_000), "no JSON object"),
        (("find_symbols", "[" * 100_000), "needs words"),
        (("f" * 100_000, {}), "there is no function fff"),
        (("find_symbols", {"words": 3}), "the arguments are texts"),
        (("find_symbols", [1]), "the arguments are texts"),
        (("pins_of", {"symbol": "../../etc:passwd"}), "no "),
        (("find_symbols", {"words": "nothing"}), "[]"),
    ],
)  # fmt: skip
def test_a_bad_call_gets_an_answer_and_harms_nobody(call: tuple[str, Any], says: str) -> None:
    ask = Scripted(called(call), FENCED)
    assert write(ask)["outcome"] == "scripted"
    assert says in text_of(ask.asked[-1][-1])
    assert len(json.dumps(ask.asked[-1][2:])) < 5000


def test_looking_up_ends_after_six_rounds() -> None:
    ask = Scripted(*[called(("find_symbols", {"words": f"w{n}"})) for n in range(MOST_ROUNDS)], FENCED)
    assert write(ask)["outcome"] == "scripted"
    assert ask.tools == [FUNCTIONS] * MOST_ROUNDS + [None]
    assert "last look-up" in ask.said


def test_looking_up_ends_when_enough_was_said() -> None:
    many = called(*[("find_symbols", {"words": f"w{n}"}) for n in range(50)])
    ask = Scripted(many, many, many, FENCED)
    assert write(ask)["outcome"] == "scripted"
    said = sum(len(message["content"]) for message in ask.asked[-1] if message["role"] == "tool")
    assert said <= MOST_LOOKED_UP + 50 * 100


def test_a_model_without_functions_is_told_beforehand() -> None:
    library = Library()
    ask = Scripted(FENCED)
    named = complete(requirement(parts=[{"what": "BME280", "quantity": 1}]), "words")
    assert write(ask, library, {"tools": False}, requirement=named)["outcome"] == "scripted"
    assert ask.tools == [None]
    assert "found by find_footprints for BME280" in ask.said
    assert "BME280" in ask.said.partition("<pins>")[2].partition("</pins>")[0]


# ---------------------------------------------------------------------------- what it is told


def test_the_prompt_has_reference_pins_examples_and_the_requirement() -> None:
    ask = Scripted(FENCED)
    write(ask)
    system, user = map(text_of, ask.asked[0])
    assert system.startswith(PROMPT)
    for word in ("netclass", "led_indicator", "NE555_DIP"):
        assert word in system
    assert "ATtiny85" not in system.removeprefix(PROMPT) or "ATTINY85_DIP" in system
    assert '"what": "ATtiny85"' in user
    assert "ATTINY85_" in user.partition("<pins>")[2]
    assert "# first" in user
    assert "# second" in user


def test_errors_of_the_last_attempt_come_with_its_file_and_what_has_not_changed() -> None:
    ask = Scripted(FENCED)
    write(
        ask,
        attempt=3,
        script=WORSE,
        errors=[ERROR],
        best={"attempt": 2, "script": WORSE, "errors": [ERROR]},
        unchanged=["LED_CURRENT"],
    )
    assert f"<file>\n{WORSE.rstrip()}\n</file>" in ask.said
    assert '"measured": "30 mA"' in ask.said
    assert '<unchanged>\n"LED_CURRENT"\n</unchanged>' in ask.said
    assert "Go back" not in ask.said
    assert "LED_0805_RED" in ask.said.partition("<pins>")[2]


def test_after_a_worse_attempt_the_best_one_is_the_base() -> None:
    ask = Scripted(FENCED)
    other = ERROR | {"code": "PORT_MISSING", "place": "VCC"}
    made = write(
        ask, attempt=4, script=WORSE, errors=[other], best={"attempt": 2, "script": SCRIPT, "errors": [ERROR]}
    )
    assert f"<file>\n{SCRIPT.rstrip()}\n</file>" in ask.said
    assert WORSE.strip() not in ask.said
    assert "worse than attempt 2" in ask.said
    assert ask.said.index("PORT_MISSING") < ask.said.index("<file>") < ask.said.index('"code": "LED_CURRENT"')
    assert made["notes"] == ["Went back to attempt 2: the last one was worse."]


def test_an_attempt_without_a_file_is_told_by_its_errors() -> None:
    ask = Scripted(FENCED)
    write(ask, attempt=2, script="", errors=[ERROR | {"code": "ANSWER_EMPTY"}])
    assert "no file that can be used" in ask.said
    assert "ANSWER_EMPTY" in ask.said


def test_examples_are_dropped_first_then_pins_and_never_the_task() -> None:
    ask = Scripted(FENCED)
    write(ask, attempt=2, script=WORSE, errors=[ERROR])
    messages = ask.asked[0]
    whole = estimate_tokens(messages)
    seen = []
    for context in range(whole + 4000, 1500, -100):
        ask = Scripted(FENCED)
        write(
            ask,
            None,
            {"context_tokens": context, "max_tokens": 0, "tools": False},
            attempt=2,
            script=WORSE,
            errors=[ERROR],
        )
        said = ask.said
        assert "<requirement>" in said
        assert '"measured": "30 mA"' in said
        assert WORSE.strip() in said
        seen.append((said.count("<example_file>"), "<pins>" in said))
    assert seen == sorted(seen, reverse=True)
    assert seen[0] == (2, True)
    assert (0, True) in seen
    assert seen[-1] == (0, False)


def test_a_server_that_finds_the_prompt_too_long_gets_half_of_what_can_be_dropped() -> None:
    ask = Scripted(FENCED)
    given: list[Messages] = []

    def watched(messages: Any, **options: Any) -> Answer:
        given.append(messages)
        assert messages.much_shorter()
        return ask(messages, **options)

    write(watched)
    assert "<example_file>" not in text_of(given[0][1])
    assert "<requirement>" in text_of(given[0][1])


def test_parts_are_found_in_scripts_and_in_what_users_say() -> None:
    assert parts_of(SCRIPT) == ["HDR_1x02", "R_0805", "LED_0805_RED"]
    assert keys_for(["ATtiny85"]) == ["ATTINY85_DIP", "ATTINY85_SO8"]
    assert "AMS1117-3.3" in keys_for(["AMS1117"])
    assert keys_for(["BME280", "x", ""]) == []
