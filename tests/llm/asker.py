"""An agent that does nothing but ask its model, in the place of pcb_designer; also a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clients.llm import Answer, prompt_files
from clients.node import GiveUp, Node

SCRIPT = "```python\npass\n```"


class Asker(Node):
    """Wants a script in a fence; what it was told about the last answer is in `complaints`."""

    name = "pcb_designer"

    def process(self, state: dict[str, Any]) -> dict[str, Any]:
        """Ask; the answer is the script."""
        messages = [
            {"role": "system", "content": self.prompt("asker")},
            {"role": "user", "content": f"design {state['design']}"},
        ]
        try:
            answer = self.query_llm(messages, prompt="asker", check=self.check)
        except GiveUp as given_up:
            return {"outcome": "gave_up", "reason": f"gave up: {given_up.complaint}"}
        return {"outcome": "scripted", "script": answer.content, "notes": []}

    def check(self, answer: Answer) -> str | None:
        """What is wrong with an answer."""
        return None if "```" in answer.content else "There is no script in it."


prompt_files.FOLDERS.append(Path(__file__).parent / "prompts")

if __name__ == "__main__":
    Asker.main()
