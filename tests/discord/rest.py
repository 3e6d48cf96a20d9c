"""REST, v10: how a request is read, refused, limited, disturbed by a test, and answered.  The routes are in routes.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web

from tests.discord.refusal import NotModelled, Refusal

if TYPE_CHECKING:
    from tests.discord.server import DiscordServer

API = "/api/v10"
REQUEST_LIMIT = 25 << 20
OPEN = ("/interactions/", "/webhooks/", "/gateway", "/attachments/")  # answered without the bot's token
MAJOR = ("channel", "guild", "webhook", "token", "interaction")


@dataclass
class Call:
    """A request: its number in the order of arrival, its route and what it brought."""

    number: int
    method: str
    route: str  # with the names of its parameters
    path: str
    query: dict[str, str]
    params: dict[str, str] = field(default_factory=dict)
    body: Any = None
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # by field: name and contents
    size: int = 0
    status: int | None = None  # of the answer
    answer: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.route}"

    def id(self, name: str) -> int:
        """A parameter of the path as a number."""
        return int(self.params[name])


@dataclass(frozen=True)
class Disturb:
    """What a test does to a request: answer this status, or nothing at all (0) and cut the connection."""

    status: int = 0


Hook = Callable[[Call, str], Disturb | None]
Handler = Callable[["DiscordServer", Call], Any]
ROUTES: list[tuple[str, str, Handler]] = []


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Register what answers a route; it returns what is sent as JSON, or nothing for 204."""

    def register(handler: Handler) -> Handler:
        ROUTES.append((method, path, handler))
        return handler

    return register


class Rest:
    """Answers requests for a server."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server
        self.calls: list[Call] = []
        self.hooks: list[Hook] = []

    def add_routes(self, app: web.Application) -> None:
        """Every route that is known; all else is answered with 501."""
        for method, path, handler in ROUTES:
            pattern = "/".join(self._pattern(part) for part in path.split("/"))
            prefix = "" if path.startswith("/attachments") else API
            app.router.add_route(method, prefix + pattern, self._answering(path, handler))
        app.router.add_route("*", "/{path:.*}", self._unknown)

    @staticmethod
    def _pattern(part: str) -> str:
        number = part.startswith("{") and part not in ("{token}", "{emoji}", "{name}")
        return f"{part[:-1]}:[0-9]+}}" if number else part

    def _answering(self, path: str, handler: Handler) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            call = Call(len(self.calls) + 1, request.method, path, request.path, dict(request.query))
            call.params = dict(request.match_info)
            self.calls.append(call)
            return await self._answer(request, call, handler)

        return answer

    async def _unknown(self, request: web.Request) -> web.Response:
        return self._respond(501, self._not_known(f"{request.method} {request.path}"))

    def _not_known(self, what: str) -> dict[str, Any]:
        self._server.unknown.append(what)
        self._server.world.changed()
        return {"code": 0, "message": f"not known: {what}"}

    # ------------------------------------------------------------------ one request

    async def _answer(self, request: web.Request, call: Call, handler: Handler) -> web.StreamResponse:
        try:
            await self._read(request, call)
            disturbed = self._disturb(call, "before")
            headers, wait, together = self._limit(call)
            if wait is not None:
                body = {"message": "You are being rate limited.", "retry_after": wait, "global": together}
                return self._end(request, call, disturbed, 429, body, headers)
            if disturbed is not None:
                return self._end(request, call, disturbed, 0, None, headers)
            known = request.headers.get("Authorization") == f"Bot {self._server.token}"
            if not known and not call.route.startswith(OPEN):
                raise Refusal(0)
            answer = handler(self._server, call)
        except Refusal as refusal:
            return self._end(request, call, None, refusal.status, refusal.body, {})
        except NotModelled as error:
            return self._end(request, call, None, 501, self._not_known(str(error)), {})
        except Exception as error:  # ours: the test shall fail by it, not by what follows
            self._server.errors.append(error)
            return self._end(request, call, None, 500, {"code": 0, "message": str(error)}, {})
        disturbed = self._disturb(call, "after")
        status = 204 if answer is None else 200
        return self._end(request, call, disturbed, status, answer, headers)

    def _disturb(self, call: Call, when: str) -> Disturb | None:
        for hook in list(self.hooks):
            disturbed = hook(call, when)
            if disturbed is not None:
                return disturbed
        return None

    def _limit(self, call: Call) -> tuple[dict[str, str], float | None, bool]:
        if call.route.startswith("/attachments"):
            return {}, None, False
        major = "+".join(call.params[name] for name in MAJOR if name in call.params)
        return self._server.limits.take(str(call), major)

    def _end(
        self,
        request: web.Request,
        call: Call,
        disturbed: Disturb | None,
        status: int,
        body: Any,
        headers: dict[str, str],
    ) -> web.StreamResponse:
        if disturbed is not None:
            status, body = disturbed.status, {"code": 0, "message": "disturbed"}
        call.status, call.answer = status, body
        self._server.world.changed()
        if status == 0:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if isinstance(body, web.Response):
            return body
        return self._respond(status, body, headers)

    @staticmethod
    def _respond(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
        """The client knows JSON only by exactly this type."""
        if status == 204:
            return web.Response(status=204, headers=headers)
        text = json.dumps(body, separators=(",", ":")).encode()
        kind = {"Content-Type": "application/json"}
        return web.Response(body=text, status=status, headers=kind | (headers or {}))

    # ------------------------------------------------------------------ its body

    async def _read(self, request: web.Request, call: Call) -> None:
        if request.content_type == "multipart/form-data":
            await self._read_parts(request, call)
        elif request.can_read_body:
            data = await request.read()
            call.size = len(data)
            if data:
                call.body = self._parse(data)
        if not isinstance(call.body, (dict, list)) and call.body is not None:
            raise Refusal(50109)

    async def _read_parts(self, request: web.Request, call: Call) -> None:
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            data = bytes(await part.read(decode=False))
            call.size += len(data)
            if part.name == "payload_json":
                call.body = self._parse(data)
            else:
                call.files[part.name or ""] = (part.filename or "", data)

    @staticmethod
    def _parse(data: bytes) -> Any:
        try:
            return json.loads(data)
        except ValueError:
            raise Refusal(50109) from None
