"""A designer that is a model: what it is told, what it may look up, and what becomes of its file.

Its file goes on as a script only when it is one file that the static check lets pass; everything that the
board must be is decided by those that come after.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clients.llm import Answer, Message
from clients.llm.asking import GiveUp
from clients.llm.design_prompt import notes_of, versions
from clients.llm.judging import Complaint
from clients.llm.knowledge import FUNCTIONS, Tools, call
from clients.llm.prompting import Ask, Messages, fitting, settings_of
from clients.llm.replies import MOST_SCRIPT, Unusable, script_of
from kicad.boardkit.findings import Finding, finding
from kicad.boardkit.static_check import check_script

NAME = "pcb_designer"
MOST_ROUNDS = 6  # of function calls before the file has to come
MOST_CALLS = 8  # in one round
MOST_LOOKED_UP = 24_000  # characters of all results together
MOST_FINDINGS = 5
MOST_ARGUMENTS, MOST_NAME = 2000, 60  # characters of a function call
ENOUGH = "That was the last look-up. Now write the whole file, from what you know."


def write_with_model(
    state: Mapping[str, Any], ask: Ask, tools: Tools, *, prompt: str, model: Mapping[str, Any]
) -> dict[str, Any]:
    """Write the next script.

    `state` is pcb_designer's context (requirement, attempt, script, errors, best, unchanged, candidates,
    candidate); `tools` are what the database finds (find_symbols, find_footprints, find_parts,
    similar_designs); `prompt` is the text of its prompt file, `model` its settings.
    Returns `outcome` `branched`, `scripted` with `script` and `notes`, or `rejected` with `script`, `errors`,
    `feedback` and `notes`.
    """
    if (state.get("candidates") or 0) > 1:
        return {"outcome": "branched"}
    asking = bool(model.get("tools", True))
    room = settings_of(model)[0]
    room -= min(room // 4, MOST_LOOKED_UP // 3) * asking
    messages = fitting(versions(state, tools, prompt, asking), room)
    reader = _Reader()
    try:
        _ask_in_rounds(ask, messages, tools if asking else None, reader)
    except GiveUp as end:
        return _rejected(reader, end)
    return {"outcome": "scripted", "script": reader.script, "notes": notes_of(state)}


def _ask_in_rounds(ask: Ask, messages: Messages, tools: Tools | None, reader: _Reader) -> None:
    """Answer the model's function calls, at most six times, until it gives its file."""
    talk: list[Message] = []
    left = MOST_LOOKED_UP
    for _ in range(MOST_ROUNDS if tools is not None else 0):
        assert tools is not None
        said = ask(messages.followed_by(talk), prompt=NAME, tools=FUNCTIONS, check=reader)
        calls = [_kept(each) for each in (said.tool_calls or [])[:MOST_CALLS]]
        if not calls:
            return
        talk.append({"role": "assistant", "content": said.content or "", "tool_calls": calls})
        for each in calls:
            result = call(tools, each)[: max(left, 100)]
            left -= len(result)
            talk.append({"role": "tool", "tool_call_id": str(each.get("id", "")), "content": result})
        if left <= 0:
            break
    if talk:
        talk.append({"role": "user", "content": ENOUGH})
    ask(messages.followed_by(talk), prompt=NAME, check=reader.last)


def _kept(call: Mapping[str, Any]) -> dict[str, Any]:
    """A function call as it goes back to the model: arguments that no function takes are not repeated."""
    function = dict(call.get("function") or {})
    if len(str(function.get("arguments"))) > MOST_ARGUMENTS:
        function["arguments"] = "{}"
    return {**call, "function": function | {"name": str(function.get("name"))[:MOST_NAME]}}


# ------------------------------------------------------------------------------- what the model answers


class _Reader:
    """Reads an answer: function calls are fine until the last round; a file must pass the static check."""

    def __init__(self) -> None:
        self.script = ""
        self.errors: list[Finding] = []

    def __call__(self, said: Answer) -> Complaint | None:
        """A `Complaint`, None when the answer can be used."""
        return None if said.tool_calls else self.last(said)

    def last(self, said: Answer) -> Complaint | None:
        """The same, where a function call is no answer."""
        try:
            self.script = script_of(said)
        except Unusable as unusable:
            came = unusable.complaint.problem == "no_script"  # else it is half a file, or none
            self.script = said.content if came else ""
            self.errors = [_no_file(unusable.complaint)]
            return unusable.complaint
        self.errors = list(check_script(self.script))[:MOST_FINDINGS]
        if not self.errors:
            return None
        lines = "\n".join(map(_line, self.errors))
        return Complaint("no_script", f"The file cannot be run. Mend this and give the whole file:\n{lines}")


def _no_file(complaint: Complaint) -> Finding:
    code = {"empty": "ANSWER_EMPTY", "truncated": "ANSWER_TRUNCATED", "too_large": "ANSWER_TOO_LARGE"}
    return finding(
        code.get(complaint.problem, "NO_SCRIPT"),
        "design.py",
        str(complaint),
        required="one Python file in one fenced block",
        fix="answer with the whole file between ```python and ```",
        line=0,
    )


def _line(error: Mapping[str, Any]) -> str:
    return f"{error['code']} at {error['place'] or 'the file'}: {error['cause']}. Fix: {error['fix']}."


def _rejected(reader: _Reader, end: GiveUp) -> dict[str, Any]:
    """An attempt without a file that could be built, with its report."""
    reader.script = ""
    if end.answer is None or reader.last(end.answer) is None:
        reader.errors = [_no_file(Complaint("no_script", end.complaint))]
    return {
        "outcome": "rejected",
        "script": _within(reader.script),
        "errors": reader.errors,
        "feedback": "\n".join(map(_line, reader.errors)),
        "notes": [],
    }


def _within(script: str) -> str:
    """At most 256 kB, and nothing that a database cannot keep."""
    kept = script.encode("utf-8", "replace")[:MOST_SCRIPT].decode("utf-8", "ignore")
    return kept.replace("\0", "")
