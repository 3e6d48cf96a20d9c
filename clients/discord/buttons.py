"""Buttons: what stands in one is all that is needed, so that it works after a restart and in any process."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

import discord

from clients.front_end.post import Button

PRESSED = re.compile(r"mas:(?P<action>[a-z]+):(?P<design>[0-9]{1,18}):(?P<message>[0-9]{1,18})")
STYLES = {
    "approve": discord.ButtonStyle.success,
    "cancel": discord.ButtonStyle.danger,
    "forget": discord.ButtonStyle.danger,
    "retry": discord.ButtonStyle.primary,
}
MOST_CHARACTERS = 4000  # of an answer in a form


class Pressable(discord.ui.DynamicItem[discord.ui.Button[Any]], template=PRESSED):
    """A button of ours, made anew from what stands in it."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed."""
        return cls(discord.ui.Button(custom_id=match.string))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """It is an event; one for a change first asks for words."""
        pressed = parsed(self.custom_id)
        if pressed["action"] == "change":
            await interaction.client.hearing.ask(interaction, ChangeForm(self.custom_id))
        else:
            text = "yes" if pressed["action"] == "forget" else ""
            await interaction.client.hearing.interaction(interaction, text=text, **command_of(pressed))


class ChangeForm(discord.ui.Modal, title="What shall be changed?"):
    """Asks for words; what comes back is heard by its `custom_id`, so nothing is kept until then."""

    words: discord.ui.TextInput[ChangeForm] = discord.ui.TextInput(
        label="In your own words", style=discord.TextStyle.paragraph, max_length=MOST_CHARACTERS
    )

    def __init__(self, custom_id: str) -> None:
        super().__init__(custom_id=custom_id, timeout=None)
        self.stop()


def view_of(buttons: Iterable[Button]) -> discord.ui.View:
    """The buttons of a message; discord.py keeps nothing of them."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        custom_id = f"mas:{button.action}:{button.design or 0}:{button.message or 0}"
        style = STYLES.get(button.action, discord.ButtonStyle.secondary)
        view.add_item(Pressable(discord.ui.Button(label=button.label, style=style, custom_id=custom_id)))
    view.stop()
    return view


def parsed(custom_id: str) -> dict[str, str]:
    """What stands in a button or a form of ours; empty for others'."""
    match = PRESSED.fullmatch(custom_id)
    return match.groupdict() if match else {}


def command_of(pressed: Mapping[str, str]) -> dict[str, Any]:
    """The command, the design and the message, as an event has them."""
    design, message = int(pressed["design"]) or None, int(pressed["message"]) or None
    return {"command": pressed["action"], "design": design, "message": message}


def words_in(components: Iterable[Mapping[str, Any]]) -> str:
    """What was written into a form that came back."""
    for component in components:
        if "value" in component:
            return str(component["value"])
        inner = [component["component"]] if "component" in component else component.get("components", [])
        if words := words_in(inner):
            return words
    return ""
