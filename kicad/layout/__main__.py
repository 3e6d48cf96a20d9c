"""`python -m kicad.layout`: measure the layout on its own boards."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from kicad.layout.bench import bench


def main() -> int:
    """Print the goals; exit 0 only if all are met."""
    parser = argparse.ArgumentParser(prog="python -m kicad.layout", description=__doc__)
    parser.add_argument("--bench", action="store_true", help="measure (the only thing that it does)")
    parser.add_argument("--quick", action="store_true", help="small boards only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    options = parser.parse_args()
    found = bench(options.quick)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for goal in found["goals"]:
        sign = "met" if goal["met"] else "MISSED"
        sys.stdout.write(f"{sign:7}{goal['name']}: {goal['measured']} {goal['unit']} (goal {goal['goal']})\n")
    return 0 if all(goal["met"] for goal in found["goals"]) else 1


if __name__ == "__main__":
    sys.exit(main())
