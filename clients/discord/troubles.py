"""What Discord's refusals mean for what was to be sent."""

from __future__ import annotations

import aiohttp
import discord

from clients.api import ApiError

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10003, 10008, 10015, 10062
NO_ACCESS, NO_PERMISSION, NO_DIRECT_MESSAGE, TOKEN_OVER = 50001, 50013, 50007, 50027
ANSWERED_ALREADY, TOO_LARGE, ARCHIVED, THREAD_THERE = 40060, 40005, 50083, 160004
NEVER = {  # code → why it will not be sent, as a person may read it
    UNKNOWN_CHANNEL: "the channel is gone",
    UNKNOWN_MESSAGE: "the message is gone",
    UNKNOWN_WEBHOOK: "the time for an answer is over",
    UNKNOWN_INTERACTION: "the time for an answer is over",
    NO_ACCESS: "I cannot see the channel: View Channels is missing",
    NO_PERMISSION: "I may not do that in the channel: Send Messages, Send Messages in Threads, Create Public "
    "Threads, Embed Links, Attach Files and Read Message History are needed",
    NO_DIRECT_MESSAGE: "direct messages are closed",
    TOKEN_OVER: "the time for an answer is over",
}
FILES_GONE = ("PB006", "PB009")


def verdict(error: BaseException) -> tuple[str, bool]:
    """Why a delivery could not be made, without words of users, and whether it never can."""
    if isinstance(error, discord.HTTPException):
        if error.code in NEVER:
            return NEVER[error.code], True
        return f"Discord answers {error.status}, code {error.code}", error.status in (403, 404)
    if isinstance(error, ApiError):
        return f"the database refuses: {error.code}", error.code in FILES_GONE
    if isinstance(error, TimeoutError):
        return "Discord did not answer in time", False
    if isinstance(error, OSError | aiohttp.ClientError):
        return f"Discord was not reached: {type(error).__name__}", False
    return f"failed by {type(error).__name__}", False


def too_large(error: discord.HTTPException) -> bool:
    """Whether the files were more than this place takes."""
    return error.status == 413 or error.code == TOO_LARGE
