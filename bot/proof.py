"""Is this order theirs? Number plus the phone's last four digits, with wrong tries counted.

Five wrong tries in a day, per order and per network address whatever the conversation, lock that way in (product §2).
Judged inside the turn's transaction with the counters' rows locked, so that parallel tries cannot slip through.
"""

import hmac
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

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
    tallies = await _lock_tallies(session, sorted(ways), day)
    if any(tally.wrong >= WRONG_TRIES_A_DAY for tally in tallies):
        return OrderProof.LOCKED
    if expected is not None and hmac.compare_digest(given, expected):
        return OrderProof.PROVEN
    for tally in tallies:
        tally.wrong += 1
    return OrderProof.NO_MATCH


async def _lock_tallies(session: AsyncSession, ways: list[str], day: date) -> list[ProofTally]:
    """Return the day's counters, locked, in one order for everybody (so that two turns never wait in a circle)."""
    fresh = [{"way": way, "day": day, "wrong": 0} for way in ways]
    await session.execute(insert(ProofTally).values(fresh).on_conflict_do_nothing())
    query = select(ProofTally).where(ProofTally.way.in_(ways), ProofTally.day == day).order_by(ProofTally.way)
    return list((await session.execute(query.with_for_update())).scalars())


async def judge_claims(
    session: AsyncSession,
    batch: Batch,
    claims: Iterable[OrderClaim],
    gathered: Gathered,
    seal: Seal,
    *,
    now: datetime,
) -> dict[str, OrderFacts]:
    """Decide of each order a turn speaks of what may be known, and count wrong tries."""
    facts = {}
    for claim in claims:
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
