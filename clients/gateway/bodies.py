"""The body of a request: one JSON object, in time, and readable in one way only."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from clients.gateway.errors import Refusal


async def read_object(request: web.Request, patience_s: float) -> dict[str, Any]:
    """The object that was sent; nothing at all is one without arguments.  Raises `Refusal`."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refusal(415, "the body is encoded")
    if request.content_type != "application/json" and request.body_exists:
        raise Refusal(415)
    try:
        async with asyncio.timeout(patience_s):
            body = await request.read()
    except TimeoutError:
        raise Refusal(408) from None
    return _object(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body.decode() or "{}", object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refusal(400) from None
    if not isinstance(said, dict):
        raise Refusal(400, "the body is no JSON object")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are there once: two readers could choose differently."""
    if len(made := dict(pairs)) < len(pairs):
        raise ValueError("a name is there twice")
    return made


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
