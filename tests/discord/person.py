"""The people of a loopback Discord: they write, click and see as a person does in front of a client.

Every method blocks until it is done; nothing sleeps.  What does not come in time is an AssertionError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.discord.interactions import BY_COMMAND, BY_COMPONENT, BY_FORM, Form, Interaction
from tests.discord.routes import refer
from tests.discord.world import DEFAULT, REPLY, Channel, Deed, Message, User, find_components

if TYPE_CHECKING:
    from tests.discord.server import DiscordServer

SOON_S = 10.0
LINK = 5  # a style of buttons
INTEGER, BOOLEAN, USER, CHANNEL, ATTACHMENT = 4, 5, 6, 7, 11  # types of options


class Asked:
    """What a person asked by a command, a button or a form, and what she sees of the answer."""

    def __init__(self, server: DiscordServer, interaction: Interaction) -> None:
        self._server = server
        self.interaction = interaction

    def _wait(self, look: Callable[[Interaction], Any], timeout: float, what: str) -> Any:
        def seen(interaction: Interaction) -> Any:
            value = look(interaction)
            assert value or not interaction.failed, FAILURE
            return value

        return self._server.watch(self.interaction.watches, seen, [self.interaction], timeout, lambda: what)

    def acknowledged(self, timeout: float = SOON_S) -> float:
        """The seconds until the first sign of life."""
        self._wait(lambda asked: asked.answered_as, timeout, "a first answer")
        assert self.interaction.answered_at is not None
        return self.interaction.answered_at - self.interaction.asked_at

    def answer(self, timeout: float = SOON_S) -> Message:
        """The message that answers, once it has words."""
        found: Message = self._wait(
            lambda asked: asked.original if asked.original and not asked.original.thinking else None,
            timeout,
            "an answer",
        )
        return found

    def followed(self, timeout: float = SOON_S) -> Message:
        """The first message after the answer."""
        found: Message = self._wait(
            lambda asked: asked.followed[0] if asked.followed else None, timeout, "more"
        )
        return found

    def form(self, timeout: float = SOON_S) -> Form:
        """The form that is shown."""
        found: Form = self._wait(lambda asked: asked.form, timeout, "a form")
        return found

    def fails(self, timeout: float = SOON_S) -> None:
        """Wait until the client says that the application did not respond."""
        self._wait(lambda asked: asked.failed, timeout, FAILURE)


FAILURE = "The application did not respond"


class Person:
    """Somebody with an account."""

    def __init__(self, server: DiscordServer, user: User) -> None:
        self._server = server
        self.user = user

    def __repr__(self) -> str:
        return f"Person({self.user.name!r})"

    @property
    def id(self) -> int:
        """The account's number."""
        return self.user.id

    @property
    def direct(self) -> Channel:
        """Her direct-message channel with the bot."""
        return self._server.do(self._server.world.direct, self.user)

    # ------------------------------------------------------------------ writing

    def says(
        self,
        place: Channel,
        text: str = "",
        files: Mapping[str, bytes] | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Write a message."""
        return self._server.do(self._say, place, text, files or {}, reply_to)

    def _say(
        self, place: Channel, text: str, files: Mapping[str, bytes], reply_to: Message | None
    ) -> Message:
        world = self._server.world
        assert place.guild is None or self.user.webhook or self.user.id in place.guild.members, "not a member"
        assert not place.locked, "the thread is locked"
        return world.send(
            self.user,
            place,
            text=text.strip(),
            kind=REPLY if reply_to else DEFAULT,
            files=[world.keep(name, data, place) for name, data in files.items()],
            mentions=world.mentioned(text, None, reply_to.author if reply_to else None),
            reference=refer(place, reply_to.id) if reply_to else None,
            answers=reply_to,
        )

    def mentions_bot(self, channel: Channel, text: str, files: Mapping[str, bytes] | None = None) -> Message:
        """Write to the bot in a channel."""
        return self.says(channel, f"{self._server.world.bot.mention} {text}", files)

    def dm(self, text: str = "", files: Mapping[str, bytes] | None = None) -> Message:
        """Write to the bot alone."""
        return self.says(self.direct, text, files)

    def edits(self, message: Message, text: str) -> None:
        """Change what she wrote."""
        assert message.author is self.user, "only what she wrote herself"
        mentions = self._server.world.mentioned(text, None, None)
        self._server.do(self._server.world.edit, message, text=text.strip(), mentions=mentions)

    def deletes(self, message: Message) -> None:
        """Take away what she wrote, or as a moderator what another wrote in a guild."""
        assert message.author is self.user or message.channel.guild is not None, "only what she wrote herself"
        self._server.do(self._server.world.delete, message)

    def reacts(self, message: Message, emoji: str) -> None:
        """Put a reaction under a message."""
        self._server.do(self._server.world.react, message, self.user, emoji)

    def opens_thread(self, message: Message, name: str) -> Channel:
        """Open a thread from a message."""
        return self._server.do(self._server.world.open_thread, message, name, self.user)

    def leaves(self, thread: Channel) -> None:
        """Leave a thread."""
        self._server.do(self._server.world.remove_member, thread, self.user)

    def refuses_messages(self, *, refuses: bool = True) -> None:
        """Let nobody write to her directly."""
        self.user.takes_messages = not refuses

    # ------------------------------------------------------------------ asking

    def slash(self, name: str, place: Channel, **options: Any) -> Asked:
        """Use a command (`"group command"` for one in a group); a file is given as `(name, bytes)`."""
        return self._server.do(self._slash, name, place, options)

    def _slash(self, name: str, place: Channel, options: Mapping[str, Any]) -> Asked:
        first, *rest = name.split(" ")
        command = self._server.interactions.find_command(first, place)
        known, data = command["options"], {"id": command["id"], "name": first, "type": 1}
        inner, resolved = data, dict[str, Any]()
        for part in rest:
            sub = next((option for option in known if option["name"] == part), None)
            assert sub is not None, f"no command /{name} is registered"
            deeper = {"name": part, "type": sub["type"]}
            inner["options"], inner, known = [deeper], deeper, sub.get("options") or []
        inner["options"] = self._options(place, known, options, resolved)
        if resolved:
            data["resolved"] = resolved
        text = " ".join([f"/{name}", *(f"{key}: {_plain(value)}" for key, value in options.items())])
        Deed.of(self._server.world, "command", self.user, place, text)
        return self._ask(BY_COMMAND, place, data)

    def _options(
        self, place: Channel, known: list[dict[str, Any]], given: Mapping[str, Any], resolved: dict[str, Any]
    ) -> list[dict[str, Any]]:
        names = {option["name"] for option in known if option["type"] > 2}
        assert given.keys() <= names, f"no option {sorted(given.keys() - names)}"
        missing = [
            option["name"] for option in known if option.get("required") and option["name"] not in given
        ]
        assert not missing, f"the client asks for {missing}"
        chosen = [option for option in known if option["name"] in given]
        return [self._option(place, option, given[option["name"]], resolved) for option in chosen]

    def _option(
        self, place: Channel, option: dict[str, Any], value: Any, resolved: dict[str, Any]
    ) -> dict[str, Any]:
        kind, payloads = option["type"], self._server.payloads
        choices = [choice["value"] for choice in option.get("choices") or []]
        assert not choices or value in choices, f"{value!r} is no choice of {choices}"
        if isinstance(value, str):
            most = option.get("max_length", 6000)
            assert option.get("min_length", 0) <= len(value) <= most, f"{option['name']} has a wrong length"
        if kind in (INTEGER, BOOLEAN):
            assert isinstance(value, bool if kind == BOOLEAN else int), f"{option['name']} is no such value"
        if kind == ATTACHMENT:
            file = self._server.world.keep(value[0], value[1], place)
            resolved.setdefault("attachments", {})[str(file.id)] = payloads.file(file)
            value = str(file.id)
        elif kind == USER:
            resolved.setdefault("users", {})[str(value.id)] = payloads.user(value)
            value = str(value.id)
        elif kind == CHANNEL:
            resolved.setdefault("channels", {})[str(value.id)] = payloads.partial_channel(value)
            value = str(value.id)
        return {"name": option["name"], "type": kind, "value": value}

    def _ask(self, kind: int, place: Channel, data: dict[str, Any], message: Message | None = None) -> Asked:
        self._server.world.follow(self.user, place)
        return Asked(self._server, self._server.interactions.ask(kind, self.user, place, data, message))

    def clicks(self, message: Message, label: str) -> Asked:
        """Click a button by what stands on it."""
        return self._server.do(self._click, message, label)

    def _click(self, message: Message, label: str) -> Asked:
        buttons = {button.get("label"): button for button in find_components(message.components, {2})}
        assert not message.deleted, "the message is gone"
        assert message.seen_by in (None, self.user), "she does not see that message"
        assert label in buttons, f"no button {label!r} among {list(buttons)}"
        button = buttons[label]
        assert not button.get("disabled"), f"the button {label!r} is disabled"
        assert button["style"] != LINK, f"the button {label!r} is a link"
        Deed.of(self._server.world, "click", self.user, message.channel, label, message=message.id)
        data = {"custom_id": button["custom_id"], "component_type": 2, "id": button["id"]}
        return self._ask(BY_COMPONENT, message.channel, data, message)

    def submits(self, form: Form, values: Mapping[str, str]) -> Asked:
        """Fill in a form, its inputs named by what stands above them, and send it."""
        return self._server.do(self._submit, form, values)

    def _submit(self, form: Form, values: Mapping[str, str]) -> Asked:
        assert values.keys() <= form.labels.keys(), f"the form asks for {list(form.labels)}"
        written = {}
        for label, field in form.labels.items():
            value = values.get(label, field.get("value", ""))
            assert value or not field.get("required", True), f"{label} is required"
            assert not value or field.get("min_length", 0) <= len(value) <= field.get("max_length", 4000), (
                label
            )
            written[field["custom_id"]] = value
        text = "\n".join(f"{label}: {value}" for label, value in values.items())
        place, message = form.interaction.channel, form.interaction.message
        Deed.of(self._server.world, "form", self.user, place, text, title=form.title)
        components = [_filled(component, written) for component in form.components]
        return self._ask(BY_FORM, place, {"custom_id": form.custom_id, "components": components}, message)

    # ------------------------------------------------------------------ seeing

    def looks_at(self, place: Channel) -> None:
        """From now on she hears what is said there (where she wrote, or was added, she does anyway)."""
        self._server.do(self._server.world.follow, self.user, place)

    def waits_for(
        self,
        predicate: Callable[[Message], object],
        timeout: float = SOON_S,
        *,
        place: Channel | None = None,
        after: Message | None = None,
    ) -> Message:
        """The first message of somebody else that she can see and of which the predicate holds, now or within a time.

        She sees her direct messages, the threads that she is in, the channels where she wrote, and answers for her alone;
        with `place` only what is there, with `after` only messages after that one.
        """
        if place is not None:
            self.looks_at(place)

        def look(message: Message) -> Message | None:
            there = place is None or message.channel is place
            later = after is None or message.id > after.id
            hers = message.author is self.user
            seen = there and later and not hers and not message.deleted
            return message if seen and predicate(message) else None

        places = self.user.sees if place is None else [place]
        seen = (message for channel in places for message in list(channel.messages.values()))
        private = (message for message in self.user.private)
        subjects = (message for several in (seen, private) for message in several)
        return self._server.watch(self.user.watches, look, subjects, timeout, lambda: self._missed(places))

    def thread_of(self, message: Message, timeout: float = SOON_S) -> Channel:
        """The thread that somebody opens from a message."""
        self.looks_at(message.channel)
        what = f"{self.user.name} waits for a thread from {message.text!r}"
        return self._server.watch(
            self.user.watches, lambda _: message.thread, [message], timeout, lambda: what
        )

    def reads(self, place: Channel) -> list[Message]:
        """What she sees there now, answers for her alone included, the oldest first."""
        return self._server.do(self._read, place)

    def _read(self, place: Channel) -> list[Message]:
        private = [
            message for message in self.user.private if message.channel is place and not message.deleted
        ]
        return sorted([*place.messages.values(), *private], key=lambda message: message.id)

    def _missed(self, places: list[Channel]) -> str:
        last = sorted((message for place in places for message in self._read(place)), key=lambda one: one.id)[
            -8:
        ]
        seen = "".join(
            f"\n  {one.author.name} in {one.channel.name!r}: {one.text!r} {one.buttons}" for one in last
        )
        return f"{self.user.name} waits for a message and has seen last{seen or ' nothing'}\n"

    def downloads(self, message: Message, name: str) -> bytes:
        """A file of a message."""
        return message.file[name]


def _plain(value: Any) -> str:
    """An option's value as it stands in the line that was typed."""
    return str(value[0]) if isinstance(value, tuple) else str(getattr(value, "name", value))


def _filled(component: dict[str, Any], written: Mapping[str, str]) -> dict[str, Any]:
    """A form's component as the client sends it back."""
    found = {"type": component["type"], "id": component.get("id", 0)}
    if component["type"] == 4:
        return found | {"custom_id": component["custom_id"], "value": written[component["custom_id"]]}
    if "components" in component:
        found["components"] = [_filled(one, written) for one in component["components"]]
    if "component" in component:
        found["component"] = _filled(component["component"], written)
    return found
