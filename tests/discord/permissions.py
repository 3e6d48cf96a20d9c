"""Permissions: what the bot may do where, computed from the guild's roles and the channel's overwrites as Discord does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.discord.world import Channel

BITS = {
    "create_instant_invite": 1 << 0,
    "kick_members": 1 << 1,
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
}
ALL = sum(BITS.values())

# What the bot has in a guild unless a test says otherwise: enough to talk in threads, with files and pictures.
LEAST = (
    "view_channel", "send_messages", "send_messages_in_threads", "create_public_threads", "embed_links",
    "attach_files", "read_message_history", "add_reactions",
)  # fmt: skip
DIRECT = (
    "view_channel", "send_messages", "embed_links", "attach_files", "read_message_history", "add_reactions",
    "mention_everyone", "use_external_emojis",
)  # fmt: skip


def bits(names: Iterable[str] | int) -> int:
    """The number for some names; a number is taken as it is."""
    return names if isinstance(names, int) else sum(BITS[name] for name in set(names))


def bot_permissions(channel: Channel) -> int:
    """What the bot may do in a channel; a thread has its parent's, a direct message everything that makes sense there."""
    if channel.guild is None:
        return bits(DIRECT)
    guild, place = channel.guild, channel.parent or channel
    held = guild.everyone | guild.bot_permissions
    if held & BITS["administrator"]:
        return ALL
    for allow, deny in place.overwrites.values():  # everyone's, the role's, the member's, in that order
        held = held & ~deny | allow
    if not held & BITS["view_channel"]:
        return 0
    speaks = BITS["send_messages_in_threads" if channel.is_thread else "send_messages"]
    if not held & speaks:
        held &= ~(BITS["embed_links"] | BITS["attach_files"] | BITS["mention_everyone"])
    return held


def may(channel: Channel, name: str) -> bool:
    """Whether the bot has a permission in a channel."""
    return bool(bot_permissions(channel) & BITS[name])
