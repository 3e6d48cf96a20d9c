"""What this machine has and lacks, one line each."""

from __future__ import annotations

from collections.abc import Callable


def examine(say: Callable[[str], None]) -> bool:
    """Say what was found; returns whether a design could run here as it is."""
    from clients import setup
    from kicad import sandbox

    lacking = setup.missing()
    reason = None if "bubblewrap" in lacking else sandbox.probe()
    say(
        "tools:    "
        + ("all there" if not lacking else f"missing {', '.join(lacking)}; ./mas design installs them")
    )
    say("sandbox:  " + (reason or sandbox.describe()))
    return not lacking and reason is None
