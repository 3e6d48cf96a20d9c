"""The talk with a user by a model, until there is a requirement that the user has approved.

What is decided is decided here and not by the model: a requirement is approved when the user says so after
it was shown, and then it is the one that was shown.  The model only proposes the next question, a
requirement, or a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator

from clients.catalog.assent import cancels, says_yes
from clients.catalog.summary import summary
from clients.catalog.text import clean
from clients.llm import Answer
from clients.llm.attachments import describe_all
from clients.llm.judging import Complaint
from clients.llm.prompting import Ask, fitting, harmless, plain, settings_of
from clients.llm.replies import Unusable, object_of
from clients.llm.requirement_checks import complaints, schema_complaints
from clients.llm.requirement_schema import REQUIREMENT, complete
from clients.llm.talk_prompt import MOST_BRIEF, versions
from kicad.shapes import Requirement

NAME = "client_manager"
SHOWN = "Shall I build this? (say yes, or what to change)"
_REPLY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["question", "requirement", "refusal", "reply"],
    "properties": {
        "question": {"type": ["string", "null"], "maxLength": 400},
        "requirement": {"anyOf": [REQUIREMENT, {"type": "null"}]},
        "refusal": {"type": ["string", "null"], "maxLength": 600},
        "reply": {"type": "string", "maxLength": 1200},
    },
}
_VALIDATOR = Draft202012Validator(_REPLY | {"properties": _REPLY["properties"] | {"requirement": {}}})


def converse_with_model(
    state: Mapping[str, Any],
    ask: Ask,
    *,
    prompt: str,
    model: Mapping[str, Any],
    read: Callable[[str], bytes],
) -> dict[str, Any]:
    """Answer the user's last messages.

    `state` is client_manager's context (conversation, interactive, requirement, proposal_shown, attachments);
    `prompt` the text of its prompt file, `model` its settings, `read` gives an attachment by name.
    Returns `outcome` (`asked`, `approved` or `refused`), `reply`, `title` and `requirement`.
    """
    talk, interactive = state["conversation"], bool(state["interactive"])
    if (decided := _decided(state, talk, interactive)) is not None:
        return decided
    names = [each["name"] for each in state.get("attachments") or []]
    told = versions(state, prompt, describe_all(names, read, bool(model.get("vision"))))
    checker = _Checker(talk, interactive)
    messages = fitting(told, settings_of(model)[0])
    ask(messages, prompt=NAME, schema=_REPLY, check=checker)
    return _result(checker.found, _brief(talk), interactive)


# ------------------------------------------------------------------------------- what no model decides


def _decided(
    state: Mapping[str, Any], talk: Sequence[Mapping[str, Any]], interactive: bool
) -> dict[str, Any] | None:
    """What is answered without a model: nothing said, too much said, an end, an approval."""
    said = [message["text"] for message in talk if message["sender"] == "user"]
    files = bool(state.get("attachments"))
    if not any(clean(text) for text in said) and not files:
        return _reply(
            "asked" if interactive else "refused", "What shall the board do? Say it in a sentence or two."
        )
    last = _since_reply(talk)  # what was too long before was said to be so, and is read as far as it goes
    longest = max((len(text) for text in last), default=0)
    if longest > MOST_BRIEF:
        words = (
            f"That message has {longest:,} characters; {MOST_BRIEF:,} are enough to say what the board does."
        )
        return _reply("refused" if len(said) == 1 else "asked", words)
    if interactive and last and cancels(clean(last[-1])):
        return _reply("refused", "Nothing is built. Send a new request whenever you like.")
    requirement = state.get("requirement")
    if interactive and requirement and state.get("proposal_shown") and _approves(last, files):
        return _reply("approved", harmless(summary(requirement)), requirement)
    return None


def _since_reply(talk: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the user has said since somebody answered."""
    texts: list[str] = []
    for message in reversed(talk):
        if message["sender"] != "user":
            break
        texts.insert(0, message["text"])
    return texts


def _approves(texts: list[str], files: bool) -> bool:
    """Assent and nothing else; Enter alone only where it cannot have been the company of a file."""
    cleaned = [clean(text) for text in texts]
    return bool(cleaned) and all(says_yes(text) for text in cleaned) and (any(cleaned) or not files)


def _brief(talk: Sequence[Mapping[str, Any]]) -> str:
    """The user's first words."""
    return next(
        (message["text"] for message in talk if message["sender"] == "user" and clean(message["text"])), ""
    )


def _reply(outcome: str, text: str, requirement: Requirement | None = None) -> dict[str, Any]:
    title = requirement["title"] if requirement else None
    return {"outcome": outcome, "reply": text, "requirement": requirement, "title": title}


# ------------------------------------------------------------------------------- what the model answers


class _Checker:
    """Reads an answer; what is wrong with it goes back to the model, what is right stays in `found`."""

    def __init__(self, talk: Sequence[Mapping[str, Any]], interactive: bool) -> None:
        self.found: dict[str, Any] = {}
        self._interactive = interactive
        self._asked = {
            _folded(line) for each in talk if each["sender"] == NAME for line in each["text"].splitlines()
        }

    def __call__(self, said: Answer) -> Complaint | None:
        """A `Complaint`, None when the answer can be used."""
        try:
            answer = object_of(said)
        except Unusable as unusable:
            return unusable.complaint
        wrong = schema_complaints(_VALIDATOR, answer, "answer") or list(self._wrong(answer))
        if wrong:
            return Complaint("bad_schema", "\n".join(wrong))
        self.found = answer
        return None

    def _wrong(self, answer: dict[str, Any]) -> Iterator[str]:
        question, requirement, refusal = (
            answer[key] or None for key in ("question", "requirement", "refusal")
        )
        if sum(each is not None for each in (question, requirement, refusal)) != 1:
            yield "answer: give exactly one of question, requirement and refusal; the other two are null."
        elif question is not None:
            if not self._interactive:
                yield "question: nobody can answer; take a default, state it in assumptions."
            elif question.count("?") > 1:
                yield "question: ask one question at a time."
            elif not clean(question):
                yield "question: it is empty."
            elif _folded(question) in self._asked:
                yield "question: that was asked before and answered; ask for something else."
        elif requirement is not None:
            yield from complaints(requirement)


def _folded(text: str) -> str:
    return "".join(char for char in clean(text).casefold() if char.isalnum())


def _result(answer: dict[str, Any], brief: str, interactive: bool) -> dict[str, Any]:
    words = plain(answer["reply"], 1000)
    if answer["refusal"]:
        return _reply("refused", plain(answer["refusal"], 600) or "This board cannot be made here.")
    if answer["question"]:
        question = plain(answer["question"], 400)
        kept = words if words and _folded(question) not in _folded(words) else ""
        # no requirement with a question: a yes would not be about one that is on the table
        return _reply("asked", f"{kept}\n{question}".strip())
    requirement = complete(answer["requirement"], brief)
    shown = harmless(summary(requirement))
    if not interactive:
        return _reply("approved", shown, requirement)
    return _reply("asked", "\n".join(each for each in (words, shown, SHOWN) if each), requirement)
