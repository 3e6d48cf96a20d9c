"""What the API checks of a message, a form or a command before it takes it; the limits are the documented ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.discord.refusal import Refusal, wrong
from tests.discord.world import COMPONENTS_V2, find_components

CONTENT, NONCE, FILES, EMBEDS, ROWS, NESTED = 2000, 25, 10, 10, 5, 40
EMBED_TOTAL = 6000
EMBED = {"title": 256, "description": 4096}
COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")
BUTTON_LABEL, CUSTOM_ID, MODAL_TITLE, INPUT_LABEL = 80, 100, 45, 45
REQUIRED = "This field is required"


def check_length(path: str, value: Any, most: int, least: int = 0) -> int:
    """Refuse a text that is too long or too short; its length, without white space around it."""
    if value is None and not least:
        return 0
    if not isinstance(value, str):
        raise wrong(path, "STRING_TYPE_CONVERT", "Could not interpret the value as string.")
    length = len(value.strip())
    if length > most:
        raise wrong(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
    if length < least:
        raise wrong(path, "BASE_TYPE_REQUIRED", REQUIRED)
    return length


def check_message(body: Mapping[str, Any], files: int, *, empty: bool = False) -> None:
    """Refuse a message that is too long, malformed or, unless `empty`, without anything in it."""
    check_length("content", body.get("content"), CONTENT)
    nonce = body.get("nonce")
    if nonce is not None and len(str(nonce)) > NONCE:
        raise wrong("nonce", "NONCE_TYPE_TOO_LONG", f"Must be {NONCE} or fewer in length.")
    if files > FILES:
        raise wrong("attachments", "BASE_TYPE_MAX_LENGTH", f"Must be {FILES} or fewer in length.")
    check_embeds(body.get("embeds") or [])
    components = body.get("components") or []
    new = bool((body.get("flags") or 0) & COMPONENTS_V2)
    check_components(components, new=new)
    if new and (body.get("content") or body.get("embeds")):
        raise wrong(
            "flags", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Only components may be used."
        )
    said = (body.get("content") or "").strip() or body.get("embeds") or components or files
    if not said and not empty:
        raise Refusal(50006)


def check_embeds(embeds: list[dict[str, Any]]) -> None:
    """Refuse embeds past their limits."""
    if len(embeds) > EMBEDS:
        raise wrong("embeds", "BASE_TYPE_MAX_LENGTH", f"Must be {EMBEDS} or fewer in length.")
    total = sum(_check_embed(f"embeds.{n}", embed) for n, embed in enumerate(embeds))
    if total > EMBED_TOTAL:
        raise wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_TOTAL}")


def _check_embed(path: str, embed: dict[str, Any]) -> int:
    """The number of characters that count towards the total."""
    total = sum(check_length(f"{path}.{name}", embed.get(name), most) for name, most in EMBED.items())
    total += check_length(f"{path}.footer.text", (embed.get("footer") or {}).get("text"), 2048)
    total += check_length(f"{path}.author.name", (embed.get("author") or {}).get("name"), 256)
    fields = embed.get("fields") or []
    if len(fields) > 25:
        raise wrong(f"{path}.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for n, field in enumerate(fields):
        total += check_length(f"{path}.fields.{n}.name", field.get("name"), 256, 1)
        total += check_length(f"{path}.fields.{n}.value", field.get("value"), 1024, 1)
    return total


def check_components(components: list[dict[str, Any]], *, new: bool = False) -> None:
    """Refuse components that no client could show; `new` are those of the second version, which stand outside rows."""
    if new:
        if len(find_components(components, set(range(1, 30)))) > NESTED:
            raise wrong("components", "BASE_TYPE_MAX_LENGTH", f"Must be {NESTED} or fewer in length.")
    elif len(components) > ROWS:
        raise wrong("components", "BASE_TYPE_MAX_LENGTH", f"Must be {ROWS} or fewer in length.")
    elif any(component.get("type") != 1 for component in components):
        raise wrong("components.0.type", "BASE_TYPE_CHOICES", "Value of field 'type' must be one of (1,).")
    for n, row in enumerate(find_components(components, {1})):
        if not 1 <= len(row.get("components", ())) <= 5:
            raise wrong(
                f"components.{n}.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length."
            )
    _check_buttons(find_components(components, {2}))


def _check_buttons(buttons: list[dict[str, Any]]) -> None:
    names = set()
    for n, button in enumerate(buttons):
        path = f"components.0.components.{n}"
        check_length(f"{path}.label", button.get("label"), BUTTON_LABEL)
        if not button.get("label") and not button.get("emoji"):
            raise wrong(path, "BUTTON_COMPONENT_MISSING_LABEL", "A button must have a label or an emoji.")
        if button.get("style") == 5:
            check_length(f"{path}.url", button.get("url"), 512, 1)
            continue
        check_length(f"{path}.custom_id", button.get("custom_id"), CUSTOM_ID, 1)
        if button["custom_id"] in names:
            raise wrong(
                f"{path}.custom_id",
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        names.add(button["custom_id"])


def check_modal(modal: Mapping[str, Any]) -> None:
    """Refuse a form without a title, or with anything but one to five inputs."""
    check_length("data.title", modal.get("title"), MODAL_TITLE, 1)
    check_length("data.custom_id", modal.get("custom_id"), CUSTOM_ID, 1)
    if not 1 <= len(modal.get("components") or ()) <= 5:
        raise wrong("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for field in find_components(modal["components"], {4}):
        check_length("data.components.0.custom_id", field.get("custom_id"), CUSTOM_ID, 1)
        check_length("data.components.0.label", field.get("label"), INPUT_LABEL)


def check_command(path: str, command: Mapping[str, Any]) -> None:
    """Refuse a command whose name, description or options are not as Discord wants them."""
    name = command.get("name")
    if not isinstance(name, str) or not COMMAND_NAME.fullmatch(name) or name != name.lower():
        raise wrong(f"{path}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if command.get("type", 1) == 1:
        check_length(f"{path}.description", command.get("description"), 100, 1)
    options = command.get("options") or []
    if len(options) > 25:
        raise wrong(f"{path}.options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    required = [bool(option.get("required")) for option in options]
    if sorted(required, reverse=True) != required:
        message = "Required options must be placed before non-required options"
        raise wrong(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
    for n, option in enumerate(options):
        check_command(f"{path}.options.{n}", {"type": 1} | {k: v for k, v in option.items() if k != "type"})
