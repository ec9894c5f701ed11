"""What customers asked while the shop's system did not answer, looked up by itself once it does.

A row for each request, written in the turn that told the customer; asked with back-off by the same loop as the shop
commands, claimed with SKIP LOCKED and leased like them. Once the shop answers, the request becomes an internal inbound
event with a turn of its own: whose order it is is judged there, with facts of that moment.
"""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.shop import ShopError
from bot.background.due_rows import claim_due
from bot.conversation import Turns, TurnServices
from bot.models import ShopLookupRow
from bot.security.sessions import find_sub
from bot.turn.gather import SHOP_TIMEOUT_SECONDS
from bot.turn.inbox import insert_event

log = logging.getLogger(__name__)

_BATCH = 20
_BACK_OFF = timedelta(seconds=5)
_LONGEST_BACK_OFF = timedelta(minutes=1)
# A person has had the case for long by then.
_GIVE_UP_AFTER = timedelta(days=7)


class Lookups:
    """Asks the shop for what waits."""

    def __init__(self, services: TurnServices, turns: Turns) -> None:
        """Work with the turns' own services, and wake their conversations."""
        self._services = services
        self._turns = turns

    async def look(self) -> None:
        """Look up all that is due now."""
        while rows := await self._claim():
            await asyncio.gather(*(self._look_up(row) for row in rows))

    async def _claim(self) -> list[ShopLookupRow]:
        services = self._services
        rows = await claim_due(services.sessions, ShopLookupRow, limit=_BATCH, now=services.clock.now())
        if rows:
            await services.observer.reached("lookup_claimed")
        return rows

    async def _look_up(self, row: ShopLookupRow) -> None:
        """Find out whether the shop answers for this order; the turn asks for the facts themselves."""
        try:
            async with asyncio.timeout(SHOP_TIMEOUT_SECONDS):
                await self._ask(row)
        except (ShopError, TimeoutError) as error:
            log.info("look-up %s waits, try %d: %s", row.key, row.attempts, error or "no answer in time")
            await self._put_off(row)
            return
        await self._services.observer.reached("lookup_answered")
        async with self._services.sessions.begin() as session:
            await self._hand_in(session, row)
        await self._services.observer.reached("lookup_recorded")
        self._turns.wake(row.conversation_id)

    async def _ask(self, row: ShopLookupRow) -> None:
        """Ask for the order, or for the list that it is one of. Raises ShopError."""
        shop = self._services.shop
        if row.order_number:
            await shop.find_order(row.order_number)
            return
        async with self._services.sessions() as session:
            customer_sub = await find_sub(session, row.conversation_id)
        if customer_sub is not None:
            await shop.find_orders(customer_sub)

    async def _put_off(self, row: ShopLookupRow) -> None:
        now = self._services.clock.now()
        wait = min(_BACK_OFF * 2 ** min(row.attempts, 10), _LONGEST_BACK_OFF)
        given_up = now if now - row.created_at > _GIVE_UP_AFTER else None
        kept = update(ShopLookupRow).where(ShopLookupRow.key == row.key, ShopLookupRow.done_at.is_(None))
        async with self._services.sessions.begin() as session:
            await session.execute(kept.values(next_attempt_at=now + wait, done_at=given_up))

    async def _hand_in(self, session: AsyncSession, row: ShopLookupRow) -> None:
        """Put the request into the inbox, as it stands now, and be done with it."""
        now = self._services.clock.now()
        current = await session.get(ShopLookupRow, row.key, with_for_update=True, populate_existing=True)
        if current is None or current.done_at is not None:
            return  # its customer is erased meanwhile, or another process was here
        current.done_at = now
        request = {
            "order_number": current.order_number, "ticket": current.ticket_number, "flow": current.flow,
            "slots": current.slots, "was_proven": current.was_proven,
        }  # fmt: skip
        event = insert_event(
            current.conversation_id, "lookup", f"{current.key}/looked_up", request, now=now,
            sealed_text=current.sealed_digits,
        )  # fmt: skip
        current.sealed_digits = None
        await session.execute(event)
