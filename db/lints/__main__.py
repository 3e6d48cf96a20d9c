"""Run every lint of the database; exit code 1 when anything was found, or a tool is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable

import psycopg

from db import document
from db.lints import ToolMissing, bodies, catalogue, moves, paths
from db.lints.cluster import cluster


def main() -> int:
    """Print what was found, tool by tool."""
    found = [
        *_run("pgspot", lambda: paths.findings(paths.script())),
        *_run("squawk", moves.check),
        *_run("plpgsql_check and the catalogue", _in_a_database),
    ]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


def _in_a_database() -> list[str]:
    with cluster(bodies.library()) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute(bodies.EXTENSION)
        return [*bodies.findings(connection), *catalogue.check(connection), *document.check(connection)]


def _run(name: str, lint: Callable[[], list[str]]) -> list[str]:
    try:
        found = lint()
    except ToolMissing as missing:
        found = [str(missing)]
    sys.stdout.write(f"{name}: {f'{len(found)} found' if found else 'clean'}\n")
    return found


if __name__ == "__main__":
    sys.exit(main())
