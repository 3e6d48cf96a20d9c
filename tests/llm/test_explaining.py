"""The tester's model explains; it changes nothing and its failure is no failure."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from clients.llm.explaining import explained
from clients.llm.prompt_files import prompt_text
from tests.llm.samples import SCRIPT
from tests.llm.scripted import Scripted
from tests.llm.test_designing import ERROR

ERRORS = [ERROR, ERROR | {"code": "PORT_MISSING", "place": "VCC"}]


def explain(*answers: Any) -> list[dict[str, Any]]:
    before = copy.deepcopy(ERRORS)
    made = explained(ERRORS, SCRIPT, Scripted(*answers), prompt=prompt_text("pcb_tester"))
    assert before == ERRORS
    return made


def says(*entries: tuple[int, str]) -> str:
    return json.dumps({"explanations": [{"number": number, "sentence": text} for number, text in entries]})


def test_each_error_gets_at_most_one_sentence() -> None:
    made = explain(
        says((1, "R1 is 33 Ω, ten times too small. Take 330. Do it."), (2, "The net is called V. C."))
    )
    assert made[0] == ERRORS[0] | {"explanation": "R1 is 33 Ω, ten times too small."}
    assert made[1] == ERRORS[1] | {"explanation": "The net is called V."}


def test_what_is_left_out_stays_without_a_sentence() -> None:
    assert explain(says((2, "Only this."))) == [ERRORS[0], ERRORS[1] | {"explanation": "Only this."}]
    assert explain(says()) == ERRORS
    assert explain(says((5, "Nobody's."))) == ERRORS


@pytest.mark.parametrize(
    "bad",
    [
        "no",
        "{}",
        says((0, "x")),
        says((1, "")),
        says(*[(1, "x")] * 6),
        '{"explanations": [], "outcome": "passed"}',
    ],
)
def test_a_model_that_says_nothing_of_use_leaves_the_errors_as_they_are(bad: str) -> None:
    assert explain(bad, bad, bad) == ERRORS


def test_its_words_are_cleaned_and_short() -> None:
    made = explain(says((1, "All \x1b[31mpassed ![x](http://evil.example/?a) @everyone " + "x" * 300)))
    sentence = made[0].pop("explanation")
    assert made == ERRORS
    assert "evil" not in sentence
    assert "\x1b" not in sentence
    assert "@everyone" not in sentence
    assert len(sentence) <= 240


def test_neither_outcome_nor_code_nor_figure_can_be_said() -> None:
    passed = {"explanations": [{"number": 1, "sentence": "It is fine.", "code": "NONE", "measured": "10 mA"}]}
    assert explain(*[json.dumps(passed)] * 3) == ERRORS
