"""Runs one job of the adapter: `python3 -m kicad.adapter JOB IN OUT`, by the interpreter that has `pcbnew`.

`geometry IN.json OUT.json`, `apply IN.json FOLDER`, `read BOARD.kicad_pcb OUT.json`.  Exit 0 when the job is
done, 4 with one line on stderr when its input is at fault.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kicad.adapter.apply import apply_layout
from kicad.adapter.geometry import export_geometry
from kicad.adapter.read import Reader

INPUT_FAULT = 4


def main(job: str, source: Path, target: Path) -> None:
    """Run `job`; raises `ValueError` for an unknown one."""
    if job == "read":
        target.write_text(json.dumps(Reader(source).read()))
        return
    given = json.loads(source.read_text())
    if job == "geometry":
        size = tuple(given["size_mm"]) if given["size_mm"] else None
        target.write_text(json.dumps(export_geometry(given["intent"], given["rules"], size)))
    elif job == "apply":
        apply_layout(given["intent"], given["layout"], given["rules"], given["title"], target)
    else:
        raise ValueError(f"no job {job!r}; there are geometry, apply, read")


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    except (LookupError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(INPUT_FAULT)
