"""What is in the files that users attach, as parts of a message to a model.

Text is cleaned and labelled as data; what cannot be read is said and never guessed.
"""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

from clients.catalog.text import clean
from clients.llm.kicad_files import ENDINGS, summary_of_file, summary_of_zip
from clients.llm.pdf_text import pdf_text
from clients.llm.prompting import clean_lines, data
from clients.llm.sexpr import BadFile

MOST_TEXT = 20_000  # characters of one file that are shown to a model
MOST_PICTURE = 4 * 1024 * 1024
MOST_PICTURES = 8 * 1024 * 1024  # together: a request may have 16 MB, and in it they are a third larger
MOST_ROWS = 300
TEXTS = {
    ".txt",
    ".md",
    ".markdown",
    ".log",
    ".ino",
    ".c",
    ".h",
    ".py",
    ".json",
    ".yaml",
    ".yml",
    ".cir",
    ".sp",
}
TABLES = {".csv": ",", ".tsv": "\t"}
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_WEBP = (b"RIFF", b"WEBP")
_NET, _PIN, _REF = (
    ("net", "netname", "signal"),
    ("pin", "pins", "pad", "pinnumber"),
    ("ref", "reference", "part", "component"),
)

Part = dict[str, Any]


def describe(name: str, content: bytes, vision: bool, room: bool = True) -> list[Part]:
    """A file as parts of a message: what kind it is and its text, or the picture where the model can see.

    `room`: whether a picture still goes in.
    """
    shown = clean(name)[:120] or "file"
    ending = PurePosixPath(shown).suffix.lower()
    size = f"{len(content):,} bytes"
    picture = _picture_type(content)
    if picture is not None:
        return _picture(shown, picture, content, size, vision, room)
    try:
        kind, text = _read(ending, content)
    except BadFile as error:
        return [_said(shown, f"a file of {size} that was not read, because {error}", None)]
    return [_said(shown, f"{kind}, {size}", text)]


def _said(name: str, kind: str, text: str | None) -> Part:
    entry = {"file": name, "what": kind} | (
        {"content": clean_lines(text, MOST_TEXT)} if text is not None else {}
    )
    return {"type": "text", "text": data("attachment", entry)}


def _picture(name: str, kind: str, content: bytes, size: str, vision: bool, room: bool) -> list[Part]:
    one, all_of_them = MOST_PICTURE // 1024 // 1024, MOST_PICTURES // 1024 // 1024
    because = (
        "this model cannot see"
        if not vision
        else f"it has more than {one} MB"
        if len(content) > MOST_PICTURE
        else f"the pictures have more than {all_of_them} MB"
        if not room
        else ""
    )
    if because:
        return [_said(name, f"a picture ({kind}, {size}) that was not read, because {because}", None)]
    url = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return [
        _said(name, f"a picture ({kind}, {size}); it follows", None),
        {"type": "image_url", "image_url": {"url": url}},
    ]


def _picture_type(content: bytes) -> str | None:
    for magic, kind in _PICTURES:
        if content.startswith(magic):
            return kind
    return "image/webp" if content[:4] == _WEBP[0] and content[8:12] == _WEBP[1] else None


def _read(ending: str, content: bytes) -> tuple[str, str]:
    """What kind of file it is, and its text.  Raises `BadFile`."""
    if content.startswith(b"%PDF-"):
        return "a PDF; its text", pdf_text(content)
    if content.startswith(b"PK\x03\x04"):
        return "a zip with KiCad files", summary_of_zip(content)
    if ending in ENDINGS:
        return "a KiCad file, summarised", summary_of_file(f"x{ending}", content)
    if ending in TABLES:
        return _table(_text(content), TABLES[ending])
    if ending in TEXTS or ending == "":
        return "a text file", _text(content)
    raise BadFile(f"files of the kind {ending or 'without an ending'} are not read here")


def _text(content: bytes) -> str:
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadFile("it is no text")
    for encoding in (
        ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    ):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("it is no text in UTF-8, UTF-16 or Windows-1252")


def _table(text: str, delimiter: str) -> tuple[str, str]:
    """A netlist by nets where the columns are known, else the rows as they are."""
    first = text[:2000].splitlines()[:1]
    if delimiter == "," and first and first[0].count(";") > first[0].count(","):
        delimiter = ";"
    try:
        rows = [
            [cell.strip() for cell in row]
            for row in csv.reader(io.StringIO(text), delimiter=delimiter)
            if row
        ]
    except csv.Error as error:
        raise BadFile("it is no table that can be read") from error
    if not rows:
        raise BadFile("it is empty")
    nets = _nets(rows)
    if nets:
        lines = [f"{net}: {' '.join(pins)}" for net, pins in sorted(nets.items())]
        return f"a netlist in a table, {len(nets)} nets", _first(lines)
    return f"a table of {len(rows)} rows", _first([" | ".join(row) for row in rows])


def _first(lines: list[str]) -> str:
    more = [f"(and {len(lines) - MOST_ROWS} more)"] if len(lines) > MOST_ROWS else []
    return "\n".join([*lines[:MOST_ROWS], *more])


def _nets(rows: list[list[str]]) -> dict[str, list[str]]:
    """Pins by net: columns net and pin (U1.4 or U1-4, one or several), or net, part and pin; {} otherwise."""
    head = [re.sub(r"[^a-z]", "", cell.lower()) for cell in rows[0]]

    def column(names: Iterable[str]) -> int | None:
        return next((head.index(name) for name in names if name in head), None)

    net, pin, ref = column(_NET), column(_PIN), column(_REF)
    if net is None or pin is None:
        return {}
    found: dict[str, list[str]] = {}
    for row in rows[1:]:
        if max(net, pin, ref or 0) < len(row) and row[net]:
            pins = [f"{row[ref]}.{row[pin]}"] if ref is not None else re.split(r"[\s,;]+", row[pin])
            found.setdefault(row[net], []).extend(pins)
    return found


Reader = Callable[[str], bytes]


def describe_all(names: Iterable[str], read: Reader, vision: bool) -> list[Part]:
    """All files of a conversation; the same content twice is described once."""
    parts: list[Part] = []
    seen: set[bytes] = set()
    left = MOST_PICTURES
    for name in names:
        content = read(name)
        if content in seen:
            continue
        seen.add(content)
        left -= len(content) if _picture_type(content) else 0
        parts += describe(name, content, vision, left >= 0)
    return parts
