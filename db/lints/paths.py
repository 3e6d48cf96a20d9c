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
INLINED = (
    "core.now()",
    "core.caller()",
    "core.look_is_due(p_agent name,p_now timestamptz,p_mark text)",
    "core.all_awake(p_key integer)",
)


# Every file is a script of its own, as far as pgspot knows: the schemas are ours, and the search_path is the deploy's
# (nobody but an administrator may create in `public`).
PRELUDE = "create schema core; create schema api; set search_path = pg_catalog, pg_temp;"


def scripts() -> dict[str, str]:
    """All the SQL of db/ that is applied, by the name of its file."""
    files = [
        *sorted((DB / "schema").glob("*.sql")),
        *sorted((DB / "functions").glob("*.sql")),
        *sorted((DB / "roles").glob("*.sql")),
        DB / "bootstrap.sql",
        DB / "retired.sql",
    ]
    return {str(file.relative_to(DB)): file.read_text(encoding="utf-8") for file in files}


def findings(texts: dict[str, str]) -> list[str]:
    """What pgspot finds in scripts, and what it could not read of them.  Raises `ToolMissing`."""
    if find_spec("pgspot") is None:
        raise ToolMissing("pgspot is not installed; pip install pgspot, or use ./mas lint")
    allowed = [word for name in INLINED for word in ("--proc-without-search-path", name)]
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for number, (name, text) in enumerate(texts.items()):
            file = Path(folder) / f"{number}.sql"
            file.write_text(f"{PRELUDE} {_readable(text)}", encoding="utf-8")
            names[str(file)] = name
        words = [
            sys.executable,
            "-m",
            "pgspot",
            *allowed,
            *names,
            "/dev/null",
        ]  # of one file it does not say the name
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    return _by_file(done.stdout + done.stderr, names)


def _readable(text: str) -> str:
    """The same for pgspot's parser, which knows no types but PostgreSQL's own and wants a SELECT in `return next`."""
    text = re.sub(r"\breturn next (?=[^;])", "return query select ", text)
    text = re.sub(r"\breturns (setof )?core\.\w+", r"returns \1text", text)
    text = re.sub(r"(\bp_\w+) core\.\w+", r"\1 text", text)
    return re.sub(
        r"^(\s*(?:declare )?\w+ (?:constant )?)core\.\w+(?:\[\])?(?=[ ;])",
        r"\1record",
        text,
        flags=re.MULTILINE,
    )


def _by_file(said: str, names: dict[str, str]) -> list[str]:
    found, file, read = [], "", set()
    for line in filter(None, map(str.strip, said.splitlines())):
        if line.rstrip(":") in names:
            file = names[line.rstrip(":")]
            read.add(file)
        elif not re.match(r"/dev/null:|Errors: \d+ |TOTAL: ", line):
            found.append(f"pgspot: {file}: {line}")
    return found + [f"pgspot: {name}: was not read" for name in names.values() if name not in read]
