"""What is refused, and how it looks: a status and `{code, message, what_to_do}`."""

from __future__ import annotations

import math
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import psycopg
from aiohttp import web
from psycopg_pool import PoolTimeout, TooManyRequests

RETRY_S = 1.0  # when the database is away: it is asked again soon
LIMIT_S = 60.0  # when nobody knows how long a limit holds
TIMEOUT, DENIED, MISSING = "57014", "42501", "42883"
AWAY = ("08", "53", "55P03", "57P", "40", "25006")  # classes of SQLSTATE that pass by themselves
WRONG = ("22", "23", "54")  # what was sent does not fit
# what the gateway itself refuses: by status its words, and what to do
OWN = {
    400: ("the request is malformed", "Send a JSON object in UTF-8 whose names are there once."),
    401: ("there is no valid token", "Send `Authorization: Bearer TOKEN` with a token that has not expired."),
    403: ("this is not yours to use", "/openapi.json lists what there is."),
    404: ("there is nothing here", "/openapi.json lists what there is."),
    405: ("this method is not for this path", "/openapi.json lists what there is."),
    413: ("the request is too large", "Send at most 1 MB."),
    415: ("the body is not JSON", "Send `Content-Type: application/json`, not encoded."),
    408: ("the request did not come in time", "Send it faster, or less of it."),
    422: ("the arguments do not fit", "/openapi.json has their names and types."),
    429: ("these are too many requests", "Wait for as many seconds as Retry-After says."),
    500: ("this failed", "Try again later; whoever runs this finds it in the log."),
    503: ("the database is away", "Try again after as many seconds as Retry-After says."),
    504: ("this took too long", "Ask for less."),
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refusal(Exception):
    """What is answered instead of a result."""

    def __init__(self, status: int, message: str = "", retry_s: float | None = None) -> None:
        """One of the gateway's own refusals."""
        words, self.what_to_do = OWN[status]
        super().__init__(message or words)
        self.status, self.code, self.retry_s = status, f"GW{status}", retry_s

    @classmethod
    def of_database(cls, code: str, known: Mapping[str, Any], message: str, retry_s: float) -> Refusal:
        """One of the registry's: `known` is what the document says of its code."""
        refusal = cls(422, message)
        refusal.status, refusal.code, refusal.what_to_do = known["status"], code, known["what_to_do"]
        refusal.retry_s = retry_s if refusal.status == 429 else None
        return refusal


def refusal_of(error: Exception, registry: Mapping[str, Any]) -> Refusal:
    """What an error of the database's is to its client."""
    state = getattr(error, "sqlstate", None) or ""
    if state in registry and isinstance(error, psycopg.Error):
        retry = error.diag.message_detail or ""
        message = error.diag.message_primary or ""
        return Refusal.of_database(
            state, registry[state], message, float(retry) if retry.isdecimal() else LIMIT_S
        )
    if isinstance(error, PoolTimeout | TooManyRequests) or state.startswith(AWAY) or state == MISSING:
        return Refusal(503, retry_s=RETRY_S)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and not state:
        return Refusal(503, retry_s=RETRY_S)
    if state == TIMEOUT:
        return Refusal(504)
    if state == DENIED:
        return Refusal(403)
    if isinstance(error, UnicodeEncodeError) or state.startswith(WRONG):
        return Refusal(422, _first_line(error) if state.startswith("22") else "")
    if isinstance(error, psycopg.DataError) and not state:  # psycopg itself refuses NUL
        return Refusal(422)
    return Refusal(500)


def answer(refusal: Refusal) -> web.Response:
    """The refusal as a response."""
    headers = {"Cache-Control": "no-store"}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="hardware_mas"'
    if refusal.retry_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(refusal.retry_s)))
    body = {"code": refusal.code, "message": str(refusal)[:500], "what_to_do": refusal.what_to_do}
    return web.json_response(body, status=refusal.status, headers=headers)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal in the same form, and no word of what failed inside."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return answer(refusal)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        said = answer(Refusal(error.status if error.status in OWN else 400))
        if "Allow" in error.headers:
            said.headers["Allow"] = error.headers["Allow"]
        return said
    except ConnectionError:
        raise  # whoever asked has gone
    except Exception as error:
        sys.stderr.write(f"gateway: {request.method} {route_of(request)}: {type(error).__name__}\n")
        return answer(Refusal(500))


def route_of(request: web.Request) -> str:
    """The pattern that the path matched: no word of anybody's."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


def _first_line(error: Exception) -> str:
    said = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return (said or "").splitlines()[0] if said else ""
