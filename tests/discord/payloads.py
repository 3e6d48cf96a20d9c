"""What goes over the wire: the world's objects as Discord's API v10 writes them."""

from __future__ import annotations

import hashlib
import mimetypes
import struct
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tests.discord.permissions import bits, bot_permissions, may
from tests.discord.world import Channel, File, Guild, Message, User, World

LINK_LIVES_S = 24 * 3600
EVERYBODY = bits(("view_channel", "send_messages", "send_messages_in_threads", "attach_files", "embed_links"))


def timestamp(seconds: float) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


class Payloads:
    """Writes the objects of a world; `url` is the server's, for the links of attachments."""

    def __init__(self, world: World, application_flags: int = 0) -> None:
        self._world = world
        self.url = ""
        self.application_flags = application_flags
        self.everybodys_permissions = str(EVERYBODY)
        self._secret = hashlib.sha256(str(time.time_ns()).encode()).digest()

    # ------------------------------------------------------------------ people

    def user(self, user: User) -> dict[str, Any]:
        """A user."""
        return {
            "id": str(user.id),
            "username": user.name,
            "global_name": None if user.bot or user.webhook else user.name.title(),
            "discriminator": "0000" if user.bot or user.webhook else "0",
            "avatar": None,
            "public_flags": 0,
        } | ({"bot": True} if user.bot or user.webhook else {})

    def member(self, user: User, guild: Guild, *, whole: bool = True) -> dict[str, Any]:
        """A member of a guild; without the user where the message's author stands beside it."""
        data = {
            "roles": [str(guild.bot_role)] if user is self._world.bot else [],
            "joined_at": timestamp(0),
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "nick": None,
            "avatar": None,
            "premium_since": None,
            "communication_disabled_until": None,
        }
        return data | {"user": self.user(user)} if whole else data

    def application(self) -> dict[str, Any]:
        """The application, with the flags of its privileged intents."""
        owner = User(1, "owner")
        return {
            "id": str(self._world.bot.id),
            "name": self._world.bot.name,
            "description": "",
            "icon": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": self.application_flags,
            "owner": self.user(owner),
            "team": None,
            "rpc_origins": [],
            "bot": self.user(self._world.bot),
            "integration_types_config": {"0": {}},
            "approximate_guild_count": len(self._world.guilds),
        }

    # ------------------------------------------------------------------ places

    def guild(self, guild: Guild) -> dict[str, Any]:
        """A guild as REST shows it."""
        return {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "owner_id": "1",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": self.roles(guild),
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "vanity_url_code": None,
            "description": None,
            "banner": None,
            "premium_tier": {10: 0, 50: 2, 100: 3}.get(guild.file_limit >> 20, 0),
            "preferred_locale": "en-US",
            "nsfw_level": 0,
            "premium_progress_bar_enabled": False,
            "max_members": 500000,
        }

    def whole_guild(self, guild: Guild) -> dict[str, Any]:
        """A guild as GUILD_CREATE brings it: channels, active threads that the bot sees, and the bot as its only member."""
        threads = [thread for thread in guild.threads.values() if may(thread, "view_channel")]
        return self.guild(guild) | {
            "joined_at": timestamp(0),
            "large": len(guild.members) >= 250,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": [self.member(self._world.bot, guild)],
            "channels": [self.channel(channel) for channel in guild.channels.values()],
            "threads": [self.channel(thread) for thread in threads],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    @staticmethod
    def roles(guild: Guild) -> list[dict[str, Any]]:
        """Everyone's role and the bot's."""
        shared = {
            "color": 0,
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "mentionable": False,
            "flags": 0,
        }
        colours = {"colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}}
        everyone = {"id": str(guild.id), "name": "@everyone", "position": 0, "managed": False}
        role = {"id": str(guild.bot_role), "name": "mas", "position": 1, "managed": True}
        return [
            shared | colours | everyone | {"permissions": str(guild.everyone)},
            shared | colours | role | {"permissions": str(guild.bot_permissions)},
        ]

    def channel(self, channel: Channel) -> dict[str, Any]:
        """A channel, a thread or a direct-message channel."""
        last = None if channel.last_message_id is None else str(channel.last_message_id)
        data: dict[str, Any] = {
            "id": str(channel.id),
            "type": channel.kind,
            "last_message_id": last,
            "flags": 0,
        }
        if channel.person is not None:
            return data | {"recipients": [self.user(channel.person)]}
        assert channel.guild is not None
        data |= {"guild_id": str(channel.guild.id), "name": channel.name, "rate_limit_per_user": 0}
        return data | (self._thread(channel) if channel.is_thread else self._text_channel(channel))

    @staticmethod
    def _text_channel(channel: Channel) -> dict[str, Any]:
        overwrites = [
            {"id": str(number), "type": 1, "allow": str(allow), "deny": str(deny)}
            for number, (allow, deny) in channel.overwrites.items()
        ]
        rest = {
            "position": 0,
            "topic": None,
            "nsfw": False,
            "parent_id": None,
            "default_auto_archive_duration": 1440,
        }
        return {"permission_overwrites": overwrites} | rest

    def _thread(self, thread: Channel) -> dict[str, Any]:
        assert thread.parent is not None
        assert thread.owner is not None
        opened = timestamp(thread.opened_at)
        messages = max(0, len(thread.order) - 1)  # the first one stands for the message it was opened from
        data = {
            "parent_id": str(thread.parent.id),
            "owner_id": str(thread.owner.id),
            "message_count": messages,
            "member_count": min(50, len(thread.members)),
            "total_message_sent": max(0, thread.sent - 1),
            "thread_metadata": {
                "archived": thread.archived,
                "auto_archive_duration": thread.archive_after,
                "archive_timestamp": opened,
                "locked": thread.locked,
                "create_timestamp": opened,
            },
        }
        if self._world.bot.id in thread.members:
            data["member"] = self.thread_member(thread, self._world.bot)
        return data

    @staticmethod
    def thread_member(thread: Channel, user: User) -> dict[str, Any]:
        """Somebody in a thread."""
        since = timestamp(thread.members[user.id])
        return {"id": str(thread.id), "user_id": str(user.id), "join_timestamp": since, "flags": 0}

    # ------------------------------------------------------------------ messages

    def message(self, message: Message, *, bare: bool = False, nested: bool = False) -> dict[str, Any]:
        """A message; `bare` as an application sees it that may not read contents.

        A picture that an embed shows is not among the attachments.
        """
        shown = [] if bare else self._embeds(message)
        within = {part["url"] for embed in message.embeds for part in self._pictures(embed)}
        beside = [file for file in message.files if not bare and f"attachment://{file.name}" not in within]
        data: dict[str, Any] = {
            "id": str(message.id),
            "channel_id": str(message.channel.id),
            "type": message.kind,
            "author": self.user(message.author),
            "content": "" if bare else message.text,
            "timestamp": timestamp(message.at),
            "edited_timestamp": None if message.edited_at is None else timestamp(message.edited_at),
            "tts": False,
            "mention_everyone": message.mentions_everyone,
            "mentions": [self.user(user) for user in message.mentions],
            "mention_roles": [],
            "attachments": [self.file(file) for file in beside],
            "embeds": shown,
            "components": [] if bare else message.components,
            "pinned": False,
            "flags": message.flags,
        }
        if message.nonce is not None:
            data["nonce"] = message.nonce
        if message.author.webhook:
            data["webhook_id"] = str(message.author.id)
        if message.reactions:
            data["reactions"] = self._reactions(message)
        if message.reference is not None:
            data["message_reference"] = {"type": 0} | message.reference
        if message.reference is not None and not nested:
            data["referenced_message"] = self._answered(message, bare=bare)
        if message.thread is not None:
            data["thread"] = self.channel(message.thread)
        if message.interaction is not None:
            data |= self._asked(message)
        return data

    def _answered(self, message: Message, *, bare: bool) -> dict[str, Any] | None:
        answered = message.answers
        if answered is None or answered.deleted:
            return None
        return self.message(answered, bare=bare and answered.author is not self._world.bot, nested=True)

    def _asked(self, message: Message) -> dict[str, Any]:
        asked = message.interaction
        guild = message.channel.guild
        metadata = {
            "id": str(asked.id),
            "type": asked.kind,
            "user": self.user(asked.person),
            "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
        }
        hook = {"webhook_id": str(self._world.bot.id), "application_id": str(self._world.bot.id)}
        return hook | {"interaction_metadata": metadata}

    def _reactions(self, message: Message) -> list[dict[str, Any]]:
        return [
            {
                "emoji": {"id": None, "name": emoji},
                "count": len(users),
                "count_details": {"burst": 0, "normal": len(users)},
                "me": self._world.bot in users,
                "me_burst": False,
                "burst_colors": [],
            }
            for emoji, users in message.reactions.items()
            if users
        ]

    @staticmethod
    def _pictures(embed: dict[str, Any]) -> list[dict[str, Any]]:
        parts = [embed[name] for name in ("image", "thumbnail") if name in embed]
        parts += [
            {"url": embed[name]["icon_url"]}
            for name in ("author", "footer")
            if embed.get(name, {}).get("icon_url")
        ]
        return parts

    def _embeds(self, message: Message) -> list[dict[str, Any]]:
        """The embeds, their attachment:// pictures by address."""
        if not message.embeds:
            return []
        links = {f"attachment://{file.name}": self.link(file) for file in message.files}
        shown = []
        for embed in message.embeds:
            found = dict(embed)
            for part in ("image", "thumbnail"):
                if part in embed and embed[part].get("url") in links:
                    link = links[embed[part]["url"]]
                    found[part] = embed[part] | {"url": link, "proxy_url": link}
            shown.append(found)
        return shown

    def file(self, file: File) -> dict[str, Any]:
        """An attachment, with an address that holds for a day."""
        link = self.link(file)
        kind = mimetypes.guess_type(file.name)[0]
        data = {
            "id": str(file.id),
            "filename": file.name,
            "size": len(file.data),
            "url": link,
            "proxy_url": link,
        }
        data |= {"content_type": kind} if kind else {}
        data |= {"description": file.description} if file.description else {}
        data |= {"title": file.title} if file.title else {}
        if file.data[:8] == b"\x89PNG\r\n\x1a\n" and len(file.data) >= 24:
            data["width"], data["height"] = struct.unpack(">II", file.data[16:24])
        return data

    # ------------------------------------------------------------------ addresses of attachments

    def link(self, file: File) -> str:
        """An address that is signed and expires."""
        issued = int(self._world.clock.now())
        expires = issued + LINK_LIVES_S
        path = f"/attachments/{file.channel}/{file.id}/{quote(file.name)}"
        return f"{self.url}{path}?ex={expires:x}&is={issued:x}&hm={self._sign(file.id, expires)}&"

    def holds(self, number: int, query: Any) -> bool:
        """Whether the address of a file was signed here and has not expired."""
        try:
            expires = int(query["ex"], 16)
        except (KeyError, ValueError):
            return False
        return query.get("hm") == self._sign(number, expires) and expires >= self._world.clock.now()

    def _sign(self, number: int, expires: int) -> str:
        return hashlib.blake2b(f"{number} {expires}".encode(), key=self._secret, digest_size=16).hexdigest()

    def partial_channel(self, channel: Channel) -> dict[str, Any]:
        """A channel as an interaction brings it."""
        permissions = {} if channel.guild is None else {"permissions": self.everybodys_permissions}
        return self.channel(channel) | permissions

    def app_permissions(self, channel: Channel) -> str:
        """What the bot may do where an interaction was asked."""
        return str(bot_permissions(channel))
