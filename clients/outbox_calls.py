"""What a front end calls that carries a talk: what people said goes in as events, what they get comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from clients.wire import Wire, interval

CLAIM_S = 60.0  # a delivery that is not recorded within this is due again


@dataclass(frozen=True)
class Delivery:
    """A row of the outbox under a claim; the token is the fence.

    `again` says that it was claimed before: read what stands at the place after message `after` before
    sending it.  `remote_id` is the message to edit, if it was sent.
    """

    delivery_id: int
    token: UUID
    kind: str
    design: int | None
    place: str | None
    parent: str | None
    guild: str | None
    nonce: str
    remote_id: str | None
    again: bool
    after: str | None
    content: dict[str, Any]
    reply_token: str | None


class OutboxCalls(Wire):
    """The inbox and the outbox of the calling front end."""

    def receive_event(
        self,
        account: str,
        username: str,
        key: str,
        command: str,
        text: str = "",
        *,
        place: str | None = None,
        parent: str | None = None,
        guild: str | None = None,
        source: str | None = None,
        design: int | None = None,
        message: int | None = None,
        files: Sequence[dict[str, Any]] = (),
        reply_token: str | None = None,
        interactive: bool = True,
    ) -> dict[str, Any]:
        """Whatever a person did comes in; the same key twice is one event.

        `files` are those announced, `{"name", "bytes"}`.  Returns `{"outcome", "design"}`, and `"again"`
        for a key that has come before.
        """
        return dict(
            self._one(
                "receive_event",
                p_account=account,
                p_username=username,
                p_event_key=key,
                p_command=command,
                p_text=text,
                p_place=place,
                p_parent=parent,
                p_guild=guild,
                p_source=source,
                p_design=design,
                p_message=message,
                p_files=Jsonb(list(files)),
                p_reply_token=reply_token,
                p_interactive=interactive,
            )
        )

    def attachment_problem(
        self,
        name: str,
        size: int,
        *,
        place: str | None = None,
        parent: str | None = None,
        guild: str | None = None,
    ) -> str | None:
        """Why a file of `size` bytes is not taken, None when it is; asked before it is read."""
        problem = self._one(
            "attachment_problem", p_parent=parent, p_guild=guild, p_place=place, p_name=name, p_bytes=size
        )
        return None if problem is None else str(problem)

    def start_front_end(self, worker: str) -> int:
        """A new life of `worker`: what its last one had claimed is due again; returns how much."""
        return int(self._one("start_front_end", p_worker=worker))

    def claim_deliveries(
        self,
        worker: str,
        limit: int = 10,
        design: int | None = None,
        lease_s: float = CLAIM_S,
        place: str | None = None,
    ) -> list[Delivery]:
        """What is to be sent now, in order within a design; with `design` or `place` only what is theirs."""
        rows = self._rows(
            "claim_deliveries",
            p_worker=worker,
            p_limit=limit,
            p_design=design,
            p_lease=interval(lease_s),
            p_place=place,
        )
        return [Delivery(**row) for row in rows]

    def record_delivery(self, delivery: Delivery, remote_id: str) -> None:
        """It was sent, as message `remote_id`; safe to say twice."""
        self._one("record_delivery", **_held(delivery), p_remote_id=remote_id)

    def fail_delivery(
        self, delivery: Delivery, reason: str, gone: bool = False, retry_after_s: float | None = None
    ) -> str:
        """It could not be sent; `gone`: and never can.  Returns later, dead or anew."""
        return str(
            self._one(
                "fail_delivery",
                **_held(delivery),
                p_reason=reason,
                p_gone=gone,
                p_retry_after_s=retry_after_s,
            )
        )

    def split_delivery(self, delivery: Delivery, groups: Sequence[Sequence[str]]) -> None:
        """Files too large for one message become a delivery for each group of names, this one the first."""
        self._one("split_delivery", **_held(delivery), p_groups=Jsonb([list(group) for group in groups]))

    def move_cursor(self, cursor: str | None = None) -> str | None:
        """How far the front end has heard; the greatest is kept."""
        moved = self._one("move_cursor", p_cursor=cursor)
        return None if moved is None else str(moved)

    def list_places(self) -> list[dict[str, Any]]:
        """Where something may have been said meanwhile: `place`, `parent`, and `after`, the last known."""
        return self._rows("list_places")


def _held(delivery: Delivery) -> dict[str, Any]:
    """A delivery and its fence."""
    return {"p_delivery_id": delivery.delivery_id, "p_token": delivery.token}
