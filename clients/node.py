"""Node: what every agent is, and can do.

The same object is the body of a process of its own (`main`: claim a task, call the node, complete it) and a
node of the compiled LangGraph graph (`clients.graph`), where it is called with the design to wait for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from clients.llm import Answer, Message, provider_for
from clients.llm.asking import Asking, GiveUp, TaskOver
from clients.llm.environment import named_model
from clients.llm.judging import Check
from clients.llm.prompt_files import prompt_text
from clients.worker import Worker

__all__ = ["GiveUp", "Node", "TaskOver"]

PATIENCE_S = 90.0  # how long a graph waits for a design's task: a retry's longest backoff is 60 s
SETTINGS = "settings"  # the provider that the database's settings of the agent name
LOGGED_CHARACTERS = 1000


class Node(Worker):
    """An agent: a callable `(state) -> dict`."""

    def __init__(
        self,
        name: str | None = None,
        llm_provider_name: str = SETTINGS,
        db_query: str = "task_context(task_id, token)",
        listen_channels: Sequence[str] = (),
        notify_channels: Sequence[str] = (),
    ) -> None:
        """An agent that is the database's role `name` (of the class when not given).

        `llm_provider_name`: `settings`, or the one provider that this node uses whatever they say.
        `db_query`: what the two `fetch_data` methods ask, as after `select * from`: a view of `api`, or a
        function whose arguments (`task_id`, `token`) are those of the task in hand.
        `listen_channels`, `notify_channels`: what it hears and where it sends; where it may is a row.
        """
        super().__init__()
        self.name = name or self.name
        self.llm_provider_name = llm_provider_name
        self.db_query = db_query
        self.listen_channels = tuple(listen_channels)
        self.notify_channels = tuple(notify_channels)
        self._model: dict[str, Any] | None = None
        self._prompts: set[tuple[str, str]] = set()

    # ------------------------------------------------------------------ what an agent is

    def __call__(self, state: dict[str, Any]) -> dict[str, Any]:
        """Work on one task: `state` is the database's context of it, the result moves the design on.

        In a graph there is no task in hand yet: `state` is the graph's (`clients.graph.DesignRun`), and what
        comes back is how the design's task ended.
        """
        if self._task is None and self._connect is not None:
            return self._serve_design(state["design"])
        self._model = None  # asked anew: settings hold from the next task on
        return self.process(state)

    def process(self, state: dict[str, Any]) -> dict[str, Any]:
        """The agent's work; every agent has its own."""
        raise NotImplementedError(f"{type(self).__name__} has no process()")

    def progress(self, text: str) -> None:
        """Tell whoever waits for the design what is being done, in a few words."""
        if self._lease is not None:
            self._lease.say(text)

    def read_file(self, name: str) -> bytes:
        """A file that an earlier agent left for this attempt; `ApiError` when there is none."""
        db, task = self._in_hand()
        return db.read_artifact(task, name)

    def read_attachment(self, name: str) -> bytes:
        """A file that the user sent along."""
        db, task = self._in_hand()
        return db.read_attachment(task, name)

    def _serve_design(self, design: int) -> dict[str, Any]:
        """Serve tasks until this design's has ended: how it did, by `outcome`; None if none came in time."""
        until = time.monotonic() + PATIENCE_S
        with self._database() as db:
            while time.monotonic() < until and not self._stop.is_set():
                if (task := self._next_task(db)) and (outcome := self._work(db, task)):
                    if task.payload.get("design") != design:
                        continue  # another's, which was waiting before it
                    attempt, limit = self._state["attempt"], self._state["attempt_limit"]
                    trail = [(self.name, outcome, attempt)]
                    return {"outcome": outcome, "attempts_left": attempt < limit, "trail": trail}
        return {"outcome": None}

    # ------------------------------------------------------------------ the model

    @property
    def model(self) -> dict[str, Any]:
        """The settings of the model for the task in hand, complete."""
        if self._model is None:
            fixed = {} if self.llm_provider_name == SETTINGS else {"provider": self.llm_provider_name}
            self._model = self._in_hand()[0].agent_model(named_model()) | fixed
        return self._model

    @property
    def uses_model(self) -> bool:
        """Whether a language model is asked, or the catalog."""
        fixed = self.llm_provider_name != SETTINGS
        return (self.llm_provider_name if fixed else str(self.model["provider"])) != "catalog"

    def prompt(self, name: str) -> str:
        """The text of a prompt file, in the version that the settings name."""
        return prompt_text(name, self.model["prompt_version"])

    def query_llm(
        self,
        prompt_or_messages: str | list[Message],
        *,
        prompt: str,
        schema: dict[str, Any] | None = None,
        tools: list[dict[str, Any]] | None = None,
        check: Check | None = None,
        optional: bool = False,
    ) -> Answer:
        """Ask the model until its answer is of use, as often as the database allows; everything is recorded.

        `prompt`: name of the prompt file that the messages were made from.
        `schema`, `tools`: as the chat completions protocol has them.
        `check`: says what is wrong with an answer, in words for the model, or None.
        `optional`: the task can be done without an answer, so that a spent budget does not end it.
        Raises `TaskOver` when the task is no longer ours, `GiveUp` when the last answer allowed was no good.
        """
        db, task = self._in_hand()
        settings, version = self.model, str(self.model["prompt_version"])
        if (prompt, version) not in self._prompts:
            db.record_prompt(prompt, version, prompt_text(prompt, version))
            self._prompts.add((prompt, version))
        asking = Asking(
            db, task, settings, lambda: provider_for(settings), self._state.get("candidate"), optional
        )
        messages = (
            [{"role": "user", "content": prompt_or_messages}]
            if isinstance(prompt_or_messages, str)
            else prompt_or_messages
        )
        return asking.ask(messages, prompt, schema, tools, check)

    # ------------------------------------------------------------------ the database

    def fetch_data_from_db_json(self) -> Any:
        """What `db_query` gives: one value, or a list of rows."""
        known = {"task_id": self._task.task_id, "token": self._task.lease_token} if self._task else {}
        with self._database() as db:
            return db.read(self.db_query, known)

    def fetch_data_from_db_txt(self) -> str:
        """The same as text, JSON where it is none."""
        data = self.fetch_data_from_db_json()
        return data if isinstance(data, str) else json.dumps(data, default=str, ensure_ascii=False)

    def send_notification(self, channel: str, message: Any, receiver: str | None = None) -> int:
        """Store a message for a channel's listeners, or for one of them, and ring; returns its number."""
        with self._database() as db:
            return db.send_notification(channel, message, receiver)

    def listen_for_notifications(self) -> int:
        """Handle what has come for this agent, then acknowledge it; returns how many.  The loop calls it."""
        with self._database() as db:
            heard = [n for n in db.pending_notifications() if n["channel"] in self.listen_channels]
            for notification in heard:
                self.handle_notification(notification)
                db.acknowledge_notification(notification["notification_id"])
        return len(heard)

    def handle_notification(self, notification: dict[str, Any]) -> None:
        """One notification; it may come twice, and is a hint: what is to be done is a task."""
        self.on_response(notification["channel"], notification["message_payload"])

    def on_request(self, request_type: str, payload: dict[str, Any]) -> Any:
        """What whoever has this object may ask of it: `listen_db`, `send_notification`."""
        if request_type == "listen_db":
            return self.listen_for_notifications()
        if request_type == "send_notification":
            return self.send_notification(payload["channel"], payload["message"])
        raise ValueError(f"{self.name} knows no request {request_type}")

    def on_response(self, response_type: str, payload: Any) -> None:
        """Something was said on a channel; an agent that cares has its own."""
        if isinstance(payload, dict) and "design" in payload:
            payload = {"design": payload["design"]}  # a person's words do not get into the log
        with self._database() as db:
            db.write_log("DEBUG", f"heard on {response_type}: {json.dumps(payload)[:LOGGED_CHARACTERS]}")
