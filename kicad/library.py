"""KiCad's installed libraries: symbols with their pins, footprints with their pads, and the closest names.

Read as text, one symbol at a time, because a library may have fifteen megabytes and a script names a few
parts.
"""

from __future__ import annotations

import difflib
import fnmatch
import functools
import mmap
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KICAD_VERSIONS = (10, 9, 8)
SHARES = (
    Path("/usr/share/kicad"),
    Path("/usr/local/share/kicad"),
    Path("/Applications/KiCad/KiCad.app/Contents/SharedSupport"),
)
_STRING = r'"((?:[^"\\]|\\.)*)"'
_PIN = re.compile(
    r'\(symbol "[^"]+_(\d+)_(\d+)"'  # a unit: NAME_<unit>_<body style>
    r"|\(pin\s+(\w+)\s+\w+\s+\(at\s+(\S+)\s+([^\s)]+)"
    rf".*?\(name\s+{_STRING}.*?\(number\s+{_STRING}",
    re.DOTALL,
)
_INDENTS = (b"\t", b"  ")  # of a symbol within its library: KiCad 9 and later, KiCad 8
_HUGE = 2_000_000  # bytes; beyond are microcontrollers, whose library nobody gets wrong who knows the name


@dataclass(frozen=True)
class SymbolPin:
    """A pin of a symbol: pad number, name without its bar, KiCad's electrical type, unit (0: all units).

    Pins of one unit `at` the same point of the drawing are stacked: KiCad takes them for connected.  `barred`
    says that the first word of the name has a bar: the pin acts while it is low.
    """

    number: str
    name: str
    type: str
    unit: int
    at: tuple[float, float] = (0.0, 0.0)
    barred: bool = False


def library_folder(kind: str) -> Path:
    """Folder of `symbols` or `footprints`; KiCad's own environment variables win."""
    variable = {"symbols": "SYMBOL_DIR", "footprints": "FOOTPRINT_DIR"}[kind]
    for version in KICAD_VERSIONS:
        if folder := os.environ.get(f"KICAD{version}_{variable}"):
            return Path(folder)
    return next((share / kind for share in SHARES if (share / kind).is_dir()), SHARES[0] / kind)


@functools.cache
def symbol_pins(symbol: str) -> tuple[SymbolPin, ...] | None:
    """Pins of `Library:Symbol`, in order of pad number; None when there is no such symbol."""
    library, _, name = symbol.partition(":")
    text = _symbol_text(library, name)
    for _ in range(4):  # a symbol extends another one, which may do so itself
        parent = re.search(rf"\(extends\s+{_STRING}\)", text or "")
        if text is None or parent is None:
            break
        text = _symbol_text(library, parent[1])
    if text is None:
        return None
    pins = {(pin.number, pin.unit): pin for pin in _pins(text)}
    return tuple(sorted(pins.values(), key=lambda pin: (natural(pin.number), pin.unit)))


@functools.cache
def symbol_property(symbol: str, name: str) -> str:
    """A property of a symbol ("Description", "ki_keywords", "Footprint"), "" where it has none."""
    found = re.search(rf'\(property "{name}" {_STRING}', _symbol_text(*_split(symbol)) or "")
    return found[1].replace('\\"', '"') if found else ""


def symbol_footprint(symbol: str) -> str:
    """The footprint that a symbol itself names, "" where it leaves the choice open."""
    return symbol_property(symbol, "Footprint")


@functools.cache
def footprint_pads(footprint: str) -> frozenset[str] | None:
    """Pad numbers of `Library:Footprint` (unnumbered pads left out); None when there is no such footprint."""
    library, name = _split(footprint)
    if not _is_plain(library, name):
        return None
    file = library_folder("footprints") / f"{library}.pretty" / f"{name}.kicad_mod"
    if not file.is_file():
        return None
    return frozenset(re.findall(r'\(pad\s+"([^"]+)"', file.read_text(encoding="utf-8")))


def closest_symbols(symbol: str) -> list[str]:
    """Up to five installed symbols whose names come closest; the same name in another library comes first."""
    library, name = _split(symbol)
    libraries = _names("symbols", ".kicad_sym") + _names("symbols", ".kicad_symdir")
    elsewhere = [f"{other}:{name}" for other in libraries if _is_plain(name) and _has(other, name)]
    near = difflib.get_close_matches(library, libraries, n=1, cutoff=0.6)
    here = [f"{near[0]}:{entry}" for entry in _closest(name, _symbol_names(near[0]))] if near else []
    found = list(dict.fromkeys([*elsewhere, *here]))[:5]
    return found or difflib.get_close_matches(library, libraries, n=5, cutoff=0.3)


def closest_footprints(footprint: str) -> list[str]:
    """Up to five installed footprints whose names come closest."""
    library, name = _split(footprint)
    near = difflib.get_close_matches(library, _names("footprints", ".pretty"), n=1, cutoff=0.6)
    if not near:
        return difflib.get_close_matches(library, _names("footprints", ".pretty"), n=5, cutoff=0.3)
    folder = library_folder("footprints") / f"{near[0]}.pretty"
    return [
        f"{near[0]}:{entry}" for entry in _closest(name, [file.stem for file in folder.glob("*.kicad_mod")])
    ]


def fitting_footprints(symbol: str) -> list[str]:
    """Up to five installed footprints that the symbol's filters name, with just its pads, plain first."""
    filters = symbol_property(symbol, "ki_fp_filters").split()
    numbers = frozenset(pin.number for pin in symbol_pins(symbol) or ())
    fitting: list[str] = []
    for name in sorted(_footprint_names() if filters else (), key=lambda each: (len(each), each)):
        bare = name.partition(":")[2]
        if any(fnmatch.fnmatch(name if ":" in each else bare, each) for each in filters):
            fitting += [name] if footprint_pads(name) == numbers else []
        if len(fitting) == 5:
            break
    return fitting


@functools.cache
def _footprint_names() -> tuple[str, ...]:
    """Every installed footprint as Library:Name."""
    files = library_folder("footprints").glob("*.pretty/*.kicad_mod")
    return tuple(f"{file.parent.stem}:{file.stem}" for file in files)


def natural(number: str) -> tuple[int, str]:
    """Sorts pad numbers as people count: 2 before 10, and A1 after them."""
    return (int(number), "") if number.isascii() and number.isdecimal() else (10**6, number)


def _split(name: str) -> tuple[str, str]:
    library, _, entry = name.partition(":")
    return library, entry


def _closest(name: str, names: list[str]) -> list[str]:
    """Names that begin like it, then those that look like it."""
    begins = sorted(one for one in names if name and one.lower().startswith(name.lower()))[:3]
    alike = difflib.get_close_matches(name, names, n=5, cutoff=0.4)
    return list(dict.fromkeys([*begins, *alike]))[:5]


def _is_plain(*names: str) -> bool:
    """Whether the names can be file names: they come from a script that nobody trusts."""
    return all(re.fullmatch(r"[\w+\-., ()#&{}~]+", name) and ".." not in name for name in names)


def _names(kind: str, ending: str) -> list[str]:
    return sorted(file.stem for file in library_folder(kind).glob(f"*{ending}"))


@contextmanager
def _library(library: str) -> Iterator[mmap.mmap | bytes]:
    """The library's file, mapped: looking for a name then reads no more of it than it must."""
    file = library_folder("symbols") / f"{library}.kicad_sym"
    if not _is_plain(library) or not file.is_file() or file.stat().st_size == 0:
        yield b""
        return
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def _symbol_file(library: str, name: str) -> Path:
    """Where KiCad 10 may keep a symbol in a file of its own."""
    return library_folder("symbols") / f"{library}.kicad_symdir" / f"{name}.kicad_sym"


def _symbol_text(library: str, name: str) -> str | None:
    """The text of one symbol, without its parents; None when there is none of that name."""
    if not _is_plain(library, name):
        return None
    single = _symbol_file(library, name)
    if single.is_file():
        return single.read_text(encoding="utf-8")
    with _library(library) as data:
        for indent in _INDENTS:
            head = b"\n" + indent + b'(symbol "'
            start = data.find(head + name.encode() + b'"')
            if start >= 0:
                end = data.find(head, start + 1)
                return bytes(data[start : end if end >= 0 else len(data)]).decode()
    return None


def _has(library: str, name: str) -> bool:
    if _symbol_file(library, name).is_file():
        return True
    with _library(library) as data:
        return len(data) <= _HUGE and any(
            data.find(b"\n" + indent + b'(symbol "' + name.encode() + b'"') >= 0 for indent in _INDENTS
        )


def _symbol_names(library: str) -> list[str]:
    folder = library_folder("symbols") / f"{library}.kicad_symdir"
    if folder.is_dir():
        return sorted(file.stem for file in folder.glob("*.kicad_sym"))
    with _library(library) as data:
        return [name.decode() for name in re.findall(rb'\n(?:\t|  )\(symbol "([^"]+)"', data)]


def _pins(text: str) -> Iterator[SymbolPin]:
    """Pins of a symbol's text, without those of an alternative (De Morgan) body."""
    unit, style = 0, 1
    for found in _PIN.finditer(text):
        if found[1] is not None:
            unit, style = int(found[1]), int(found[2])
        elif style <= 1:
            for number in pin_numbers(found[7]):
                at = (float(found[4]), float(found[5]))
                yield SymbolPin(number, _plain_name(found[6]), found[3], unit, at, found[6].startswith("~{"))


def plain_text(raw: bytes) -> str:
    """A string of KiCad's files without its escapes, printable, in one line."""
    text = raw.decode("utf-8", "replace")
    if "\\" in text:
        text = re.sub(r"\\(.)", lambda found: " " if found[1] in "nrt" else found[1], text)
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())


def pin_numbers(number: str) -> list[str]:
    """The numbers of a pin.  KiCad 10 writes pins that are stacked as one: [1-3,8] is 1, 2, 3 and 8."""
    if not re.fullmatch(r"\[\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*\]", number):
        return [number]
    spans = [entry.split("-") for entry in number[1:-1].split(",")]
    return [str(n) for span in spans for n in range(int(span[0]), int(span[-1]) + 1)]


def _plain_name(name: str) -> str:
    """A pin's name without KiCad's mark-up: ~{RESET} is RESET, V_{DD} is VDD, and ~ alone is no name."""
    return re.sub(r"[~_^]\{([^}]*)\}", r"\1", name).replace("~", "").replace('\\"', '"').replace("\\\\", "\\")
