"""KiCad's installed libraries: symbols with their pins, footprints with their pads, and the closest names.

Read as text, one symbol at a time, because a library may have ten megabytes and a script names a few parts.
"""

from __future__ import annotations

import difflib
import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path

KICAD_VERSIONS = (10, 9, 8)
SHARE = Path("/usr/share/kicad")


@dataclass(frozen=True)
class SymbolPin:
    """A pin of a symbol: pad number, name without its bar, KiCad's electrical type, unit (0: all units)."""

    number: str
    name: str
    type: str
    unit: int


def library_folder(kind: str) -> Path:
    """Folder of `symbols` or `footprints`; KiCad's own environment variables win."""
    variable = {"symbols": "SYMBOL_DIR", "footprints": "FOOTPRINT_DIR"}[kind]
    for version in KICAD_VERSIONS:
        if folder := os.environ.get(f"KICAD{version}_{variable}"):
            return Path(folder)
    return SHARE / kind


@functools.cache
def symbol_pins(symbol: str) -> tuple[SymbolPin, ...] | None:
    """Pins of `Library:Symbol`, in order of pad number; None when there is no such symbol."""
    library, _, name = symbol.partition(":")
    text = _symbol_text(library, name)
    for _ in range(4):  # a symbol extends another one, which may do so itself
        parent = re.search(r'\(extends\s+"([^"]+)"\)', text or "")
        if text is None or parent is None:
            break
        text = _symbol_text(library, parent[1])
    if text is None:
        return None
    pins = {(pin.number, pin.unit): pin for pin in _pins(text)}
    return tuple(sorted(pins.values(), key=lambda pin: (_natural(pin.number), pin.unit)))


@functools.cache
def footprint_pads(footprint: str) -> frozenset[str] | None:
    """Pad numbers of `Library:Footprint` (unnumbered pads left out); None when there is no such footprint."""
    library, _, name = footprint.partition(":")
    if not _is_plain(library, name):
        return None
    file = library_folder("footprints") / f"{library}.pretty" / f"{name}.kicad_mod"
    if not file.is_file():
        return None
    return frozenset(re.findall(r'\(pad\s+"([^"]+)"', file.read_text(encoding="utf-8")))


def closest_symbols(symbol: str) -> list[str]:
    """Up to five installed symbols whose names come closest."""
    library, _, name = symbol.partition(":")
    libraries = _names("symbols", ".kicad_sym") + _names("symbols", ".kicad_symdir")
    near = difflib.get_close_matches(library, libraries, n=1, cutoff=0.6)
    here = [f"{near[0]}:{entry}" for entry in _symbol_names(near[0])] if near else []
    found = difflib.get_close_matches(f"{near[0]}:{name}" if near else symbol, here, n=5, cutoff=0.5)
    return found or difflib.get_close_matches(library, libraries, n=5, cutoff=0.3)


def closest_footprints(footprint: str) -> list[str]:
    """Up to five installed footprints whose names come closest."""
    library, _, name = footprint.partition(":")
    near = difflib.get_close_matches(library, _names("footprints", ".pretty"), n=1, cutoff=0.6)
    if not near:
        return difflib.get_close_matches(library, _names("footprints", ".pretty"), n=5, cutoff=0.3)
    folder = library_folder("footprints") / f"{near[0]}.pretty"
    names = [file.stem for file in folder.glob("*.kicad_mod")]
    return [f"{near[0]}:{entry}" for entry in difflib.get_close_matches(name, names, n=5, cutoff=0.4)]


def _is_plain(*names: str) -> bool:
    """Whether the names can be file names: they come from a script that nobody trusts."""
    return all(re.fullmatch(r"[\w+\-., ()#&]+", name) and ".." not in name for name in names)


def _names(kind: str, ending: str) -> list[str]:
    return sorted(file.stem for file in library_folder(kind).glob(f"*{ending}"))


def _library_text(library: str) -> str | None:
    file = library_folder("symbols") / f"{library}.kicad_sym"
    return file.read_text(encoding="utf-8") if _is_plain(library) and file.is_file() else None


def _symbol_text(library: str, name: str) -> str | None:
    """The text of one symbol, without its parents."""
    if not _is_plain(library):
        return None
    single = library_folder("symbols") / f"{library}.kicad_symdir" / f"{name}.kicad_sym"  # KiCad 10
    text = (
        single.read_text(encoding="utf-8") if _is_plain(name) and single.is_file() else _library_text(library)
    )
    if text is None:
        return None
    start = re.search(rf'^[ \t]{{1,2}}\(symbol "{re.escape(name)}"', text, re.MULTILINE)
    if start is None:
        return None
    end = re.compile(r'^(?:\t|  )\(symbol "', re.MULTILINE).search(text, start.end())
    return text[start.start() : end.start() if end else len(text)]


def _symbol_names(library: str) -> list[str]:
    folder = library_folder("symbols") / f"{library}.kicad_symdir"
    if folder.is_dir():
        return sorted(file.stem for file in folder.glob("*.kicad_sym"))
    return re.findall(r'^(?:\t|  )\(symbol "([^"]+)"', _library_text(library) or "", re.MULTILINE)


def _pins(text: str) -> list[SymbolPin]:
    """Pins of a symbol's text; its units are sub-symbols named NAME_<unit>_<style>."""
    found = []
    unit = 0
    for match in re.finditer(
        r'\(symbol "[^"]+_(\d+)_\d+"|\(pin\s+(\w+)\s+\w+.*?\(name\s+"([^"]*)".*?\(number\s+"([^"]*)"',
        text,
        re.DOTALL,
    ):
        if match[1] is not None:
            unit = int(match[1])
        else:
            found.append(SymbolPin(match[4], _plain_name(match[3]), match[2], unit))
    return found


def _plain_name(name: str) -> str:
    """A pin's name without KiCad's bar: ~{RESET} is RESET, and ~ alone is no name."""
    return re.sub(r"~\{([^}]*)\}", r"\1", name).replace("~", "")


def _natural(number: str) -> tuple[int, str]:
    return (int(number), "") if number.isdecimal() else (10**6, number)
