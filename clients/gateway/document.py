"""The OpenAPI document as the gateway shows it: the database's, with what HTTP adds to it."""

from __future__ import annotations

import copy
from typing import Any

from clients.gateway.errors import OWN

ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
ANYWHERE = (400, 401, 403, 405, 408, 413, 422, 429, 500, 503, 504)
TEXT = {"200": {"description": "Well.", "content": {"text/plain": {}}}}
DESIGN = {
    "name": "design",
    "in": "path",
    "required": True,
    "description": "Number of the design.",
    "schema": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
}
FILE = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "Name of the file, as design_files has it; it may have slashes.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[A-Za-z0-9_.+-]+$"},
}
OPEN: list[dict[str, Any]] = []  # no token is asked for


def whole(document: dict[str, Any]) -> dict[str, Any]:
    """The database's document, with the gateway's own paths, security and refusals."""
    made = copy.deepcopy(document)
    functions = made["paths"]
    if "/rpc/read_file" in functions:
        functions["/files/{design}/{name}"] = {"get": _download(functions["/rpc/read_file"]["post"])}
    functions["/events"] = {"get": _events()}
    for path, item in functions.items():
        for operation in item.values():
            statuses = (*ANYWHERE, 415) if path.startswith("/rpc/") else ANYWHERE
            for status in statuses:
                operation["responses"].setdefault(str(status), _refer(status))
    functions["/openapi.json"] = {
        "get": _plain("document", "This document.", {"application/json": {}}, 429, 503)
    }
    functions["/healthz"] = {"get": _plain("alive", "Whether the process lives.", {"text/plain": {}})}
    functions["/readyz"] = {"get": _plain("ready", "Whether requests are served.", {"text/plain": {}}, 503)}
    functions["/metrics"] = {"get": _plain("metrics", "Figures for Prometheus.", {"text/plain": {}})}
    made["components"]["responses"] = {f"GW{status}": _refusal(status) for status in OWN}
    made["security"] = [{"token": []}]
    made["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    return made


def _refer(status: int) -> dict[str, Any]:
    return {"$ref": f"#/components/responses/GW{status}"}


def _refusal(status: int) -> dict[str, Any]:
    message, what_to_do = OWN[status]
    said: dict[str, Any] = {"description": f"GW{status}: {message}. {what_to_do}", "content": ERROR}
    if status in (429, 503):
        said["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return said


def _download(read_file: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": "download",
        "description": "A file as read_file has it, by an address.",
        "parameters": [DESIGN, FILE],
        "responses": copy.deepcopy(read_file["responses"]),
    }


def _events() -> dict[str, Any]:
    words = (
        "What happens, as server-sent events: `design` with {design} when one of the caller's designs has "
        "changed, `queue` with the rows of queue_load, at most once a second.  It ends with the token."
    )
    return {
        "operationId": "events",
        "description": words,
        "responses": {
            "200": {"description": "Events, until either side ends it.", "content": {"text/event-stream": {}}}
        },
    }


def _plain(name: str, words: str, content: dict[str, Any], *refusals: int) -> dict[str, Any]:
    """An operation for which no token is asked."""
    responses = {"200": {"description": words, "content": content}}
    responses |= {str(status): _refer(status) for status in (*refusals, 405)}
    return {"operationId": name, "description": words, "security": OPEN, "responses": responses}
