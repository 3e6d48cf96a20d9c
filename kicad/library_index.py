"""KiCad's installed libraries as rows, for a search over all of them; read as text in a few seconds."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kicad.library import library_folder, pin_numbers, plain_text

Kind = Literal["symbols", "footprints"]
MOST_TEXT = 2000  # of a description, in letters
_ENDINGS = {"symbols": (".kicad_sym",), "footprints": (".kicad_mod",)}
_HEAD = re.compile(rb'\n(?:\t|  )\(symbol "((?:[^"\\]|\\.)*)"')  # KiCad 9 and later, KiCad 8
_PROPERTY = re.compile(
    rb'\(property "(Description|ki_description|ki_keywords|Footprint|ki_fp_filters)" "((?:[^"\\]|\\.)*)"'
)
_EXTENDS = re.compile(rb'\(extends "((?:[^"\\]|\\.)*)"\)')
_NUMBER = re.compile(rb'\(number "([^"]*)"')
_POWER = b"(power"  # before the properties of a symbol that names a net and is no part
_TEXT = re.compile(rb'\((descr|tags) "((?:[^"\\]|\\.)*)"')
_PAD = re.compile(rb'\(pad "([^"]*)"')
_MOST_PARENTS = 4


@dataclass(frozen=True)
class _Symbol:
    """A symbol without what it takes from its parent."""

    parent: bytes | None
    properties: dict[bytes, bytes]
    numbers: frozenset[bytes]
    power: bool


def library_rows(kind: Kind) -> Iterator[dict[str, Any]]:
    """A row for each installed symbol or footprint, library by library, in the order of their names.

    A symbol: `symbol` ("Library:Name"), `description`, `keywords`, `footprint`, `footprint_filters` and
    `pins` (how many), with what it takes from those that it extends; net symbols like GND are no parts and
    left out.
    A footprint: `footprint`, `description`, `tags` and `pads` (how many have a number of their own).
    """
    yield from _symbol_rows() if kind == "symbols" else _footprint_rows()


def installed_version(kind: Kind) -> str:
    """A word that changes when a library is added, removed or changed: how many files, and a hash of them.

    The same libraries have the same word on every machine that installed them from the same packages.
    """
    folder, seen = library_folder(kind), []
    for path, entry in _files(folder, _ENDINGS[kind]):
        told = entry.stat()
        seen.append(f"{path} {told.st_size} {told.st_mtime_ns}")
    digest = hashlib.sha256("\n".join(sorted(seen)).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{len(seen)}-{digest[:16]}"


def _files(folder: Path, endings: tuple[str, ...]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Files of these endings in the folder and one folder below, with their names from there."""
    for entry in _entries(folder):
        if entry.is_dir():
            inner = ((f"{entry.name}/{each.name}", each) for each in _entries(Path(entry.path)))
            yield from (pair for pair in inner if pair[0].endswith(endings))
        elif entry.name.endswith(endings):
            yield entry.name, entry


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as found:
        return sorted(found, key=lambda entry: entry.name)


# ---------------------------------------------------------------------------- symbols


def _symbol_rows() -> Iterator[dict[str, Any]]:
    for entry in _entries(library_folder("symbols")):
        library, _, ending = entry.name.rpartition(".")
        if ending == "kicad_sym":
            texts = [Path(entry.path).read_bytes()]
        elif ending == "kicad_symdir":  # KiCad 10 keeps each symbol in a file of its own
            texts = [Path(each.path).read_bytes() for each in _entries(Path(entry.path))]
        else:
            continue
        symbols = {name: symbol for text in texts for name, symbol in _symbols(text)}
        for name in sorted(symbols):
            if not _whole(symbols, name)[0].power:
                yield _symbol_row(library, name, _whole(symbols, name))


def _symbols(text: bytes) -> Iterator[tuple[bytes, _Symbol]]:
    """The symbols of a library's text."""
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        units = text.find(b'(symbol "', head.end(), end)  # the drawing comes after the properties
        top = text[head.start() : units if units >= 0 else end]
        parent = _EXTENDS.search(top)
        numbers = frozenset(_NUMBER.findall(text, head.end(), end))
        power = _POWER in top.partition(b"(property")[0]
        yield head[1], _Symbol(parent[1] if parent else None, dict(_PROPERTY.findall(top)), numbers, power)


def _whole(symbols: dict[bytes, _Symbol], name: bytes) -> list[_Symbol]:
    """A symbol, what it extends, what that extends."""
    chain = [symbols[name]]
    while len(chain) <= _MOST_PARENTS and chain[-1].parent in symbols:
        chain.append(symbols[chain[-1].parent])
    return chain


def _symbol_row(library: str, name: bytes, chain: list[_Symbol]) -> dict[str, Any]:
    properties: dict[bytes, bytes] = {}
    for symbol in reversed(chain):
        properties |= symbol.properties
    numbers = chain[-1].numbers
    stacked = [raw for raw in numbers if raw.startswith(b"[")]
    more = {number for raw in stacked for number in pin_numbers(plain_text(raw))}

    def said(*names: bytes) -> str:
        return plain_text(next((properties[each] for each in names if each in properties), b""))[:MOST_TEXT]

    return {
        "symbol": f"{library}:{plain_text(name)}",
        "description": said(b"Description", b"ki_description"),
        "keywords": said(b"ki_keywords"),
        "footprint": said(b"Footprint"),
        "footprint_filters": said(b"ki_fp_filters"),
        "pins": len(numbers) - len(stacked) + len(more),
    }


# ---------------------------------------------------------------------------- footprints


def _footprint_rows() -> Iterator[dict[str, Any]]:
    for path, entry in _files(library_folder("footprints"), _ENDINGS["footprints"]):
        library, _, name = path.partition("/")
        if not library.endswith(".pretty"):
            continue
        text = Path(entry.path).read_bytes()
        said = dict(_TEXT.findall(text))
        yield {
            "footprint": f"{library.removesuffix('.pretty')}:{name.removesuffix('.kicad_mod')}",
            "description": plain_text(said.get(b"descr", b""))[:MOST_TEXT],
            "tags": plain_text(said.get(b"tags", b""))[:MOST_TEXT],
            "pads": len(set(_PAD.findall(text)) - {b""}),
        }
