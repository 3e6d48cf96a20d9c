"""Sending: what the outbox has is claimed, carried and recorded, each delivery by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from clients.api import Api, ApiError, ConnectionLost
from clients.discord.carrying import Carrier
from clients.discord.database import Database
from clients.discord.troubles import verdict
from clients.log import log_of
from clients.outbox_calls import CLAIM_S, Delivery

if TYPE_CHECKING:
    from clients.discord.bot import Bot

LOG = log_of("discord_bot")

CLAIMED_AT_ONCE, CARRIED_AT_ONCE = 20, 40
POLL_S = 1.0  # the backstop behind the ring
PAUSE_S = 0.05  # between claims that found nothing, however often it rings
CARRY_S = 0.75 * CLAIM_S
FINISH_S = 6.0  # for what is being sent when we are to end
GIVE_BACK_S = 2.0  # for what is claimed and will not be sent any more


class Sending:
    """The loop from the outbox to Discord."""

    def __init__(self, bot: Bot, database: Database, worker: str) -> None:
        self._bot, self._database, self._worker = bot, database, worker
        self._carrier = Carrier(bot, database)
        self._woken = asyncio.Event()
        self._carried: set[asyncio.Task[None]] = set()
        self._loose: set[asyncio.Task[str]] = set()

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    async def run(self) -> None:
        """Claim and carry, for ever."""
        await self._database.insist(lambda api: api.start_front_end(self._worker))
        while True:
            await self._bot.online.wait()
            self._woken.clear()
            free = min(CLAIMED_AT_ONCE, CARRIED_AT_ONCE - len(self._carried))
            found = await self._claim(free) if free else []
            for delivery in found:
                self._start(delivery)
            if not found:
                await self._rest()

    async def finish(self) -> None:
        """Let what is being sent arrive; what takes too long or was claimed late waits for a later life."""
        if self._carried:
            await asyncio.wait(self._carried, timeout=FINISH_S)
        for task in (*self._carried, *self._loose):
            task.cancel()
        with suppress(ApiError, ConnectionLost, TimeoutError):
            async with asyncio.timeout(GIVE_BACK_S):
                await self._database.call(lambda api: api.start_front_end(self._worker))

    async def _claim(self, most: int) -> list[Delivery]:
        try:
            return await self._database.insist(lambda api: api.claim_deliveries(self._worker, most))
        except ApiError as error:
            LOG.warning(f"nothing can be claimed: {error.code}")
            await asyncio.sleep(POLL_S)
            return []

    async def _rest(self) -> None:
        await asyncio.sleep(PAUSE_S)
        try:
            async with asyncio.timeout(POLL_S):
                await self._woken.wait()
        except TimeoutError:
            pass

    def _start(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._deliver(delivery))
        self._carried.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._carried.discard(task)
        self._woken.set()  # what follows it is due now
        if not task.cancelled() and (error := task.exception()):
            LOG.warning(f"a delivery: {type(error).__name__}")

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            remote_id = await self._carry(delivery)
        except Exception as error:  # whatever becomes of one delivery, the others go on
            if not (isinstance(error, ApiError) and error.lease_lost):
                await self._fail(delivery, error)
        else:
            await self._say(delivery, lambda api: api.record_delivery(delivery, remote_id))

    async def _fail(self, delivery: Delivery, error: Exception) -> None:
        told = verdict(error)
        LOG.warning(f"delivery {delivery.delivery_id}, {delivery.kind}: {told.reason}")
        await self._say(delivery, lambda api: api.fail_delivery(delivery, *told))

    async def _say(self, delivery: Delivery, what: Callable[[Api], object]) -> None:
        """Tell the outbox; a claim that another has now is another's business."""
        try:
            await self._database.insist(what)
        except ApiError as error:
            if not error.lease_lost:
                number = delivery.delivery_id
                LOG.warning(f"delivery {number} was refused: {error.code}")

    async def _carry(self, delivery: Delivery) -> str:
        """Carry it within the claim.

        What takes longer goes on in the background: discord.py does not bear to be interrupted while it
        waits for a limit of all requests to pass, and what is sent twice has the same nonce.
        """
        task = asyncio.create_task(self._carrier.carry(delivery))
        self._loose.add(task)
        task.add_done_callback(self._loosened)
        async with asyncio.timeout(CARRY_S):
            return await asyncio.shield(task)

    def _loosened(self, task: asyncio.Task[str]) -> None:
        self._loose.discard(task)
        if not task.cancelled():
            task.exception()  # it was heard, or comes too late to matter
