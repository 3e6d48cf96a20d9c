"""The gateway as a process: `python -m clients.gateway`, until SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from clients.gateway.server import Gateway
from clients.gateway.settings import BadSetting, Settings, read_settings
from clients.log import log_of, take_over
from clients.parent_pipe import end_with_parent
from clients.server import ServerError, find_server

NAME = "gateway"
LOG = log_of(NAME)


def main() -> int:
    """Serve until SIGTERM; returns the exit code: 2 for what a person has to set right first."""
    take_over(NAME)
    end_with_parent()
    try:
        return asyncio.run(serve(find_server().dsn(NAME), read_settings(), LOG.info))
    except (BadSetting, ServerError) as error:
        LOG.error("%s", error)
        return 2


async def serve(dsn: str, settings: Settings, say: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    gateway = Gateway(dsn, settings)
    try:
        port = await gateway.begin()
        say(f"listens on http://{settings.host}:{port}")
        await ended.wait()
    except OSError as error:
        raise BadSetting(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
    finally:
        await gateway.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
