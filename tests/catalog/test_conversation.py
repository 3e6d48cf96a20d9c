"""The talk with the user: one question at a time, defaults, changes, refusals, bad input."""

from __future__ import annotations

import pytest

from clients.catalog.conversation import Reply, check_brief, converse
from tests.catalog.briefs import ALL


def talk(*said: str, interactive: bool = True) -> Reply:
    """The reply after the user's messages; what the agent said between them does not matter."""
    messages = []
    for text in said:
        messages += [
            {"sender": "user", "text": text},
            {"sender": "client_manager", "text": "Which? 99 V 77 Hz"},
        ]
    return converse(messages[:-1], interactive)


def values(reply: Reply) -> dict[str, float | str]:
    assert reply.requirement is not None, reply.reply
    return reply.requirement["values"]


def test_what_is_missing_is_asked_one_at_a_time_with_a_default() -> None:
    first = talk("a 555 blinker")
    assert (first.outcome, first.requirement) == ("asked", None)
    assert first.reply == "How often shall it blink? (default 1 Hz; say yes for it)"
    second = talk("a 555 blinker", "2 Hz")
    assert second.reply == "Which supply voltage? (default 9 V; say yes for it)"
    third = talk("a 555 blinker", "2 Hz", "")
    assert third.outcome == "asked"
    assert "Shall I build this?" in third.reply
    assert (values(third)["frequency_Hz"], values(third)["supply_V"]) == (2, 9)
    assert talk("a 555 blinker", "2 Hz", "", "yes").outcome == "approved"


def test_what_was_said_is_never_asked() -> None:
    for brief in ALL:
        reply = talk(brief.text)
        for slot in brief.slots:
            assert not (
                reply.requirement is None and slot == "supply_V" and "supply voltage?" in reply.reply
            ), brief.text


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "  ",
        "yes",
        "Yes.",
        "ok",
        "OK!",
        "default",
        "sure",
        "go ahead",
        "looks good",
        "y",
        "approve",
        "yes please",
        "that's fine",
    ],
)
def test_assent_in_many_words(answer: str) -> None:
    assert talk("LED indicator for 5 V", answer).outcome == "approved"


@pytest.mark.parametrize(
    ("answer", "slot", "value"),
    [
        ("12", "supply_V", 12),
        ("12 V", "supply_V", 12),
        ("twelve volts", "supply_V", 12),
        ("from 12V please", "supply_V", 12),
        ("USB", "supply_V", 5),
        ("a 9V battery", "supply_V", 9),
    ],
)
def test_answers_are_understood(answer: str, slot: str, value: float) -> None:
    assert values(talk("LED blinker, 1 Hz", answer))[slot] == value


def test_bare_numbers_and_ranges_take_the_usual_unit() -> None:
    reply = talk("7805 regulator board", "9-12", "150")
    assert values(reply)["input_min_V"] == 9
    assert values(reply)["input_max_V"] == 12
    assert values(reply)["load_A"] == pytest.approx(0.15)
    assert values(talk("low-pass filter", "3k"))["cutoff_Hz"] == 3000


@pytest.mark.parametrize(
    ("change", "slot", "value"),
    [
        ("make it 2 Hz", "frequency_Hz", 2),
        ("green", "colour", "green"),
        ("rather 12 V", "supply_V", 12),
        ("every 4 seconds please", "frequency_Hz", 0.25),
        ("yes but in blue", "colour", "blue"),
    ],
)
def test_changes_after_the_proposal(change: str, slot: str, value: float | str) -> None:
    reply = talk("555 LED blinker about 1 Hz from 9 V, 40x30 mm", change)
    assert reply.outcome == "asked"
    assert values(reply)[slot] == value
    assert talk("555 LED blinker about 1 Hz from 9 V, 40x30 mm", change, "ok").outcome == "approved"


def test_the_size_can_be_changed() -> None:
    reply = talk("LED indicator for 5 V, 40x30 mm", "50x40 instead")
    assert reply.requirement is not None
    assert reply.requirement["size_mm"] == (50, 40)


def test_a_filter_can_be_turned_round() -> None:
    reply = talk("RC filter 1 kHz", "make it high-pass")
    assert reply.requirement is not None
    assert reply.requirement["family"] == "rc_highpass"


def test_no_asks_what_to_change_and_nonsense_is_said() -> None:
    assert "What shall be changed?" in talk("LED indicator for 5 V", "no").reply
    assert "I did not understand" in talk("LED indicator for 5 V", "the weather is nice").reply
    assert talk("LED indicator for 5 V", "-3 V").reply.startswith("“-3 V” is negative")
    assert talk("LED indicator for 5 V", "cancel").outcome == "refused"


def test_what_cannot_be_is_asked_with_a_value_that_works() -> None:
    reply = talk("5V from 12V regulator 500 mA")
    assert reply.outcome == "asked"
    assert "too much without a heat sink" in reply.reply
    assert "default 220 mA" in reply.reply
    assert values(talk("5V from 12V regulator 500 mA", ""))["load_A"] == pytest.approx(0.22)
    assert values(talk("5V from 12V regulator 500 mA", "100 mA"))["load_A"] == pytest.approx(0.1)
    assert values(talk("blue LED on a coin cell", ""))["colour"] == "red"
    assert values(talk("blue LED on a coin cell", "green"))["colour"] == "green"


def test_without_a_terminal_defaults_are_taken_and_stated() -> None:
    reply = talk("a 555 blinker", interactive=False)
    assert reply.outcome == "approved"
    assert reply.requirement is not None
    said = " ".join(reply.requirement["assumptions"])
    for word in ("1 Hz is taken", "9 V is taken", "LED colour: red", "pin headers", "as small as it gets"):
        assert word in said


@pytest.mark.parametrize(
    "text",
    [
        "LED indicator on 100 V",
        "LED blinker, 1 MHz, 9 V",
        "7805 from 6 V, 100 mA",
        "MOSFET switch for 12 V 20 A, 5 V logic",
        "555 blinker 1 Hz from 3 V",
    ],
)
def test_without_a_terminal_the_impossible_is_refused_with_a_hint(text: str) -> None:
    reply = talk(text, interactive=False)
    assert reply.outcome == "refused"
    assert "Try " in reply.reply


@pytest.mark.parametrize(
    ("brief", "word"),
    [
        ("", "empty"), ("  \n\t ", "empty"), ("\u200b\u202e", "empty"), ("x" * 100_000, "characters"), ("\x00\x01\x02\xff\xfe" * 20, "readable"), ("\ufffd" * 40 + "abc", "readable"),
        ("1234567 !!! ??? ((( ))) 999", "readable"), ("555 blinker 0 Hz", "0 Hz"), ("LED for -5 V", "-5 V"), ("LED indicator 5 V, 1x1 mm", "1x1 mm"), ("LED blinker every 0 seconds", "0"),
        ("LED indicator 0 V", "0 V"), ("LED indicator 5 V, 4000x3000 mm", "too large"), ("LED at minus five volts", "negative"), ("LED indicator for 50 kV", "too high"),
    ],
)  # fmt: skip
def test_bad_briefs_get_a_clear_sentence(brief: str, word: str) -> None:
    sentence = check_brief(brief)
    assert sentence is not None
    assert word in sentence
    assert sentence.endswith(".") or "e.g." in sentence
    assert "\n" not in sentence


def test_good_briefs_pass_the_check() -> None:
    for brief in ALL:
        assert check_brief(brief.text) is None, brief.text


def test_only_the_user_is_listened_to() -> None:
    messages = [
        {"sender": "user", "text": "LED indicator for 5 V"},
        {"sender": "client_manager", "text": "Shall I build this?"},
        {"sender": "pcb_tester", "text": "yes"},
    ]
    assert converse(messages, True).outcome == "asked"


def test_the_same_conversation_gives_the_same_reply() -> None:
    assert talk("a 555 blinker", "2 Hz", "", "green") == talk("a 555 blinker", "2 Hz", "", "green")
