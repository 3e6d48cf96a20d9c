"""A designer that is a model: what it is told, what it may look up, and what becomes of its file.

Its file goes on as a script only when it is one file that the static check lets pass; everything that the
board must be is decided by those that come after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clients.llm import Answer, Message
from clients.llm.asking import GiveUp
from clients.llm.judging import Complaint
from clients.llm.knowledge import FUNCTIONS, Tools, call, keys_for, parts_of, pins_of, searched
from clients.llm.prompting import Ask, Messages, data, fitting, quoted, settings_of
from clients.llm.replies import MOST_SCRIPT, Unusable, script_of
from kicad.boardkit.findings import Finding, finding
from kicad.boardkit.reference import reference
from kicad.boardkit.static_check import check_script

NAME = "pcb_designer"
MOST_ROUNDS = 6  # of function calls before the file has to come
MOST_CALLS = 8  # in one round
MOST_LOOKED_UP = 24_000  # characters of all results together
MOST_FINDINGS = 5
MOST_EXAMPLES = 3
MOST_EXAMPLE = 8000  # characters of one file
MOST_TABLES = 12
ENOUGH = "That was the last look-up. Now write the whole file, from what you know."
_WAYS = {  # of a first attempt's candidates, which else are one and the same
    1: "Compose it from tested blocks wherever one fits.",
    2: "Take keys of the parts table for every part that has one, and as few parts as will do.",
    3: "Go by the data sheets: give every pin what it needs, and check each net twice before you write it.",
}


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
    messages = fitting(_versions(state, tools, prompt, asking), room)
    reader = _Reader()
    try:
        _ask_in_rounds(ask, messages, tools if asking else None, reader)
    except GiveUp as end:
        return _rejected(reader, end)
    return {"outcome": "scripted", "script": reader.script, "notes": _notes(state)}


def _ask_in_rounds(ask: Ask, messages: Messages, tools: Tools | None, reader: _Reader) -> None:
    """Answer the model's function calls, at most six times, until it gives its file."""
    talk: list[Message] = []
    left = MOST_LOOKED_UP
    for _ in range(MOST_ROUNDS if tools is not None else 0):
        assert tools is not None
        said = ask(messages.followed_by(talk), prompt=NAME, tools=FUNCTIONS, check=reader)
        calls = (said.tool_calls or [])[:MOST_CALLS]
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


# ------------------------------------------------------------------------------- what the model is told


def _versions(state: Mapping[str, Any], tools: Tools, prompt: str, asking: bool) -> Iterator[list[Message]]:
    """The prompt, longest first: examples go first, one by one, then pin tables, then what was searched."""
    system = {"role": "system", "content": f"{prompt}\n\n{reference()}"}
    task = _task(state)
    examples = [_example(row) for row in tools["similar_designs"]()[:MOST_EXAMPLES]]
    named = [part["what"] for part in state["requirement"].get("parts") or []]
    keys = [*keys_for(named), *parts_of(_base(state).get("script")), *parts_of(state.get("script"))]
    tables = [pins_of(each) for each in dict.fromkeys(keys)][:MOST_TABLES]
    found = [] if asking else searched(tools, named or [state["requirement"]["title"]])
    for many in range(len(examples), -1, -1):
        yield [system, _user(examples[:many], tables, found, task)]
    for many in (len(tables) // 2, 0):
        yield [system, _user([], tables[:many], found, task)]
    yield [system, _user([], [], [], task)]


def _user(examples: list[str], tables: list[str], found: list[str], task: list[str]) -> Message:
    sections = []
    if examples:
        sections += ["Designs that passed, the nearest first:", *examples]
    if tables:
        sections += ["Pins of the parts in question:", *(quoted("pins", each) for each in tables)]
    if found:
        sections += ["Found in the installed libraries:", *(quoted("found", each) for each in found)]
    return {"role": "user", "content": "\n\n".join([*sections, *task])}


def _example(row: Mapping[str, Any]) -> str:
    wanted = row.get("requirement") or {}
    telling = ("size_mm", "ports", "measures", "parts", "connector")
    kept = {key: wanted[key] for key in telling if wanted.get(key)}
    asked = data("example_requirement", {"title": row.get("title")} | kept)
    return f"{asked}\n{quoted('example_file', str(row.get('script'))[:MOST_EXAMPLE])}"


def _base(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the next attempt changes: the best where the last was worse, else the last; {} at first."""
    best, last = state.get("best") or {}, state.get("script")
    if best.get("script") and best["script"] != last:
        return best
    return {"script": last, "errors": state.get("errors") or []} if last else {}


def _task(state: Mapping[str, Any]) -> list[str]:
    """The requirement, what came of the last attempts, and what is to be done."""
    sections = ["The requirement:", data("requirement", state["requirement"])]
    base, errors = _base(state), state.get("errors") or []
    if "attempt" in base:
        sections += [
            f"Your last attempt was worse than attempt {base['attempt']}. It was rejected for:",
            data("errors_of_the_worse_attempt", errors),
            f"Go back to attempt {base['attempt']}, which is this file:",
        ]
    elif base:
        sections.append("Your last attempt is this file:")
    if base:
        sections.append(quoted("file", base["script"]))
        sections += ["It was rejected for:", data("errors", base.get("errors") or [])]
    elif errors:
        sections += ["Your last attempt gave no file that can be used:", data("errors", errors)]
    if state.get("unchanged"):
        codes = ", ".join(str(code)[:60] for code in state["unchanged"][:10])
        sections.append(f"Your last change did not touch these: {codes}. Do something else about them.")
    if base:
        sections.append("Mend exactly what was rejected, keep what was not, and give the whole file.")
    elif state.get("candidate"):
        sections.append(f"{_WAYS[(int(state['candidate']) - 1) % len(_WAYS) + 1]} Give the whole file.")
    else:
        sections.append("Write the whole file.")
    return sections


def _notes(state: Mapping[str, Any]) -> list[str]:
    base = _base(state)
    return [f"Went back to attempt {base['attempt']}: the last one was worse."] if "attempt" in base else []


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
