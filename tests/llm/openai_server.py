"""A loopback server that speaks the chat completions protocol and says what a test has written down.

In a test: `with OpenAIServer([Reply("hello"), Reply(status=429)]) as server:`.  As a process of its own:
`python -m tests.llm.openai_server FILE`, where FILE is a JSON list of replies; it prints its URL and ends with
its standard input.  Whatever it does not know is answered with 501, so that nothing is silently faked.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiohttp import web

MODEL = "test-model"
KNOWN = {
    "model", "messages", "tools", "tool_choice", "response_format", "temperature", "max_tokens", "seed",
    "stream",
}  # fmt: skip
ROLES = {"system", "user", "assistant", "tool"}


@dataclass(frozen=True)
class Reply:
    """What the server says to one request."""

    text: str | None = None
    tool_calls: Sequence[tuple[str, dict[str, Any]]] = ()
    finish_reason: str = "stop"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: str | None = None  # the whole body, as it is
    cut: bool = False  # the connection ends in the middle of the body
    never: bool = False  # nothing is said at all
    delay_s: float = 0.0  # before the first byte
    trickle_s: float = 0.0  # between two bytes
    counts: bool = True  # whether tokens are counted

    def body(self, request: dict[str, Any]) -> bytes:
        """The reply's body."""
        if self.raw is not None:
            return self.raw.encode()
        if self.status != web.HTTPOk.status_code:
            return json.dumps({"error": {"message": self.text or "no", "type": "error"}}).encode()
        calls = [
            {
                "id": f"call_{n}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(given)},
            }
            for n, (name, given) in enumerate(self.tool_calls)
        ]
        message = {"role": "assistant", "content": self.text} | ({"tool_calls": calls} if calls else {})
        sent, received = len(json.dumps(request["messages"])) // 4, len(self.text or "") // 4
        usage = {"prompt_tokens": sent, "completion_tokens": received, "total_tokens": sent + received}
        return json.dumps(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1,
                "model": request.get("model"),
                "choices": [{"index": 0, "message": message, "finish_reason": self.finish_reason}],
            }
            | ({"usage": usage} if self.counts else {})
        ).encode()


Script = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


@dataclass
class Asked:
    """A request that came in."""

    headers: dict[str, str]
    body: dict[str, Any]


class OpenAIServer:
    """The server, on a thread of its own; `requests` has what it was asked."""

    def __init__(self, script: Script, context_tokens: int | None = None) -> None:
        self._script = script
        self._context_tokens = context_tokens
        self.requests: list[Asked] = []
        self.arrived = threading.Semaphore(0)  # released for each request, before it is answered
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._ready, self._ended = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="OpenAI server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_route("*", "/{path:.*}", self._unknown)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v1"
        self._ready.set()
        await self._ended.wait()
        await runner.cleanup()

    # ------------------------------------------------------------------ routes

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    async def _unknown(self, request: web.Request) -> web.Response:
        return web.json_response({"error": f"no {request.method} {request.path} here"}, status=501)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        unknown = sorted(body.keys() - KNOWN) or (["stream"] if body.get("stream") else [])
        if unknown or not {message["role"] for message in body["messages"]} <= ROLES:
            return web.json_response({"error": f"not known: {', '.join(unknown)}"}, status=501)
        self.requests.append(Asked(dict(request.headers), body))
        self.arrived.release()
        tokens = len(json.dumps(body["messages"])) // 4
        if self._context_tokens is not None and tokens > self._context_tokens:
            return web.json_response({"error": {"message": "the prompt is too long"}}, status=413)
        response = web.StreamResponse()
        with contextlib.suppress(ConnectionError):  # whoever asked has left
            response = await self._say(request, self._next(body), body)
        return response

    def _next(self, body: dict[str, Any]) -> Reply:
        if callable(self._script):
            return self._script(body)
        number = len(self.requests) - 1
        if number >= len(self._script):
            return Reply("no reply is left", status=501)
        return self._script[number]

    async def _say(self, request: web.Request, reply: Reply, asked: dict[str, Any]) -> web.StreamResponse:
        if reply.never or reply.delay_s:
            await self._pass(None if reply.never else reply.delay_s)
        body = reply.body(asked)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))} | reply.headers
        response = web.StreamResponse(status=reply.status, headers=headers)
        await response.prepare(request)
        if reply.cut:
            await response.write(body[: len(body) // 2])
            assert request.transport is not None
            request.transport.abort()
            return response
        for at in range(0, len(body), 1 if reply.trickle_s else len(body)):
            await response.write(body[at : at + 1] if reply.trickle_s else body)
            if reply.trickle_s:
                await self._pass(reply.trickle_s)
        await response.write_eof()
        return response

    async def _pass(self, seconds: float | None) -> None:
        """Let time pass, or the server end."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)


def main(file: str) -> None:
    """Serve the replies of a file until standard input ends."""
    with OpenAIServer([Reply(**reply) for reply in json.loads(Path(file).read_text())]) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
