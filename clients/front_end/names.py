"""Names of files and folders that fit everywhere."""

from __future__ import annotations

import re
from pathlib import PurePath


def plain_name(name: str) -> str:
    """A file's name as the database takes it: letters, digits and `_. +-`, the ending kept."""
    path = PurePath(name)
    stem, ending = (re.sub(r"[^A-Za-z0-9_. +-]", "_", part) for part in (path.stem, path.suffix))
    return f"{'' if stem[:1].isalnum() else '_'}{stem[:150]}{ending[:20]}"


def slug(title: str) -> str:
    """A title as a part of a file's name: lowercase letters and digits with dashes, at most 40."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-") or "board"
