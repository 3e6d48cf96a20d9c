"""Control from the command line: agents' logins, settings, import and export.

All of it is also plain SQL (README, "Control"): this module makes passwords and their verifiers, keeps the secrets'
files, and reads and writes files; every rule is in the database.  Users' mistakes are `ControlError`, one sentence.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import json
import os
import secrets
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from clients.server import Server

CHUNK_ROWS, CHUNK_BYTES = 1000, 4_000_000  # a call of import_rows; the database takes 10,000 rows at most
ERRORS_SHOWN = 20
REVOKE_TRIES = 10
BOMS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16", codecs.BOM_UTF32_BE: "UTF-32"}
csv.field_size_limit(2**22)  # a past design's script is one field

Say = Callable[[str], None]
Row = dict[str, Any]


class ControlError(Exception):
    """What was asked for cannot be done; says why in a sentence."""


# ---------------------------------------------------------------------------- logins


def create_agent(server: Server, name: str, settings: Mapping[str, Any], say: Say) -> None:
    """A registered agent and its login, or a revoked login back.

    `settings` are arguments of `api.register_agent` without their `p_`; what is None takes its default.  The password
    goes into a file of mode 0600 before the database knows it.
    """
    given = {f"p_{key}": value for key, value in settings.items() if value is not None}
    names = "".join(f", {key} => %({key})s" for key in given)
    with _administrator(server) as connection, _new_secret(server, name) as password:
        known = connection.execute("select from api.list_agents() a where a.name = %s", (name,)).fetchone()
        if known is None:
            connection.execute(f"select api.register_agent(%(name)s{names})", given | {"name": name})
        elif given:
            raise ControlError(f"there is an agent {name} already; ./mas agent change {name} changes it")
        connection.execute("select api.create_login(%s, %s)", (name, _verifier(connection, name, password)))
    say(f"{name} can log in; its password is in {server.secrets / name}")


def rotate_agent(server: Server, name: str, say: Say) -> None:
    """A new password; connections that are open stay open."""
    with _administrator(server) as connection, _new_secret(server, name) as password:
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
    say(f"{name} cannot log in any more: {ended} connections ended, {given_back} tasks given back; it is paused")


def change_agent(server: Server, name: str, settings: Mapping[str, Any], say: Say) -> None:
    """Other channels, replicas, attempts or model; the connection limit follows."""
    given = {f"p_{key}": value for key, value in settings.items() if value is not None}
    if not given:
        raise ControlError("nothing to change was named")
    names = "".join(f", {key} => %({key})s" for key in given)
    with _administrator(server) as connection:
        connection.execute(f"select api.change_agent(%(name)s{names})", given | {"name": name})
        connection.execute("select api.fit_logins()")
    say(f"{name} is changed")


def list_agents(server: Server) -> list[Row]:
    """Every agent as `api.list_agents` has it."""
    with _admin(server) as admin:
        return admin.execute("select * from api.list_agents()").fetchall()


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


# ---------------------------------------------------------------------------- import


@dataclass
class Report:
    """What became of the rows of a file."""

    counts: dict[str, int] = field(default_factory=dict)  # inserted, updated, unchanged, refused
    errors: list[str] = field(default_factory=list)  # the first of them, in words
    wrong: int = 0  # how many there are in all

    def add(self, error: str) -> None:
        """One more thing that is wrong."""
        self.wrong += 1
        if self.wrong <= ERRORS_SHOWN:
            self.errors.append(error)


def import_file(server: Server, kind: str, file: Path, dry_run: bool, say: Say) -> Report:
    """Import a CSV or JSON file: all rows or none.

    Everything happens in one transaction, chunk by chunk, which a dry run or any error takes back; so a dry run
    says exactly what would happen.  Memory does not grow with the file.
    """
    report = Report()
    with _admin(server) as admin, closing(sqlite3.connect("")) as seen:  # a temporary file: keys seen so far
        admin.autocommit = False
        columns = _columns(admin, kind)
        seen.execute("create table seen (key text primary key, place text) without rowid")
        keys = [column["column"] for column in columns if column["is_key"]]
        for chunk in _chunks(_read(file, columns)):
            fresh = [item for item in chunk if _first_seen(seen, keys, item, report)]
            lines = admin.execute("select * from api.import_rows(%s, %s)", (kind, Jsonb([row for _, row in fresh])))
            for line in lines:
                report.counts[line["action"]] = report.counts.get(line["action"], 0) + 1
                if line["error"] is not None:
                    where = f"{fresh[line['row'] - 1][0]}, {line['column']}" if line["column"] else fresh[line["row"] - 1][0]
                    report.add(f"{where}: {line['error']}")
            say(f"{chunk[-1][0]} read")
        if dry_run or report.wrong:
            admin.rollback()
    return report


def _columns(connection: psycopg.Connection[Row], kind: str) -> list[Row]:
    columns = connection.execute("select * from api.import_columns()").fetchall()
    mine = [column for column in columns if column["kind"] == kind]
    if not mine:
        kinds = dict.fromkeys(column["kind"] for column in columns)
        raise ControlError(f"there is no import of {kind}; there is {', '.join(kinds)}")
    return mine


def _first_seen(seen: sqlite3.Connection, keys: list[str], item: tuple[str, Row], report: Report) -> bool:
    """Whether no earlier row of the file has this row's key."""
    place, row = item
    if not keys or not isinstance(row, dict):
        return True
    key = json.dumps([row.get(name) for name in keys])
    if seen.execute("insert or ignore into seen values (?, ?)", (key, place)).rowcount:
        return True
    (first,) = seen.execute("select place from seen where key = ?", (key,)).fetchone()
    report.counts["refused"] = report.counts.get("refused", 0) + 1
    report.add(f"{place}, {keys[-1]}: {' '.join(str(row.get(name)) for name in keys)} stands in {first} already")
    return False


def _chunks(items: Iterable[tuple[str, Row]]) -> Iterator[list[tuple[str, Row]]]:
    chunk: list[tuple[str, Row]] = []
    size = 0
    for place, row in items:
        chunk.append((place, row))
        size += sum(len(str(value)) for value in row.values()) if isinstance(row, dict) else 0
        if len(chunk) >= CHUNK_ROWS or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _read(file: Path, columns: list[Row]) -> Iterator[tuple[str, Row]]:
    """The rows of a file, each with its place: `line 7` of CSV and JSON lines, `row 7` of a JSON array."""
    try:
        with file.open("rb") as raw:
            begin = raw.read(4096)
    except OSError as error:
        raise ControlError(f"{file} cannot be read: {error.strerror}") from error
    for mark, name in BOMS.items():
        if begin.startswith(mark):
            raise ControlError(f"{file} is {name}; save it as UTF-8")
    if not begin.removeprefix(codecs.BOM_UTF8).strip():
        raise ControlError(f"{file} is empty")
    head = begin.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    with file.open(encoding="utf-8-sig", newline="") as text:
        if head == b"[":
            yield from _json_array(file, text)
        elif head == b"{":
            yield from _json_lines(file, _lines(file, text))
        else:
            yield from _csv(file, text, columns)


def _lines(file: Path, text: TextIO) -> Iterator[str]:
    """Lines of a text; what is no UTF-8 is told with the line that it comes after."""
    number = 0
    while True:
        try:
            line = text.readline()
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            raise ControlError(
                f"{file} is not UTF-8: byte 0x{byte:02x} soon after line {number}; save it as UTF-8"
            ) from error
        if not line:
            return
        number += 1
        yield line


def _csv(file: Path, text: TextIO, columns: list[Row]) -> Iterator[tuple[str, Row]]:
    """Rows by header; an empty cell is null."""
    reader = csv.reader(_lines(file, text), strict=True)
    known = {column["column"]: column for column in columns}
    try:
        header = next(reader)
        _check_header(header, known)
        line = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != len(header):
                raise ControlError(f"{file}, line {line}: {len(cells)} cells, the header has {len(header)}")
            if cells:
                yield f"line {line}", {name: cell or None for name, cell in zip(header, cells, strict=True)}
            line = reader.line_num + 1
    except csv.Error as error:
        raise ControlError(f"{file}, line {reader.line_num}: {error}") from error


def _check_header(header: list[str], known: Mapping[str, Row]) -> None:
    for name in header:
        if name not in known:
            raise ControlError(f"line 1: there is no column {name or '(without a name)'}; there is {', '.join(known)}")
    if twice := [name for n, name in enumerate(header) if name in header[:n]]:
        raise ControlError(f"line 1: column {twice[0]} stands there twice")
    if lacking := [name for name, column in known.items() if column["required"] and name not in header]:
        raise ControlError(f"line 1: column {lacking[0]} is missing")


def _json_lines(file: Path, lines: Iterable[str]) -> Iterator[tuple[str, Row]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except ValueError as error:
                raise ControlError(f"{file}, line {number}: not JSON: {error}") from error


def _json_array(file: Path, text: TextIO) -> Iterator[tuple[str, Row]]:
    """Elements of an array, one after the other, so that the file is never in memory as a whole."""
    decoder = json.JSONDecoder()
    pieces = iter(lambda: _piece(file, text), "")
    buffer = next(pieces).lstrip().removeprefix("[")
    for number in itertools.count(1):
        buffer = buffer.lstrip()
        while True:
            try:
                if buffer[:1] == "]" and not (buffer[1:] + "".join(pieces)).strip():
                    return
                row, end = decoder.raw_decode(buffer)
                rest = buffer[end:].lstrip()
                if rest[:1] not in {",", "]"}:
                    raise ValueError("neither , nor ] after it")
                break
            except ValueError as error:
                more = next(pieces, "")
                if not more:
                    raise ControlError(f"{file}, row {number}: not JSON: {error}") from error
                buffer = (buffer + more).lstrip()
        yield f"row {number}", row
        buffer = rest.removeprefix(",")


def _piece(file: Path, text: TextIO) -> str:
    try:
        return text.read(1 << 16)
    except UnicodeDecodeError as error:
        raise ControlError(f"{file} is not UTF-8: byte 0x{error.object[error.start]:02x}; save it as UTF-8") from error


# ---------------------------------------------------------------------------- export


def export_file(server: Server, kind: str, file: Path | None) -> int:
    """Write everything of a kind; returns how many rows.

    The name's ending decides: .json is an array, .csv a table with a header, .jsonl and all else JSON lines; without a
    file it goes to standard output, as JSON lines.  A file appears only when it is whole.
    """
    with _admin(server) as admin, admin.transaction():
        names = [column["column"] for column in _columns(admin, kind)]
        with admin.cursor(name="export") as cursor:
            cursor.itersize = 500
            cursor.execute("select * from api.export_rows(%s)", (kind,))
            rows = ({name: row["export_rows"].get(name) for name in names} for row in cursor)
            if file is None:
                return _write(sys.stdout, ".jsonl", names, rows)
            try:
                return _write_whole(file, names, rows)
            except OSError as error:
                raise ControlError(f"{file} cannot be written: {error.strerror}") from error


def _write_whole(file: Path, names: list[str], rows: Iterator[Row]) -> int:
    handle, part = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            count = _write(out, file.suffix, names, rows)
        Path(part).replace(file)
    finally:
        Path(part).unlink(missing_ok=True)
    return count


def _write(out: TextIO, suffix: str, names: list[str], rows: Iterator[Row]) -> int:
    count = 0
    if suffix == ".csv":
        table = csv.writer(out, lineterminator="\n")
        table.writerow(names)
        for count, row in enumerate(rows, 1):  # noqa: B007 - how many there were
            table.writerow([_cell(row[name]) for name in names])
        return count
    array = suffix == ".json"
    out.write("[\n" if array else "")
    for count, row in enumerate(rows, 1):
        out.write(",\n" if array and count > 1 else "")
        out.write(json.dumps(row, ensure_ascii=False) + ("" if array else "\n"))
    out.write("\n]\n" if array else "")
    return count


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


# ---------------------------------------------------------------------------- what they share


class _Connection:
    """A connection whose refusals are `ControlError`: the registry's codes are written for people."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    def __enter__(self) -> psycopg.Connection[Row]:
        try:
            self._connection = psycopg.connect(self._dsn, row_factory=dict_row, connect_timeout=10)
        except psycopg.OperationalError as error:
            raise ControlError(f"the database does not let us in: {str(error).strip().splitlines()[-1]}") from error
        return self._connection.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            self._connection.__exit__(kind, error, trace)
        except psycopg.Error as late:
            raise ControlError(_sentence(late)) from late
        if isinstance(error, psycopg.Error):
            raise ControlError(_sentence(error)) from error


def _sentence(error: psycopg.Error) -> str:
    primary = error.diag.message_primary or (str(error).strip().splitlines() or ["the connection is gone"])[0]
    return f"{primary} ({error.sqlstate})" if error.sqlstate else primary


def _administrator(server: Server) -> _Connection:
    """As the administrator that deploys; logins are theirs to make."""
    return _Connection(server.admin_dsn)


def _admin(server: Server) -> _Connection:
    return _Connection(server.dsn("admin"))


def _value(connection: psycopg.Connection[Row], query: str, *arguments: Any) -> Any:
    row = connection.execute(query.encode(), arguments).fetchone()
    return next(iter(row.values())) if row else None


def _verifier(connection: psycopg.Connection[Any], role: str, password: str) -> str:
    return connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()


class _new_secret:  # noqa: N801 - used like a function
    """A new password in a file beside the role's, which takes its place when the database has it."""

    def __init__(self, server: Server, role: str) -> None:
        self._folder, self._role = server.secrets, role

    def __enter__(self) -> str:
        password = secrets.token_urlsafe(24)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, self._part = tempfile.mkstemp(dir=self._folder)  # with mode 0600
        except OSError as error:
            raise ControlError(f"{self._folder} cannot be written: {error.strerror}") from error
        with os.fdopen(handle, "w") as out:
            out.write(password + "\n")
        return password

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is None:
            Path(self._part).replace(self._folder / self._role)
        else:
            Path(self._part).unlink()
