"""kicad: runs the designer's script in the sandbox and builds the board from its intent."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from clients.node import Node
from kicad import sandbox
from kicad.build import build


class Kicad(Node):
    """Turns a script into a placed, routed and poured board."""

    name = "kicad"

    def trouble(self) -> str | None:
        """Without a sandbox no script is run, so that every task would be given up."""
        return (reason := sandbox.probe()) and f"no sandbox can be had, so no script will be run: {reason}"

    def process(self, state: dict[str, Any]) -> dict[str, Any]:
        """Build the board of `state["script"]` for `state["requirement"]`.

        Returns `outcome` `built` with the board's files and rows, or `rejected` with at most five `errors`.
        """
        with tempfile.TemporaryDirectory(prefix="mas-build-") as folder:
            made = build(state["script"], state["requirement"], Path(folder), self.progress)
            if made.errors:
                return {"outcome": "rejected", "feedback": made.feedback, "errors": made.errors}
            assert made.layout is not None  # what was built has all of them
            assert made.board_file is not None
            assert made.project_file is not None
            return {
                "outcome": "built",
                "summary": made.layout["figures"],
                "board": made.board,
                "files": {
                    "board.kicad_pcb": made.board_file.read_bytes(),
                    "board.kicad_pro": made.project_file.read_bytes(),
                    "intent.json": json.dumps(made.intent).encode(),
                    "layout.json": json.dumps(made.layout).encode(),
                },
            }


if __name__ == "__main__":
    Kicad.main()
