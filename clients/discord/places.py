"""Where something was said, as the database wants to know it, and whether it is for us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import discord

if TYPE_CHECKING:
    from clients.discord.bot import Bot

SAID = (discord.MessageType.default, discord.MessageType.reply)


@dataclass(frozen=True)
class Heard:
    """What was said and where: a thread or a direct channel is a `place`, a channel only a `parent`."""

    text: str = ""
    place: str | None = None
    parent: str | None = None
    guild: str | None = None
    source: str | None = None  # the message to answer, or to open a thread from

    @classmethod
    def of(
        cls, channel: object, number: int, guild: int | None, text: str = "", source: str | None = None
    ) -> Self:
        """What a channel with this number is to the database."""
        if guild is None:
            return cls(text, str(number), source=source)
        if isinstance(channel, discord.Thread):
            return cls(text, str(number), str(channel.parent_id), str(guild), source)
        return cls(text, None, str(number), str(guild), source)

    def place_arguments(self) -> dict[str, Any]:
        """The arguments of `receive_event` that say where."""
        return {"place": self.place, "parent": self.parent, "guild": self.guild, "source": self.source}


def is_said(message: discord.Message) -> bool:
    """Whether a person has said it: no bot, no webhook and nothing that Discord itself tells."""
    return not message.author.bot and message.webhook_id is None and message.type in SAID


async def heard_in(bot: Bot, message: discord.Message) -> Heard | None:
    """The words if they are for us: said directly, in a thread of ours, or with a mention of us."""
    guild = message.guild.id if message.guild else getattr(message.channel, "guild_id", None)
    channel = message.channel
    if guild is not None and isinstance(channel, discord.PartialMessageable):
        channel = await _known(bot, channel)
    assert bot.user is not None, "messages come after the login"
    mentioned = bot.user.id in message.raw_mentions
    ours = guild is None or bot.is_ours(channel)
    if not mentioned and not ours:
        return None
    text = re.sub(rf"<@!?{bot.user.id}>", "", message.content).strip()
    if isinstance(channel, discord.Thread) and not ours:  # no thread can be opened in a thread
        return Heard(text, parent=str(channel.parent_id), guild=str(guild))
    return Heard.of(channel, channel.id, guild, text, str(message.id))


async def _known(bot: Bot, channel: discord.PartialMessageable) -> Any:
    """The channel as Discord has it; what cannot be seen is taken for a channel."""
    try:
        return await bot.fetch_channel(channel.id)
    except (discord.HTTPException, discord.InvalidData):
        return channel
