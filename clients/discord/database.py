"""The database from an event loop: a few connections, each with a thread of its own, and one that listens."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from clients.api import UNKNOWN_FUNCTION, WRONG_VERSION, Api, ApiError, ConnectionLost
from clients.log import log_of

LOG = log_of("discord_bot")

T = TypeVar("T")
RETRY_S = (0.2, 5.0)  # first and longest wait, doubled and jittered
LISTEN_S = 1.0
NOT_DEPLOYED = (
    WRONG_VERSION,
    UNKNOWN_FUNCTION,
)  # another version of the schema, or a function that is not there yet
# PostgreSQL's classes that say "not now": rollbacks, resources, locks, shutdowns, the system
PASSING = ("40", "53", "55", "57", "58")


def passing(error: Exception) -> bool:
    """Whether the same call may be granted later."""
    if isinstance(error, ApiError):
        return error.code[:2] in PASSING or error.code in NOT_DEPLOYED
    return isinstance(error, ConnectionLost)


class Database:
    """Calls of `api` functions under the bot's role; every connection is made when it is first needed."""

    def __init__(self, dsn: str, threads: int) -> None:
        self._dsn = dsn
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="database")
        self._mine = threading.local()
        self._open: set[Api] = set()
        self._told = False

    async def call(self, what: Callable[[Api], T]) -> T:
        """Make a call; raises `ConnectionLost` and `ApiError` as `Api` does."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, what)

    async def insist(self, what: Callable[[Api], T]) -> T:
        """Make a call that is safe to say twice, as often as it takes; raises `ApiError` for a refusal."""
        wait = RETRY_S[0]
        while True:
            try:
                result = await self.call(what)
            except (ApiError, ConnectionLost) as error:
                if not passing(error):
                    raise
                self._tell(error)
            else:
                self._told = False
                return result
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter is no secret
            wait = min(2 * wait, RETRY_S[1])

    def close(self) -> None:
        """End the threads when what they are at is done; then nothing can be called any more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for api in self._open:
            api.close()

    def _run(self, what: Callable[[Api], T]) -> T:
        api: Api | None = getattr(self._mine, "api", None)
        if api is None:
            api = self._mine.api = Api.connect(self._dsn)
            self._open.add(api)
        try:
            return what(api)
        except ConnectionLost:
            self._mine.api = None
            self._open.discard(api)
            api.close()
            raise

    def _tell(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            LOG.warning(f"{error}; what is said waits")


class Listener(threading.Thread):
    """Calls `rung` whenever some design has changed, on a connection of its own."""

    def __init__(self, dsn: str, rung: Callable[[], object]) -> None:
        super().__init__(daemon=True, name="listener")
        self._dsn, self._rung = dsn, rung
        self._stop = threading.Event()

    def run(self) -> None:
        """Listen until stopped; a lost connection is made anew."""
        wait = RETRY_S[0]
        while not self._stop.is_set():
            try:
                with Api.connect(self._dsn) as api:
                    wait = RETRY_S[0]
                    self._listen(api)
            except (ConnectionLost, ApiError):
                self._stop.wait(wait)
                wait = min(2 * wait, RETRY_S[1])

    def _listen(self, api: Api) -> None:
        while not self._stop.is_set():
            api.wait_for_ring(LISTEN_S)
            if not self._stop.is_set():
                self._rung()

    def stop(self) -> None:
        """Let it end soon."""
        self._stop.set()
