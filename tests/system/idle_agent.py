"""An agent that says what it has of its environment, and waits until it is asked to end."""

from __future__ import annotations

import json
import os
import sys

if __name__ == "__main__":
    known = sorted(name for name in os.environ if name.startswith(("DISCORD_", "HF_", "LLM_")))
    sys.stderr.write(f"idle_agent {json.dumps(known)}\n")
    sys.stdin.read()
