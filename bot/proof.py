"""Is this order theirs? Number plus the phone's last four digits, with wrong tries counted.

Five wrong tries in a day, per order and per network address whatever the conversation, lock that way in (product §2).
Judged inside the turn's transaction with the counters' rows locked, so that parallel tries cannot slip through.
"""

import hmac
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import cast

from sqlalchemy import ARRAY, Date, Table, Text, any_, bindparam, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from actions.checks import check_order
from actions.shop import Order, ShopError
from bot.batch import Batch
from bot.dialogue.records import OrderClaim, OrderFacts, OrderProof
from bot.gather import Gathered
from bot.models import ProofTally
from bot.sealing import Seal

WRONG_TRIES_A_DAY = 5


async def judge_digits(
    session: AsyncSession, *, ways: Iterable[str], day: date, given: str, expected: str | None
) -> OrderProof:
    """Compare the digits and count a wrong try against every way in. `expected` None: the shop has no such order.

    An unknown order and wrong digits look alike from outside, so that order numbers cannot be found by trying.
    """
    asked = {"ways": sorted(ways), "today": day}
    counted: Sequence[int] = (await session.execute(_LOCK, asked)).scalars().all()
    if any(wrong >= WRONG_TRIES_A_DAY for wrong in counted):
        return OrderProof.LOCKED
    if expected is not None and hmac.compare_digest(given, expected):
        return OrderProof.PROVEN
    await session.execute(_COUNT, asked)
    return OrderProof.NO_MATCH


def _make_lock() -> ReturningInsert[int]:
    """Return what locks the day's counters, in one order for everybody (so that two turns never wait in a circle)."""
    ways = func.unnest(bindparam("ways", type_=ARRAY(Text))).column_valued("way")
    fresh = select(ways, bindparam("today", type_=Date), literal_column("0")).order_by(ways)
    opened = insert(_TALLIES).from_select(["way", "day", "wrong"], fresh)
    # Written as it is: that is what locks it, and returns it if it was there.
    as_it_is = opened.on_conflict_do_update(index_elements=["way", "day"], set_={"wrong": _TALLIES.c.wrong})
    return as_it_is.returning(_TALLIES.c.wrong)


# Built once: putting them together takes longer than the database needs to answer.
_TALLIES = cast("Table", ProofTally.__table__)
_LOCK = _make_lock()
_COUNT = (
    update(_TALLIES)
    .where(
        _TALLIES.c.way == any_(bindparam("ways", type_=ARRAY(Text))), _TALLIES.c.day == bindparam("today", type_=Date)
    )
    .values(wrong=_TALLIES.c.wrong + 1)
)


async def judge_claims(
    session: AsyncSession,
    batch: Batch,
    gathered: Gathered,
    seal: Seal,
    *,
    now: datetime,
) -> dict[str, OrderFacts]:
    """Decide of each order a turn speaks of what may be known, and count wrong tries."""
    facts = {}
    for claim in gathered.claims:
        found = gathered.orders.get(claim.number)
        proof = await _judge(session, batch, claim, found, seal, day=now.date())
        shown = found if proof is OrderProof.PROVEN and isinstance(found, Order) else None
        facts[claim.number] = OrderFacts(proof, shown, check_order(shown, now) if shown else None)
    return facts


async def _judge(
    session: AsyncSession, batch: Batch, claim: OrderClaim, found: Order | ShopError | None, seal: Seal, *, day: date
) -> OrderProof:
    if isinstance(found, ShopError):
        return OrderProof.SHOP_DOWN
    if found and (claim.number in batch.state.proven or _is_own(found, batch)):
        return OrderProof.PROVEN
    if claim.digits is None:
        return OrderProof.DIGITS_MISSING
    ways = [f"order:{seal.digest(claim.number).hex()}"]
    if batch.address_digest:
        ways.append(f"address:{batch.address_digest.hex()}")
    return await judge_digits(
        session, ways=ways, day=day, given=claim.digits, expected=found.phone_last4 if found else None
    )


def _is_own(order: Order, batch: Batch) -> bool:
    return batch.customer_sub is not None and order.customer_sub == batch.customer_sub
