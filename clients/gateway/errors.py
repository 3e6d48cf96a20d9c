"""What is refused, and how it looks: a status and `{code, message, what_to_do}`."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import psycopg
from aiohttp import web
from psycopg_pool import PoolTimeout, TooManyRequests

from clients.log import log_of, told

LOG = log_of("gateway")
RETRY_S = 1.0  # when the database is away: it is asked again soon
LIMIT_S = 60.0  # when nobody knows how long a limit holds
MISSING = "42883"  # a function that the last deploy took away
# beginnings of SQLSTATE → status: what passes by itself is 503, what was sent and does not fit 422
STATES = {
    "57014": 504,
    "42501": 403,
    **dict.fromkeys(("08", "25006", "40", "53", "55P03", "57P", MISSING), 503),
    **dict.fromkeys(("22", "23", "54"), 422),
}
# errors without one
KINDS: dict[type[Exception], int] = {
    PoolTimeout: 503,
    TooManyRequests: 503,
    psycopg.DataError: 422,  # psycopg itself refuses NUL
    psycopg.OperationalError: 503,
    psycopg.InterfaceError: 503,
    UnicodeEncodeError: 422,  # a lone surrogate
}
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
    diag = error.diag if isinstance(error, psycopg.Error) else None
    words = (diag.message_primary or "") if diag is not None else ""
    if diag is not None and state in registry:
        wait = diag.message_detail or ""
        return Refusal.of_database(
            state, registry[state], words, float(wait) if wait.isdecimal() else LIMIT_S
        )
    kinds = (status for kind, status in KINDS.items() if isinstance(error, kind))
    states = (status for begin, status in STATES.items() if state.startswith(begin))
    status = next(states if state else kinds, 500)
    # of what does not fit, PostgreSQL's own words say what; of everything else, nobody's business
    return Refusal(status, words if status == 422 else "", RETRY_S if status == 503 else None)


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
        LOG.error("%s failed: %s", route_of(request), told(error))
        return answer(Refusal(500))


def route_of(request: web.Request) -> str:
    """The pattern that the path matched: no word of anybody's."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"
