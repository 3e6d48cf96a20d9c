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
    clean = [
        _run("pgspot", lambda: paths.findings(paths.scripts())),
        _run("squawk", moves.check),
        _run("plpgsql_check, the catalogue and db/API.md", _in_a_database),
    ]
    return 0 if all(clean) else 1


def _in_a_database() -> list[str]:
    with cluster(bodies.library()) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute(bodies.EXTENSION)
        return [*bodies.findings(connection), *catalogue.check(connection), *document.check(connection)]


def _run(name: str, lint: Callable[[], list[str]]) -> bool:
    try:
        found = lint()
    except ToolMissing as missing:
        found = [str(missing)]
    sys.stdout.write(f"{name}: {f'{len(found)} found' if found else 'clean'}\n")
    sys.stdout.writelines(f"{line}\n" for line in found)
    return not found


if __name__ == "__main__":
    sys.exit(main())
