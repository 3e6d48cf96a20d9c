"""How often somebody may ask: token buckets in this process."""

from __future__ import annotations

import time
from collections.abc import Callable

from clients.gateway.settings import Rate

MOST = 10_000  # buckets that are remembered; a full one need not be


class Buckets:
    """A bucket for each key; each request takes one drop out."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._left: dict[str, tuple[float, float]] = {}  # key → drops that were left, and when

    def take(self, key: str) -> float:
        """Take a drop; returns 0, or for how many seconds there is none."""
        now = self._clock()
        if key not in self._left and len(self._left) >= MOST:
            self._forget(now)
        left = self._level(key, now)
        self._left[key] = (left - 1 if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) / self._rate.per_second

    def _level(self, key: str, now: float) -> float:
        left, since = self._left.get(key, (self._rate.burst, now))
        return min(self._rate.burst, left + (now - since) * self._rate.per_second)

    def _forget(self, now: float) -> None:
        """Drop the buckets that are full again; if none is, all of them: memory is bounded whoever asks."""
        kept = {k: v for k, v in self._left.items() if self._level(k, now) < self._rate.burst}
        self._left = kept if len(kept) < MOST else {}
