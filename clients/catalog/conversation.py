"""Talks until the requirement is complete.

No state is kept: every reply is computed anew from the whole conversation, by asking again, silently,
what was asked before and taking each answer in its turn.
"""

# ruff: noqa: E501 - sentences for people stand in one line each
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from clients.catalog.assent import cancels, says_no, says_yes
from clients.catalog.ontology import CAN_DO, recognise
from clients.catalog.quantities import Quantity, find_quantities
from clients.catalog.reading import absorb, read_brief
from clients.catalog.requirement import QUESTIONS, build_requirement, missing, say
from clients.catalog.sizing import Impossible
from clients.catalog.slots import Reading, Slot
from clients.catalog.summary import summary
from clients.catalog.text import clean
from kicad.shapes import Requirement

MOST_CHARACTERS = 4000
SIDE_MM = (5.0, 300.0)


@dataclass(frozen=True)
class Reply:
    """The answer to the user; `requirement` is complete with "approved" and with a proposal."""

    outcome: Literal["asked", "approved", "refused"]
    reply: str
    requirement: Requirement | None = None


@dataclass(frozen=True)
class _Question:
    """What is asked: a slot, a board's size, or approval ("approval"), with the answer that yes means."""

    slot: str
    text: str
    default: float | str | None = None
    requirement: Requirement | None = None


# ------------------------------------------------------------------------------- bad input


def check_length(text: str) -> str | None:
    """The sentence that says that there is too little to be read, or too much; None when it is fine."""
    if len(text) > MOST_CHARACTERS:
        return f"The brief has {len(text):,} characters; {MOST_CHARACTERS:,} are enough to say what the board does."
    if not clean(text):
        return "The brief is empty; say what the board shall do, e.g. “555 LED blinker about 1 Hz from 9 V”."
    return None


def check_brief(text: str) -> str | None:
    """The sentence that says what is wrong with a brief that no board can be made of; None when it is fine."""
    if (trouble := check_length(text)) is not None:
        return trouble
    cleaned = clean(text)
    strange = sum(
        1
        for char in text
        if char == "\ufffd" or (not char.isprintable() and char not in "\n\r\t\u200b\ufeff")
    )
    letters = sum(1 for char in cleaned if char.isalpha() and ord(char) < 0x250)
    if strange > max(3, len(text) // 10) or letters < max(1, len(cleaned) // 5):
        return "The brief is no readable English text; say in words what the board shall do."
    for quantity in find_quantities(cleaned):
        if sentence := _nonsense(quantity):
            return sentence
    return None


_NAMES = {
    "voltage": "voltage", "current": "current", "frequency": "frequency", "time": "time", "resistance": "resistance",
    "capacitance": "capacitance", "power": "power", "length": "length",
}  # fmt: skip


def _nonsense(quantity: Quantity) -> str | None:
    """Why a quantity makes no sense on any board of ours, else None."""
    if quantity.kind == "size":
        least, most = sorted((quantity.value, quantity.second))
        if least < SIDE_MM[0]:
            return f"“{quantity.text}” is too small for a board; the least is 5 x 5 mm, and most need 15 x 10 mm."
        if most > SIDE_MM[1]:
            return f"“{quantity.text}” is too large for a board; the most is 300 x 300 mm."
    elif quantity.kind in _NAMES:
        name = _NAMES[quantity.kind]
        if quantity.low < 0:
            return f"“{quantity.text}” is negative; boards here work with positive values only, so give a {name} above 0."
        if quantity.value == 0:
            return f"“{quantity.text}” makes no sense: give a {name} above 0."
        if quantity.kind == "voltage" and quantity.high > 1000:
            return f"“{quantity.text}” is far too high: boards here work with at most 60 V."
    return None


# ------------------------------------------------------------------------------- the talk


def converse(
    conversation: Sequence[Mapping[str, str]], interactive: bool, requirement: Requirement | None = None
) -> Reply:
    """The next reply.  `conversation` is all messages in order; only those of the sender "user" are listened to.

    `requirement` is the one stored with the last proposal; it is not needed, since the same
    conversation always gives the same one.
    """
    said = [message["text"] for message in conversation if message.get("sender", "user") == "user"]
    while said and interactive and not clean(said[0]):
        said = said[1:]
    if not said:
        return Reply("asked", f"What shall the board do? {CAN_DO}")
    if (problem := check_brief(said[0])) is not None:
        return Reply("refused", problem)
    reading = read_brief(said[0])
    if reading.refusal is not None:
        return Reply("refused", reading.refusal)
    if not interactive:
        for text in said[1:]:
            absorb(reading, clean(text))
        return _approve_at_once(reading, said[0])
    return _Talk(reading, said[0]).run(said[1:])


def _approve_at_once(reading: Reading, brief: str) -> Reply:
    try:
        made = build_requirement(reading, brief)
    except Impossible as problem:
        offer = _offer(problem)
        hint = f" Try {offer}." if offer else ""
        return Reply("refused", problem.sentence + hint)
    return Reply("approved", summary(made), made)


class _Talk:
    """A conversation replayed: `run` takes the answers and says what comes next."""

    def __init__(self, reading: Reading, brief: str):
        self.reading = reading
        self.brief = brief
        self.note = ""

    def run(self, answers: Sequence[str]) -> Reply:
        """Take each answer to the question before it; the reply to the last."""
        question = self._next()
        for number, answer in enumerate(answers, 1):
            text = clean(answer)
            self.note = ""
            if cancels(text):
                return Reply("refused", "Nothing is built. Send a new request whenever you like.")
            if question.slot == "approval" and says_yes(text):
                assert question.requirement is not None
                if number < len(answers):
                    continue  # the talk went on: it was said before the proposal was seen
                return Reply("approved", summary(question.requirement), question.requirement)
            self._take(question, answer, text)
            question = self._next()
        note = f"{self.note}\n" if self.note else ""
        return Reply("asked", note + question.text, question.requirement)

    def _take(self, question: _Question, raw: str, text: str) -> None:
        """One answer; `note` says what was wrong with it."""
        if says_yes(text):
            if question.default is None:
                self.note = "Please give a value."
            else:
                self._accept(question.slot, question.default)
            return
        if says_no(text):
            self.note = "What shall be changed? Say it like “2 Hz”, “50x40 mm” or “green”."
            return
        if (problem := _bad_answer(raw, text)) is not None:
            self.note = problem
            return
        kept = list(self.reading.unused)
        turned = self._drop_contradicted(text)
        pending = question.slot if question.slot != "approval" else None
        if not absorb(self.reading, text, pending) and not turned:
            if len(self.reading.unused) > len(kept):
                return  # named as unused in the proposal
            self.note = f"I did not understand “{text[:80]}”." + self._elsewhere(text)

    def _drop_contradicted(self, text: str) -> bool:
        """A new rate overrules R and C of a filter; whether the filter was turned round."""
        if self.reading.family in {"rc_lowpass", "rc_highpass"}:
            kinds = {quantity.kind for quantity in find_quantities(text)}
            if "frequency" in kinds and {"resistor_ohm", "capacitor_F"} <= self.reading.slots.keys():
                for slot in ("resistor_ohm", "capacitor_F"):
                    self.reading.slots.pop(slot)
            other = recognise(text).family
            if other in {"rc_lowpass", "rc_highpass"} and other != self.reading.family:
                self.reading.family = other
                return True
        return False

    def _elsewhere(self, text: str) -> str:
        other = recognise(text)
        if other.family and other.family != self.reading.family:
            return " Another board is another design: send it as a new request."
        return ""

    def _accept(self, slot: str, value: float | str) -> None:
        if slot == "colour":
            self.reading.words["colour"] = str(value)
        elif slot == "count":
            self.reading.count = int(value)
        elif (
            slot in {"duty", "resistor_ohm", "capacitor_F", "led_current_A", "cutoff_Hz"} and value == "none"
        ):
            self.reading.slots.pop(slot, None)
        else:
            number = float(value)
            self.reading.slots[slot] = Slot(number, number, number, say(slot, number))

    def _next(self) -> _Question:
        """The next thing to ask: an open slot, what cannot be, or the approval of the whole."""
        gap = missing(self.reading)
        if gap is not None:
            default = say(gap.slot, gap.default)
            return _Question(
                gap.slot, f"{QUESTIONS[gap.slot]} (default {default}; say yes for it)", gap.default
            )
        try:
            made = build_requirement(self.reading, self.brief)
        except Impossible as problem:
            return self._mend(problem)
        text = f"{summary(made)}\nShall I build this? (say yes, or what to change)"
        return _Question("approval", text, "yes", made)

    def _mend(self, problem: Impossible) -> _Question:
        offer = _offer(problem)
        if problem.slot == "colour":
            return _Question(
                "colour", f"{problem.sentence} Which colour instead? (default red; say yes for it)", "red"
            )
        if offer is None:
            return _Question(problem.slot, f"{problem.sentence} What shall it be instead?")
        text = f"{problem.sentence} What shall it be instead? (default {offer}; say yes for it)"
        return _Question(problem.slot, text, problem.offer)


def _offer(problem: Impossible) -> str | None:
    """The value that would work, for people."""
    if problem.slot == "colour":
        return "a red LED"
    if problem.offer is None:
        return None
    return f"{problem.offer:g} LEDs" if problem.slot == "count" else say(problem.slot, problem.offer)


def _bad_answer(raw: str, text: str) -> str | None:
    """What is wrong with an answer, whatever was asked."""
    if len(raw) > MOST_CHARACTERS:
        return f"That answer has {len(raw):,} characters; a few words are enough."
    for quantity in find_quantities(text):
        if sentence := _nonsense(quantity):
            return sentence
    return None
