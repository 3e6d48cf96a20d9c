"""What may be called: read from the database's own document, to which every request is held."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from jsonschema import Draft202012Validator
from psycopg_pool import PoolTimeout, TooManyRequests

from clients.gateway.database import Database
from clients.gateway.document import whole

FRESH_S = 60.0  # a deploy is noticed after so long at the latest


@dataclass(frozen=True)
class Function:
    """A function: its arguments by their schema, and whether it answers a set, value, file or nothing."""

    name: str
    kind: str
    arguments: Mapping[str, Any]
    check: Draft202012Validator


@dataclass(frozen=True)
class View:
    """A view: its query's parameters by their schema."""

    name: str
    parameters: Mapping[str, Any]
    check: Draft202012Validator


@dataclass(frozen=True)
class Catalogue:
    """Functions and views by name, the registry of errors, and the document that is shown, as JSON."""

    functions: Mapping[str, Function]
    views: Mapping[str, View]
    registry: Mapping[str, Any]
    document: str


class Catalogues:
    """The catalogue, read when it is first wanted and again when it is old."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read_at = 0.0
        self.known: Catalogue | None = None

    async def get(self) -> Catalogue:
        """The catalogue; while the database is away the last one.  Raises what the database raises."""
        if self.known is not None and time.monotonic() - self._read_at < FRESH_S:
            return self.known
        try:
            self.known = read(await self._database.document())
            self._read_at = time.monotonic()
        except (psycopg.OperationalError, PoolTimeout, TooManyRequests):
            if self.known is None:
                raise
        return self.known

    def drop(self) -> None:
        """The database has changed: read it again next time."""
        self._read_at = 0.0


def read(document: dict[str, Any]) -> Catalogue:
    """The catalogue that a document of the database's describes."""
    functions, views = {}, {}
    for path, item in document["paths"].items():
        if "post" in item:
            schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
            name = item["post"]["operationId"]
            functions[name] = Function(
                name, item["post"]["x-returns"], schema["properties"], Draft202012Validator(schema)
            )
        else:
            parameters = {one["name"]: one["schema"] for one in item["get"]["parameters"]}
            schema = {"type": "object", "properties": parameters, "additionalProperties": False}
            views[path.removeprefix("/")] = View(
                path.removeprefix("/"), parameters, Draft202012Validator(schema)
            )
    return Catalogue(functions, views, document["x-error-codes"], json.dumps(whole(document)))
