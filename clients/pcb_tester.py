"""pcb_tester: holds the board against the intent, and the intent against the requirement."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from clients.llm.explaining import NAME, explained
from clients.node import Node
from kicad.adapter import read_board
from kicad.checks import check_board, feedback, grouped
from kicad.fabrication import make_package, verify_package


class PcbTester(Node):
    """Decides by deterministic gates; what passes gets its fabrication package."""

    name = NAME

    def process(self, state: dict[str, Any]) -> dict[str, Any]:
        """Test the board of this attempt; make and re-open its fabrication package when it passes.

        Returns `outcome` `passed` with `checks` and files, or `rejected` with `checks`, `feedback` and at
        most five grouped `errors`.
        """
        with tempfile.TemporaryDirectory(prefix="mas-test-") as folder:
            work = Path(folder)
            for name in ("board.kicad_pcb", "board.kicad_pro", "intent.json", "layout.json"):
                (work / name).write_bytes(self.read_file(name))
            intent = json.loads((work / "intent.json").read_bytes())
            board_file = work / "board.kicad_pcb"
            board = read_board(board_file)
            checks = check_board(state["requirement"], intent, board, board_file, work, self.progress)
            if not all(check["passed"] for check in checks):
                return self._rejected(checks, intent, state["script"])
            layout = json.loads((work / "layout.json").read_bytes())
            package = make_package(
                board_file,
                intent,
                layout,
                board,
                state["script"],
                state["requirement"],
                checks,
                work / "package",
                self.progress,
            )
            checks += verify_package(package, board, intent)
            if not all(check["passed"] for check in checks):
                return self._rejected(checks, intent, state["script"])
            return {"outcome": "passed", "checks": checks, "files": package.contents()}

    def _rejected(self, checks: list[Any], intent: Any, script: str) -> dict[str, Any]:
        errors: list[Any] = list(grouped(checks, intent))
        if self.uses_model:
            errors = explained(errors, script, self.query_llm, prompt=self.prompt(NAME))
        return {"outcome": "rejected", "checks": checks, "feedback": feedback(checks), "errors": errors}


if __name__ == "__main__":
    PcbTester.main()
