"""A request that must wait for the shop's system, written down in the turn that says so (`looking_up` goes on)."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.records import NOT_KNOWN_WHICH, LookUpLater
from bot.models import ShopLookupRow
from bot.security.sealing import Seal
from bot.turn.private import close_private, open_private

_FIRST_AFTER = timedelta(seconds=5)


async def keep_lookup(
    session: AsyncSession,
    wanted: LookUpLater,
    *,
    key: str,
    conversation_id: UUID,
    number: str,
    seal: Seal,
    now: datetime,
) -> None:
    """Write a request down; one that waits already about the same order and flow learns what was said since.

    So does one of the same flow that was made before it was known which order it is about.
    """
    same = select(ShopLookupRow).where(
        ShopLookupRow.conversation_id == conversation_id,
        ShopLookupRow.order_number.in_({wanted.order_number, NOT_KNOWN_WHICH}),
        ShopLookupRow.flow == wanted.flow,
        ShopLookupRow.done_at.is_(None),
    )
    digits = seal.close(wanted.digits) if wanted.digits else None
    # That very order's before one that was made when it was not known.
    own_first = same.order_by((ShopLookupRow.order_number == wanted.order_number).desc(), ShopLookupRow.key)
    row = await session.scalar(own_first.limit(1).with_for_update())
    if row is not None:
        row.order_number = wanted.order_number
        known = {**open_private(row.slots, seal), **wanted.slots}
        row.slots, row.sealed_digits = close_private(known, seal), digits or row.sealed_digits
        return
    session.add(
        ShopLookupRow(
            key=key, conversation_id=conversation_id, ticket_number=number, order_number=wanted.order_number,
            flow=wanted.flow, slots=close_private(wanted.slots, seal), sealed_digits=digits,
            was_proven=wanted.was_proven, created_at=now, next_attempt_at=now + _FIRST_AFTER,
        )
    )  # fmt: skip
