"""Who comes in: a token's person, as often as the rates allow."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

from aiohttp import web

from clients.gateway.calls import PERSON
from clients.gateway.errors import Handler, Refusal
from clients.gateway.limits import Buckets
from clients.gateway.settings import Settings
from clients.gateway.tokens import BadToken, Person, Tokens

AT_ONCE = 6  # requests of an account that are in hand: nobody has all connections, or the memory


class Doors:
    """Wraps handlers that are for people, and those that are for anybody but not without end."""

    def __init__(self, settings: Settings, tokens: Tokens) -> None:
        self._tokens = tokens
        self._accounts = Buckets(settings.account_rate)
        self._addresses = Buckets(settings.address_rate)
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._forwarded = settings.forwarded

    def people(self, handler: Handler, turns: bool = True) -> Handler:
        """Only with a valid token, and so many at once of an account; a stream needs no turn."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                person = self._person(request)
            except BadToken as error:
                self._slow_down(self._addresses, self._address(request))
                raise Refusal(401, str(error)) from None
            self._slow_down(self._accounts, person.account)
            request[PERSON] = person
            if not turns:
                return await handler(request)
            turn = self._turns.setdefault(person.account, asyncio.Semaphore(AT_ONCE))
            async with turn:
                response = await handler(request)
                await response.prepare(request)  # also who reads slowly has their turn until all is sent
                await response.write_eof()
                return response

        return handle

    def anybody(self, handler: Handler) -> Handler:
        """Without a token, by address."""

        async def handle(request: web.Request) -> web.StreamResponse:
            self._slow_down(self._addresses, self._address(request))
            return await handler(request)

        return handle

    def _person(self, request: web.Request) -> Person:
        said = request.headers.getall("Authorization", [])
        if len(said) != 1:
            raise BadToken("there is no token" if not said else "there is more than one token")
        scheme, _, token = said[0].partition(" ")
        if scheme.lower() != "bearer":
            raise BadToken("there is no bearer's token")
        return self._tokens.verify(token.strip())

    @staticmethod
    def _slow_down(buckets: Buckets, key: str) -> None:
        if wait := buckets.take(key):
            raise Refusal(429, retry_s=wait)

    def _address(self, request: web.Request) -> str:
        """The client's address: what our own proxy has added last, or the connection's."""
        if self._forwarded:
            said = ",".join(request.headers.getall("X-Forwarded-For", []))
            if last := said.rpartition(",")[2].strip():
                return last[:50]
        return request.remote or "nobody"
