"""An asker whose question is the same for every design of one title, so that it can be answered from a recording."""

from __future__ import annotations

from typing import Any

from clients.node import GiveUp
from tests.llm.asker import Asker


class ConstantAsker(Asker):
    """Asks about the title alone."""

    def process(self, state: dict[str, Any]) -> dict[str, Any]:
        """Ask, and give up."""
        try:
            answer = self.query_llm(state["requirement"]["title"], prompt="asker", check=self.check)
        except GiveUp as given_up:
            return {"outcome": "gave_up", "reason": given_up.complaint}
        return {"outcome": "gave_up", "reason": f"it said {answer.content}"}


if __name__ == "__main__":
    ConstantAsker.main()
