"""Many conversations at once on a slow model: everybody hears at once that their request is in hand."""

from __future__ import annotations

import time
from typing import Any

import pytest

from clients.fleet import AGENTS
from tests.conftest import Database
from tests.llm.openai_server import Reply
from tests.system.conftest import Serve
from tests.system.scripted_model import ScriptedModel, answer

PEOPLE = 50
SLOW_S = 1.0  # for an answer
SIGN_OF_LIFE_S = 2.0


@pytest.mark.timeout(300)
def test_fifty_at_once_on_a_slow_model_all_hear_within_two_seconds(
    model_database: Database, serve: Serve
) -> None:
    def manager(topic: str, number: int, body: dict[str, Any]) -> Reply:
        return Reply(answer(question=f"Which voltage for topic {topic} (default 5 V)?").text, delay_s=SLOW_S)

    model = ScriptedModel(client_manager=manager)
    serve(model, replicas=4, agents={"client_manager": AGENTS["client_manager"]})

    with model_database.api("terminal") as api:  # a front end is one process, as the bot is
        began = time.monotonic()
        numbers, heard, progress = [], [], []
        for person in range(PEOPLE):
            words = f"a board, topic p{person}"
            numbers.append(api.receive_message(f"terminal:{person}", "me", words, f"k{person}", None, True))
            progress.append(str(api.design_status(numbers[-1])["progress"]))
            heard.append(time.monotonic() - began)
        for number in numbers:
            while (now := api.design_status(number))["state"] != "awaiting_user":
                assert not now["finished"], now
                api.wait_for_ring(1.0)
        said = [[m["text"] for m in api.design_messages(n, 0) if m["sender"] != "user"] for n in numbers]
    assert max(heard) < SIGN_OF_LIFE_S, heard[-5:]
    assert all("at work" in each for each in progress), set(progress)
    assert [len(each) for each in said] == [1] * PEOPLE
    assert all(f"topic p{person} " in each[0] for person, each in enumerate(said))
    assert sum(model.asked.values()) == PEOPLE, "somebody was asked for twice"
