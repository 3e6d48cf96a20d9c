"""Files that people attach: asked for first, then read in pieces, then stored before the words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
import discord

from clients.api import ApiError
from clients.discord.database import Database
from clients.discord.places import Heard
from clients.front_end.names import plain_name

AT_ONCE = 4  # files in memory
DOWNLOAD_S = 60.0
TRIES = 2
PIECE_BYTES = 65536


class Files:
    """Reads attachments from Discord into the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._room = asyncio.Semaphore(AT_ONCE)

    async def attach(
        self, heard: Heard, who: tuple[str, str], key: str, files: Sequence[discord.Attachment]
    ) -> list[dict[str, Any]]:
        """Store what may be stored; returns what was announced, for the database to compare."""
        announced: dict[str, discord.Attachment] = {}
        for number, file in enumerate(files, 1):
            name = plain_name(file.filename)
            announced[f"{number}-{name}" if name in announced else name] = file
        for name, file in announced.items():
            async with self._room:
                await self._attach(heard, who, key, name, file)
        return [{"name": name, "bytes": file.size} for name, file in announced.items()]

    async def _attach(
        self, heard: Heard, who: tuple[str, str], key: str, name: str, file: discord.Attachment
    ) -> None:
        where = {"place": heard.place, "parent": heard.parent, "guild": heard.guild}
        insist = self._database.insist
        try:
            if await insist(lambda api: api.attachment_problem(name, file.size, **where)) is None:
                content = await _download(file)
                if content is not None:
                    await insist(lambda api: api.attach_file(*who, key, name, content))
        except ApiError:
            return  # it was announced: the database says in its answer what became of it


async def _download(file: discord.Attachment) -> bytes | None:
    """The content; None when it does not come, or is not as large as was said."""
    for _ in range(TRIES):
        try:
            async with asyncio.timeout(DOWNLOAD_S):
                return await _read(file)
        except (aiohttp.ClientError, OSError):  # a timeout is an OSError
            continue
    return None


async def _read(file: discord.Attachment) -> bytes | None:
    content = bytearray()
    async with (
        aiohttp.ClientSession() as session,
        session.get(file.url, allow_redirects=False, raise_for_status=True) as response,
    ):
        async for piece in response.content.iter_chunked(PIECE_BYTES):
            content += piece
            if len(content) > file.size:
                return None
    return bytes(content) if len(content) == file.size else None
