"""What a designer may look up, as text that fits a prompt: pins, symbols, footprints, parts.

To a model that can call functions it is offered as such; for one that cannot, the words of the requirement
are looked up beforehand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from clients.catalog.text import clean
from kicad.boardkit.reference import pin_table
from kicad.parts import parts_table

Tools = Mapping[str, Callable[..., Any]]  # what the database finds, by name
MOST_RESULT = 4000  # characters of one answer
MOST_WORDS = 200
_PART = re.compile(r"""\bpart\(\s*["'][A-Z]+\d+["']\s*,\s*["']([^"'\n]{1,120})["']""")


def _function(name: str, text: str, **arguments: str) -> dict[str, Any]:
    """A function as OpenAI's protocol describes it; its first argument is required, all are texts."""
    texts = {each: {"type": "string", "maxLength": MOST_WORDS} for each in arguments}
    parameters = {
        "type": "object",
        "additionalProperties": False,
        "required": [next(iter(arguments))],
        "properties": {each: made | {"description": arguments[each]} for each, made in texts.items()},
    }
    return {"type": "function", "function": {"name": name, "description": text, "parameters": parameters}}


FUNCTIONS = [
    _function(
        "find_symbols",
        "Installed KiCad symbols by words or part of a name, best first.",
        words='e.g. "ATtiny85" or "I2C temperature sensor"',
    ),
    _function(
        "find_footprints",
        "Installed KiCad footprints by words or part of a name, best first.",
        words='e.g. "SOT-23-6" or "USB C receptacle"',
    ),
    _function(
        "find_parts",
        "Parts in stock for a value or a part number, what costs least first.",
        value='e.g. "18k", "100nF" or "AO3400A"',
        package='any part of the package\'s name, e.g. "0805"',
    ),
    _function(
        "pins_of",
        "Pins of a part: number, name, type and the names that boardkit takes.",
        symbol='a key of the parts table, e.g. "NE555_DIP", or "Library:Symbol"',
    ),
]


def call(tools: Tools, request: Mapping[str, Any]) -> str:
    """The result of a model's function call as JSON text; what is wrong with the call is one, too."""
    function = request.get("function") or {}
    name = str(function.get("name"))[:60]
    known = {each["function"]["name"]: each["function"]["parameters"] for each in FUNCTIONS}
    if name not in known:
        return _as_result({"error": f"there is no function {clean(name)}; there are {', '.join(known)}"})
    try:
        given = json.loads(function.get("arguments") or "{}")
    except (ValueError, RecursionError, TypeError):
        return _as_result({"error": "the arguments are no JSON object"})
    wanted, least = known[name]["properties"], known[name]["required"][0]
    if not isinstance(given, dict) or not all(isinstance(given.get(each, ""), str) for each in wanted):
        return _as_result({"error": f"the arguments are texts: {', '.join(wanted)}"})
    words = [clean(given.get(each, ""))[:MOST_WORDS] for each in wanted]
    if not words[0]:
        return _as_result({"error": f"{name} needs {least}"})
    return look_up(tools, name, *words)


def look_up(tools: Tools, name: str, *words: str) -> str:
    """The result of a function as JSON text, at most 4000 characters."""
    if name == "pins_of":
        return _as_result(pins_of(words[0]))
    rows = tools[name](*(word for word in words if word))
    return _as_result([{key: value for key, value in row.items() if value not in (None, "")} for row in rows])


def pins_of(what: str) -> str:
    """The pin table of a key or a symbol, or a sentence that says that there is none."""
    return pin_table(what)


def _as_result(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MOST_RESULT else f"{text[:MOST_RESULT]} … (cut)"


def parts_of(script: str | None) -> list[str]:
    """Keys and symbols that a script takes parts by, each once."""
    return list(dict.fromkeys(_PART.findall(script or "")))


def keys_for(named: Iterable[str]) -> list[str]:
    """Keys of the parts table that look like what a user named: "ATtiny85" → ATTINY85_DIP, ATTINY85_SO8."""
    table = parts_table()
    found: list[str] = []
    for what in named:
        folded = _folded(what)
        if len(folded) < 3:
            continue
        alike = [key for key in table if _folded(key).startswith(folded) or folded.startswith(_folded(key))]
        described = [key for key, row in table.items() if folded in _folded(row.description)]
        found += (alike or described)[:3]
    return list(dict.fromkeys(found))


def symbols_for(tools: Tools, named: Iterable[str]) -> list[str]:
    """The nearest installed symbol of what the parts table does not have."""
    lacking = [what for what in named if not keys_for([what])][:6]
    found = [tools["find_symbols"](clean(what)[:MOST_WORDS]) for what in lacking]
    return [str(rows[0]["symbol"]) for rows in found if rows]


def _folded(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", clean(text).lower())


def searched(tools: Tools, named: Iterable[str]) -> list[str]:
    """What the libraries have for each of the words, a text each, for a model that cannot ask itself."""
    found = []
    for what in list(named)[:12]:
        for name in ("find_symbols", "find_footprints"):
            result = look_up(tools, name, clean(what)[:MOST_WORDS])
            if result != "[]":
                found.append(f"{name}({clean(what)[:MOST_WORDS]!r}): {result[:1500]}")
    return found
