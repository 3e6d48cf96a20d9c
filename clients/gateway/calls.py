"""Requests of people: a function by POST, a view or a file by GET, each one call of the database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import psycopg
from aiohttp import web
from psycopg import sql
from psycopg_pool import PoolTimeout, TooManyRequests

from clients.gateway.answers import as_file, as_json
from clients.gateway.bodies import read_object
from clients.gateway.catalogue import Catalogue, Catalogues, Function, View
from clients.gateway.database import Connection, Database
from clients.gateway.errors import MISSING, RETRY_S, Refusal, refusal_of
from clients.gateway.tokens import Person
from clients.log import log_of, told

LOG = log_of("gateway")
FAILURES = (psycopg.Error, PoolTimeout, TooManyRequests, UnicodeEncodeError)
FILE = "read_file"
NUMBER = re.compile("[0-9]{1,18}")
PERSON = web.RequestKey("person", Person)


class Calls:
    """The handlers; the person of each request is there already."""

    def __init__(self, database: Database, catalogues: Catalogues, patience_s: float) -> None:
        self._database, self._catalogues, self._patience_s = database, catalogues, patience_s

    async def function(self, request: web.Request) -> web.Response:
        """POST /rpc/<function>."""
        catalogue = await self.catalogue()
        function = catalogue.functions.get(request.match_info["function"])
        if function is None:
            raise Refusal(403)  # also of names that nobody has: which there are, is not told
        arguments = await read_object(request, self._patience_s)
        _require(function, arguments)
        return await self._call(request[PERSON], function, arguments)

    async def view(self, request: web.Request) -> web.Response:
        """GET /<view>."""
        catalogue = await self.catalogue()
        view = catalogue.views.get(request.match_info["view"])
        if view is None:
            raise Refusal(403)
        query, values = _select(view, _parameters(view, request))
        try:
            async with self._database.as_person(request[PERSON]) as connection:
                return as_json(await _text(connection, query, values) or "[]")
        except FAILURES as error:
            raise self.refusal(error) from error

    async def file(self, request: web.Request) -> web.Response:
        """GET /files/<design>/<name>."""
        catalogue = await self.catalogue()
        function = catalogue.functions.get(FILE)
        if function is None:
            raise Refusal(403)
        arguments = {"p_design": int(request.match_info["design"]), "p_name": request.match_info["name"]}
        _require(function, arguments)
        return await self._call(request[PERSON], function, arguments)

    async def catalogue(self) -> Catalogue:
        """What there is.  Raises `Refusal` when nobody can know now."""
        try:
            return await self._catalogues.get()
        except FAILURES as error:
            LOG.warning("cannot read what there is: %s", str(error).partition("\n")[0])
            raise Refusal(503, retry_s=RETRY_S) from error

    async def _call(self, person: Person, function: Function, arguments: Mapping[str, Any]) -> web.Response:
        names = sql.SQL(", ").join(
            sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder()) for name in arguments
        )
        call = sql.SQL("api.{}({})").format(sql.Identifier(function.name), names)
        values = [_value(value, function.arguments[name]) for name, value in arguments.items()]
        try:
            async with self._database.as_person(person) as connection:
                name = str(arguments.get("p_name") or "file")
                return await _answer(connection, function, call, values, name)
        except FAILURES as error:
            raise self.refusal(error) from error

    def refusal(self, error: Exception) -> Refusal:
        """What an error of the database's is to its client."""
        if getattr(error, "sqlstate", None) == MISSING:
            self._catalogues.drop()
        refusal = refusal_of(error, self._catalogues.known.registry if self._catalogues.known else {})
        if refusal.status == 500:
            LOG.error("the database failed: %s %s", getattr(error, "sqlstate", None), told(error))
        return refusal


def _parameters(view: View, request: web.Request) -> dict[str, Any]:
    """The query's parameters by name, numbers as numbers."""
    said: dict[str, Any] = {}
    for name, word in request.query.items():
        if name in said:
            raise Refusal(422, f"{name} is there twice")
        number = view.parameters.get(name, {}).get("type") == "integer" and NUMBER.fullmatch(word)
        said[name] = int(word) if number else word
    _require(view, said)
    return said


def _require(operation: Function | View, said: Mapping[str, Any]) -> None:
    """Raises `Refusal` for what the document does not allow."""
    try:
        wrong = next(operation.check.iter_errors(said), None)
    except RecursionError:
        raise Refusal(400) from None
    if wrong is not None:
        where = ".".join(str(part) for part in wrong.path)
        raise Refusal(422, f"{where or 'the arguments'}: {wrong.message[:200]}")


def _value(value: Any, schema: Mapping[str, Any]) -> Any:
    """An argument as text that PostgreSQL reads as its own type."""
    kind = schema.get("type")
    if kind is None:  # jsonb
        return json.dumps(value)
    if value is None or isinstance(value, str | list):
        return value
    return json.dumps(int(value) if "integer" in kind else value)  # 1.0 is a whole number, too


def _select(view: View, said: dict[str, Any]) -> tuple[sql.Composed, list[Any]]:
    """The query of a view, and the values that are bound to it."""
    limit, offset = (said.pop(name, view.parameters[name]["default"]) for name in ("limit", "offset"))
    column, _, way = str(said.pop("order", "")).partition(".")
    rows = sql.SQL("select * from api.{}").format(sql.Identifier(view.name))
    for place, name in enumerate(said):
        rows += sql.SQL(" and {} = %s" if place else " where {} = %s").format(sql.Identifier(name))
    if column:
        rows += sql.SQL(" order by {}").format(sql.Identifier(column))
        rows += sql.SQL(" desc nulls last" if way == "desc" else " asc")
    query = sql.SQL("select json_agg(r)::text from ({} limit %s offset %s) r").format(rows)
    return query, [word.removeprefix("eq.") for word in said.values()] + [limit, offset]


async def _answer(
    connection: Connection, function: Function, call: sql.Composed, values: list[Any], name: str
) -> web.Response:
    alone = sql.SQL("select {}").format(call)
    if function.kind == "file":
        row = await (await connection.execute(alone, values, binary=True)).fetchone()
        return as_file(name, bytes(row[0]) if row and row[0] is not None else b"")
    if function.kind == "set":
        query = sql.SQL("select json_agg(r)::text from {} r").format(call)
        return as_json(await _text(connection, query, values) or "[]")
    if function.kind == "nothing":
        await connection.execute(alone, values)
        return as_json("null")
    query = sql.SQL("select to_json({})::text").format(call)
    return as_json(await _text(connection, query, values) or "null")


async def _text(connection: Connection, query: sql.Composed, values: list[Any]) -> str | None:
    row = await (await connection.execute(query, values)).fetchone()
    return row[0] if row else None
