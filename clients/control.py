"""Control from the command line: agents' logins, settings, import and export.

All of it is also plain SQL (README, "Control"): this module makes passwords and their verifiers, keeps the
files of secrets, and reads and writes rows; every rule is in the database.  What cannot be done is
`ControlError`, one sentence.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from clients.rowfiles import RowFileError, parse, print_rows, read_rows, write_rows
from clients.server import Server

CHUNK_ROWS, CHUNK_CHARACTERS = (
    1000,
    4_000_000,
)  # a call of import_rows; the database takes 10,000 rows at most
ERRORS_SHOWN = 20
REVOKE_TRIES = 10
TELL_S = 2.0
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # in JSON, and no backslash that stands for itself before it

Say = Callable[[str], None]
Row = dict[str, Any]


class ControlError(Exception):
    """What was asked for cannot be done; says why in a sentence."""


# ---------------------------------------------------------------------------- logins


def create_agent(server: Server, name: str, settings: Mapping[str, Any], say: Say) -> None:
    """A registered agent and its login, or a revoked login back.

    `settings` are arguments of `api.register_agent` without their `p_`.  The password is in a file of mode
    0600 before the database knows its verifier.
    """
    with _new_secret(server, name) as password, _administrator(server) as connection:
        known = connection.execute("select 1 from api.list_agents() a where a.name = %s", (name,)).fetchone()
        if known is None:
            _call(connection, "register_agent", name, settings)
        elif settings:
            raise ControlError(f"there is an agent {name} already; ./mas agent change {name} changes it")
        connection.execute("select api.create_login(%s, %s)", (name, _verifier(connection, name, password)))
    say(f"{name} can log in; its password is in {server.secrets / name}")


def rotate_agent(server: Server, name: str, say: Say) -> None:
    """A new password; connections that are open stay open."""
    with _new_secret(server, name) as password, _administrator(server) as connection:
        connection.execute("select api.rotate_login(%s, %s)", (name, _verifier(connection, name, password)))
    say(f"{name} has a new password, in {server.secrets / name}; open connections stay")


def revoke_agent(server: Server, name: str, say: Say) -> None:
    """No login, no connection, nothing in hand; history and waiting work stay."""
    with _administrator(server) as connection:
        connection.autocommit = True  # each call a transaction: only then is nobody let in between
        ended = 0
        for _ in range(REVOKE_TRIES):
            more = _value(connection, "select api.revoke_login(%s)", name)
            ended += more
            if not more:
                break
        else:
            raise ControlError(f"connections of {name} do not end; say it again")
    with _admin(server) as admin:
        given_back = _value(admin, "select api.retire_agent(%s)", name)
    with suppress(FileNotFoundError):
        (server.secrets / name).unlink()
    say(f"{name} cannot log in any more; {ended} connections ended, {given_back} tasks given back")


def change_agent(server: Server, name: str, settings: Mapping[str, Any], say: Say) -> None:
    """Other channels, replicas, attempts or model; the connection limit follows."""
    if not settings:
        raise ControlError("nothing to change was named")
    with _administrator(server) as connection:
        _call(connection, "change_agent", name, settings)
        connection.execute("select api.fit_logins()")
    say(f"{name} is changed")


def list_agents(server: Server) -> list[Row]:
    """Every agent as `api.list_agents` has it."""
    with _admin(server) as admin:
        return admin.execute("select * from api.list_agents()").fetchall()


def require_replicas(server: Server, names: Container[str], replicas: int) -> None:
    """Raise `ControlError` unless the logins of these agents have room for so many processes each."""
    for row in list_agents(server):
        if row["name"] in names and row["replicas"] < replicas:
            raise ControlError(
                f"{row['name']} has room for {row['replicas']} processes; "
                f"./mas agent change {row['name']} --replicas {replicas} makes more"
            )


# ---------------------------------------------------------------------------- language models


def model_settings(server: Server, name: str) -> list[Row]:
    """The settings of an agent's language model as `api.model_settings` has them."""
    with _admin(server) as admin:
        return admin.execute("select * from api.model_settings(%s)", (name,)).fetchall()


def set_agent_model(server: Server, name: str, pairs: list[str]) -> None:
    """Set what `KEY=VALUE` says; an empty value goes back to the default."""
    words = dict(pair.partition("=")[::2] for pair in pairs if "=" in pair)
    if wrong := [pair for pair in pairs if "=" not in pair]:
        raise ControlError(f"{wrong[0]} is no KEY=VALUE")
    with _admin(server) as admin:
        settings = Jsonb({key: value or None for key, value in words.items()})
        admin.execute("select api.set_agent_model(%s, %s)", (name, settings))


# ---------------------------------------------------------------------------- settings


def list_settings(server: Server, name: str | None = None) -> list[Row]:
    """Every setting, or the one of that name."""
    with _admin(server) as admin:
        rows = admin.execute("select * from api.list_settings()").fetchall()
    if name is not None and name not in {row["name"] for row in rows}:
        raise ControlError(f"there is no setting {name}; there is {', '.join(row['name'] for row in rows)}")
    return [row for row in rows if name in (None, row["name"])]


def change_setting(server: Server, name: str, value: str) -> str:
    """Set a setting; returns its value before."""
    with _admin(server) as admin:
        return str(_value(admin, "select api.change_setting(%s, %s)", name, value))


# ---------------------------------------------------------------------------- people


def forget_user(server: Server, front_end: str, account: str) -> dict[str, int]:
    """Erase all that a person said and what was made of it; how much of what that was.

    Raises `ControlError` when nobody is known by that account.
    """
    with _admin(server) as admin:
        erased = _value(admin, "select api.forget_user(%s, %s)", front_end, account)
    if erased is None:
        raise ControlError(
            f"{front_end} knows nobody by the account {account}; ./mas export users lists them"
        )
    return dict(erased)


# ---------------------------------------------------------------------------- import and export


@dataclass
class Report:
    """What became of the rows of a file."""

    counts: dict[str, int] = field(default_factory=dict)  # inserted, updated, unchanged
    errors: list[str] = field(default_factory=list)  # the first of them, in words
    wrong: int = 0  # how many there are in all

    def add(self, error: str) -> None:
        """One more thing that is wrong."""
        self.wrong += 1
        if self.wrong <= ERRORS_SHOWN:
            self.errors.append(error)


def import_file(server: Server, kind: str, file: Path, dry_run: bool, say: Say) -> Report:
    """Import a CSV or JSON file: all of its rows or none.

    Everything happens in one transaction, chunk by chunk, which a dry run or any error takes back; so a dry
    run says exactly what would happen.  Memory does not grow with the file.  Raises `ControlError`.
    """
    report, told, rows = Report(), time.monotonic(), 0
    with _admin(server) as admin, closing(sqlite3.connect("")) as seen:  # a temporary file: keys seen so far
        columns = _columns(admin, kind)
        seen.execute("create table seen (key text primary key, place text) without rowid")
        for chunk in _chunks(file, columns, seen, report):
            lines = admin.execute(
                "select * from api.import_rows(%s, %s::jsonb)",
                (kind, f"[{','.join(text for _, text in chunk)}]"),
            )
            for line in lines:
                if line["error"] is None:
                    report.counts[line["action"]] = report.counts.get(line["action"], 0) + 1
                else:
                    column = f", {line['column']}" if line["column"] else ""
                    report.add(f"{chunk[line['row'] - 1][0]}{column}: {line['error']}")
            rows += len(chunk)
            if time.monotonic() - told > TELL_S:
                told = time.monotonic()
                say(f"{rows} rows read")
        if dry_run or report.wrong:
            admin.rollback()
    return report


def export_file(server: Server, kind: str, file: Path | None) -> int:
    """Write everything of a kind as `rowfiles.write_rows` does; returns how many rows.

    Without a file they go to standard output, as JSON lines.
    """
    with _admin(server) as admin:
        names = [column["column"] for column in _columns(admin, kind)]
        with admin.cursor(name="export") as cursor:
            cursor.itersize = CHUNK_ROWS
            cursor.execute("select row from api.export_rows(%s) row", (kind,))
            rows = (found["row"] for found in cursor)
            return print_rows(sys.stdout, "", names, rows) if file is None else write_rows(file, names, rows)


def _columns(connection: psycopg.Connection[Row], kind: str) -> list[Row]:
    columns = connection.execute("select * from api.import_columns()").fetchall()
    mine = [column for column in columns if column["kind"] == kind]
    if not mine:
        kinds = dict.fromkeys(column["kind"] for column in columns)
        raise ControlError(f"nothing is called {kind}; there is {', '.join(kinds)}")
    return mine


def _chunks(
    file: Path, columns: list[Row], seen: sqlite3.Connection, report: Report
) -> Iterator[list[tuple[str, str]]]:
    """(place, JSON) of the file's rows in portions; what cannot be sent at all goes into the report."""
    names = [column["column"] for column in columns]
    required = [column["column"] for column in columns if column["required"]]
    keys = [column["column"] for column in columns if column["is_key"]]
    chunk: list[tuple[str, str]] = []
    size = 0
    for place, row in read_rows(file, names, required):
        try:
            text = json.dumps(row, ensure_ascii=False)
        except RecursionError:
            report.add(f"{place}: nested too deep")
            continue
        trouble = _text_trouble(text) or _repeat_trouble(seen, keys, place, row)
        if trouble:
            report.add(f"{place}: {trouble}")
            continue
        chunk.append((place, text))
        size += len(text)
        if len(chunk) >= CHUNK_ROWS or size >= CHUNK_CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _text_trouble(text: str) -> str | None:
    """What PostgreSQL would refuse the whole portion for."""
    if NUL.search(text):
        return "has a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "has half a character (a lone surrogate)"
    return None


def _repeat_trouble(seen: sqlite3.Connection, keys: list[str], place: str, row: Any) -> str | None:
    """Whether an earlier row of the file has this row's key."""
    if not keys or not isinstance(row, dict) or None in (values := [row.get(name) for name in keys]):
        return None
    key = json.dumps(values)
    if seen.execute("insert or ignore into seen values (?, ?)", (key, place)).rowcount:
        return None
    (first,) = seen.execute("select place from seen where key = ?", (key,)).fetchone()
    return f"{' '.join(map(str, values))} stands in {first} already"


# ---------------------------------------------------------------------------- the commands


def run_agent(server: Server, options: argparse.Namespace, say: Say) -> None:
    """`./mas agent …`."""
    if options.action == "list":
        for row in list_agents(server):
            login = "login" if row["can_log_in"] else "no login"
            state = "paused" if row["paused"] else "working"
            say(
                f"{row['name']:16} {login:8} {state:7} {row['connections']} connections, "
                f"{row['replicas']} replicas, {row['slots'] or 'any'} slots; "
                f"listens {','.join(row['listen_channels']) or '-'}, "
                f"notifies {','.join(row['notify_channels']) or '-'}"
            )
        return
    name = options.agent
    if name is None:
        raise ControlError(f"which agent? ./mas agent {options.action} NAME")
    changes = _settings(options)
    if options.pairs and options.action in ("create", "change"):
        raise ControlError(f"{options.pairs[0]}: ./mas agent model {name} takes settings of its model")
    if options.action == "create":
        create_agent(server, name, changes | ({"front_end": True} if options.front_end else {}), say)
    elif options.action == "change":
        change_agent(server, name, changes, say)
    elif changes or options.front_end or (options.pairs and options.action != "model"):
        raise ControlError(f"./mas agent {options.action} takes a name and nothing else")
    elif options.action == "model":
        _run_model(server, name, options.pairs, say)
    elif options.action == "rotate":
        rotate_agent(server, name, say)
    elif options.action == "revoke":
        revoke_agent(server, name, say)
    else:
        with _admin(server) as admin:
            admin.execute(f"select api.{options.action}_agent(%s)", (name,))
        say(f"{name} is {options.action}d")


def _run_model(server: Server, name: str, pairs: list[str], say: Say) -> None:
    if pairs:
        set_agent_model(server, name, pairs)
        say(f"{name} has {' '.join(pairs)}, from its next task on")
        return
    for row in model_settings(server, name):
        value = "not set" if row["value"] is None else row["value"]
        value = str(value).lower() if isinstance(value, bool) else value
        say(f"{row['name']} = {value} ({row['rule']}{'' if row['is_set'] else '; the default'})")
        say(f"    {row['description']}")


def run_settings(server: Server, name: str | None, value: str | None, say: Say) -> None:
    """`./mas settings [NAME [VALUE]]`."""
    if name is not None and value is not None:
        before = change_setting(server, name, value)
        say(f"{name} is {value}; it was {before}")
        return
    for row in list_settings(server, name):
        changed = (
            f", changed by {row['changed_by']} {row['changed_at']:%Y-%m-%d %H:%M}"
            if row["changed_by"]
            else ""
        )
        say(f"{row['name']} = {row['value']} {row['unit']} ({row['minimum']} to {row['maximum']}{changed})")
        say(f"    {row['description']}")


def run_forget(server: Server, front_end: str, account: str, say: Say) -> None:
    """`./mas forget FRONT_END ACCOUNT`, once it is confirmed."""
    erased = forget_user(server, front_end, account)
    kinds = ("designs", "messages", "files", "attachments", "exchanges", "examples")
    counts = ", ".join(f"{erased[kind]} {kind}" for kind in kinds)
    say(f"{account} of {front_end} is forgotten, {erased['cancelled']} designs cancelled; erased: {counts}")


def run_import(server: Server, kind: str, file: Path | None, dry_run: bool, say: Say) -> bool:
    """`./mas import KIND FILE [--dry-run]`; whether every row was in order."""
    if file is None:
        raise ControlError(f"name the file that has the {kind}")
    report = import_file(server, kind, file, dry_run, say)
    for error in report.errors:
        say(error)
    if report.wrong:
        more = (
            f" ({report.wrong - len(report.errors)} more are not shown)"
            if report.wrong > len(report.errors)
            else ""
        )
        say(f"{kind}: {report.wrong} errors{more}; nothing was written")
        return False
    counts = ", ".join(f"{report.counts.get(key, 0)} {key}" for key in ("inserted", "updated", "unchanged"))
    say(f"{kind}: {counts}" + ("; a dry run: nothing was written" if dry_run else ""))
    return True


def run_export(server: Server, kind: str, file: Path | None, say: Say) -> None:
    """`./mas export KIND [FILE]`."""
    count = export_file(server, kind, file)
    if file is not None:
        say(f"{count} {kind} in {file}")


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """What the options say of an agent, as arguments of register_agent and change_agent without their p_."""
    changes = {
        "listen": None if options.listen is None else [word for word in options.listen.split(",") if word],
        "notify": None if options.notify is None else [word for word in options.notify.split(",") if word],
        "replicas": options.replicas,
        "slots": options.slots,
        "attempt_limit": options.attempts,
        "model": None,
    }
    if options.model is not None:
        try:
            changes["model"] = Jsonb(parse(options.model))
        except ValueError as error:
            raise ControlError(f"--model is no JSON: {error}") from error
    return {key: value for key, value in changes.items() if value is not None}


# ---------------------------------------------------------------------------- what they share


@contextmanager
def _connected(dsn: str) -> Iterator[psycopg.Connection[Row]]:
    """A connection whose transaction is committed at the end; what anybody refuses is `ControlError`."""
    try:
        with psycopg.connect(dsn, row_factory=dict_row, connect_timeout=10) as connection:
            yield connection
    except psycopg.Error as error:
        said = (
            error.diag.message_primary or (str(error).strip().splitlines() or ["the connection is gone"])[-1]
        )
        raise ControlError(f"{said} ({error.sqlstate})" if error.sqlstate else said) from error
    except RowFileError as error:
        raise ControlError(str(error)) from error


def _administrator(server: Server) -> AbstractContextManager[psycopg.Connection[Row]]:
    """As the administrator that deploys: logins are theirs to make."""
    return _connected(server.admin_dsn)


def _admin(server: Server) -> AbstractContextManager[psycopg.Connection[Row]]:
    """As the role admin: everything but logins."""
    return _connected(server.dsn("admin"))


def _call(connection: psycopg.Connection[Row], function: str, name: str, settings: Mapping[str, Any]) -> None:
    named = sql.SQL("").join(
        sql.SQL(", {} => {}").format(sql.Identifier(f"p_{key}"), sql.Placeholder(key)) for key in settings
    )
    query = sql.SQL("select api.{}(%(name)s{})").format(sql.Identifier(function), named)
    connection.execute(query, {**settings, "name": name})


def _value(connection: psycopg.Connection[Row], query: LiteralString, *arguments: Any) -> Any:
    row = connection.execute(query, arguments).fetchone()
    return next(iter(row.values())) if row else None


def _verifier(connection: psycopg.Connection[Any], role: str, password: str) -> str:
    return connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()


@contextmanager
def _new_secret(server: Server, role: str) -> Iterator[str]:
    """A new password in a file beside the role's, which takes its place once the body has told the database.

    A process that is killed between the two leaves the password that holds in `.ROLE.new-…`.
    """
    if "/" in role or role.startswith("."):
        raise ControlError(
            f"{role} cannot be an agent's name"
        )  # it names a file, before the database sees it
    password = secrets.token_urlsafe(24)
    try:
        server.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=server.secrets, prefix=f".{role}.new-")  # with mode 0600
    except OSError as error:
        raise ControlError(f"{server.secrets} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w") as out:
        out.write(password + "\n")
    try:
        yield password
        Path(part).replace(server.secrets / role)
    finally:
        Path(part).unlink(missing_ok=True)
