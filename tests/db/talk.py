"""Short ways to talk as a front end does: events in, deliveries out, over the real wire and as the real roles."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from tests.conftest import Database

GUILD, CHANNEL, ANNA, BERT = "9", "500", "7", "8"
NUMBERS = itertools.count(10_000)  # Discord's numbers grow
Row = dict[str, Any]


def number() -> str:
    """A number that is greater than all before."""
    return str(next(NUMBERS))


class Bot:
    """A front end with a connection of its own; `sent` is all that it has recorded, in order."""

    def __init__(self, connection: psycopg.Connection, worker: str = "one") -> None:
        self.connection = connection
        self.worker = worker
        self.sent: list[Row] = []

    def rows(self, function: str, **arguments: Any) -> list[Row]:
        """What a function says."""
        named = ", ".join(f"p_{name} => %(p_{name})s" for name in arguments)
        given = {f"p_{name}": Jsonb(v) if isinstance(v, list | dict) else v for name, v in arguments.items()}
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(f"select * from {function}({named})".encode(), given).fetchall()

    def call(self, function: str, **arguments: Any) -> Any:
        """The one value that a function gives."""
        return next(iter(self.rows(function, **arguments)[0].values()))

    # ------------------------------------------------------------------ in

    def event(
        self, command: str, text: str = "", account: str = ANNA, key: str | None = None, **more: Any
    ) -> Row:
        """Something that a person did."""
        known = {"account": account, "username": "somebody", "event_key": key or number(), "command": command}
        return dict(self.call("receive_event", **known, text=text, **more))

    def mention(self, text: str, account: str = ANNA, **more: Any) -> Row:
        """Words in a channel, to the bot."""
        key = more.pop("key", None) or number()
        return self.event("design", text, account, key, parent=CHANNEL, guild=GUILD, source=key, **more)

    def slash(self, command: str, text: str = "", account: str = ANNA, **more: Any) -> Row:
        """A command in a channel."""
        token = f"token {number()}"
        return self.event(command, text, account, parent=CHANNEL, guild=GUILD, reply_token=token, **more)

    def direct(self, text: str, account: str = ANNA, command: str = "say", **more: Any) -> Row:
        """Words in the person's direct messages."""
        return self.event(command, text, account, place=f"dm{account}", **more)

    def inside(self, place: str, text: str, account: str = ANNA, command: str = "say", **more: Any) -> Row:
        """Words in a thread."""
        key = number()
        return self.event(
            command, text, account, key, place=place, parent=CHANNEL, guild=GUILD, source=key, **more
        )

    # ------------------------------------------------------------------ out

    def claim(self, **more: Any) -> list[Row]:
        """What is due."""
        return self.rows("claim_deliveries", **({"worker": self.worker} | more))

    def record(self, row: Row, remote_id: str | None = None) -> None:
        """It was sent."""
        sent_as = (
            remote_id
            or row["remote_id"]
            or (row["content"]["source"] if row["kind"] == "thread" else number())
        )
        self.call("record_delivery", delivery_id=row["delivery_id"], token=row["token"], remote_id=sent_as)
        self.sent.append(row | {"remote_id": sent_as})

    def fail(self, row: Row, reason: str = "busy", **more: Any) -> str:
        """It was not."""
        return str(
            self.call(
                "fail_delivery", delivery_id=row["delivery_id"], token=row["token"], reason=reason, **more
            )
        )

    def carry(self, **more: Any) -> list[Row]:
        """Send all that is due; returns it."""
        before = len(self.sent)
        while rows := self.claim(**more):
            for row in rows:
                self.record(row)
        return self.sent[before:]

    def texts(self, **more: Any) -> list[str]:
        """The same, its words alone."""
        return [row["content"]["text"] for row in self.carry(**more) if "text" in row["content"]]


def code(step: Callable[[], Any]) -> str | None:
    """The code of the refusal."""
    try:
        step()
    except psycopg.Error as refused:
        return refused.sqlstate
    return None


def at(database: Database, shift: str) -> None:
    """Move the database's clock: from now on it is this much later."""
    with database.connect() as owner:
        owner.execute(
            "create or replace function core.now() returns timestamptz language sql volatile as"
            f" $$ select pg_catalog.clock_timestamp() + interval '{shift}' $$".encode()
        )
