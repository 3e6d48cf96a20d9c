"""The slash commands: each is one event; they are registered only when they have changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

Here = discord.Interaction[Any]
Number = app_commands.Range[int, 1]
MOST_CHARACTERS = 6000  # of an option; Discord's own limit
COMPARED = ("name", "description", "type")
COMPARED_IN_OPTIONS = ("name", "description", "type", "required", "min_value", "max_value", "max_length")


def add_commands(tree: app_commands.CommandTree[Any]) -> None:
    """Give the tree our commands."""
    ours: list[app_commands.Command[Any, ..., Any]] = [
        design,
        status,
        cancel,
        retry,
        files,
        mine,
        help_,
        forget,
    ]
    for command in ours:
        tree.add_command(command)


async def register(tree: app_commands.CommandTree[Any]) -> bool:
    """Tell Discord our commands if it has others; whether it had."""
    wanted = [_compared(command.to_dict(tree)) for command in tree.get_commands()]
    known = [_compared(command.to_dict()) for command in await tree.fetch_commands()]
    if sorted(wanted, key=str) == sorted(known, key=str):
        return False
    await tree.sync()
    return True


of_a_design = app_commands.describe(design="Its number; without one, the design of this place or your newest")


@app_commands.command(description="Describe the board that you need, in your own words.")
@app_commands.describe(brief="What it does, its supply, size, connectors", file="A netlist, notes, a picture")
async def design(
    interaction: Here,
    brief: app_commands.Range[str, 1, MOST_CHARACTERS],
    file: discord.Attachment | None = None,
) -> None:
    """Begin a design."""
    files = [file] if file else []
    await interaction.client.hearing.interaction(interaction, "design", brief, files=files)


@app_commands.command(description="How far a design is.")
@of_a_design
async def status(interaction: Here, design: Number | None = None) -> None:
    """Where a design stands."""
    await interaction.client.hearing.interaction(interaction, "status", design=design)


@app_commands.command(description="Stop a design.")
@of_a_design
async def cancel(interaction: Here, design: Number | None = None) -> None:
    """Cancel a design."""
    await interaction.client.hearing.interaction(interaction, "cancel", design=design)


@app_commands.command(description="Try a design again that did not become a board.")
@of_a_design
async def retry(interaction: Here, design: Number | None = None) -> None:
    """Try a design again."""
    await interaction.client.hearing.interaction(interaction, "retry", design=design)


@app_commands.command(description="The files of a design, once more.")
@of_a_design
async def files(interaction: Here, design: Number | None = None) -> None:
    """Send a design's files again."""
    await interaction.client.hearing.interaction(interaction, "files", design=design)


@app_commands.command(description="Your last designs.")
async def mine(interaction: Here) -> None:
    """List a person's designs."""
    await interaction.client.hearing.interaction(interaction, "mine")


@app_commands.command(name="help", description="What can be done here.")
async def help_(interaction: Here) -> None:
    """Say what there is."""
    await interaction.client.hearing.interaction(interaction, "help")


@app_commands.command(description="Delete everything that is stored about you; asks first.")
async def forget(interaction: Here) -> None:
    """Forget a person."""
    await interaction.client.hearing.interaction(interaction, "forget")


def _compared(command: Mapping[str, Any]) -> dict[str, Any]:
    """What makes two registrations the same."""
    options = [{key: option.get(key) for key in COMPARED_IN_OPTIONS} for option in command.get("options", [])]
    places = {key: sorted(command.get(key) or []) for key in ("contexts", "integration_types")}
    return {key: command.get(key) for key in COMPARED} | places | {"options": options}
