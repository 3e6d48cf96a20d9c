"""plpgsql_check over every PL/pgSQL function: each path of each body, prepared against the real tables without data.

The embedded PostgreSQL's wheel has no plpgsql_check.  Debian has it for the same major version, so that one package
is fetched by apt, under apt's signatures and in folders of our own, and unpacked; nothing of the system is touched.
It is loaded into a throwaway cluster (`db.lints.cluster`): a checker that crashes takes nobody's database along.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from pathlib import Path

import psycopg

from clients import server as embedded
from clients import setup
from db.lints import ToolMissing

PACKAGE = "postgresql-17-plpgsql-check"
SUITE = "trixie"  # the first Debian whose PostgreSQL is 17; the library needs glibc 2.17, older than any Debian here
FETCH_S = 120
# A constant or a small integer that is cast once a call: plpgsql_check cannot tell it from a cast in a loop.
NOT_OURS = ("42804",)
FUNCTIONS = """
    select p.oid, p.oid::regprocedure::text, coalesce(t.tgrelid, 0)
      from pg_proc p join pg_language l on l.oid = p.prolang
      left join pg_trigger t on t.tgfoid = p.oid and t.tgparentid = 0
     where l.lanname = 'plpgsql' and p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
       and (t.oid is not null or p.prorettype <> 'trigger'::regtype)
     order by 2, 3"""
LOOSE_TRIGGERS = """
    select p.oid::regprocedure::text from pg_proc p
     where p.prorettype = 'trigger'::regtype and p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
       and not exists (select from pg_trigger t where t.tgfoid = p.oid)"""
EXTENSION = "create schema lint; create extension plpgsql_check schema lint"
CHECK = """
    select c.level, c.sqlstate, c.lineno, concat_ws('; ', c.message, c.detail, c.hint)
      from lint.plpgsql_check_function_tb(%s::oid::regprocedure, %s::oid::regclass, fatal_errors => false, other_warnings => true,
             extra_warnings => true, performance_warnings => true, security_warnings => true) c"""


def findings(connection: psycopg.Connection) -> list[str]:
    """What plpgsql_check finds in this database, which has it in schema lint."""
    found = [
        f"plpgsql_check: {name}: no table has this trigger" for (name,) in connection.execute(LOOSE_TRIGGERS)
    ]
    for oid, name, relation in connection.execute(FUNCTIONS).fetchall():
        for level, code, line, message in connection.execute(CHECK, (oid, relation)):
            unsure = "cannot to determine volatility" in message  # of dynamic SQL: it says volatile itself
            if level == "error" or not (unsure or code in NOT_OURS):
                found.append(f"plpgsql_check: {name}: line {line}: {level}: {message}")
    return sorted(set(found))


def checked(connection: psycopg.Connection) -> int:
    """How many functions that were."""
    return len({oid for oid, *_ in connection.execute(FUNCTIONS)})


# ---------------------------------------------------------------------------- where it comes from


def library() -> Path:
    """Folder with the unpacked package, fetched when there is none yet.  Raises `ToolMissing`."""
    folder = embedded.home() / "cache" / PACKAGE
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            _fetch(Path(scratch))
            (Path(scratch) / "unpacked").rename(folder)
    return folder


def _fetch(scratch: Path) -> None:
    """Download and unpack into scratch/unpacked, with package lists of its own."""
    for name in ("lists/partial", "cache/archives/partial"):
        (scratch / name).mkdir(parents=True)
    (scratch / "sources.list").write_text(_source())
    options = {
        "Dir::Etc::sourcelist": str(scratch / "sources.list"),
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": str(scratch / "lists"),
        "Dir::State::status": "/dev/null",
        "Dir::Cache": str(scratch / "cache"),
        "Acquire::Languages": "none",
        "APT::Sandbox::User": pwd.getpwuid(os.getuid()).pw_name,  # _apt may not write here
    }
    apt = ["apt-get", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]
    for words in ([*apt, "update", "--error-on=any"], [*apt, "download", PACKAGE]):
        _run(words, scratch)
    (package,) = scratch.glob(f"{PACKAGE}_*.deb")
    _run(["dpkg-deb", "-x", str(package), str(scratch / "unpacked")], scratch)


def _source() -> str:
    """A line for apt: Debian's archive as this machine has it, signed by the same key, in the suite that we need."""
    release = setup._os_release()
    name = release.get("VERSION_CODENAME", "")
    mirror, key = next(((mirror, key) for suite, mirror, key in setup._sources() if suite == name), ("", ""))
    if release.get("ID") != "debian" or not mirror:
        raise ToolMissing(
            f"plpgsql_check is not installed: {PACKAGE} is fetched from Debian's archive, and this machine names none"
        )
    return f"deb {f'[signed-by={key}] ' if key else ''}{mirror} {SUITE} main\n"


def _run(words: list[str], folder: Path) -> None:
    try:
        subprocess.run(
            words,
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
            timeout=FETCH_S,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = str(getattr(error, "stderr", None) or error).strip().splitlines()[-1]
        raise ToolMissing(
            f"plpgsql_check is not installed, and `{words[0]}` could not fetch {PACKAGE}: {said}"
        ) from error
