"""Rate limits: buckets that a test sets, answered as Discord answers, and whoever does not wait is counted."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

IN_FLIGHT_S = 0.05  # a request that was on its way when the 429 was said is no violation
PRUNE_AT = 10_000


@dataclass
class Window:
    """What was used of a bucket since it began."""

    began: float
    used: int = 0
    refused_at: float | None = None


@dataclass(frozen=True)
class Limit:
    """So many requests in so many seconds; a route's are counted for each channel, guild or webhook by itself."""

    requests: int
    per_s: float


@dataclass
class Limits:
    """The limits of routes (`POST /channels/{channel}/messages`), of all other routes, and of everything together.

    As long as nothing is set, no request is ever refused, but each route says how much is left, as Discord does.
    """

    routes: dict[str, Limit] = field(default_factory=dict)
    others: Limit | None = field(default_factory=lambda: Limit(100_000, 1.0))
    together: Limit | None = None
    refusals: int = 0
    violations: int = 0
    slept_s: list[float] = field(default_factory=list)  # what was asked to be waited
    _windows: dict[tuple[str, str], Window] = field(default_factory=dict)

    def set(self, route: str, requests: int, per_s: float) -> None:
        """Limit one route; its window begins anew."""
        self.routes[route] = Limit(requests, per_s)
        self._windows = {key: window for key, window in self._windows.items() if key[0] != route}

    def set_together(self, requests: int, per_s: float) -> None:
        """Limit all routes together (interactions and webhooks are not counted, as the documentation says)."""
        self.together = Limit(requests, per_s)
        self._windows.pop(("", ""), None)

    def be_realistic(self, scale: float = 1.0) -> None:
        """Limits of the size that bots report (none of them is documented); `scale` shortens the windows."""
        self.set("POST /channels/{channel}/messages", 5, 5.0 * scale)
        self.set("PATCH /channels/{channel}/messages/{message}", 5, 5.0 * scale)
        self.set("DELETE /channels/{channel}/messages/{message}", 5, 1.0 * scale)
        self.set("PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me", 1, 0.25 * scale)
        self.set("POST /webhooks/{webhook}/{token}", 5, 2.0 * scale)
        self.set_together(50, 1.0 * scale)

    def clear(self) -> None:
        """No limits any more."""
        self.routes.clear()
        self.together = None
        self._windows.clear()

    def take(self, route: str, major: str) -> tuple[dict[str, str], float | None, bool]:
        """Count a request.  Returns the headers, the seconds to wait when it is refused, and whether by the global limit."""
        if self.together is not None and not route.split(" ")[1].startswith(("/interactions", "/webhooks")):
            wait, _ = self._use(("", ""), self.together)
            if wait is not None:
                return self._refused(wait, "global") | {"X-RateLimit-Global": "true"}, wait, True
        limit = self.routes.get(route, self.others)
        if limit is None:
            return {}, None, False
        wait, window = self._use((route, major), limit)
        headers = self._headers(route, limit, window)
        return headers if wait is None else headers | self._refused(wait, "user"), wait, False

    def _use(self, key: tuple[str, str], limit: Limit) -> tuple[float | None, Window]:
        now = time.monotonic()
        window = self._windows.get(key)
        if window is None or now >= window.began + limit.per_s:
            if len(self._windows) > PRUNE_AT:
                self._windows.clear()
            window = self._windows[key] = Window(now)
        if window.used < limit.requests:
            window.used += 1
            return None, window
        self.refusals += 1
        if window.refused_at is not None and now > window.refused_at + IN_FLIGHT_S:
            self.violations += 1
        window.refused_at = window.refused_at or now
        wait = round(window.began + limit.per_s - now + 0.001, 3)
        self.slept_s.append(wait)
        return wait, window

    @staticmethod
    def _headers(route: str, limit: Limit, window: Window) -> dict[str, str]:
        left_s = max(0.0, window.began + limit.per_s - time.monotonic())
        return {
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Remaining": str(limit.requests - window.used),
            "X-RateLimit-Reset": f"{time.time() + left_s:.3f}",
            "X-RateLimit-Reset-After": f"{left_s:.3f}",
            "X-RateLimit-Bucket": f"{hash(route) & 0xFFFFFFFF:08x}",
        }

    @staticmethod
    def _refused(wait: float, scope: str) -> dict[str, str]:
        return {"Retry-After": str(math.ceil(wait)), "Via": "1.1 google", "X-RateLimit-Scope": scope}
