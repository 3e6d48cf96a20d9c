"""KiCad's installed libraries in the database, where a designer finds symbols and footprints by words."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from clients.api import BAD_PAGE, ApiError
from clients.model_calls import ModelCalls
from kicad.library_index import Kind, installed_version, library_rows

PAGE_ROWS = 2000  # of 5000 at most; a heartbeat does not wait for one
SAYING = "indexing KiCad's libraries"
KINDS: tuple[Kind, Kind] = ("symbols", "footprints")


def index_libraries(db: ModelCalls, say: Callable[[str], None]) -> dict[str, int]:
    """Store what is installed here, where the database has none or another version; rows by what was stored.

    Where nothing is installed, what others have stored stays.  Takes about ten seconds.
    """
    stored: dict[str, int] = {}
    for kind in KINDS:
        version = installed_version(kind)
        if not version.startswith("0-") and db.library_version(kind) != version:
            say(SAYING)
            stored[kind] = _store(db, kind, version)
    return stored


def _store(db: ModelCalls, kind: Kind, version: str) -> int:
    rows, first = 0, True
    try:
        for page, last in _pages(library_rows(kind)):
            rows = db.store_library(kind, version, page, first, last)
            first = False
    except ApiError as error:
        # another was quicker with the same libraries, and what was sent so far has gone
        if error.code != BAD_PAGE or db.library_version(kind) != version:
            raise
    return rows


def _pages(rows: Iterator[dict[str, Any]]) -> Iterator[tuple[list[dict[str, Any]], bool]]:
    """The rows in pages, each with whether it is the last."""
    page = list(itertools.islice(rows, PAGE_ROWS))
    while following := list(itertools.islice(rows, PAGE_ROWS)):
        yield page, False
        page = following
    yield page, True
