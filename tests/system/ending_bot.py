"""A front end that finds at once that it cannot serve: says so, and ends with the code that it is told."""

from __future__ import annotations

import json
import os
import sys

if __name__ == "__main__":
    known = sorted(name for name in os.environ if name.startswith(("DISCORD_", "HF_", "LLM_")))
    sys.stderr.write(f"ending_bot {os.environ['MAS_WORKER'].rpartition(':')[2]} {json.dumps(known)}\n")
    sys.exit(int(os.environ["DISCORD_TOKEN"]))
