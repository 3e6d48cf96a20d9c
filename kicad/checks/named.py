"""Are the parts on the board that the user named?  By type or in words, tolerant of spelling."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from kicad.checks import truth
from kicad.checks.finding import check
from kicad.shapes import Check, Intent, IntentPart, Requirement

_LEAST = 3  # letters and digits of a name that may be found within another one
_ALIKE = 0.6  # of the letters, where all digits agree: "LM7805" is an L7805, "NE555" is no TLC555


def check_named(requirement: Requirement, intent: Intent) -> Iterator[Check]:
    """One check for each part that the requirement names: enough of it is there."""
    for named in requirement.get("parts", []):
        what, wanted = named["what"], named.get("quantity", 1)
        found = [part["ref"] for part in intent["parts"] if is_named(what, part)]
        yield check(
            "NAMED_PART_MISSING",
            "intent",
            len(found) >= wanted,
            "part that was asked for is on the board",
            place=what,
            measured=", ".join(found) or "not there",
            required=f"{wanted} × {what}",
            cause=f"{len(found)} of {wanted} on the board",
            fix=f"declare {what} with part(), by its key of the parts table or its Library:Symbol",
        )


def is_named(what: str, part: IntentPart) -> bool:
    """Whether a part goes by this name: its symbol, value, type number or key, or what these say in words."""
    row = truth.part_row(part["part"], part["symbol"])
    names = [part["symbol"].partition(":")[2], part["value"]]
    names += [row.key, row.mpn] if row else []
    if any(_same(_bare(what), _bare(name)) for name in names):
        return True
    said = " ".join([*names, truth.words_of(part["symbol"]), row.description if row else ""])
    words = [_bare(word) for word in re.split(r"[\s,/]+", what) if _bare(word)]
    return bool(words) and all(any(_within(word, _bare(other)) for other in said.split()) for word in words)


def _bare(name: str) -> str:
    """Letters and digits alone, small: "ATtiny85-20P" is attiny8520p."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _within(word: str, other: str) -> bool:
    """Whether a word of a description begins with the word, or is it in the singular."""
    return other.startswith(word) or (len(word) > _LEAST and word.endswith("s") and other == word[:-1])


def _same(what: str, name: str) -> bool:
    """Whether two type numbers mean the same part: one holds the other, or they differ in a letter."""
    if len(what) >= _LEAST and what in name:
        return True
    if len(name) > _LEAST and name in what and any(letter.isdigit() for letter in name):
        return True
    digits, others = re.sub(r"\D", "", what), re.sub(r"\D", "", name)
    if len(digits) < 2 or not others.startswith(digits):
        return False
    letters, more = (re.match(r"[a-z]*", each) for each in (what, name))
    assert letters is not None
    assert more is not None
    return difflib.SequenceMatcher(None, letters[0], more[0]).ratio() >= _ALIKE
