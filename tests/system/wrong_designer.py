"""A designer whose first script is wrong, in a way that the supply's voltage chooses.  Its second is the catalog's.

It runs as a process under the real role, so everything but the script is the real thing.
"""

from __future__ import annotations

from typing import Any

from clients.pcb_designer import PcbDesigner

HEAD = """from boardkit import *
j1 = part("J1", "HDR_1x02")
r1 = part("R1", "R_0805", "680")
d1 = part("D1", "LED_0805_RED", "red")
edge(j1, "left")
label("VCC", j1["1"])
label("GND", j1["2"])
"""
GOOD = 'net("VCC", j1["1"], r1["1"])\nconnect(r1["2"], d1["A"])\nnet("GND", j1["2"], d1["K"])\n'
SCRIPTS = {
    "reversed_led": HEAD
    + GOOD.replace('d1["A"]', 'd1["x"]').replace('d1["K"]', 'd1["A"]').replace('d1["x"]', 'd1["K"]'),
    "unconnected": HEAD + 'net("VCC", j1["1"], r1["1"])\nconnect(r1["2"], d1["A"])\nnet("GND", j1["2"])\n',
    "crash": HEAD + "boom = [][1]\n" + GOOD,
    "loop": HEAD + "while True:\n    pass\n" + GOOD,
    "copper": HEAD
    + GOOD
    + "@raw\ndef cut(board):\n    for track in list(board.GetTracks()):\n        board.Delete(track)\n",
    "rules": HEAD
    + GOOD
    + "@raw\ndef soften(board):\n    for pad in board.GetPads():\n        pad.SetLocalClearance(1)\n",
}
BY_VOLTS = dict(zip((5, 6, 7, 8, 9, 10), SCRIPTS, strict=True))


class WrongDesigner(PcbDesigner):
    """The catalog's designer, but for the first attempt."""

    def process(self, state: dict[str, Any]) -> dict[str, Any]:
        """Give the wrong script first, then what the catalog writes."""
        if state["attempt"] == 1:
            (supply,) = [port for port in state["requirement"]["ports"] if port["role"] == "supply_in"]
            return {
                "outcome": "scripted",
                "script": SCRIPTS[BY_VOLTS[round(supply["volts_nom"])]],
                "notes": [],
            }
        return super().process(state | {"script": None, "errors": []})


if __name__ == "__main__":
    WrongDesigner.main()
