"""The one file, or the one object, of a reply; and everything that is none."""

from __future__ import annotations

import json
import time

import pytest

from clients.llm import Answer
from clients.llm.replies import MOST_REPLY, MOST_SCRIPT, Unusable, object_of, script_of
from tests.llm.samples import SCRIPT

FENCED = f"```python\n{SCRIPT}```"


@pytest.mark.parametrize(
    "reply",
    [
        FENCED,
        f"Here is the board you asked for.\n\n{FENCED}\n\nIt has one LED; tell me if you want two.",
        f"```\n{SCRIPT}```",
        f"~~~py\n{SCRIPT}~~~",
        f"````python\n{SCRIPT}````",
        f"  ```python\n{SCRIPT}  ```",
        f"First an excerpt:\n```python\nnet('A')\n```\nand the whole:\n{FENCED}",
        f"{FENCED}\n```console\n$ ./mas design\n```",
        SCRIPT,
        f"Sure! Here it is:\n\n{SCRIPT}",
        json.dumps({"script": SCRIPT}),
        json.dumps({"thought": "easy", "design.py": FENCED}),
        json.dumps(SCRIPT),
        f"```json\n{json.dumps({'code': SCRIPT})}\n```",
        FENCED.replace("\n", "\r\n"),
    ],
)
def test_the_file_is_found_in_every_dress(reply: str) -> None:
    assert script_of(Answer(reply)).replace("\r", "").strip() == SCRIPT.strip()


@pytest.mark.parametrize("filling", ["a", " ", "\t", "`", "~", "```\n", "{"])
def test_a_reply_of_a_megabyte_is_read_at_once(filling: str) -> None:
    reply = Answer("```" + (filling * MOST_REPLY)[: MOST_REPLY - 10] + "`")
    began = time.monotonic()
    for read in (script_of, object_of):
        with pytest.raises(Unusable):
            read(reply)
    assert time.monotonic() - began < 10


def test_what_stands_above_the_import_belongs_to_the_file() -> None:
    script = script_of(Answer(f"Hello.\n# A board.\nimport math\n{SCRIPT}"))
    assert script.startswith("# A board.\nimport math\nfrom boardkit")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(""), "empty"),
        (Answer(" \n\t "), "empty"),
        (Answer("", finish_reason="length"), "truncated"),
        (Answer(f"```python\n{SCRIPT[:150]}"), "truncated"),
        (Answer(f"```python\n{SCRIPT[:150]}", finish_reason="length"), "truncated"),
        (Answer(SCRIPT[:150], finish_reason="length"), "truncated"),
        (Answer("x" * 5_000_000), "too_large"),
        (Answer(f"```python\n{SCRIPT}{'# x' * MOST_SCRIPT}\n```"[: MOST_REPLY - 10] + "\n```"), "too_large"),
        (Answer("I cannot do that."), "no_script"),
        (Answer("```\nhello\n```"), "no_script"),
        (Answer('{"answer": 42}'), "no_script"),
        (Answer("```python\n```"), "no_script"),
    ],
)
def test_what_is_no_file_is_told_apart(answer: Answer, problem: str) -> None:
    with pytest.raises(Unusable) as caught:
        script_of(answer)
    assert caught.value.complaint.problem == problem
    assert len(caught.value.complaint) < 200


def test_a_closed_file_is_whole_even_if_the_words_after_it_were_cut() -> None:
    assert script_of(Answer(f"{FENCED}\nThis board", finish_reason="length")) == SCRIPT


def test_python_without_boardkit_goes_to_the_static_check() -> None:
    assert script_of(Answer("```python\nimport os\nos.system('id')\n```")) == "import os\nos.system('id')\n"


@pytest.mark.parametrize(
    "reply", ['{"a": 1}', '```json\n{"a": 1}\n```', 'Sure:\n{"a": 1}\nDone.', ' {"a":1}\n']
)
def test_the_object_is_found(reply: str) -> None:
    assert object_of(Answer(reply)) == {"a": 1}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(""), "empty"),
        (Answer('{"a": ', finish_reason="length"), "truncated"),
        (Answer("{" * 100_000), "bad_schema"),
        (Answer("[" * 100_000), "bad_schema"),
        (Answer('{"a": NaN}'), "bad_schema"),
        (Answer("[1]"), "bad_schema"),
        (Answer("no"), "bad_schema"),
        (Answer("x" * 5_000_000), "too_large"),
    ],
)
def test_what_is_no_object_is_told_apart(answer: Answer, problem: str) -> None:
    with pytest.raises(Unusable) as caught:
        object_of(answer)
    assert caught.value.complaint.problem == problem


@pytest.mark.parametrize(
    "reply",
    [
        "`" * 900_000,
        "```\n" * 200_000,
        " " * 900_000 + "`",
        "{" * 900_000,
        "```python\n" * 90_000,
        "~~~\n```\n" * 100_000,
    ],
)
def test_no_reply_takes_long_to_read(reply: str) -> None:
    import time

    began = time.process_time()
    for read in (script_of, object_of):
        with pytest.raises(Unusable):
            read(Answer(reply))
    assert time.process_time() - began < 5
