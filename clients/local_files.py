"""Files of the person at the terminal: what they attach, and where a design is laid down."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from clients.api import Api
from clients.command import BAD_INPUT, Stop
from clients.front_end.names import plain_name

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


def lay_down(db: Api, design: int, names: Sequence[str], folder: Path) -> list[Path]:
    """Write files of a design into `folder`; returns their paths."""
    paths = []
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(db.read_file(design, name))
        paths.append(path)
    return paths


def require_writable(folder: Path) -> None:
    """Asked first: a design takes its time."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise Stop(f"no files can be written to {folder}; name another folder with --out", BAD_INPUT)
