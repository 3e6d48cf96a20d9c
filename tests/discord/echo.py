"""A bot in a process of its own, for the tests of the loopback Discord: it says again what it hears, and opens threads."""

from __future__ import annotations

import os

import discord
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)


class Echo(commands.Bot):
    """Says what it hears, with an exclamation mark."""

    async def on_message(self, message: discord.Message) -> None:
        if message.author.bot:
            return
        if message.content.endswith("thread"):
            await message.create_thread(name="Talk")
        else:
            await message.channel.send(f"{message.content}!", nonce=str(message.id))


if __name__ == "__main__":
    Route.BASE = os.environ["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    bot = Echo("!", intents=INTENTS)
    bot._connection.guild_ready_timeout = 0.1  # or each start takes 2 s
    bot.run(os.environ["DISCORD_TOKEN"], log_handler=None)
