"""Brings what people type into one form: no invisible characters, number words as digits."""

# ruff: noqa: E501 - tables read best with one entry a line
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75", "⅓": ".333", "⅔": ".667", "⅛": ".125"}
_SAME = {
    "μ": "µ", "Ω": "Ω", "−": "-", "–": "-", "—": "-", "‑": "-", "‒": "-", "’": "'", "″": '"', "”": '"', "“": '"',
    "⁄": "/", "×": "x", "✕": "x", "→": " -> ", "⇒": " -> ", "≈": "~", "∼": "~", "…": "...", "∿": "~",
}  # fmt: skip


def clean(text: str) -> str:
    """The text without control, bidirectional, zero-width and tag characters, compatibility forms folded.

    Line breaks and tabs become spaces; lone surrogates and private characters go.
    """
    found: list[str] = []
    for char in text:
        if char in _FRACTIONS:
            found.append(_FRACTIONS[char] if found and found[-1].isdigit() else "0" + _FRACTIONS[char])
        elif char in _SAME:
            found.append(_SAME[char])
        elif char in "\n\r\t\v\f\x85\u2028\u2029":
            found.append("\n")
        elif unicodedata.category(char)[0] != "C":
            folded = unicodedata.normalize("NFKC", char)
            found.append("".join(_SAME.get(part, part) for part in folded))
    return re.sub(r"[^\S\n]+", " ", "".join(found)).replace("\n", " ").strip()


@dataclass(frozen=True)
class Normal:
    """A text with number words as digits; character i stood at `where[i]` (start, end) of the text before."""

    text: str
    where: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the source of the characters from `start` to before `end`."""
        return self.where[start][0], self.where[end - 1][1]


_SMALL = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
}
_SMALL |= {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_SCALE = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_WORD = "|".join(sorted(_SMALL, key=len, reverse=True))
_UNIT = (
    r"(?:milli|kilo|mega|micro|nano|pico|centi)?-?(?:seconds?|secs?|minutes?|hours?|hertz|amps?|amperes?|volts?|"
    r"watts?|inch(?:es)?|ohms?|farads?|met(?:er|re)s?)\b|(?:[kM]?Hz|[mk]?V|m?A|ms|s|cm|mm)\b"
)
_PART = {"half": 0.5, "quarter": 0.25, "third": 1 / 3, "fifth": 0.2, "tenth": 0.1, "hundredth": 0.01}
_PARTS = "|".join(_PART)
_WORDS = re.compile(
    rf"\b(?P<whole>(?:(?:{_WORD})|\d+(?=\s+and\s+a)|an?(?=\s+(?:hundred|thousand|million)))"
    rf"(?:[\s-]+(?:and\s+)?(?:{_WORD}|{'|'.join(_SCALE)})\b)*)"
    rf"(?:\s+point\s+(?P<point>(?:{_WORD})(?:\s+(?:{_WORD}))*))?"
    rf"(?:\s+and\s+(?:an?|one)\s+(?P<and>half|quarter|third))?\b"
    rf"|\b(?:(?:an?|one)\s+)?(?P<part>{_PARTS})(?:\s+of)?(?:[\s-]+(?:an?|one))?[\s-]+(?={_UNIT})"
    rf"|\b(?P<three>three[\s-]+quarters?\s+of\s+an?\s+)(?={_UNIT})"
    r"|\b(?P<dozen>(?:half\s+a\s+|a\s+)?dozen)\b|\b(?P<couple>a\s+couple\s+of|a\s+pair\s+of|both)\b"
    r"|\bminus\s+(?P<minus>(?=\d|" + _WORD + "))",
    re.IGNORECASE,
)


def normalise(text: str) -> Normal:
    """Number words as digits: "two and a half volts" → "2.5 volts"; `text` has been cleaned before."""
    pieces: list[str] = []
    where: list[tuple[int, int]] = []
    last = 0
    for match in _WORDS.finditer(text):
        number = _value(match)
        if number is None:
            continue
        pieces.append(text[last : match.start()])
        where.extend((place, place + 1) for place in range(last, match.start()))
        pieces.append(number)
        where.extend([match.span()] * len(number))
        last = match.end()
    pieces.append(text[last:])
    where.extend((place, place + 1) for place in range(last, len(text)))
    return Normal("".join(pieces), tuple(where))


def _value(match: re.Match[str]) -> str | None:
    """The digits for a match of `_WORDS`, None if its words make no number."""
    if match["whole"]:
        return _number(match)
    if match["part"]:
        return f"{_PART[match['part'].lower()]:.6g} "
    if match["dozen"]:
        return "6" if "half" in match["dozen"].lower() else "12"
    if match["three"]:
        return "0.75 "
    return "2" if match["couple"] else "-"


def _number(match: re.Match[str]) -> str | None:
    """ "two point five", "two and a half" as digits."""
    total = _whole(match["whole"].lower())
    if total is None:
        return None
    text = str(total)
    if match["point"]:
        text += "." + "".join(str(_SMALL[word]) for word in match["point"].lower().split())
    if match["and"]:
        text = f"{float(text) + _PART[match['and'].lower()]:.6g}"
    return text


def _whole(words: str) -> int | None:
    """ "two hundred and fifty" → 250; "twenty-four" → 24; None if the words make no number."""
    total, current = 0, 0
    last = ""
    for word in re.split(r"[\s-]+", words):
        if word in {"and"}:
            continue
        if word in {"a", "an"}:
            current = 1
        elif word.isdigit():
            current = int(word)
        elif word in _SCALE:
            current = max(1, current) * _SCALE[word]
            if word != "hundred":
                total, current = total + current, 0
        else:
            tens = last in _SMALL and _SMALL[last] >= 20 and _SMALL[word] < 10
            if last in _SMALL and not tens:
                return None
            current += _SMALL[word]
        last = word
    return total + current
