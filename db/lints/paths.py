"""pgspot over all the SQL of db/, in the order in which a deploy applies it."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from db.lints import DB, ToolMissing

# Inlined for speed, so they have no setting of their own; they run with the caller's rights.  Their names are
# qualified; what is left are operators, of types for which nobody but an administrator can make another.
INLINED = ("core.now()", "core.caller()", "core.look_is_due(p_agent name,p_now timestamptz,p_mark text)")


def script() -> str:
    """The whole of db/ as one script, so that pgspot knows the schemas as ours.

    The search_path stands first as the deploy has it: nobody but an administrator may create in `public`.
    """
    files = [
        *sorted((DB / "schema").glob("*.sql")),
        *sorted((DB / "functions").glob("*.sql")),
        *sorted((DB / "roles").glob("*.sql")),
        DB / "bootstrap.sql",
    ]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return f"set search_path = pg_catalog, pg_temp;\n{text}"


def findings(text: str) -> list[str]:
    """What pgspot finds in a script, and what it could not read.  Raises `ToolMissing`."""
    if find_spec("pgspot") is None:
        raise ToolMissing("pgspot is not installed; pip install pgspot, or use ./mas lint")
    # it hands the value of `return next` to its parser without a SELECT before it
    text = re.sub(r"\breturn next (?=[^;])", "return query select ", text)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "db.sql"
        file.write_text(text, encoding="utf-8")
        allowed = [word for name in INLINED for word in ("--proc-without-search-path", name)]
        done = subprocess.run(
            [sys.executable, "-m", "pgspot", *allowed, str(file)], capture_output=True, text=True, check=False
        )
    found = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    if found and re.fullmatch(r"Errors: 0 Warnings: 0 Unknown: 0", found[-1].strip()):
        found.pop()
    return [f"pgspot: {line.strip()}" for line in found]
