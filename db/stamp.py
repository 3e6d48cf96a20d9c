"""Name the repeatable migration after what it applies.

Functions and roles travel as one repeatable migration: its file name carries the hash of db/functions,
db/retired.sql, db/roles and db/bootstrap.sql, so that yoyo applies it again whenever one of them has changed.
What an administrator runs in a new database goes to Kubernetes as one file, put together here, because
kustomize reads nothing outside of its folder.  Run this after editing them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

DB = Path(__file__).resolve().parent
INIT = DB.parent / "deploy" / "kubernetes" / "base" / "init.sql"
INIT_HEAD = """\
-- Written by `python -m db.stamp` from db/roles/01_roles.sql and db/bootstrap.sql; change those.
-- A superuser runs it once, in the new database that belongs to deployer, before anybody else is there.
grant usage on language plpgsql to deployer;  -- who deploys runs DO blocks; nobody else does
create extension if not exists pg_stat_statements schema public;
set local role deployer;  -- whoever makes a role is its administrator

"""


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


def init_sql() -> str:
    """What makes a new database ready for its first deploy, when a superuser runs it in one transaction."""
    files = (DB / "roles" / "01_roles.sql", DB / "bootstrap.sql")  # the first ends as the superuser again
    return INIT_HEAD + "\n".join(file.read_text() for file in files)


if __name__ == "__main__":
    stamp()
    if INIT.parent.is_dir():
        INIT.write_text(init_sql())
