"""Is this order theirs? Number plus the phone's last four digits, with wrong tries counted.

Five wrong tries in a day, per order and per network address whatever the conversation, lock that way in (product §2).
Judged inside the turn's transaction with the ways in locked, so that parallel tries cannot slip through: who is wrong
holds them alone until the count is committed, and who is right waits for those and shares them with others who are, so
that customers of one network never wait for one another. The locks are PostgreSQL's advisory ones: before the first
wrong try of a day there is no row that could be locked.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import ARRAY, ColumnElement, Date, Select, Table, Text, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from actions.checks import check_order
from actions.shop import Order, ShopError
from bot.dialogue.records import OrderClaim, OrderFacts, OrderProof
from bot.models import ProofTally
from bot.security.sealing import Seal
from bot.turn.batch import Batch
from bot.turn.gather import Gathered

WRONG_TRIES_A_DAY = 5


@dataclass(frozen=True)
class Try:
    """Digits given for an order: what they are counted by, and whether they are its own."""

    ways: tuple[str, ...]
    right: bool


async def judge_claims(
    session: AsyncSession,
    batch: Batch,
    gathered: Gathered,
    seal: Seal,
    *,
    now: datetime,
) -> dict[str, OrderFacts]:
    """Decide of each order a turn speaks of what may be known, and count wrong tries."""
    found = gathered.orders
    judged = [(claim.number, _judge(claim, found.get(claim.number), batch, seal)) for claim in gathered.claims]
    proofs = {number: one for number, one in judged if isinstance(one, OrderProof)}
    tries = [(number, one) for number, one in judged if isinstance(one, Try)]
    proofs |= await judge_tries(session, tries, now.date())
    return {number: _tell(proof, found.get(number), now) for number, proof in proofs.items()}


def _judge(claim: OrderClaim, found: Order | ShopError | None, batch: Batch, seal: Seal) -> OrderProof | Try:
    """Return what is certain without a look at the counters, or the try that they must allow."""
    if isinstance(found, ShopError):
        return OrderProof.SHOP_DOWN
    if found and (claim.number in batch.state.proven or _is_own(found, batch)):
        return OrderProof.PROVEN
    if claim.digits is None:
        return OrderProof.DIGITS_MISSING
    ways = [f"order:{seal.digest(claim.number).hex()}"]
    if batch.address_digest:
        ways.append(f"address:{batch.address_digest.hex()}")
    # An unknown order and wrong digits look alike from outside, so that order numbers cannot be found by trying.
    return Try(tuple(ways), found is not None and hmac.compare_digest(claim.digits, found.phone_last4))


def _is_own(order: Order, batch: Batch) -> bool:
    return batch.customer_sub is not None and order.customer_sub == batch.customer_sub


def _tell(proof: OrderProof, found: Order | ShopError | None, now: datetime) -> OrderFacts:
    shown = found if proof is OrderProof.PROVEN and isinstance(found, Order) else None
    return OrderFacts(proof, shown, check_order(shown, now) if shown else None)


async def judge_tries(session: AsyncSession, tries: Sequence[tuple[str, Try]], day: date) -> dict[str, OrderProof]:
    """Let the counters decide of all tries of a turn, by order number: locked together, taken one after another.

    The wrong ones are counted with the caller's commit.
    """
    if not tries:
        return {}
    ways = sorted({way for _, one in tries for way in one.ways})
    asked = {"ways": ways, "today": day}
    # Two statements: one alone would read what was true before it had to wait.
    await session.execute(_SHARE if all(one.right for _, one in tries) else _HOLD, asked)
    rows = (await session.execute(_READ, asked)).all()
    wrong = dict.fromkeys(ways, 0) | {row.way: row.wrong for row in rows}
    return {number: await _judge_try(session, one, wrong, day) for number, one in tries}


async def _judge_try(session: AsyncSession, one: Try, wrong: dict[str, int], day: date) -> OrderProof:
    if any(wrong[way] >= WRONG_TRIES_A_DAY for way in one.ways):
        return OrderProof.LOCKED
    if one.right:
        return OrderProof.PROVEN
    await session.execute(_COUNT, {"ways": list(one.ways), "today": day})
    for way in one.ways:
        wrong[way] += 1
    return OrderProof.NO_MATCH


def _make_lock(lock: Callable[..., ColumnElement[None]]) -> Select[tuple[None]]:
    """Return what takes a lock of each way, in one order for everybody (so that nobody waits in a circle)."""
    way = func.unnest(bindparam("ways", type_=ARRAY(Text))).column_valued("way")
    in_order = select(func.hashtextextended(way, 0).label("key")).order_by(way).subquery()
    return select(lock(in_order.c.key))


def _make_count() -> Insert:
    """Return what counts a wrong try against each way."""
    ways = func.unnest(bindparam("ways", type_=ARRAY(Text))).column_valued("way")
    first = select(ways, bindparam("today", type_=Date), literal_column("1"))
    counted = insert(_TALLIES).from_select(["way", "day", "wrong"], first)
    return counted.on_conflict_do_update(index_elements=["way", "day"], set_={"wrong": _TALLIES.c.wrong + 1})


# Built once: putting them together takes longer than the database needs to answer.
_TALLIES = cast("Table", ProofTally.__table__)
_SHARE = _make_lock(func.pg_advisory_xact_lock_shared)
_HOLD = _make_lock(func.pg_advisory_xact_lock)
_READ = select(_TALLIES.c.way, _TALLIES.c.wrong).where(
    _TALLIES.c.way == any_(bindparam("ways", type_=ARRAY(Text))), _TALLIES.c.day == bindparam("today", type_=Date)
)
_COUNT = _make_count()
