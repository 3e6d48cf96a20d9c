"""discord_bot: the front end that people already have; talks by Discord, and holds nothing that may be lost.

It is a transport: what people do becomes calls of `receive_event`, and what is said to them are deliveries
of the outbox.  It can be killed anywhere, and two may run.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys

import discord

from clients.api import Api, ApiError, ConnectionLost
from clients.discord.access import (
    NO_INTENT,
    REFUSED,
    UNREACHED,
    NoAccess,
    examine_token,
    invite,
    invite_link,
    log_in,
    prepare,
    read_token,
)
from clients.discord.bot import Bot
from clients.log import log_of, take_over
from clients.parent_pipe import end_with_parent
from clients.server import find_server

__all__ = ["NoAccess", "examine_token", "invite", "invite_link", "main", "make_bot"]

NAME = "discord_bot"
AGAIN_S = (1.0, 30.0)  # first and longest wait for a Discord that cannot be reached
REFUSED_CODE = 4004  # what its gateway says


def make_bot(dsn: str, worker: str) -> Bot:
    """A bot on the database of `dsn`; `worker` is what an earlier life of it was called, too."""
    return Bot(dsn, worker)


async def serve(bot: Bot, token: str) -> None:
    """Run until SIGTERM; raises `NoAccess`."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    running = asyncio.create_task(_run(bot, token))
    ending = asyncio.create_task(ended.wait())
    await asyncio.wait((running, ending), return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    await bot.close()
    if not ended.is_set():
        await running
    running.cancel()


async def _run(bot: Bot, token: str) -> None:
    await _patiently_log_in(bot, token)
    try:
        await bot.connect()
    except discord.PrivilegedIntentsRequired as error:
        raise NoAccess(NO_INTENT, 3) from error
    except discord.ConnectionClosed as error:
        if error.code == REFUSED_CODE:
            raise NoAccess(REFUSED, 2) from error
        raise NoAccess(f"Discord closed the connection with code {error.code}", 1) from error


async def _patiently_log_in(bot: Bot, token: str) -> None:
    wait = AGAIN_S[0]
    while True:
        try:
            return await log_in(bot, token)
        except UNREACHED as error:
            _say(f"Discord was not reached: {type(error).__name__}; trying again")
            await bot.http.close()  # the next try opens a session of its own
            await asyncio.sleep(wait)
            wait = min(2 * wait, AGAIN_S[1])


def main() -> int:
    """Run the bot as a process until SIGTERM; returns its exit code."""
    take_over(NAME)
    prepare()
    end_with_parent()
    try:
        token, dsn = read_token(), find_server().dsn(NAME)
        worker = os.environ.get("MAS_WORKER") or f"{socket.gethostname()}:{os.getpid()}"
        log_of(NAME).info("started")
        asyncio.run(_main(dsn, worker, token))
        log_of(NAME).info("stopped")
    except NoAccess as reason:
        _say(str(reason))
        return reason.code
    return 0


async def _main(dsn: str, worker: str, token: str) -> None:
    try:
        await serve(make_bot(dsn, worker), token)
    except NoAccess as reason:
        await asyncio.to_thread(_log, dsn, str(reason))
        raise


def _log(dsn: str, sentence: str) -> None:
    try:
        with Api.connect(dsn) as db:
            db.write_log("ERROR", sentence)
    except (ApiError, ConnectionLost):
        return  # it is on the screen


def _say(sentence: str) -> None:
    log_of(NAME).warning(sentence)


if __name__ == "__main__":
    sys.exit(main())
