"""A model that says what a test has written down, to each agent its own; served over the real protocol."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.llm import samples
from tests.llm.openai_server import Reply

Body = dict[str, Any]
LED_SCRIPT = samples.SCRIPT
OPENINGS = {  # how the prompts begin
    "client_manager": "You talk with a person",
    "pcb_designer": "You write one Python file",
    "pcb_tester": "Programs have tested",
}


def fenced(script: str) -> Reply:
    """A script as a model gives it."""
    return Reply(f"```python\n{script}```")


def led_requirement(title: str, **changes: Any) -> dict[str, Any]:
    """A requirement of no family of the catalog's, for the smallest board there is."""
    return {
        "title": title,
        "size_mm": [30, 20],
        "ports": [
            {"name": "VCC", "role": "supply_in", "volts_nom": 5, "current_A": 0.02},
            {"name": "GND", "role": "ground"},
        ],
        "measures": [{"id": "led", "what": "led_current_A", "min": 0.005, "max": 0.015}],
        "parts": [],
        "connector": "header",
        "assumptions": ["The LED is red."],
        "unused": [],
    } | changes


def answer(**what: Any) -> Reply:
    """What client_manager's schema wants."""
    return Reply(json.dumps(samples.answer(**what)))


def agent_of(body: Body) -> str:
    """Whose prompt it is."""
    said = body["messages"][0]["content"]
    return next(name for name, opening in OPENINGS.items() if said.startswith(opening))


def texts_of(body: Body) -> str:
    """All that the model was told besides its prompt."""
    return "\n".join(str(message["content"]) for message in body["messages"][1:])


def title_of(body: Body) -> str:
    """The title of the requirement that a designer was given."""
    found = re.search(r'<requirement>\n.*?"title": "([^"]*)"', texts_of(body), re.DOTALL)
    assert found, body
    return found[1]


class ScriptedModel:
    """Answers by agent and by topic, the n-th time as its topic says; counts what it was asked.

    A topic is the first word after "topic" in the user's words or in the requirement's title.
    """

    def __init__(self, **agents: Callable[[str, int, Body], Reply]) -> None:
        self._agents = agents
        self._lock = threading.Lock()
        self.asked: Counter[tuple[str, str]] = Counter()

    def __call__(self, body: Body) -> Reply:
        """The next reply."""
        agent = agent_of(body)
        found = re.findall(r"topic (\w+)", texts_of(body))
        topic = found[-1] if found else ""
        with self._lock:
            self.asked[agent, topic] += 1
            number = self.asked[agent, topic]
        handler = self._agents.get(agent)
        return handler(topic, number, body) if handler else Reply("nothing is written down here", status=501)


def approving(topic: str, number: int, body: Body) -> Reply:
    """client_manager at its best: the requirement at once."""
    return answer(requirement=led_requirement(f"LED, topic {topic}"))
