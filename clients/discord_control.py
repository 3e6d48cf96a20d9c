"""Control of the Discord bot from the command line: where it may listen.  Every rule is in the database."""

from __future__ import annotations

import argparse

from clients.api import Api
from clients.control import ControlError, Say
from clients.server import Server

BOT = "discord_bot"
KINDS = ("guild", "channel")


def run_discord(server: Server, options: argparse.Namespace, say: Say) -> None:
    """`./mas discord allow|deny guild|channel ID`, `./mas discord list`."""
    with Api.connect(server.dsn("admin")) as admin:
        if options.action == "list":
            _list(admin, options, say)
        elif options.kind is None or not (options.place or "").isdecimal():
            raise ControlError(
                f"./mas discord {options.action} guild|channel ID, with Discord's number of it"
            )
        elif options.action == "allow":
            _allow(admin, options.kind, options.place, say)
        else:
            _deny(admin, options.kind, options.place, say)


def _list(admin: Api, options: argparse.Namespace, say: Say) -> None:
    if options.kind is not None:
        raise ControlError("./mas discord list takes nothing else")
    for kind in KINDS:
        say(f"{kind}s: {', '.join(_places(admin, kind)) or 'all that the bot was invited to'}")


def _allow(admin: Api, kind: str, place: str, say: Say) -> None:
    already = "" if admin.allow_place(BOT, kind, place) else " already"
    say(f"the bot listens in {kind} {place}{already}, and in no {kind} that is not on the list")


def _deny(admin: Api, kind: str, place: str, say: Say) -> None:
    if not admin.disallow_place(BOT, kind, place):
        raise ControlError(f"{kind} {place} is not on the list; ./mas discord list shows it")
    left = _places(admin, kind)
    rest = f"left are {', '.join(left)}" if left else f"the list is empty, so the bot listens in every {kind}"
    say(f"{kind} {place} is off the list; {rest}")


def _places(admin: Api, kind: str) -> list[str]:
    rows = admin.list_allowed_places()
    return [row["place"] for row in rows if (row["front_end"], row["kind"]) == (BOT, kind)]
