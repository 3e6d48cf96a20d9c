"""The routes of people, guilds, channels, threads and messages: what each checks, does and answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import web

from tests.discord.checks import check_length, check_message
from tests.discord.permissions import may
from tests.discord.refusal import NotModelled, Refusal, wrong
from tests.discord.rest import REQUEST_LIMIT, Call, route
from tests.discord.world import (
    COMPONENTS_V2,
    EVERYONE,
    REPLY,
    TEXT,
    Channel,
    File,
    Guild,
    Message,
    User,
)

if TYPE_CHECKING:
    from tests.discord.server import DiscordServer

KEEPABLE_FLAGS = 1 << 2 | 1 << 12 | COMPONENTS_V2  # the sender's: no previews, silent, components alone
EDITABLE_FLAGS = 1 << 2 | COMPONENTS_V2
SYSTEM = {1, 6, 18, 21}  # types of messages that nobody wrote
ARCHIVE_AFTER = {60, 1440, 4320, 10080}


FIELDS = {
    "content", "embeds", "components", "flags", "nonce", "enforce_nonce", "tts", "allowed_mentions",
    "message_reference", "attachments",
}  # fmt: skip

# Which fields of a message an edit of a form's field changes.
EDITS = {
    "content": ("text", "mentions", "mentions_everyone", "allowed_mentions"),
    "embeds": ("embeds",),
    "components": ("components",),
}

# ---------------------------------------------------------------------- finding things


def find_channel(server: DiscordServer, call: Call, *needed: str) -> Channel:
    """The channel of the path, if the bot sees it and has these permissions there."""
    channel = server.world.channels.get(call.id("channel"))
    if channel is None:
        raise Refusal(10003)
    if not may(channel, "view_channel"):
        raise Refusal(50001)
    for name in needed:
        if not may(channel, name):
            raise Refusal(50013)
    return channel


def find_message(channel: Channel, call: Call) -> Message:
    """The message of the path."""
    message = channel.messages.get(call.id("message"))
    if message is None:
        raise Refusal(10008)
    return message


def find_thread(server: DiscordServer, call: Call) -> Channel:
    """The thread of the path."""
    thread = find_channel(server, call)
    if not thread.is_thread:
        raise Refusal(50024)
    return thread


def find_guild(server: DiscordServer, call: Call) -> Guild:
    """The guild of the path."""
    guild = server.world.guilds.get(call.id("guild"))
    if guild is None:
        raise Refusal(10004)
    return guild


def find_user(server: DiscordServer, call: Call) -> User:
    """The user of the path."""
    user = server.world.users.get(call.id("user"))
    if user is None:
        raise Refusal(10013)
    return user


# ---------------------------------------------------------------------- the application


@route("GET", "/users/@me")
def get_me(server: DiscordServer, call: Call) -> Any:
    return server.payloads.user(server.world.bot) | {"verified": True, "mfa_enabled": False, "flags": 0}


@route("GET", "/applications/@me")
@route("GET", "/oauth2/applications/@me")
def get_application(server: DiscordServer, call: Call) -> Any:
    return server.payloads.application()


@route("GET", "/gateway")
def get_gateway(server: DiscordServer, call: Call) -> Any:
    return {"url": server.gateway_url}


@route("GET", "/gateway/bot")
def get_gateway_bot(server: DiscordServer, call: Call) -> Any:
    limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
    return {"url": server.gateway_url, "shards": 1, "session_start_limit": limit}


@route("GET", "/users/{user}")
def get_user(server: DiscordServer, call: Call) -> Any:
    return server.payloads.user(find_user(server, call))


@route("POST", "/users/@me/channels")
def open_direct(server: DiscordServer, call: Call) -> Any:
    user = server.world.users.get(int((call.body or {}).get("recipient_id", 0)))
    if user is None:
        raise Refusal(10013)
    return server.payloads.channel(server.world.direct(user))


@route("GET", "/users/@me/guilds")
def get_my_guilds(server: DiscordServer, call: Call) -> Any:
    keys = ("id", "name", "icon", "banner", "features")
    guilds = [(guild, server.payloads.guild(guild)) for guild in server.world.guilds.values()]
    return [
        {k: d[k] for k in keys} | {"owner": False, "permissions": str(g.bot_permissions)} for g, d in guilds
    ]


# ---------------------------------------------------------------------- guilds


@route("GET", "/guilds/{guild}")
def get_guild(server: DiscordServer, call: Call) -> Any:
    guild = find_guild(server, call)
    counts = {
        "approximate_member_count": len(guild.members),
        "approximate_presence_count": len(guild.members),
    }
    return server.payloads.guild(guild) | (counts if call.query.get("with_counts") in ("1", "true") else {})


@route("GET", "/guilds/{guild}/channels")
def get_channels(server: DiscordServer, call: Call) -> Any:
    return [server.payloads.channel(channel) for channel in find_guild(server, call).channels.values()]


@route("GET", "/guilds/{guild}/roles")
def get_roles(server: DiscordServer, call: Call) -> Any:
    return server.payloads.roles(find_guild(server, call))


@route("GET", "/guilds/{guild}/members/{user}")
def get_member(server: DiscordServer, call: Call) -> Any:
    guild, user = find_guild(server, call), find_user(server, call)
    if user.id not in guild.members:
        raise Refusal(10007)
    return server.payloads.member(user, guild)


@route("GET", "/guilds/{guild}/threads/active")
def get_active_threads(server: DiscordServer, call: Call) -> Any:
    threads = [thread for thread in find_guild(server, call).threads.values() if may(thread, "view_channel")]
    bot = server.world.bot
    members = [server.payloads.thread_member(thread, bot) for thread in threads if bot.id in thread.members]
    return {"threads": [server.payloads.channel(thread) for thread in threads], "members": members}


# ---------------------------------------------------------------------- channels and threads


@route("GET", "/channels/{channel}")
def get_channel(server: DiscordServer, call: Call) -> Any:
    return server.payloads.channel(find_channel(server, call))


@route("PATCH", "/channels/{channel}")
def change_channel(server: DiscordServer, call: Call) -> Any:
    """Of threads only: their name, and whether they are archived or locked."""
    thread = find_thread(server, call)
    names = {
        "name": "name",
        "archived": "archived",
        "locked": "locked",
        "auto_archive_duration": "archive_after",
    }
    given = {name: value for name, value in (call.body or {}).items() if value is not None}
    changes = {names[name]: value for name, value in given.items() if name in names}
    mine = thread.owner is server.world.bot and "locked" not in changes
    opens = changes.keys() == {"archived"} and not changes["archived"] and not thread.locked
    if not (mine or opens or may(thread, "manage_threads")):
        raise Refusal(50013)
    if "name" in changes:
        check_length("name", changes["name"], 100, 1)
    server.world.change_thread(thread, **changes)
    return server.payloads.channel(thread)


@route("DELETE", "/channels/{channel}")
def delete_channel(server: DiscordServer, call: Call) -> Any:
    channel = find_channel(server, call)
    if channel.guild is not None:
        if not may(channel, "manage_threads" if channel.is_thread else "manage_channels"):
            raise Refusal(50013)
        server.world.delete_channel(channel)
    return server.payloads.channel(channel)


@route("POST", "/channels/{channel}/typing")
def type_somewhere(server: DiscordServer, call: Call) -> Any:
    channel = find_channel(server, call)
    check_speaking(channel)
    channel.typing.append(server.world.clock.now())


@route("POST", "/channels/{channel}/messages/{message}/threads")
def open_thread(server: DiscordServer, call: Call) -> Any:
    channel = find_channel(server, call)
    if channel.kind != TEXT:
        raise Refusal(50024)
    if not may(channel, "create_public_threads"):
        raise Refusal(50013)
    source = find_message(channel, call)
    if source.thread is not None or source.id in server.world.channels:
        raise Refusal(160004)
    if source.kind in SYSTEM:
        raise Refusal(50021)
    body = call.body or {}
    check_length("name", body.get("name"), 100, 1)
    after = body.get("auto_archive_duration") or 1440
    if after not in ARCHIVE_AFTER:
        message = f"Value must be one of {sorted(ARCHIVE_AFTER)}."
        raise wrong("auto_archive_duration", "BASE_TYPE_CHOICES", message)
    thread = server.world.open_thread(source, body["name"].strip(), server.world.bot, after)
    return server.payloads.channel(thread)


@route("GET", "/channels/{channel}/thread-members")
def get_thread_members(server: DiscordServer, call: Call) -> Any:
    thread = find_thread(server, call)
    if not server.reads_members:
        raise Refusal(50001)
    return [server.payloads.thread_member(thread, server.world.users[number]) for number in thread.members]


@route("GET", "/channels/{channel}/thread-members/{user}")
def get_thread_member(server: DiscordServer, call: Call) -> Any:
    thread, user = find_thread(server, call), find_user(server, call)
    if user.id not in thread.members:
        raise Refusal(10007)
    return server.payloads.thread_member(thread, user)


@route("PUT", "/channels/{channel}/thread-members/@me")
def join_thread(server: DiscordServer, call: Call) -> Any:
    thread = find_thread(server, call)
    if thread.archived:
        raise Refusal(50083)
    server.world.add_member(thread, server.world.bot)


@route("PUT", "/channels/{channel}/thread-members/{user}")
def add_thread_member(server: DiscordServer, call: Call) -> Any:
    thread = find_thread(server, call)
    user = server.world.users.get(call.id("user"))
    if user is None or thread.guild is None or user.id not in thread.guild.members:
        raise Refusal(10007)
    if thread.archived:
        raise Refusal(50083)
    check_speaking(thread)
    server.world.add_member(thread, user, server.world.bot)


@route("DELETE", "/channels/{channel}/thread-members/@me")
def leave_thread(server: DiscordServer, call: Call) -> Any:
    server.world.remove_member(find_thread(server, call), server.world.bot)


@route("DELETE", "/channels/{channel}/thread-members/{user}")
def remove_thread_member(server: DiscordServer, call: Call) -> Any:
    thread = find_thread(server, call)
    if not may(thread, "manage_threads"):
        raise Refusal(50013)
    server.world.remove_member(thread, find_user(server, call))


# ---------------------------------------------------------------------- reading messages


def read_message(server: DiscordServer, message: Message) -> dict[str, Any]:
    """A message as REST shows it to this application."""
    return server.payloads.message(message, bare=server.gateway.is_bare(message, server.reads_contents))


@route("GET", "/channels/{channel}/messages")
def get_history(server: DiscordServer, call: Call) -> Any:
    channel = find_channel(server, call)
    where = {name: int(call.query[name]) for name in ("before", "after", "around") if name in call.query}
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= 100:
        raise wrong("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
    if len(where) > 1:
        raise wrong("before", "MUTUALLY_EXCLUSIVE", "Only one of before, after and around may be passed.")
    if not may(channel, "read_message_history"):
        return []
    return [read_message(server, message) for message in server.world.history(channel, limit, **where)]


@route("GET", "/channels/{channel}/messages/{message}")
def get_message(server: DiscordServer, call: Call) -> Any:
    channel = find_channel(server, call, "read_message_history")
    return read_message(server, find_message(channel, call))


# ---------------------------------------------------------------------- writing messages


def check_speaking(channel: Channel) -> None:
    """Refuse where the bot may not speak."""
    if channel.person is not None and not channel.person.takes_messages:
        raise Refusal(50007)
    if not may(channel, "send_messages_in_threads" if channel.is_thread else "send_messages"):
        raise Refusal(50013)
    if channel.locked and not may(channel, "manage_threads"):
        raise Refusal(160005)


def check_rights(channel: Channel, body: Mapping[str, Any], call: Call) -> None:
    """Refuse embeds and files where the bot may not send them."""
    if body.get("embeds") and not may(channel, "embed_links"):
        raise Refusal(50013)
    if call.files and not may(channel, "attach_files"):
        raise Refusal(50013)


def check_sizes(server: DiscordServer, channel: Channel, call: Call) -> None:
    """Refuse files above the guild's limit, and a request above the limit of requests."""
    limit = server.file_limit(channel)
    if call.size > max(REQUEST_LIMIT, limit) or any(len(data) > limit for _, data in call.files.values()):
        raise Refusal(40005)


def store_files(server: DiscordServer, channel: Channel, body: Mapping[str, Any], call: Call) -> list[File]:
    """Keep the uploaded files, under the names and descriptions that `attachments` gives them."""
    described = {str(one.get("id")): one for one in body.get("attachments") or []}
    stored = []
    for field, (name, data) in call.files.items():
        number = re.fullmatch(r"files\[(\d+)\]", field)
        about = described.get(number[1], {}) if number else {}
        stored.append(
            server.world.keep(about.get("filename") or name, data, channel, about.get("description"))
        )
    return stored


def find_answered(channel: Channel, reference: Mapping[str, Any] | None) -> Message | None:
    """The message that is answered; none where it is gone and the sender does not mind."""
    if not reference:
        return None
    if not may(channel, "read_message_history"):
        raise Refusal(160002)
    answered = channel.messages.get(int(reference["message_id"]))
    if answered is None and reference.get("fail_if_not_exists", True):
        raise wrong("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    if answered is not None and answered.kind in SYSTEM:
        message = "Cannot reply to a system message"
        raise wrong("message_reference", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", message)
    return answered


def refer(channel: Channel, number: int | str) -> dict[str, str]:
    """How one message names another of its channel."""
    guild = {"guild_id": str(channel.guild.id)} if channel.guild else {}
    return {"channel_id": str(channel.id), "message_id": str(number)} | guild


def what_is_said(
    server: DiscordServer, channel: Channel, body: Mapping[str, Any], answered: Message | None = None
) -> dict[str, Any]:
    """The fields of a message that follow from a form."""
    world, text = server.world, (body.get("content") or "").strip()
    allowed = body.get("allowed_mentions")
    everyone = allowed is None or "everyone" in allowed.get("parse", ())
    return {
        "text": text,
        "embeds": [{"type": "rich"} | embed for embed in body.get("embeds") or []],
        "components": number_components(body.get("components") or []),
        "allowed_mentions": allowed,
        "mentions": world.mentioned(text, allowed, answered.author if answered else None),
        "mentions_everyone": everyone and bool(EVERYONE.search(text)) and may(channel, "mention_everyone"),
    }


def number_components(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every component gets a number of its own, as Discord gives it."""
    numbers = iter(range(1, 200))

    def numbered(component: dict[str, Any]) -> dict[str, Any]:
        found = {"id": next(numbers)} | component
        for key in ("components", "component", "accessory"):
            if isinstance(inner := component.get(key), list):
                found[key] = [numbered(one) for one in inner]
            elif isinstance(inner, dict):
                found[key] = numbered(inner)
        return found

    return [numbered(component) for component in components]


@route("POST", "/channels/{channel}/messages")
def send_message(server: DiscordServer, call: Call) -> Any:
    channel = find_channel(server, call)
    body = call.body or {}
    if odd := sorted(name for name, value in body.items() if value and name not in FIELDS):
        raise NotModelled(f"messages with {', '.join(odd)}")
    check_speaking(channel)
    check_message(body, len(call.files))
    check_sizes(server, channel, call)
    check_rights(channel, body, call)
    nonce = body.get("nonce")
    if nonce is not None and body.get("enforce_nonce") and (sent := server.sent_before(nonce)) is not None:
        return server.payloads.message(sent)
    answered = find_answered(channel, body.get("message_reference"))
    said = what_is_said(server, channel, body, answered)
    if reference := body.get("message_reference"):
        said |= {"kind": REPLY, "answers": answered, "reference": refer(channel, reference["message_id"])}
    said |= {"files": store_files(server, channel, body, call), "nonce": nonce}
    said |= {"flags": (body.get("flags") or 0) & KEEPABLE_FLAGS}
    message = server.world.send(server.world.bot, channel, **said)
    if nonce is not None and body.get("enforce_nonce"):
        server.remember(nonce, message)
    return server.payloads.message(message)


@route("PATCH", "/channels/{channel}/messages/{message}")
def edit_message(server: DiscordServer, call: Call) -> Any:
    channel = find_channel(server, call)
    message = find_message(channel, call)
    if message.author is not server.world.bot:
        raise Refusal(50005)
    if channel.archived:
        raise Refusal(50083)
    changes = find_changes(server, message, call.body or {}, call)
    server.world.edit(message, **changes)
    return server.payloads.message(message)


def find_changes(
    server: DiscordServer, message: Message, body: Mapping[str, Any], call: Call, *, permitted: bool = False
) -> dict[str, Any]:
    """What an edit changes: the fields that it names.  `permitted` skips the channel's permissions (interactions)."""
    channel, kept = message.channel, message.files
    if body.get("attachments") is not None:
        numbers = {str(one.get("id")) for one in body["attachments"]}
        kept = [file for file in message.files if str(file.id) in numbers]
    said = {"content": message.text, "embeds": message.embeds, "components": message.components}
    whole = said | {name: value for name, value in body.items() if name in said}
    asked = body.get("flags")
    flags = message.flags if asked is None else message.flags & ~EDITABLE_FLAGS | asked & EDITABLE_FLAGS
    check_message(whole | {"flags": flags}, len(call.files) + len(kept))
    check_sizes(server, channel, call)
    if not permitted:
        check_rights(channel, body, call)
    whole["allowed_mentions"] = body.get("allowed_mentions")
    now = what_is_said(server, channel, whole, message.answers)
    changes = {field: now[field] for name in body for field in EDITS.get(name, ())}
    if call.files or body.get("attachments") is not None:
        changes["files"] = kept + store_files(server, channel, body, call)
    if flags != message.flags:
        changes["flags"] = flags
    return changes


@route("DELETE", "/channels/{channel}/messages/{message}")
def delete_message(server: DiscordServer, call: Call) -> Any:
    channel = find_channel(server, call)
    message = find_message(channel, call)
    if message.author is not server.world.bot and not may(channel, "manage_messages"):
        raise Refusal(50003 if channel.guild is None else 50013)
    server.world.delete(message)


@route("PUT", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
def add_reaction(server: DiscordServer, call: Call) -> Any:
    channel = find_channel(server, call, "read_message_history")
    message = find_message(channel, call)
    if not message.reactions.get(call.params["emoji"]) and not may(channel, "add_reactions"):
        raise Refusal(50013)
    server.world.react(message, server.world.bot, call.params["emoji"])


@route("DELETE", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
def remove_reaction(server: DiscordServer, call: Call) -> Any:
    message = find_message(find_channel(server, call), call)
    server.world.react(message, server.world.bot, call.params["emoji"], add=False)


# ---------------------------------------------------------------------- the CDN


@route("GET", "/attachments/{channel}/{file}/{name}")
def get_attachment(server: DiscordServer, call: Call) -> Any:
    """A file exactly as it was uploaded, while its address holds."""
    file = server.world.files.get(call.id("file"))
    if file is None or not server.payloads.holds(file.id, call.query):
        return web.Response(status=404, text="This content is no longer available.")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"}
    return web.Response(body=file.data, headers=headers, content_type="application/octet-stream")
