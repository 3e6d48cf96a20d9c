"""Getting in: the token, other addresses, what has to be switched on, and the link by which it is invited."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

TOKENLESS = "there is no token: put it into a file and name that in DISCORD_TOKEN_FILE, or set DISCORD_TOKEN"
REFUSED = (
    "Discord does not know this token; a new one is made in the Developer Portal → your application → Bot → "
    "Reset Token"
)
NO_INTENT = (
    "Message Content Intent is switched off, so that no message can be read; switch it on in the Developer "
    "Portal (https://discord.com/developers/applications) → your application → Bot → Privileged Gateway "
    "Intents → Message Content Intent, and start again"
)
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
UNREACHED = (aiohttp.ClientError, OSError, discord.HTTPException)
SCOPES = ("bot", "applications.commands")


class NoAccess(Exception):
    """It cannot begin as things are; one sentence that says what to do."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


def read_token() -> str:
    """The token of DISCORD_TOKEN, or of the file that DISCORD_TOKEN_FILE names; raises `NoAccess`."""
    token, file = os.environ.get("DISCORD_TOKEN", ""), os.environ.get("DISCORD_TOKEN_FILE")
    if not token.strip() and file:
        try:
            token = Path(file).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise NoAccess(f"DISCORD_TOKEN_FILE cannot be read ({type(error).__name__})", 2) from error
    if not token.strip():
        raise NoAccess(TOKENLESS, 2)
    return token.strip()


def has_token() -> bool:
    """Whether a token is named at all."""
    return bool(os.environ.get("DISCORD_TOKEN") or os.environ.get("DISCORD_TOKEN_FILE"))


def prepare() -> None:
    """Take the addresses from the environment, and let discord.py say warnings only."""
    if address := os.environ.get("DISCORD_API_URL"):
        Route.BASE = address.rstrip("/")
    if address := os.environ.get("DISCORD_GATEWAY_URL"):
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nothing here has a voice
    discord.utils.setup_logging(level=logging.WARNING, root=False)


async def log_in(client: discord.Client, token: str) -> None:
    """Log in; raises `NoAccess` for a token or a setting that will not do, and what the network raises."""
    try:
        await client.login(token)
    except discord.LoginFailure as error:
        raise NoAccess(REFUSED, 2) from error
    application = await client.http.request(Route("GET", "/applications/@me"))
    flags = discord.ApplicationFlags._from_value(application.get("flags", 0))
    if not (flags.gateway_message_content or flags.gateway_message_content_limited):
        raise NoAccess(NO_INTENT, 3)


def invite_link(application_id: int) -> str:
    """The link by which an administrator lets the bot into a server, with the least permissions."""
    return discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=SCOPES)


def invite() -> str:
    """The link for the application that the token belongs to; raises `NoAccess`."""
    prepare()
    try:
        return invite_link(asyncio.run(_application(read_token()))[0].id)
    except UNREACHED as error:
        raise NoAccess(f"Discord was not reached: {type(error).__name__}", 1) from error


def examine_token() -> list[tuple[bool, str]]:
    """What `./mas doctor` says of the bot: whether each line is well, and the line."""
    if not has_token():
        return [(True, TOKENLESS.replace("there is no token", "no token, so no bot"))]
    prepare()
    try:
        return asyncio.run(_examine(read_token()))
    except NoAccess as reason:
        return [(False, str(reason))]
    except UNREACHED as error:
        return [(False, f"Discord was not reached: {type(error).__name__}")]


async def _examine(token: str) -> list[tuple[bool, str]]:
    application, guilds = await _application(token)
    invited = f"it is in {guilds} server{'s' if guilds != 1 else ''}; invite it by "
    return [
        (True, f"the token is {application.name}'s, and Message Content Intent is on"),
        (guilds > 0, invited + invite_link(application.id)),
    ]


async def _application(token: str) -> tuple[discord.AppInfo, int]:
    """The application, and in how many servers it is (of the first 200)."""
    async with discord.Client(intents=discord.Intents.none()) as client:
        await log_in(client, token)
        return await client.application_info(), len([guild async for guild in client.fetch_guilds()])
