"""Files of the person at the terminal: what they attach, and where a design is laid down."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from clients.api import Api
from clients.command import BAD_INPUT, Stop
from clients.front_end.names import plain_name, slug

MOST_FILES, MOST_FILE_BYTES = 10, 8 * 1024 * 1024  # attached to a message


def read_files(paths: Sequence[Path]) -> dict[str, bytes]:
    """Files to go with a message, by the name that the database takes, within its limits.

    Raises `Stop` with a sentence when there are too many, one is too large, or one cannot be read.
    """
    names = [plain_name(path.name) for path in paths]
    if len(paths) > MOST_FILES or len(set(names)) < len(paths):
        raise Stop(f"attach at most {MOST_FILES} files, each with a name of its own", BAD_INPUT)
    try:
        large = [path.name for path in paths if path.stat().st_size > MOST_FILE_BYTES]
        files = {} if large else {name: path.read_bytes() for name, path in zip(names, paths, strict=True)}
    except OSError as error:
        raise Stop(f"{error.filename} cannot be read: {error.strerror}", BAD_INPUT) from error
    if large:
        most = MOST_FILE_BYTES // 1024 // 1024
        raise Stop(f"{large[0]} has more than {most} MB; attach a smaller part of it", BAD_INPUT)
    return files


def require_writable(folder: Path) -> None:
    """Asked first: a design takes its time."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise Stop(f"no files can be written to {folder}; name another folder with --out", BAD_INPUT)


class Folders:
    """Where designs are laid down: a folder each, below one of the person's choice; without one nowhere."""

    def __init__(self, db: Api, below: Path | None) -> None:
        self._db, self._below = db, below
        self.laid: dict[int, list[Path]] = {}  # what was laid down, by design

    def folder(self, design: int) -> Path | None:
        """The design's own."""
        if self._below is None:
            return None
        return self._below / f"{design}-{slug(self._db.design_status(design)['title'])}"

    def lay_down(self, design: int, names: Sequence[str] | None = None) -> list[Path]:
        """Write these files of a design, or all of them; returns their paths."""
        if names is None:
            names = [file["name"] for file in self._db.design_files(design)]
        folder = self.folder(design)
        paths = [folder / name for name in names] if folder else []
        for path, name in zip(paths, names, strict=False):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._db.read_file(design, name))
        self.laid[design] = [*self.laid.get(design, ()), *paths]
        return paths
