"""client_manager: talks with the user until the requirement is complete and approved."""

from __future__ import annotations

import json
from typing import Any

from clients.catalog.conversation import converse
from clients.llm.conversation import NAME, converse_with_model
from clients.node import Node


class ClientManager(Node):
    """Turns a conversation into a requirement with measurable limits."""

    name = NAME

    def process(self, state: dict[str, Any]) -> dict[str, Any]:
        """Answer the user's last message.

        `state` has `conversation` (a list of `{"sender", "text"}`, oldest first), `interactive`, the
        `requirement` so far, `proposal_shown` and `attachments`.  Returns `outcome` (`asked`, `approved` or
        `refused`), `reply`, `title` and `requirement`.
        """
        if self.uses_model:
            return converse_with_model(
                state,
                self.query_llm,
                prompt=self.prompt(NAME),
                model=self.model,
                read=self.read_attachment,
            )
        reply = converse(state["conversation"], state["interactive"])
        outcome, words = reply.outcome, reply.reply
        if outcome == "approved" and state["interactive"] and not _was_shown(state, reply.requirement):
            # two answers came at once, and the second was for a proposal that the user had not seen
            outcome, words = "asked", f"{words}\nShall it be built like this?"
        return {
            "outcome": outcome,
            "reply": words,
            "requirement": reply.requirement,
            "title": reply.requirement["title"] if reply.requirement else None,
        }


def _was_shown(state: dict[str, Any], requirement: Any) -> bool:
    """Whether this very requirement is the one that the user has answered a proposal of."""
    return bool(state["proposal_shown"]) and state["requirement"] == json.loads(json.dumps(requirement))


if __name__ == "__main__":
    ClientManager.main()
