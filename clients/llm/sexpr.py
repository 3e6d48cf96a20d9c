"""Reads S-expressions, KiCad's file format, from files that nobody trusts: no recursion, and limits."""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_DEPTH = 64  # KiCad's own files have about 10
MOST_TOKENS = 1_000_000  # a board of three hundred parts has about 200,000
_TOKEN = re.compile(r'\s*(?:([()])|"((?:[^"\\]|\\.)*)"|([^\s()"]+))', re.DOTALL)

Node = list["Node | str"]


class BadFile(Exception):
    """The file is not what its name says, or goes beyond the limits; the message says how, for people."""


def parse(text: str) -> Node:
    """The one expression of a text.  Raises `BadFile`."""
    root: Node = []
    stack = [root]
    for bracket, word in _tokens(text):
        if bracket == "(":
            if len(stack) > MOST_DEPTH:
                raise BadFile(f"it is nested more than {MOST_DEPTH} deep")
            inner: Node = []
            stack[-1].append(inner)
            stack.append(inner)
        elif bracket == ")":
            stack.pop()
            if not stack:
                raise BadFile("it has more closing than opening brackets")
        else:
            stack[-1].append(word)
    if len(stack) > 1:
        raise BadFile("it ends too early")
    first = root[0] if root else None
    if not isinstance(first, list):
        raise BadFile("it is no S-expression")
    return first


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Each token as (bracket or "", word)."""
    at, count, end = 0, 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise BadFile("it has a text that does not end")
        count += 1
        if count > MOST_TOKENS:
            raise BadFile(f"it has more than {MOST_TOKENS:,} words")
        at = found.end()
        if found[1]:
            yield found[1], ""
        else:
            yield "", (found[2].replace('\\"', '"') if found[2] is not None else found[3])


def children(node: Node, name: str) -> Iterator[Node]:
    """The expressions directly below that begin with `name`."""
    return (each for each in node if isinstance(each, list) and each[:1] == [name])


def word(node: Node, name: str, at: int = 1) -> str:
    """A word of the first child `name`; "" where there is none."""
    found = next(children(node, name), [])
    entry = found[at] if len(found) > at else ""
    return entry if isinstance(entry, str) else ""


def prop(node: Node, name: str) -> str:
    """The value of `(property "name" "value" …)`; "" where there is none."""
    for each in children(node, "property"):
        if len(each) > 2 and each[1] == name and isinstance(each[2], str):
            return each[2]
    return ""
