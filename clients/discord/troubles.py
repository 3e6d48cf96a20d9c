"""What Discord's refusals mean for what was to be sent."""

from __future__ import annotations

from typing import NamedTuple

import aiohttp
import discord

from clients.api import ApiError

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10003, 10008, 10015, 10062
NO_ACCESS, NO_PERMISSION, NO_DIRECT_MESSAGE, TOKEN_OVER = 50001, 50013, 50007, 50027
TOO_LARGE, ARCHIVED, LOCKED = 40005, 50083, 160005
WRONG_CHANNEL, THREAD_THERE, MANY_THREADS = 50024, 160004, 160006
NEVER = {  # code → why it will not be sent, as a person may read it
    UNKNOWN_CHANNEL: "the channel is gone",
    UNKNOWN_MESSAGE: "the message is gone",
    UNKNOWN_WEBHOOK: "the time for an answer is over",
    UNKNOWN_INTERACTION: "the time for an answer is over",
    NO_ACCESS: "the channel cannot be seen: View Channels is missing",
    NO_PERMISSION: "a permission is missing: Send Messages, Send Messages in Threads, Create Public Threads, "
    "Embed Links, Attach Files and Read Message History are needed",
    WRONG_CHANNEL: "no threads can be opened in this kind of channel",
    MANY_THREADS: "too many threads are open there",
    LOCKED: "the thread is locked",
    NO_DIRECT_MESSAGE: "direct messages are closed",
    TOKEN_OVER: "the time for an answer is over",
}
FILES_GONE = ("PB006", "PB009")
OTHERWISE_LATER = (401, 408, 425, 429)  # refusals that are no answer to what was asked
OUT_OF_REACH_S = 5.0


class Verdict(NamedTuple):
    """What is told to the outbox: why, whether it can never be sent, and when to try again, if known."""

    reason: str
    gone: bool = False
    retry_after_s: float | None = None


def verdict(error: BaseException) -> Verdict:
    """What is to be told of a delivery that could not be made; it has no word of users."""
    if isinstance(error, discord.HTTPException):
        return _refused(error)
    if isinstance(error, ApiError):
        return Verdict(f"the database refuses: {error.code}", error.code in FILES_GONE)
    if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError):
        return Verdict("Discord did not answer in time")
    if isinstance(error, OSError | aiohttp.ClientError):
        return Verdict(f"Discord was not reached: {type(error).__name__}", retry_after_s=OUT_OF_REACH_S)
    return Verdict(f"failed by {type(error).__name__}")


def _refused(error: discord.HTTPException) -> Verdict:
    if error.code in NEVER:
        return Verdict(NEVER[error.code], gone=True)
    gone = 400 <= error.status < 500 and error.status not in OTHERWISE_LATER
    return Verdict(f"Discord answers {error.status}, code {error.code}", gone)


def too_large(error: discord.HTTPException) -> bool:
    """Whether the files were more than this place takes."""
    return error.status == 413 or error.code == TOO_LARGE
