"""The server: its paths, what stands before them, and how it ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from clients.gateway.answers import OF_THE_PAGE, as_json, harden
from clients.gateway.bell import Bell
from clients.gateway.calls import Calls
from clients.gateway.catalogue import Catalogues
from clients.gateway.database import Database
from clients.gateway.doors import Doors
from clients.gateway.errors import Refusal, refusals
from clients.gateway.events import Events
from clients.gateway.metrics import CONTENT, Metrics
from clients.gateway.settings import Settings
from clients.gateway.tokens import Tokens

PAGE = Path(__file__).resolve().parent / "page"
LARGEST = 1_000_000  # bytes of a request's body
END_S = 5.0  # for requests in hand, when the process is to end


class Gateway:
    """One process of the gateway: `await begin()`, then `await end()`."""

    def __init__(self, dsn: str, settings: Settings) -> None:
        """Raises `BadSetting` for a key that is none."""
        self._settings = settings
        self._metrics = Metrics()
        self._database = Database(dsn, settings.connections)
        self._bell = Bell(dsn)
        self._calls = Calls(self._database, Catalogues(self._database), settings.patience_s)
        self._events = Events(self._database, self._bell, self._calls, settings.patience_s)
        self._doors = Doors(settings, Tokens(settings.key_file, settings.audience))
        self._runner = web.AppRunner(
            self._application(),
            access_log=None,
            keepalive_timeout=settings.patience_s,  # also of a connection whose request's head does not come
            auto_decompress=False,
            shutdown_timeout=END_S,
        )
        self._listening: asyncio.Task[None] | None = None

    async def begin(self) -> int:
        """Serve; returns the port.  Raises `OSError` when it is taken."""
        await self._database.open()
        self._listening = asyncio.create_task(self._bell.run())
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._settings.host, self._settings.port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def end(self) -> None:
        """End the streams, finish what is in hand, close the connections."""
        self._events.end()
        await self._runner.cleanup()
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
        await self._database.close()

    def _application(self) -> web.Application:
        people, anybody = self._doors.people, self._doors.anybody
        application = web.Application(middlewares=[self._metrics.count, refusals], client_max_size=LARGEST)
        application.on_response_prepare.append(harden)
        application.router.add_post(r"/rpc/{function:[^/]+}", people(self._calls.function))
        application.router.add_get(
            r"/files/{design:\d{1,18}}/{name:.+}", people(self._calls.file), allow_head=False
        )
        application.router.add_get("/events", people(self._events.stream, turns=False), allow_head=False)
        application.router.add_get("/openapi.json", anybody(self._document))
        application.router.add_get("/healthz", self._alive)
        application.router.add_get("/readyz", self._ready)
        application.router.add_get("/metrics", self._figures)
        application.router.add_get("/", self._page)
        application.router.add_get(r"/page/{file:[A-Za-z0-9_.-]+}", self._page)
        application.router.add_get(r"/{view:[^/]+}", people(self._calls.view), allow_head=False)
        return application

    async def _document(self, _: web.Request) -> web.Response:
        return as_json((await self._calls.catalogue()).document)

    async def _alive(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, _: web.Request) -> web.Response:
        try:
            await self._database.ping()
            await self._calls.catalogue()
        except Refusal:
            raise
        except Exception as error:
            raise Refusal(503, retry_s=1.0) from error
        return web.Response(text="ready\n")

    async def _figures(self, _: web.Request) -> web.Response:
        pool = self._database.figures()
        gauges = [
            ("streams", "Event streams that are open.", self._events.open),
            ("connections", "Connections to the database.", pool.get("pool_size", 0)),
            ("connections_free", "Those that nobody uses.", pool.get("pool_available", 0)),
            ("requests_waiting", "Requests that wait for a connection.", pool.get("requests_waiting", 0)),
        ]
        return web.Response(text=self._metrics.text(gauges), headers={"Content-Type": CONTENT})

    async def _page(self, request: web.Request) -> web.StreamResponse:
        """The status page's files: no token, because they are the same for everybody."""
        file = PAGE / request.match_info.get("file", "index.html")
        if not file.is_file():
            raise Refusal(404)
        headers = {"Content-Security-Policy": OF_THE_PAGE, "Cache-Control": "no-cache"}
        return web.FileResponse(file, headers=headers)
