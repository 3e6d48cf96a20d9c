"""./mas design: a board from a sentence, at a terminal or in a pipe."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from clients.command import BAD_INPUT, PASSED, Stop, database, say


def design(options: argparse.Namespace) -> int:
    """A board from a sentence."""
    from clients.api import Api
    from clients.fleet import Fleet
    from clients.local_files import read_files, require_writable
    from clients.terminal import Terminal

    resumed: int | None = options.resume
    if resumed is not None and options.attach:
        raise Stop("files go with a new brief; --resume takes none", BAD_INPUT)
    brief = _brief(options) if resumed is None else ""
    attached = read_files([Path(file) for file in options.attach])
    if resumed is None and (trouble := _trouble(brief)):
        raise Stop(trouble, BAD_INPUT)
    require_writable(Path(options.out))
    with database() as server, Api.connect(server.dsn("terminal")) as db, Fleet():
        terminal = Terminal(db, interactive=not options.yes, out=Path(options.out))
        number = terminal.start(brief, files=attached) if resumed is None else resumed
        say(f"design {number}")
        if resumed is not None:
            terminal.resume(number)
        status = terminal.follow(number)
        if not status["finished"]:
            raise Stop(f"design {number} waits for your answer; ./mas design --resume {number} goes on")
        files = terminal.conclude(status)
        folder = terminal.folders.folder(number)
        if status["state"] != "resolved":
            where = f"; the best attempt is in {folder}/" if files else ""
            raise Stop(f"design {number} ended as {status['state']}{where}")
        say(f"design {number} passed in {status['elapsed_s']:.0f} s; {len(files)} files in {folder}/")
    return PASSED


def files(options: argparse.Namespace) -> int:
    """Lay down the files of any design, whosever it is."""
    from clients.api import Api
    from clients.front_end.words import counted
    from clients.local_files import Folders, require_writable

    require_writable(Path(options.out))
    with database(tools=False) as server, Api.connect(server.dsn("admin")) as db:
        folders = Folders(db, Path(options.out))
        paths = folders.lay_down(options.design)
        where = f"{counted(len(paths), 'file')} in {folders.folder(options.design)}/"
    say(where if paths else f"design {options.design} has no files")
    return PASSED


def _brief(options: argparse.Namespace) -> str:
    text = " ".join(options.brief)
    if options.brief == ["-"] or (not text and not sys.stdin.isatty()):
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    elif not options.brief:
        text = input("What board do you need? ")
    return text


def _trouble(brief: str) -> str | None:
    """What is wrong with a brief; a model may read other words than the catalog."""
    from clients.catalog.conversation import check_brief, check_length
    from clients.doctor import reads_with_model

    trouble = check_length(brief)
    if trouble is None and (trouble := check_brief(brief)) and reads_with_model():
        trouble = None
    return trouble
