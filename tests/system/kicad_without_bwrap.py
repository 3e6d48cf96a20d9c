"""The real kicad agent on a machine without bubblewrap: a mount namespace hides it.  Needs root."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    hide = f"mount --bind /dev/null $(command -v bwrap) && exec {sys.executable} -m clients.kicad_agent"
    os.execvp("unshare", ["unshare", "--mount", "sh", "-c", hide])
