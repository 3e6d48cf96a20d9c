"""What a model's reply holds: a Python file, or a JSON object; or what is wrong with it."""

from __future__ import annotations

import json
import re
from typing import Any

from clients.llm import Answer, Problem
from clients.llm.judging import Complaint

MOST_REPLY = 1_000_000  # characters; what is longer is no design
MOST_SCRIPT = 256 * 1024  # bytes, as the database takes it
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})([^\n`]*)$", re.MULTILINE)  # in one way, for a line may be long
_LANGUAGE = re.compile(r"[ \t]*([\w.+-]*)")
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+boardkit[ \t]+import|import[ \t]+boardkit)\b", re.MULTILINE)
_CODE = re.compile(
    r"^[ \t]*(?:(?:import|from|def)[ \t]|(?:part|net|connect|block)\(|[a-z_]\w*[ \t]*=)", re.MULTILINE
)
_KEYS = (
    "script",
    "design.py",
    "file",
    "code",
    "python",
    "content",
    "design",
)  # a JSON reply's names for the file


class Unusable(Exception):
    """The reply cannot be used; `complaint` says why, in words for the model."""

    def __init__(self, problem: Problem, text: str) -> None:
        super().__init__(text)
        self.complaint = Complaint(problem, text)


def script_of(said: Answer) -> str:
    """The one Python file of a reply.  Raises `Unusable` (empty, truncated, too_large or no_script)."""
    content = _content(said)
    script = _find_script(content, said.finish_reason == "length", depth=0)
    if len(script.encode(errors="replace")) > MOST_SCRIPT:
        raise Unusable(
            "too_large", f"The file is larger than {MOST_SCRIPT // 1024} kB; declare the board only."
        )
    return script.strip("\n") + "\n"


def object_of(said: Answer) -> dict[str, Any]:
    """The JSON object of a reply, fenced or not.  Raises `Unusable` (empty, truncated, or bad_schema)."""
    content = _content(said)
    if said.finish_reason == "length":
        raise Unusable("truncated", "The answer was cut off before its end; answer again, in fewer words.")
    for text in (content, *(body for _, body, closed in _blocks(content) if closed), _braced(content)):
        found = _json(text)
        if isinstance(found, dict):
            return found
    raise Unusable(
        "bad_schema", "The answer is no JSON object; answer with one JSON object and nothing else."
    )


def _content(said: Answer) -> str:
    content = said.content or ""
    if len(content) > MOST_REPLY:
        raise Unusable("too_large", f"The answer has {len(content):,} characters; a few thousand are enough.")
    if not content.strip():
        if said.finish_reason == "length":
            raise Unusable(
                "truncated", "The answer was cut off before it began; think less and answer at once."
            )
        raise Unusable("empty", "The answer is empty; answer what was asked.")
    return content


def _find_script(content: str, cut: bool, depth: int) -> str:
    """A fenced block, a string in JSON, or the reply as it is."""
    blocks = _blocks(content)
    whole = [(language, body) for language, body, closed in blocks if closed and body.strip()]
    wrapped = next(
        (text for text in (content, *(b for _, b in whole)) if text.lstrip()[:1] in ("{", '"')), None
    )
    if wrapped is not None and depth < 2 and (inner := _wrapped(wrapped)) is not None:
        return _find_script(inner, cut, depth + 1)
    scripts = [body for _, body in whole if _IMPORT.search(body)]
    if scripts:
        return max(scripts, key=len)  # the file, beside excerpts of it
    if cut or any(not closed for _, _, closed in blocks):
        raise Unusable("truncated", "The file was cut off before its end; write it again whole, and shorter.")
    named = ("python", "py", "python3")
    python = [body for language, body in whole if language.lower() in named or _CODE.search(body)]
    if python:
        return max(python, key=len)  # the static check says what it lacks
    if not blocks and (begin := _IMPORT.search(content)):
        return _from_head(content, begin.start())
    raise Unusable(
        "no_script",
        "The answer has no Python file; give the whole file in one block between ```python and ```.",
    )


def _from_head(content: str, at: int) -> str:
    """A file without a fence, from the comments and imports above its import of boardkit."""
    lines = content[:at].splitlines()
    keep = len(lines)
    while keep and (not lines[keep - 1].strip() or re.match(r"\s*(#|import\b|from\b)", lines[keep - 1])):
        keep -= 1
    return "\n".join([*lines[keep:], content[at:]])


def _blocks(content: str) -> list[tuple[str, str, bool]]:
    """The fenced blocks: language, body, and whether the fence was closed."""
    found, at = [], 0
    while (opening := _FENCE.search(content, at)) is not None:
        mark = re.compile(rf"^[ \t]*{re.escape(opening[1][0])}{{{len(opening[1])},}}[ \t]*$", re.MULTILINE)
        closing = mark.search(content, min(opening.end() + 1, len(content)))
        body = content[opening.end() + 1 : closing.start() if closing else len(content)]
        language = _LANGUAGE.match(opening[2])
        found.append((language[1] if language else "", body, closing is not None))
        if closing is None:
            break
        at = closing.end()
    return found


def _wrapped(content: str) -> str | None:
    """The file inside of a JSON string, or of an object under one of the names that models use."""
    found = _json(content)
    if isinstance(found, str):
        return found
    if isinstance(found, dict):
        return next((found[key] for key in _KEYS if isinstance(found.get(key), str)), None)
    return None


def _json(text: str) -> Any:
    """The value, None where it is no JSON; NaN and infinities are none."""
    try:
        return json.loads(text.strip(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(word: str) -> float:
    raise ValueError(word)


def _braced(content: str) -> str:
    """From the first brace to the last: an object with prose around it."""
    return content[content.find("{") : content.rfind("}") + 1]
