"""Interactions: registered commands, what a person asks by them, by buttons and by forms, and how the bot may answer.

A first answer is due within 3 s of the world's time, what follows within 15 minutes; by then the token is worth nothing.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.discord.checks import check_command, check_message, check_modal
from tests.discord.refusal import NotModelled, Refusal, wrong
from tests.discord.rest import Call, route
from tests.discord.routes import (
    KEEPABLE_FLAGS,
    check_sizes,
    find_changes,
    number_components,
    store_files,
    what_is_said,
)
from tests.discord.world import (
    COMMAND,
    DEFAULT,
    EPHEMERAL,
    LOADING,
    Channel,
    Deed,
    Message,
    User,
    Watch,
    World,
    check_all,
    find_components,
)

if TYPE_CHECKING:
    from tests.discord.server import DiscordServer

FIRST_ANSWER_S, TOKEN_LIVES_S = 3.0, 15 * 60.0
BY_COMMAND, BY_COMPONENT, BY_FORM = 2, 3, 5  # kinds of interactions
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, FORM = 4, 5, 6, 7, 9  # kinds of first answers
MENTIONS = {
    "allowed_mentions": {"parse": ["users"]}
}  # unless an answer says otherwise, it calls people alone


@dataclass(eq=False)
class Form:
    """A modal that the bot has shown to a person."""

    custom_id: str
    title: str
    components: list[dict[str, Any]]
    interaction: Interaction

    @property
    def labels(self) -> dict[str, dict[str, Any]]:
        """Its text inputs by what stands above them."""
        found = {}
        for component in self.components:
            for field_ in find_components([component], {4}):
                found[component.get("label") or field_.get("label") or field_["custom_id"]] = field_
        return found


@dataclass(eq=False)
class Interaction:
    """What a person asked, and what came of it."""

    id: int
    kind: int
    person: User
    channel: Channel
    data: dict[str, Any]
    at: float
    message: Message | None = None  # whose button was clicked
    token: str = field(default_factory=lambda: f"aW50ZXJhY3Rpb24.{uuid.uuid4().hex}{uuid.uuid4().hex}")
    answered_as: int | None = None
    original: Message | None = None
    form: Form | None = None
    followed: list[Message] = field(default_factory=list)
    failed: bool = False  # nothing came within 3 s: "The application did not respond"
    watches: list[Watch] = field(default_factory=list)
    asked_at: float = field(default_factory=time.monotonic)
    answered_at: float | None = None


class Interactions:
    """All commands and interactions of a server."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server
        self.commands: dict[int, dict[str, dict[str, Any]]] = {0: {}}  # by guild (0: everywhere) and name
        self.by_id: dict[int, Interaction] = {}
        self.by_token: dict[str, Interaction] = {}
        self.waiting: dict[int, Interaction] = {}  # for a first answer

    @property
    def _world(self) -> World:
        return self._server.world

    # ------------------------------------------------------------------ asking

    def ask(
        self, kind: int, person: User, channel: Channel, data: dict[str, Any], message: Message | None = None
    ) -> Interaction:
        """Ask the bot; `data` is what the kind of interaction brings."""
        found = Interaction(
            self._world.next_id(), kind, person, channel, data, self._server.clock.now(), message
        )
        self.by_id[found.id] = self.by_token[found.token] = self.waiting[found.id] = found
        self._world.tell("INTERACTION_CREATE", None, self._payload(found))
        self._server.later(FIRST_ANSWER_S, lambda: self._fail(found))
        return found

    def pass_time(self) -> None:
        """Those whose time has come to an end have failed."""
        for interaction in list(self.waiting.values()):
            if self._server.clock.now() > interaction.at + FIRST_ANSWER_S:
                self._fail(interaction)

    def _fail(self, interaction: Interaction) -> None:
        if self.waiting.pop(interaction.id, None) is not None:
            interaction.failed = True
            text = "The application did not respond"
            Deed.of(self._world, "no answer", interaction.person, interaction.channel, text)
            self.changed(interaction)

    def changed(self, interaction: Interaction) -> None:
        """Let those know who wait for an answer."""
        check_all(interaction.watches, interaction)
        self._world.changed()

    def _payload(self, asked: Interaction) -> dict[str, Any]:
        payloads, channel, guild = self._server.payloads, asked.channel, asked.channel.guild
        data = {
            "id": str(asked.id),
            "application_id": str(self._world.bot.id),
            "type": asked.kind,
            "token": asked.token,
            "version": 1,
            "data": asked.data,
            "channel_id": str(channel.id),
            "channel": payloads.partial_channel(channel),
            "app_permissions": payloads.app_permissions(channel),
            "locale": "en-US",
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
            "context": 0 if guild else 1,
            "attachment_size_limit": self._server.file_limit(channel),
        }
        if asked.message is not None:
            data["message"] = payloads.message(asked.message)
        if guild is None:
            return data | {"user": payloads.user(asked.person)}
        member = payloads.member(asked.person, guild) | {"permissions": payloads.everybodys_permissions}
        where = {"id": str(guild.id), "locale": "en-US", "features": []}
        return data | {"guild_id": str(guild.id), "guild": where, "guild_locale": "en-US", "member": member}

    # ------------------------------------------------------------------ commands

    def register(self, guild: int, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Replace the commands of everywhere or of one guild; one of the same name keeps its number."""
        for n, command in enumerate(commands):
            check_command(str(n), command)
        before = self.commands.get(guild, {})
        self.commands[guild] = {
            command["name"]: self._registered(guild, command, before) for command in commands
        }
        self._world.changed()
        return list(self.commands[guild].values())

    def _registered(
        self, guild: int, command: dict[str, Any], before: dict[str, dict[str, Any]]
    ) -> dict[str, Any]:
        number = before.get(command["name"], {}).get("id") or str(self._world.next_id())
        fixed = {
            "id": number,
            "application_id": str(self._world.bot.id),
            "version": str(self._world.next_id()),
        }
        usual = {
            "type": 1,
            "options": [],
            "default_member_permissions": None,
            "nsfw": False,
            "dm_permission": True,
        }
        return usual | command | fixed | ({"guild_id": str(guild)} if guild else {})

    def find_command(self, name: str, channel: Channel) -> dict[str, Any]:
        """A command that a person finds in a place; an AssertionError where there is none by that name."""
        own = self.commands.get(channel.guild.id, {}) if channel.guild else {}
        command = own.get(name) or self.commands[0].get(name)
        assert command is not None, f"no command /{name} is registered"
        contexts = command.get("contexts")
        here = 0 if channel.guild else 1
        allowed = (
            here in contexts if contexts is not None else here == 0 or command.get("dm_permission", True)
        )
        assert allowed, f"/{name} is not offered here"
        return command


# ---------------------------------------------------------------------- routes of commands


def scope(server: DiscordServer, call: Call) -> int:
    """The guild whose commands are meant, or 0; refused for another application's."""
    if call.id("application") != server.world.bot.id:
        raise Refusal(50001)
    guild = int(call.params.get("guild", 0))
    if guild and guild not in server.world.guilds:
        raise Refusal(50001)
    return guild


@route("PUT", "/applications/{application}/commands")
@route("PUT", "/applications/{application}/guilds/{guild}/commands")
def replace_commands(server: DiscordServer, call: Call) -> Any:
    return server.interactions.register(scope(server, call), call.body)


@route("GET", "/applications/{application}/commands")
@route("GET", "/applications/{application}/guilds/{guild}/commands")
def get_commands(server: DiscordServer, call: Call) -> Any:
    return list(server.interactions.commands.get(scope(server, call), {}).values())


@route("DELETE", "/applications/{application}/commands/{command}")
@route("DELETE", "/applications/{application}/guilds/{guild}/commands/{command}")
def delete_command(server: DiscordServer, call: Call) -> Any:
    commands = server.interactions.commands.get(scope(server, call), {})
    names = [name for name, command in commands.items() if command["id"] == call.params["command"]]
    if not names:
        raise Refusal(10063)
    del commands[names[0]]


# ---------------------------------------------------------------------- the first answer


@route("POST", "/interactions/{interaction}/{token}/callback")
def answer_first(server: DiscordServer, call: Call) -> Any:
    interactions = server.interactions
    asked = interactions.by_id.get(call.id("interaction"))
    if asked is None or asked.token != call.params["token"] or asked.failed:
        raise Refusal(10062)
    if asked.answered_as is not None:
        raise Refusal(40060)
    if server.clock.now() > asked.at + FIRST_ANSWER_S:
        interactions.pass_time()
        raise Refusal(10062)
    body = call.body or {}
    kind, data = body.get("type"), body.get("data") or {}
    if kind not in FIRST:
        raise NotModelled(f"interaction callback {kind}")
    FIRST[kind](server, call, asked, data)
    asked.answered_as, asked.answered_at = kind, time.monotonic()
    interactions.waiting.pop(asked.id, None)
    interactions.changed(asked)
    return describe(server, asked, kind) if call.query.get("with_response") in ("1", "true") else None


def describe(server: DiscordServer, asked: Interaction, kind: int) -> dict[str, Any]:
    """What came of a first answer."""
    shown: dict[str, Any] = {"id": str(asked.id), "type": asked.kind}
    if asked.original is not None:
        shown["response_message_id"] = str(asked.original.id)
        shown["response_message_loading"] = asked.original.thinking
        shown["response_message_ephemeral"] = asked.original.seen_by is not None
    resource: dict[str, Any] = {"type": kind}
    if kind in (MESSAGE, UPDATE) and asked.original is not None:
        resource["message"] = server.payloads.message(asked.original)
    return {"interaction": shown, "resource": resource}


def say(server: DiscordServer, call: Call, asked: Interaction, data: dict[str, Any]) -> Message:
    """A message in answer: for the person alone if its flags say so."""
    data = MENTIONS | data
    check_message(data, len(call.files))
    check_sizes(server, asked.channel, call)
    said = what_is_said(server, asked.channel, data) | {
        "files": store_files(server, asked.channel, data, call)
    }
    flags = (data.get("flags") or 0) & (KEEPABLE_FLAGS | EPHEMERAL)
    kind = COMMAND if asked.kind == BY_COMMAND and asked.answered_as is None else DEFAULT
    return speak(server, asked, kind=kind, flags=flags, **said)


def speak(server: DiscordServer, asked: Interaction, *, flags: int, **said: Any) -> Message:
    """Put a message where the interaction was asked."""
    person = asked.person if flags & EPHEMERAL else None
    return server.world.send(
        server.world.bot, asked.channel, flags=flags, interaction=asked, seen_by=person, **said
    )


def say_first(server: DiscordServer, call: Call, asked: Interaction, data: dict[str, Any]) -> None:
    """4: a message."""
    asked.original = say(server, call, asked, data)


def defer(server: DiscordServer, call: Call, asked: Interaction, data: dict[str, Any]) -> None:
    """5: the bot is thinking; whether its answer is for the person alone is settled now."""
    flags = (data.get("flags") or 0) & EPHEMERAL | LOADING
    kind = COMMAND if asked.kind == BY_COMMAND else DEFAULT
    asked.original = speak(server, asked, kind=kind, flags=flags)


def defer_update(server: DiscordServer, call: Call, asked: Interaction, data: dict[str, Any]) -> None:
    """6: heard; the message with the button may be changed later."""
    asked.original = changeable(asked)


def update(server: DiscordServer, call: Call, asked: Interaction, data: dict[str, Any]) -> None:
    """7: change the message with the button."""
    asked.original = changeable(asked)
    change(server, asked.original, data, call)


def show_form(server: DiscordServer, call: Call, asked: Interaction, data: dict[str, Any]) -> None:
    """9: a form, in answer to anything but a form."""
    if asked.kind == BY_FORM:
        raise wrong("type", "BASE_TYPE_CHOICES", "Value of field 'type' must be one of (4, 5, 6, 7).")
    check_modal(data)
    components = number_components(data["components"])
    asked.form = Form(data["custom_id"], data["title"], components, asked)


def changeable(asked: Interaction) -> Message:
    """The message whose button was clicked."""
    if asked.message is None:
        raise wrong("type", "BASE_TYPE_CHOICES", "Value of field 'type' must be one of (4, 5, 9).")
    return asked.message


FIRST = {MESSAGE: say_first, DEFERRED: defer, DEFERRED_UPDATE: defer_update, UPDATE: update, FORM: show_form}


# ---------------------------------------------------------------------- what follows


def find_asked(server: DiscordServer, call: Call) -> Interaction:
    """The interaction of a token that still holds and was answered a first time."""
    asked = server.interactions.by_token.get(call.params["token"])
    if call.id("webhook") != server.world.bot.id:
        raise Refusal(10015)
    if asked is None or server.clock.now() > asked.at + TOKEN_LIVES_S:
        raise Refusal(50027)
    if asked.answered_as is None:
        raise Refusal(10015)
    return asked


def find_said(server: DiscordServer, call: Call) -> tuple[Interaction, Message]:
    """The message of the path: the first answer or one that followed."""
    asked = find_asked(server, call)
    number = call.params.get("message")
    mine = [asked.original, *asked.followed]
    found = (
        asked.original
        if number is None
        else next((one for one in mine if one and str(one.id) == number), None)
    )
    if found is None or found.deleted:
        raise Refusal(10008)
    return asked, found


def change(server: DiscordServer, message: Message, body: dict[str, Any], call: Call) -> None:
    """Edit an answer; one that was still thinking says its first words."""
    changes = find_changes(server, message, MENTIONS | body, call, permitted=True)
    if message.thinking:
        server.world.finish(message, **changes)
    else:
        server.world.edit(message, **changes)


@route("POST", "/webhooks/{webhook}/{token}")
def follow(server: DiscordServer, call: Call) -> Any:
    asked, body = find_asked(server, call), call.body or {}
    if (
        asked.original is not None and asked.original.thinking
    ):  # as documented: the first one ends the thinking
        change(server, asked.original, body, call)
        message = asked.original
    else:
        message = say(server, call, asked, body)
        asked.followed.append(message)
    server.interactions.changed(asked)
    return server.payloads.message(message)


@route("GET", "/webhooks/{webhook}/{token}/messages/@original")
@route("GET", "/webhooks/{webhook}/{token}/messages/{message}")
def get_answer(server: DiscordServer, call: Call) -> Any:
    return server.payloads.message(find_said(server, call)[1])


@route("PATCH", "/webhooks/{webhook}/{token}/messages/@original")
@route("PATCH", "/webhooks/{webhook}/{token}/messages/{message}")
def edit_answer(server: DiscordServer, call: Call) -> Any:
    asked, message = find_said(server, call)
    change(server, message, call.body or {}, call)
    server.interactions.changed(asked)
    return server.payloads.message(message)


@route("DELETE", "/webhooks/{webhook}/{token}/messages/@original")
@route("DELETE", "/webhooks/{webhook}/{token}/messages/{message}")
def delete_answer(server: DiscordServer, call: Call) -> Any:
    asked, message = find_said(server, call)
    server.world.delete(message)
    server.interactions.changed(asked)
