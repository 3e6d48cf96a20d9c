"""Say whether a sandbox can be had here: `python -m kicad.sandbox`; exit code 1 and the reason when not."""

from __future__ import annotations

import sys

from kicad.sandbox import describe, probe

if reason := probe():
    sys.exit(f"no sandbox can be had here, so no script would be run: {reason}")
sys.stdout.write(f"{describe()}\n")
