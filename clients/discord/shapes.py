"""A post as Discord shows it: content or embed, files and buttons, within its limits."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import discord

from clients.discord.buttons import view_of
from clients.discord.tables import table
from clients.discord.words import cut, quoted
from clients.front_end.post import Button, Post

CONTENT, DESCRIPTION, TITLE, THREAD_NAME = 2000, 4096, 256, 100  # Discord's limits, in characters
EMBEDDED = ("status", "result")  # kinds that are an embed, whatever they say


@dataclass(frozen=True)
class Shape:
    """A message before it is sent; `files` are names and contents."""

    content: str | None
    embed: discord.Embed | None
    files: tuple[tuple[str, bytes], ...]
    buttons: tuple[Button, ...]

    def arguments(self) -> dict[str, Any]:
        """Content, embed and buttons as sending takes them; links of others open no preview."""
        shown: dict[str, Any] = {"content": self.content, "embed": self.embed}
        given = {name: value for name, value in shown.items() if value is not None}
        if self.buttons:
            given["view"] = view_of(self.buttons)
        return given

    def opened_files(self) -> list[discord.File]:
        """The files, to be sent once."""
        return [discord.File(io.BytesIO(content), name) for name, content in self.files]

    def looks_like(self, message: discord.Message) -> bool:
        """Whether an own message is this one."""
        if self.embed is not None:
            return any(_looks(self.embed, embed) for embed in message.embeds)
        names = [attachment.filename for attachment in message.attachments]
        return message.content.strip() == (self.content or "").strip() and names == [n for n, _ in self.files]


def shaped(post: Post, design: int | None) -> Shape:
    """The post as a message."""
    files = tuple((file_name(name), content) for name, content in post.files)
    if post.kind in EMBEDDED:
        picture = [(file_name(post.picture[0]), post.picture[1])] if post.picture else []
        return Shape(None, _embed(post, design), (*files, *picture), post.buttons)
    small = f"-# {quoted(post.sender)}\n" if post.sender else ""
    text = quoted(post.text)
    if len(small + text) <= CONTENT:
        return Shape(small + text, None, files, post.buttons)
    embed = discord.Embed(description=cut(text, DESCRIPTION))
    return Shape(small.strip() or None, embed, files, post.buttons)


def thread_name(title: str) -> str:
    """A thread's name: never empty, never too long."""
    return cut(" ".join(title.split()), THREAD_NAME) or "board"


def file_name(name: str) -> str:
    """A file's name that Discord keeps as it is."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", PurePosixPath(name).name) or "file"


def _embed(post: Post, design: int | None) -> discord.Embed:
    text = quoted(post.text)
    embed = discord.Embed(title=cut(quoted(post.title), TITLE), colour=post.colour)
    rows = table(post.rows, DESCRIPTION - len(text) - 2)
    embed.description = cut(f"{text}\n\n{rows}".strip() if rows else text, DESCRIPTION)
    embed.set_footer(text=_footer(post, design))
    if post.picture:
        embed.set_image(url=f"attachment://{file_name(post.picture[0])}")
    return embed


def _footer(post: Post, design: int | None) -> str:
    """What the message is known by later, before how long it took."""
    return " · ".join(filter(None, (f"{post.kind} of design {design}", post.elapsed)))


def _looks(ours: discord.Embed, theirs: discord.Embed) -> bool:
    """Whether two embeds are of one design and kind, or say the same."""
    ours_of, theirs_of = ours.footer.text, theirs.footer.text
    if ours_of and theirs_of:
        return ours_of.split(" · ", maxsplit=1)[0] == theirs_of.split(" · ", maxsplit=1)[0]
    return (ours.description or "").strip() == (theirs.description or "").strip()
