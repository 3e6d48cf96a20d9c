"""pcb_designer: writes the Python file that declares the board, and mends it."""

from __future__ import annotations

from typing import Any

from clients.catalog.script import GaveUp, write_script
from clients.catalog.sizing import Impossible
from clients.node import Node


class PcbDesigner(Node):
    """Turns a requirement, and the errors of the last attempt, into a script on boardkit."""

    name = "pcb_designer"

    def process(self, state: dict[str, Any]) -> dict[str, Any]:
        """Write the next script.

        `state` has `requirement`, `attempt` (of the script to be written), the last `script` and its
        `errors`.  Returns `outcome` `scripted` with `script` and `notes`, or `gave_up` with `reason`.
        """
        try:
            design = write_script(state["requirement"], state["errors"], state["attempt"], state["script"])
        except (GaveUp, Impossible) as reason:
            return {"outcome": "gave_up", "reason": str(reason)}
        return {"outcome": "scripted", "script": design.script, "notes": design.notes}


if __name__ == "__main__":
    PcbDesigner.main()
