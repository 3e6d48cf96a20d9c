"""The transcript: what people saw and did, in order, as plain data that JSON can hold.

An entry is `{"kind", "number", "at", "place", "author", "text", …}`.  Kinds: `message` (as it stands now; `edits` has what it
said before), `system` (a line that Discord itself shows), `thread` (opened from the message of the same number), `command`,
`click`, `form` (what a person did) and `no answer` (what befell her).
"""

from __future__ import annotations

import re
from typing import Any

from tests.discord.world import (
    DIRECT,
    RECIPIENT_ADD,
    THREAD_STARTER,
    Channel,
    Deed,
    Message,
    World,
    find_components,
)

STYLES = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link"}


def transcribe(world: World) -> list[dict[str, Any]]:
    """All entries of a world."""
    return [_entry(world, item) for item in world.log]


def _entry(world: World, item: Message | Channel | Deed) -> dict[str, Any]:
    if isinstance(item, Channel):
        return _thread(item)
    if isinstance(item, Deed):
        shared = {"kind": item.what, "number": item.number, "at": item.at, "place": _place(item.channel)}
        return shared | {"author": item.person.name, "text": item.text} | item.details
    return _message(world, item)


def _place(channel: Channel) -> dict[str, Any]:
    kind = "direct" if channel.kind == DIRECT else "thread" if channel.is_thread else "channel"
    return {"kind": kind, "name": channel.name, "number": channel.id}


def _thread(thread: Channel) -> dict[str, Any]:
    assert thread.owner is not None
    assert thread.parent is not None
    return {
        "kind": "thread",
        "number": thread.id,
        "at": thread.opened_at,
        "place": _place(thread.parent),
        "author": thread.owner.name,
        "text": thread.name,
    }


def _message(world: World, message: Message) -> dict[str, Any]:
    system = {
        RECIPIENT_ADD: lambda: f"added {', '.join(user.name for user in message.mentions)} to the thread.",
        THREAD_STARTER: lambda: "started the thread.",
    }.get(message.kind)
    return {
        "kind": "system" if system else "message",
        "number": message.id,
        "at": message.at,
        "place": _place(message.channel),
        "author": message.author.name,
        "bot": message.author.bot or message.author.webhook,
        "text": system() if system else readable(world, message.text),
        **_shown(message.embeds, message.components),
        "files": [_file(file) for file in message.files],
        "answers": message.answers.id if message.answers is not None else None,
        "hears": [user.name for user in message.mentions] + ["everyone"] * message.mentions_everyone,
        "edits": [_before(world, before) for before in message.before],
        "reactions": {
            emoji: [user.name for user in users] for emoji, users in message.reactions.items() if users
        },
        "ephemeral": message.seen_by.name if message.seen_by is not None else None,
        "thinking": message.thinking,
        "deleted": message.deleted,
    }


def _shown(embeds: list[dict[str, Any]], components: list[dict[str, Any]]) -> dict[str, Any]:
    buttons = [
        {
            "label": button.get("label", ""),
            "style": STYLES.get(button.get("style", 0), "other"),
            "disabled": bool(button.get("disabled")),
        }
        for button in find_components(components, {2})
    ]
    return {
        "embeds": embeds,
        "buttons": buttons,
        "paragraphs": [one["content"] for one in find_components(components, {10})],
    }


def _before(world: World, before: dict[str, Any]) -> dict[str, Any]:
    shown = _shown(before["embeds"], before["components"])
    files = [_file(file) for file in before["files"]]
    return {"text": readable(world, before["text"]), **shown, "files": files, "until": before["until"]}


def _file(file: Any) -> dict[str, Any]:
    return {"name": file.name, "bytes": len(file.data), "number": file.id, "description": file.description}


def readable(world: World, text: str) -> str:
    """A text as a client shows it: names in place of numbers."""

    def name(match: re.Match[str]) -> str:
        sign, number = match[1], int(match[2])
        known: Any = world.channels.get(number) if sign == "#" else world.users.get(number)
        return f"{sign}{known.name}" if known is not None else match[0]

    return re.sub(r"<(#|@)!?(\d+)>", name, text)
