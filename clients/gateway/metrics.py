"""Figures for Prometheus: requests by route and status, seconds, connections; nothing of anybody's."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from aiohttp import web

from clients.gateway.errors import Handler, route_of

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counts since the process began."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._within: Counter[tuple[str, float]] = Counter()
        self._counts: Counter[str] = Counter()

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a request when its answer is there; a stream's when it has ended."""
        began = time.perf_counter()
        status = 499  # whoever asked has gone
        try:
            response = await handler(request)
            status = response.status
            return response
        finally:
            self._add(request.method, route_of(request), status, time.perf_counter() - began)

    def _add(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests[method if method in ("GET", "HEAD", "POST") else "other", route, status] += 1
        self._counts[route] += 1
        self._seconds[route] += seconds
        for bound in BOUNDS:
            if seconds <= bound:
                self._within[route, bound] += 1

    def text(self, gauges: Iterable[tuple[str, str, float]]) -> str:
        """The exposition; `gauges` are name, help and value."""
        return "\n".join([*self._counted(), *_gauges(gauges), ""])

    def _counted(self) -> Iterator[str]:
        yield "# HELP mas_gateway_requests_total Requests by method, route and status."
        yield "# TYPE mas_gateway_requests_total counter"
        for (method, route, status), n in sorted(self._requests.items()):
            labels = f'method="{method}",route="{route}",status="{status}"'
            yield f"mas_gateway_requests_total{{{labels}}} {n}"
        yield "# HELP mas_gateway_request_seconds Seconds from a request's head to its answer."
        yield "# TYPE mas_gateway_request_seconds histogram"
        for route, count in sorted(self._counts.items()):
            for bound in BOUNDS:
                n = self._within[route, bound]
                yield f'mas_gateway_request_seconds_bucket{{route="{route}",le="{bound}"}} {n}'
            yield f'mas_gateway_request_seconds_bucket{{route="{route}",le="+Inf"}} {count}'
            yield f'mas_gateway_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}'
            yield f'mas_gateway_request_seconds_count{{route="{route}"}} {count}'


def _gauges(gauges: Iterable[tuple[str, str, float]]) -> Iterator[str]:
    for name, words, value in gauges:
        yield f"# HELP mas_gateway_{name} {words}"
        yield f"# TYPE mas_gateway_{name} gauge"
        yield f"mas_gateway_{name} {value:g}"
