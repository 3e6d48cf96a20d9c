"""A hash over what a script may not touch: all of a board file but silk, fabrication and user drawings.

It reads the file as text, so that bytes from a sandbox are judged before KiCad's own parser sees them.
"""

from __future__ import annotations

import hashlib
import re
from typing import Union

MAX_BYTES = 32_000_000
MAX_DEPTH = 64

Node = Union[str, list["Node"]]  # noqa: UP007 - a recursive alias cannot use | at run time

# The last alternative catches what no other does: an open quote.  KiCad's own reader knows comments, lines
# that begin with #; no file of KiCad's has one, and a # that hides a bracket from one reader only is refused.
_WORD = re.compile(r'[()]|"(?:[^"\\\n]|\\.)*"|[^\s()"#][^\s()"]*|\S')
_FREE_LAYER = re.compile(r'"?([FB]\.(SilkS|Silkscreen|Fab)|(Cmts|Dwgs)\.User|User\.\d+)"?$')
_DRAWINGS = re.compile(
    r"(gr|fp)_(line|rect|arc|circle|poly|curve|bbox|text|text_box)$|image$|dimension$|table$"
)
_NAMELESS = {"uuid", "tstamp", "generator", "generator_version", "title_block", "paper", "descr", "tags"}


class BadBoard(ValueError):
    """The file is no board: too large, too deep or not balanced."""


def copper_digest(content: bytes, *, fills: bool = True) -> str:
    """SHA-256 (hex) of a `.kicad_pcb` over nets, pads, tracks, vias, zones, setup, placement and outline.

    Silk, fabrication and user drawings, the place and look of texts, identifiers and the order of items do
    not count; the names and values of footprint fields do.  `fills=False` leaves out what KiCad computes from
    the rest: it fills pours in threads, the same copper each time, but cut open along other lines.  Raises
    `BadBoard`.
    """
    root = parse(content)
    if not root or root[0] != "kicad_pcb":
        raise BadBoard("the file does not begin with (kicad_pcb")
    items = sorted(_hash(node if fills else _unfilled(node)) for node in root[1:] if not _is_free(node))
    return hashlib.sha256("\n".join(items).encode()).hexdigest()


def parse(content: bytes) -> list[Node]:
    """The S-expression of a KiCad file as nested lists of words; raises `BadBoard`."""
    if len(content) > MAX_BYTES:
        raise BadBoard(f"the file has {len(content)} bytes; {MAX_BYTES} are allowed")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise BadBoard("the file is not UTF-8 text") from error
    top: list[Node] = []
    stack = [top]
    for word in _WORD.findall(text):
        if word == "(":
            if len(stack) > MAX_DEPTH:
                raise BadBoard(f"the file nests deeper than {MAX_DEPTH} levels")
            inner: list[Node] = []
            stack[-1].append(inner)
            stack.append(inner)
        elif word == ")":
            if len(stack) == 1:
                raise BadBoard("the file closes more brackets than it opens")
            stack.pop()
        elif word in {'"', "#"}:
            raise BadBoard("the file has an open quote or a comment")
        else:
            stack[-1].append(word)
    if len(stack) != 1 or len(top) != 1 or isinstance(top[0], str):
        raise BadBoard("the file is not one balanced expression")
    return top[0]


def _is_free(node: Node) -> bool:
    """Whether a script may add, change or remove `node`."""
    if isinstance(node, str) or not node:
        return False
    head = node[0]
    if not isinstance(head, str):
        return False
    if head in _NAMELESS:
        return True
    layer = next((str(item[1]) for item in node[1:] if isinstance(item, list) and item[:1] == ["layer"]), "")
    return bool(_DRAWINGS.match(head) and _FREE_LAYER.match(layer))


def _hash(node: Node) -> str:
    """Hash of a top-level item; a footprint's own items are sorted, since their order says nothing."""
    if isinstance(node, list) and node[:1] == ["footprint"]:
        parts = sorted(_flat(_named(item)) for item in node[2:] if not _is_free(item))
        node = [*node[:2], *parts]
    return hashlib.sha256(_flat(node).encode()).hexdigest()


def _unfilled(node: Node) -> Node:
    return [item for item in node if not (isinstance(item, list) and item[:1] == ["filled_polygon"])]


def _named(node: Node) -> Node:
    """A field reduced to its name and value."""
    return node[:3] if isinstance(node, list) and node[:1] == ["property"] else node


def _flat(node: Node) -> str:
    """One line of text for `node` without its identifiers (depth is bounded by `parse`)."""
    if isinstance(node, str):
        return node
    return (
        "("
        + " ".join(_flat(item) for item in node if not (isinstance(item, list) and item[:1] == ["uuid"]))
        + ")"
    )
