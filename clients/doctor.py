"""What this machine has and lacks, one line each."""

from __future__ import annotations

import os
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
    for line in _database():
        say("database: " + line)
    return not lacking and reason is None


def _database() -> list[str]:
    """Whether the database is there, and what its server leaves open; starts and changes nothing."""
    import psycopg

    from clients.deploy import open_doors
    from clients.server import find_server, home

    if not os.environ.get("DATABASE_URL") and not (home() / "postgres" / "data").exists():
        return ["none yet; every command that needs it makes it"]
    try:
        with psycopg.connect(find_server().admin_dsn, connect_timeout=10) as connection:
            return open_doors(connection) or ["closed as it should be"]
    except psycopg.OperationalError:
        return ["does not run or does not let us in; every command that needs it starts it"]
    except psycopg.ProgrammingError:
        return ["is not deployed to yet, or DATABASE_URL is no URL; ./mas deploy says more"]
