"""Rows in files: CSV with a header, a JSON array of objects, or JSON lines; always UTF-8.

Files are read and written row by row, so that memory does not grow with them.  What a file has wrong is
`RowFileError`, one sentence with the place.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

ROW_CHARACTERS = 8_000_000  # of one row of a JSON array; what is longer is taken for damage
BOMS = {  # the longer ones first: UTF-32 begins as UTF-16 does
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
csv.field_size_limit(ROW_CHARACTERS)  # a past design's script is one cell

Row = dict[str, Any]


class RowFileError(Exception):
    """The file cannot be read or written; says where and why."""


def read_rows(file: Path, columns: Sequence[str], required: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """The rows of a file, each with its place: `line 7`, or `row 7` of a JSON array.

    A CSV's header must name only `columns` and all `required` ones; its empty cells are null.  In JSON
    anything may stand; who takes the rows judges them.  Raises `RowFileError`.
    """
    try:
        with file.open("rb") as raw:
            begin = raw.read(4096)
    except OSError as error:
        raise RowFileError(f"{file} cannot be read: {error.strerror}") from error
    for mark, name in BOMS.items():
        if begin.startswith(mark):
            raise RowFileError(f"{file} is {name}; save it as UTF-8")
    begin = begin.removeprefix(codecs.BOM_UTF8).lstrip()
    if not begin:
        raise RowFileError(f"{file} is empty")
    with file.open(encoding="utf-8-sig", newline="") as text:
        if begin.startswith(b"["):
            yield from _json_array(file, text)
        elif begin.startswith(b"{"):
            yield from _json_lines(file, text)
        else:
            yield from _csv(file, text, columns, required)


def write_rows(file: Path, names: Sequence[str], rows: Iterable[Row]) -> int:
    """Write rows in the format that the name's ending says; returns how many.

    .csv is a table with a header, .json an array, all else JSON lines.  The file appears only when whole.
    """
    try:
        handle, part = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
                count = print_rows(out, file.suffix, names, rows)
            Path(part).replace(file)
        finally:
            Path(part).unlink(missing_ok=True)
    except OSError as error:
        raise RowFileError(f"{file} cannot be written: {error.strerror}") from error
    return count


def print_rows(out: TextIO, suffix: str, names: Sequence[str], rows: Iterable[Row]) -> int:
    """Write rows to an open text, as `write_rows` does; returns how many."""
    count = 0
    if suffix == ".csv":
        table = csv.writer(out, lineterminator="\n")
        table.writerow(names)
        for row in rows:
            table.writerow([_cell(row.get(name)) for name in names])
            count += 1
        return count
    array = suffix == ".json"
    out.write("[" if array else "")
    for row in rows:
        line = json.dumps({name: row.get(name) for name in names}, ensure_ascii=False)
        out.write((",\n" if count else "\n") + line if array else line + "\n")
        count += 1
    out.write("\n]\n" if array else "")
    return count


def parse(text: str) -> Any:
    """JSON as PostgreSQL takes it: no NaN, no nesting without end.  Raises `ValueError`."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _lines(file: Path, text: TextIO) -> Iterator[str]:
    """Lines of a text; what is no text is told with its line."""
    for number in itertools.count(1):
        try:
            line = text.readline()
        except UnicodeDecodeError as error:
            raise _not_utf8(file, error, f"at or after line {number}") from error
        if not line:
            return
        if "\0" in line:
            raise RowFileError(f"{file}, line {number}: has a NUL byte")
        yield line


def _not_utf8(file: Path, error: UnicodeDecodeError, where: str) -> RowFileError:
    byte = error.object[error.start]
    return RowFileError(f"{file} is not UTF-8 (byte 0x{byte:02x} {where}); save it as UTF-8")


def _csv(
    file: Path, text: TextIO, columns: Sequence[str], required: Sequence[str]
) -> Iterator[tuple[str, Row]]:
    reader = csv.reader(_lines(file, text), strict=True)
    line = 1
    try:
        header = next(reader)
        if trouble := _header_trouble(header, columns, required):
            raise RowFileError(f"{file}, line 1: {trouble}")
        line = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != len(header):
                raise RowFileError(f"{file}, line {line}: {len(cells)} cells, the header has {len(header)}")
            if cells:
                yield f"line {line}", {name: cell or None for name, cell in zip(header, cells, strict=True)}
            line = reader.line_num + 1
    except csv.Error as error:
        raise RowFileError(f"{file}, line {line}: {error}") from error


def _header_trouble(header: list[str], columns: Sequence[str], required: Sequence[str]) -> str | None:
    unknown = next((name for name in header if name not in columns), None)
    if unknown is not None:
        hint = "; cells are separated by commas" if len(header) == 1 and not unknown.isidentifier() else ""
        return f"there is no column {unknown or 'without a name'}; there is {', '.join(columns)}{hint}"
    if twice := [name for n, name in enumerate(header) if name in header[:n]]:
        return f"column {twice[0]} stands there twice"
    if lacking := [name for name in required if name not in header]:
        return f"column {lacking[0]} is missing"
    return None


def _json_lines(file: Path, text: TextIO) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(_lines(file, text), 1):
        if line.strip():
            try:
                yield f"line {number}", parse(line)
            except ValueError as error:
                raise RowFileError(f"{file}, line {number}: not JSON: {error}") from error


def _json_array(file: Path, text: TextIO) -> Iterator[tuple[str, Any]]:
    """Elements of an array, one after the other."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    buffer = _piece(file, text).lstrip()[1:]
    for number in itertools.count(1):
        while True:
            buffer = buffer.lstrip()
            try:
                if number == 1 and buffer.startswith("]"):
                    return _require_end(file, text, buffer[1:])
                row, end = decoder.raw_decode(buffer)
                rest = buffer[end:].lstrip()
                if rest[:1] in {",", "]"}:
                    break
                trouble = "neither , nor ] follows" if rest else "it breaks off"
            except RecursionError:
                trouble = "nested too deep"
            except ValueError as error:
                trouble = str(error)
            more = _piece(file, text) if len(buffer) < ROW_CHARACTERS else ""
            if not more:
                raise RowFileError(f"{file}, row {number}: not JSON: {trouble}")
            buffer += more
        yield f"row {number}", row
        if rest.startswith("]"):
            return _require_end(file, text, rest[1:])
        buffer = rest[1:]


def _require_end(file: Path, text: TextIO, rest: str) -> None:
    while not rest.strip():
        rest = _piece(file, text)
        if not rest:
            return
    raise RowFileError(f"{file}: something stands after the array")


def _piece(file: Path, text: TextIO) -> str:
    try:
        return text.read(1 << 16)
    except UnicodeDecodeError as error:
        raise _not_utf8(file, error, "in it") from error
