"""An HTTP client that no server can make wait, or fill: one limit for the whole exchange, one for its size.

huggingface_hub takes its client from a factory.  Its own waits as long as a timeout says between two bytes,
so that a server that says one byte a second is never late; it reads a reply of any size, and follows
wherever a server sends it.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import httpx2
from huggingface_hub import set_client_factory

from clients.llm import MAX_ANSWER_BYTES

CONNECT_S = 10.0  # for each address of the server
LOOK_UP_S = 30.0  # for what huggingface_hub asks besides, without a limit of its own
REFUSAL_BYTES = 16_384  # of what a server says with an error
NO_KEY = "none"  # as a bearer it is not sent: huggingface_hub would put HF_TOKEN in the place of an empty one
replied = ContextVar("replied", default=False)  # whether the last request had a reply of status 200
CONNECTED = ("connect_tcp.complete", "start_tls.complete")


class Refused(Exception):
    """The server answered with another status than 200."""

    def __init__(self, status: int, headers: httpx2.Headers, body: str) -> None:
        super().__init__(f"HTTP {status}")
        self.status, self.headers, self.body = status, headers, body


class TooLarge(Exception):
    """The reply is larger than any answer of use."""


class BoundedClient(httpx2.Client):
    """One connection a request, cut when its time is up."""

    def __init__(self) -> None:
        super().__init__(
            follow_redirects=False,
            headers={"accept-encoding": "identity"},  # what is small on the wire must be small in memory
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send, and return the reply with its body still to come; raises `Refused` for any status but 200."""
        total = request.extensions.get("timeout", {}).get("read") or LOOK_UP_S
        alarm = _Alarm(total)
        waits = {"connect": min(CONNECT_S, total), "read": total, "write": total, "pool": total}
        request.extensions = {**request.extensions, "trace": alarm.watch, "timeout": waits}
        if request.headers.get("authorization") == f"Bearer {NO_KEY}":
            del request.headers["authorization"]
        replied.set(False)
        alarm.start()
        try:
            response = super().send(request, **options | {"stream": True})
            if response.headers.get("content-encoding", "identity") != "identity":
                raise httpx2.DecodingError("the reply is compressed, which nobody asked for", request=request)
            body = response.stream
            assert isinstance(body, httpx2.SyncByteStream)
            response.stream = _Counted(body, alarm)
            if response.status_code != httpx2.codes.OK:
                raise Refused(response.status_code, response.headers, _beginning(response))
            replied.set(True)
            if not options.get("stream"):
                response.read()
        except BaseException:
            alarm.cancel()
            raise
        return response


class _Alarm:
    """Cuts the connection when the time is up, whatever waits for it."""

    def __init__(self, total_s: float) -> None:
        self._timer = threading.Timer(total_s, self._ring)
        self._timer.daemon = True
        self._socket: socket.socket | None = None
        self._rung = False

    def start(self) -> None:
        self._timer.start()

    def cancel(self) -> None:
        self._timer.cancel()

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """The client's trace: it has the connection as soon as there is one."""
        if event.endswith(CONNECTED):
            self._socket = info["return_value"].get_extra_info("socket")
            if self._rung:  # the time was up before one of the server's addresses answered
                self._ring()

    def _ring(self) -> None:
        self._rung = True
        if self._socket is not None:
            with suppress(OSError):  # closed meanwhile
                self._socket.shutdown(socket.SHUT_RDWR)


class _Counted(httpx2.SyncByteStream):
    """A body of at most `MAX_ANSWER_BYTES`."""

    def __init__(self, body: httpx2.SyncByteStream, alarm: _Alarm) -> None:
        self._body, self._alarm = body, alarm

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._body:
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                raise TooLarge
            yield chunk

    def close(self) -> None:
        self._alarm.cancel()
        self._body.close()


def _beginning(response: httpx2.Response) -> str:
    """How a refusal's text begins."""
    begun = b""
    try:
        for chunk in response.iter_raw():
            begun += chunk
            if len(begun) > REFUSAL_BYTES:
                break
    except (httpx2.TransportError, TooLarge):
        pass  # the status says enough
    finally:
        response.close()
    return begun[:REFUSAL_BYTES].decode("utf-8", "replace")


set_client_factory(BoundedClient)
