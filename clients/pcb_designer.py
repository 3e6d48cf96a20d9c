"""pcb_designer: writes the Python file that declares the board, and mends it."""

from __future__ import annotations

from typing import Any

from clients.catalog.script import GaveUp, write_script
from clients.catalog.sizing import Impossible
from clients.llm.designing import NAME, write_with_model
from clients.llm.knowledge import Tools
from clients.llm.libraries import index_libraries
from clients.llm.requirement_schema import FAMILY
from clients.node import Node

NEEDS_MODEL = (
    "This board is none of the catalog's: give pcb_designer a language model, too (./mas agent change)."
)


class PcbDesigner(Node):
    """Turns a requirement, and the errors of the last attempt, into a script on boardkit."""

    name = NAME
    _indexed = False  # whether this process has looked at the libraries

    def process(self, state: dict[str, Any]) -> dict[str, Any]:
        """Write the next script.

        `state` has `requirement`, `attempt` (of the script to be written), the last `script` and its
        `errors`; for a model also `best`, `unchanged`, `candidates` and `candidate`.  Returns `outcome`
        `scripted` with `script` and `notes`, `rejected` with `errors`, `branched`, or `gave_up` with
        `reason`.
        """
        if self.uses_model:
            return self._ask_model(state)
        if state["requirement"]["family"] == FAMILY:
            return {"outcome": "gave_up", "reason": NEEDS_MODEL}
        try:
            design = write_script(state["requirement"], state["errors"], state["attempt"], state["script"])
        except (GaveUp, Impossible) as reason:
            return {"outcome": "gave_up", "reason": str(reason)}
        return {"outcome": "scripted", "script": design.script, "notes": design.notes}

    def _ask_model(self, state: dict[str, Any]) -> dict[str, Any]:
        db, task = self._in_hand()
        if not self._indexed:  # before anything is looked up; the candidates of a design begin after this
            index_libraries(db, self.progress)
            self._indexed = True
        tools: Tools = {
            "find_symbols": db.find_symbols,
            "find_footprints": db.find_footprints,
            "find_parts": db.find_parts,
            "similar_designs": lambda: db.similar_designs(task),
        }
        return write_with_model(state, self.query_llm, tools, prompt=self.prompt(NAME), model=self.model)


if __name__ == "__main__":
    PcbDesigner.main()
