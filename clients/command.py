"""What the commands behind ./mas share: how they speak, how they end, and what they need to be there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

PASSED, NOT_PASSED, BAD_INPUT = 0, 1, 2  # 3: something is missing and may not be installed (clients.setup)
CHECKOUT = Path(__file__).resolve().parent.parent


class Stop(Exception):
    """Ends the command with one clear sentence and an exit code."""

    def __init__(self, sentence: str, code: int = NOT_PASSED) -> None:
        super().__init__(sentence)
        self.code = code


def say(text: str) -> None:
    """One line to the person at the terminal."""
    from clients.screen import shown

    Console(highlight=False, soft_wrap=True).print(shown(text))


@contextmanager
def database(verbose: bool = False, tools: bool = True) -> Iterator[Any]:
    """The tools installed if they are wanted, the server up, the schema deployed."""
    import psycopg

    from clients.api import ApiError, ConnectionLost
    from clients.deploy import DeployError
    from clients.deploy import deploy as bring_up_to_date
    from clients.server import ServerError, ensure_server

    if tools:
        install_tools()
    try:
        server = ensure_server()
        for line in bring_up_to_date(server.admin_dsn, server.passwords()):
            if verbose:
                say(line)
    except (ServerError, DeployError) as error:
        raise Stop(str(error)) from error
    except psycopg.Error as error:
        raise Stop(f"the database could not be brought up to date: {error}") from error
    try:
        yield server
    except ApiError as error:
        raise Stop(f"{error} ({error.code})", BAD_INPUT) from error
    except ConnectionLost as error:
        raise Stop(f"the database is gone: {error}; --resume N goes on with a design") from error


@contextmanager
def controlled(tools: bool = False) -> Iterator[Any]:
    """The database, and what control refuses as one clear sentence."""
    from clients.control import ControlError

    with database(tools=tools) as server:
        try:
            yield server
        except ControlError as error:
            raise Stop(str(error), BAD_INPUT) from error


def install_tools() -> None:
    """KiCad, ngspice and the sandbox, if they are not there."""
    from clients.setup import NotInstalled, ensure_tools

    try:
        ensure_tools(say)
    except NotInstalled as missing:
        raise Stop(str(missing), 3) from missing


def judged(options: argparse.Namespace, run: Callable[[], dict[str, Any]]) -> int:
    """Run a command that measures, write its JSON, and judge by its goals."""
    result = run()
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=1) + "\n")
    for goal in result["goals"]:
        mark = "met    " if goal["met"] else "NOT MET"
        wanted = f"{goal.get('bound', '')} {goal['goal']}".strip()
        say(f"{mark}  {goal['name']}: {goal['measured']} {goal['unit']} (goal {wanted})")
    return PASSED if all(goal["met"] for goal in result["goals"]) else NOT_PASSED
