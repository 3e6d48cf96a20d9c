"""What a model that designs is told: the requirement, pins and examples, and what came of the last try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clients.llm import Message
from clients.llm.knowledge import Tools, keys_for, parts_of, pins_of, searched, symbols_for
from clients.llm.prompting import data, quoted
from kicad.boardkit.reference import reference

MOST_EXAMPLES = 3
MOST_EXAMPLE = 8000  # characters of one file
MOST_TABLES = 12
_WAYS = {  # of a first attempt's candidates, which else are one and the same
    1: "Compose it from tested blocks wherever one fits.",
    2: "Take keys of the parts table for every part that has one, and as few parts as will do.",
    3: "Go by the data sheets: give every pin what it needs, and check each net twice before you write it.",
}


def versions(state: Mapping[str, Any], tools: Tools, prompt: str, asking: bool) -> Iterator[list[Message]]:
    """The prompt, longest first: examples go first, one by one, then pin tables, then what was searched."""
    system = {"role": "system", "content": f"{prompt}\n\n{reference()}"}
    task = _task(state)
    examples = [_example(row) for row in tools["similar_designs"]()[:MOST_EXAMPLES]]
    named = [part["what"] for part in state["requirement"].get("parts") or []]
    used = [*parts_of(base_of(state).get("script")), *parts_of(state.get("script"))]
    keys = [*keys_for(named), *symbols_for(tools, named), *used]
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


def base_of(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the next attempt changes: the best where the last was worse, else the last; {} at first."""
    best, last = state.get("best") or {}, state.get("script")
    if best.get("script") and best["script"] != last:
        return best
    return {"script": last, "errors": state.get("errors") or []} if last else {}


def _task(state: Mapping[str, Any]) -> list[str]:
    """The requirement, what came of the last attempts, and what is to be done."""
    sections = ["The requirement:", data("requirement", state["requirement"])]
    base, errors = base_of(state), state.get("errors") or []
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
        codes = [str(code)[:60] for code in state["unchanged"][:10]]
        sections += [
            "Your last change did not touch these. Do something else about them:",
            data("unchanged", codes),
        ]
    if base:
        sections.append("Mend exactly what was rejected, keep what was not, and give the whole file.")
    elif state.get("candidate"):
        sections.append(f"{_WAYS[(int(state['candidate']) - 1) % len(_WAYS) + 1]} Give the whole file.")
    else:
        sections.append("Write the whole file.")
    return sections


def notes_of(state: Mapping[str, Any]) -> list[str]:
    """What is to be said of a script that was written from such a prompt."""
    base = base_of(state)
    return [f"Went back to attempt {base['attempt']}: the last one was worse."] if "attempt" in base else []
