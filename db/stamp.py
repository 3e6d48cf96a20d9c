"""Name the repeatable migration after what it applies.

Functions and roles travel as one repeatable migration: its file name carries the hash of db/functions,
db/retired.sql, db/roles and db/bootstrap.sql, so that yoyo applies it again whenever one of them has changed.
Run this after editing them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

DB = Path(__file__).resolve().parent


def repeatable_files() -> list[Path]:
    """Every file that the repeatable migration applies, in order."""
    return [
        DB / "retired.sql",
        *sorted((DB / "functions").glob("*.sql")),
        *sorted((DB / "roles").glob("*.sql")),
        DB / "bootstrap.sql",
    ]


def repeatable_name() -> str:
    """The name that the repeatable migration must have now."""
    digest = hashlib.sha256()
    for file in repeatable_files():
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return f"9999.functions-{digest.hexdigest()[:12]}.py"


def stamp() -> Path:
    """Rename the repeatable migration to its name; returns its path."""
    (old,) = (DB / "migrations").glob("9999.functions-*.py")
    return old.rename(old.with_name(repeatable_name()))


if __name__ == "__main__":
    stamp()
