"""A ticket is opened: with its severity, its owner and its running clocks, in the transaction of what caused it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.clocks import ClockKind
from escalation.history import record_first
from escalation.models import TICKET_NUMBERS, AssignmentRow, TicketRow
from escalation.notices import notify
from escalation.routing import choose_owner
from escalation.service_levels import ServiceLevels
from escalation.severity import MANY, Reach, Seriousness, Signals, Tier, compute_tier
from escalation.staffing import ENDED, lock_candidates
from escalation.tickets import Stage, State
from escalation.timekeeping import make_clock
from escalation.views import TicketView, make_view, view_tickets
from escalation.watch import tell_watch

SAME_MATTER_WITHIN = timedelta(days=7)
_FIRST_CLOCKS = (ClockKind.CLAIM, ClockKind.RESPONSE, ClockKind.RESOLUTION, ClockKind.FEEDBACK)


@dataclass(frozen=True)
class TicketOpening:
    """What opens a ticket. `cause` makes it once; `method` says how it will be handled, as a catalogue line.

    `previous` is the number of a ticket that it goes on from, too long closed to be reopened.
    """

    cause: str
    conversation_id: UUID
    customer_id: UUID
    category: str
    intent: str
    seriousness: str
    order_number: str | None
    order_amount: Decimal | None
    product_key: str | None
    policy_tier: str | None
    threat: bool
    summary: str
    method: dict[str, Any]
    decision: dict[str, Any] | None
    packet: dict[str, Any]
    language: str
    channel: str
    opened_at: datetime
    previous: str | None = None


@dataclass(frozen=True)
class _Past:
    """What the database knows that decides about a new ticket, and the number it will have.

    `affected`: other customers with the same product and fault lately; `same`: this customer's earlier contacts about
    the matter; `several`: whether they have a case about another order open; `serving`: who already serves them.
    """

    number: int
    affected: int
    same: int
    several: bool
    serving: UUID | None
    previous_id: UUID | None


async def open_ticket(
    session: AsyncSession, opening: TicketOpening, *, levels: ServiceLevels, now: datetime
) -> TicketView:
    """Open a ticket with an owner and running clocks; the same cause returns the one it opened before.

    Routing is atomic: the desk's people are locked while one of them is chosen. Raises NoOwnerError.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(opening.cause, 0))))
    before = await session.scalar(select(TicketRow).where(TicketRow.cause == opening.cause))
    if before:
        return (await view_tickets(session, [before]))[0]
    past = await _look_back(session, opening, now)
    reach = _find_reach(opening, past)
    tier, reasons = compute_tier(Seriousness(opening.seriousness), reach, _find_signals(opening, past))
    desk = levels.desk_for(opening.category)
    candidates = await lock_candidates(session, now, desk=desk, also=past.serving)
    owner, why = choose_owner(candidates, desk=desk, serving=past.serving)
    ticket = _make_ticket(opening, f"SW-{past.number}", desk=desk, tier=tier, reasons=reasons, reach=reach)
    ticket.owner_id, ticket.previous_id = owner.id, past.previous_id
    session.add(ticket)
    # The rows that follow refer to it.
    await session.flush()
    session.add(AssignmentRow(ticket_id=ticket.id, person_id=owner.id, reason=why, assigned_at=now))
    clocks = [make_clock(ticket, kind, levels, cycle=1, now=now) for kind in _FIRST_CLOCKS]
    session.add_all(clocks)
    await record_first(session, ticket, "opened", "bot", at=now, tier=tier, owner=owner.login, why=why)
    cause = f"{ticket.id}/opened"
    await notify(session, ticket, [owner.id], kind="opened", cause=cause, levels=levels, now=now)
    await tell_watch(session, ticket, candidates, levels, now=now)
    due = {clock.kind: clock.due_at for clock in clocks}
    return make_view(ticket, owner_name=owner.name, owner_login=owner.login, due=due)


async def _look_back(session: AsyncSession, opening: TicketOpening, now: datetime) -> _Past:
    """Ask everything at once: each question alone would be a trip to the database within the turn."""
    recently = TicketRow.opened_at > now - SAME_MATTER_WITHIN
    same_fault = (TicketRow.product_key == opening.product_key, TicketRow.intent == opening.intent)
    theirs = (TicketRow.customer_id == opening.customer_id, TicketRow.category == opening.category)
    affected = select(func.count(TicketRow.customer_id.distinct())).where(
        *same_fault, recently, TicketRow.customer_id != opening.customer_id
    )
    same_order = TicketRow.order_number.is_not_distinct_from(opening.order_number)
    same = select(func.count()).where(*theirs, same_order, recently)
    their_open = select(TicketRow).where(*theirs, TicketRow.state.not_in(ENDED))
    serving = their_open.with_only_columns(TicketRow.owner_id).order_by(TicketRow.opened_at.desc()).limit(1)
    previous = select(TicketRow.id).where(TicketRow.number == (opening.previous or ""))
    query = select(
        TICKET_NUMBERS.next_value(),
        # Goods that are not named are not all the same goods.
        affected.scalar_subquery() if opening.product_key else literal(0),
        same.scalar_subquery(),
        their_open.where(TicketRow.order_number != opening.order_number).exists(),
        serving.scalar_subquery(),
        previous.scalar_subquery(),
    )
    return _Past(*(await session.execute(query)).one())


def _find_reach(opening: TicketOpening, past: _Past) -> Reach:
    """Many customers: the same product and fault from five of them in seven days, with this one."""
    if opening.product_key and past.affected + 1 >= MANY:
        return Reach.MANY_CUSTOMERS
    return Reach.SEVERAL_ORDERS if opening.order_number and past.several else Reach.ONE_ORDER


def _find_signals(opening: TicketOpening, past: _Past) -> Signals:
    return Signals(
        order_amount=opening.order_amount,
        contacts=past.same + 1,
        threat=opening.threat,
        complaint=opening.category == "complaint",
        policy_tier=Tier(opening.policy_tier) if opening.policy_tier else None,
    )


def _make_ticket(
    opening: TicketOpening, number: str, *, desk: str, tier: Tier, reasons: tuple[str, ...], reach: Reach
) -> TicketRow:
    return TicketRow(
        id=uuid4(),
        number=number,
        cause=opening.cause,
        conversation_id=opening.conversation_id,
        customer_id=opening.customer_id,
        category=opening.category,
        intent=opening.intent,
        desk=desk,
        state=State.OPEN,
        stage=Stage.ACCEPTED if opening.category == "complaint" else None,
        tier=tier,
        tier_reasons=list(reasons),
        seriousness=opening.seriousness,
        reach=reach,
        order_number=opening.order_number,
        order_amount=opening.order_amount,
        product_key=opening.product_key,
        summary=opening.summary,
        method=opening.method,
        decision=opening.decision,
        packet=opening.packet,
        language=opening.language,
        channel=opening.channel,
        opened_at=opening.opened_at,
    )
