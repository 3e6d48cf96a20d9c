"""From a delivery of the outbox to what is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clients.api import Api
from clients.front_end.checks import failed_rows, rows_of
from clients.front_end.packing import EMPTY_ZIP, grouped, packed_sizes, zip_name, zipped
from clients.front_end.post import Button, Post
from clients.front_end.words import (
    COLOURS,
    FAILED,
    LABELS,
    PASSED,
    WORKING,
    counted,
    plain,
    size,
    stage,
    took,
)
from clients.outbox_calls import Delivery


def render(db: Api, delivery: Delivery, limit_bytes: int) -> Post:
    """What a delivery looks like, with its picture and files read; none of them is above `limit_bytes`.

    A `files` delivery above the limit is split in the outbox: this one is then its first part.  Raises
    `ApiError`: PB001 when the claim is lost meanwhile, PB006 and PB009 when the files are gone.
    """
    return _RENDERERS.get(delivery.kind, _words)(db, delivery, limit_bytes)


def _words(_: Api, delivery: Delivery, limit_bytes: int) -> Post:
    """What is said: an agent's message, a proposal, an answer."""
    content = delivery.content
    return Post(
        delivery.kind,
        plain(content.get("text") or ""),
        sender=plain(content.get("sender") or ""),
        buttons=_buttons(delivery),
        source=content.get("source"),
    )


def _thread(_: Api, delivery: Delivery, limit_bytes: int) -> Post:
    content = delivery.content
    return Post(
        delivery.kind,
        title=plain(content["name"]),
        source=content.get("source"),
        member=content.get("member"),
    )


def _status(_: Api, delivery: Delivery, limit_bytes: int) -> Post:
    content = delivery.content
    return Post(
        delivery.kind,
        stage(content),
        title=_title(content),
        elapsed=took(content["elapsed_s"]),
        rows=failed_rows(content.get("failed") or []),
        buttons=_buttons(delivery),
        colour=COLOURS.get(content["state"], WORKING),
        ended=bool(content["finished"]),
    )


def _result(db: Api, delivery: Delivery, limit_bytes: int) -> Post:
    content, design = delivery.content, delivery.design
    picture = None
    if content.get("picture") and design is not None:
        picture = content["picture"], db.read_file(design, content["picture"])
    return Post(
        delivery.kind,
        plain(content.get("text") or ""),
        title=_title(content | {"design": design}),
        sender=plain(content.get("sender") or ""),
        rows=rows_of(content.get("checks") or []),
        picture=picture if picture and len(picture[1]) <= limit_bytes else None,
        buttons=_buttons(delivery),
        colour=PASSED if content["passed"] else FAILED,
    )


def _files(db: Api, delivery: Delivery, limit_bytes: int) -> Post:
    content, design = delivery.content, delivery.design
    if design is None:
        raise ValueError("files belong to a design")
    files = {name: db.read_file(design, name) for name in content["names"]}
    part, of = int(content["part"]), int(content["of"])
    package, large = zipped(files), list[str]()
    if len(package) > limit_bytes:
        groups, large = grouped(packed_sizes(files), limit_bytes)
        if len(groups) > 1:
            db.split_delivery(delivery, [groups[0] + large, *groups[1:]])
            of += len(groups) - 1
        kept = groups[0] if groups else []
        package = zipped({name: files[name] for name in kept})
    name = zip_name(content["stem"], part, of)
    sent = ((name, package),) if len(package) > EMPTY_ZIP else ()
    lines = [f"{counted(len(files) - len(large), 'file')} of design {design} in {name}."] if sent else []
    lines += [_too_large(design, each, len(files[each]), limit_bytes) for each in large]
    return Post(delivery.kind, "\n".join(lines), files=sent)


def _too_large(design: int, name: str, byte_count: int, limit_bytes: int) -> str:
    return (
        f"{name} has {size(byte_count)}, and {size(limit_bytes)} can be sent here. "
        f"Whoever runs this can lay it down: ./mas files {design} --out DIR"
    )


def _title(content: Mapping[str, Any]) -> str:
    return plain(f"Design {content['design']}: {content.get('title') or 'board'}")


def _buttons(delivery: Delivery) -> tuple[Button, ...]:
    message = delivery.content.get("message")
    return tuple(
        Button(action, LABELS[action], delivery.design, message)
        for action in delivery.content.get("buttons") or []
        if action in LABELS
    )


_RENDERERS: dict[str, Callable[[Api, Delivery, int], Post]] = {
    "thread": _thread,
    "status": _status,
    "result": _result,
    "files": _files,
}
