"""Use cases on tickets. They take the caller's session and never commit: the turn's transaction is theirs too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import lock_ticket
from escalation.casework import REOPEN_WITHIN, hear_customer
from escalation.clocks import ClockKind
from escalation.errors import UnknownTicketError
from escalation.history import record
from escalation.models import TICKET_NUMBERS, AssignmentRow, ClockRow, PersonRow, TicketRow
from escalation.notices import notify
from escalation.people import NewPerson, add_person, find_person_by_token
from escalation.routing import choose_owner
from escalation.service_levels import ServiceLevels
from escalation.severity import MANY, Reach, Seriousness, Signals, Tier, compute_tier
from escalation.staffing import ENDED, lock_candidates
from escalation.tickets import Stage, State
from escalation.timekeeping import make_clock
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
class TicketView:
    """A ticket as others see it. `due_at`: when it is to be solved; `response_due_at`: when a person answers."""

    number: str
    category: str
    intent: str
    state: str
    stage: str | None
    tier: str
    reasons: tuple[str, ...]
    desk: str
    owner_name: str
    owner_login: str
    answered: bool
    method: dict[str, Any]
    due_at: datetime
    response_due_at: datetime
    opened_at: datetime
    order_number: str | None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to solve it."""
        return self.state not in ENDED


async def open_ticket(
    session: AsyncSession, opening: TicketOpening, *, levels: ServiceLevels, now: datetime
) -> TicketView:
    """Open a ticket with an owner and running clocks; the same cause returns the one it opened before.

    Routing is atomic: the desk's people are locked while one of them is chosen. Raises NoOwnerError.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(opening.cause, 0))))
    before = await session.scalar(select(TicketRow).where(TicketRow.cause == opening.cause))
    if before:
        return (await _view(session, [before]))[0]
    reach = await _find_reach(session, opening, now)
    tier, reasons = compute_tier(Seriousness(opening.seriousness), reach, await _find_signals(session, opening, now))
    desk = levels.desk_for(opening.category)
    candidates = await lock_candidates(session, now, desk=desk)
    owner, why = choose_owner(candidates, desk=desk, serving=await _find_serving(session, opening))
    ticket = _make_ticket(opening, await _next_number(session), desk=desk, tier=tier, reasons=reasons, reach=reach)
    ticket.owner_id = owner.id
    if opening.previous is not None:
        ticket.previous_id = await session.scalar(select(TicketRow.id).where(TicketRow.number == opening.previous))
    session.add(ticket)
    await session.flush()
    session.add(AssignmentRow(ticket_id=ticket.id, person_id=owner.id, reason=why, assigned_at=now))
    clocks = [make_clock(ticket, kind, levels, cycle=1, now=now) for kind in _FIRST_CLOCKS]
    session.add_all(clocks)
    await record(session, ticket, "opened", "bot", at=now, tier=tier, owner=owner.login, why=why)
    cause = f"{ticket.id}/opened"
    await notify(session, ticket, [owner.id], kind="opened", cause=cause, levels=levels, now=now)
    await tell_watch(session, ticket, candidates, levels, now=now)
    return (await _view(session, [ticket]))[0]


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


async def _next_number(session: AsyncSession) -> str:
    return f"SW-{await session.scalar(TICKET_NUMBERS.next_value().select())}"


async def _find_reach(session: AsyncSession, opening: TicketOpening, now: datetime) -> Reach:
    """Many customers: the same product and fault from five of them in seven days, with this one."""
    if opening.product_key:
        others = select(func.count(TicketRow.customer_id.distinct())).where(
            TicketRow.product_key == opening.product_key,
            TicketRow.intent == opening.intent,
            TicketRow.opened_at > now - SAME_MATTER_WITHIN,
            TicketRow.customer_id != opening.customer_id,
        )
        if (await session.scalar(others) or 0) + 1 >= MANY:
            return Reach.MANY_CUSTOMERS
    orders = select(TicketRow.id).where(
        TicketRow.customer_id == opening.customer_id,
        TicketRow.category == opening.category,
        TicketRow.state.not_in(ENDED),
        TicketRow.order_number != opening.order_number,
    )
    several = opening.order_number and await session.scalar(orders.limit(1))
    return Reach.SEVERAL_ORDERS if several else Reach.ONE_ORDER


async def _find_signals(session: AsyncSession, opening: TicketOpening, now: datetime) -> Signals:
    same = select(func.count()).where(
        TicketRow.customer_id == opening.customer_id,
        TicketRow.category == opening.category,
        TicketRow.order_number.is_not_distinct_from(opening.order_number),
        TicketRow.opened_at > now - SAME_MATTER_WITHIN,
    )
    return Signals(
        order_amount=opening.order_amount,
        contacts=(await session.scalar(same) or 0) + 1,
        threat=opening.threat,
        complaint=opening.category == "complaint",
        policy_tier=Tier(opening.policy_tier) if opening.policy_tier else None,
    )


async def _find_serving(session: AsyncSession, opening: TicketOpening) -> UUID | None:
    """Who already serves this customer: the owner of their newest open ticket of the same category."""
    query = select(TicketRow.owner_id).where(
        TicketRow.customer_id == opening.customer_id,
        TicketRow.category == opening.category,
        TicketRow.state.not_in(ENDED),
    )
    return await session.scalar(query.order_by(TicketRow.opened_at.desc()).limit(1))


async def find_tickets_of_conversation(session: AsyncSession, conversation_id: UUID) -> list[TicketView]:
    """Return a conversation's tickets, newest first."""
    query = select(TicketRow).where(TicketRow.conversation_id == conversation_id)
    rows = (await session.scalars(query.order_by(TicketRow.opened_at.desc(), TicketRow.number.desc()))).all()
    return await _view(session, rows)


async def is_unsettled(session: AsyncSession, conversation_id: UUID, *, now: datetime) -> bool:
    """Tell whether a conversation has a ticket that is open, may still be confirmed, or may still be reopened."""
    query = select(TicketRow.id).where(
        TicketRow.conversation_id == conversation_id,
        or_(TicketRow.closed_at.is_(None), TicketRow.closed_at > now - REOPEN_WITHIN),
    )
    return await session.scalar(query.limit(1)) is not None


async def _view(session: AsyncSession, tickets: Sequence[TicketRow]) -> list[TicketView]:
    if not tickets:
        return []
    people = await session.execute(
        select(PersonRow.id, PersonRow.name, PersonRow.login).where(PersonRow.id.in_({row.owner_id for row in tickets}))
    )
    owners = {row.id: row for row in people}
    clocks = await session.scalars(
        select(ClockRow).where(ClockRow.ticket_id.in_([row.id for row in tickets])).order_by(ClockRow.cycle)
    )
    due = {(clock.ticket_id, clock.kind): clock.due_at for clock in clocks}
    return [
        TicketView(
            number=row.number,
            category=row.category,
            intent=row.intent,
            state=row.state,
            stage=row.stage,
            tier=row.tier,
            reasons=tuple(row.tier_reasons),
            desk=row.desk,
            owner_name=owners[row.owner_id].name,
            owner_login=owners[row.owner_id].login,
            answered=row.first_responder_id is not None,
            method=row.method,
            due_at=due[row.id, ClockKind.RESOLUTION],
            response_due_at=due[row.id, ClockKind.RESPONSE],
            opened_at=row.opened_at,
            order_number=row.order_number,
        )
        for row in tickets
    ]


async def count_ahead(session: AsyncSession, number: str) -> int:
    """Return how many unanswered tickets of the same desk were opened before this one. Raises UnknownTicketError."""
    ticket = await session.scalar(select(TicketRow).where(TicketRow.number == number))
    if ticket is None:
        raise UnknownTicketError(f"there is no ticket {number}")
    query = select(func.count()).where(
        TicketRow.desk == ticket.desk,
        TicketRow.first_responder_id.is_(None),
        TicketRow.state.not_in(ENDED),
        TicketRow.opened_at < ticket.opened_at,
    )
    return await session.scalar(query) or 0


async def add_facts_to_ticket(
    session: AsyncSession, number: str, facts: dict[str, Any], *, levels: ServiceLevels, now: datetime
) -> None:
    """Keep what the customer added; a ticket that waited for them goes on. Raises UnknownTicketError."""
    ticket = await lock_ticket(session, number)
    if ticket.state not in ENDED:
        await hear_customer(session, ticket, levels, at=now)
    await record(session, ticket, "facts_added", "customer", at=now, private=facts)


async def record_customer_message(
    session: AsyncSession, *, conversation_id: UUID, levels: ServiceLevels, at: datetime
) -> None:
    """A customer wrote while a person has the word: what waited for them goes on, and an answer is owed.

    Owed on the newest open ticket, and on every one that waited.
    """
    query = select(TicketRow).where(TicketRow.conversation_id == conversation_id, TicketRow.state.not_in(ENDED))
    tickets = (await session.scalars(query.order_by(TicketRow.id).with_for_update())).all()
    newest = max(tickets, key=lambda ticket: (ticket.opened_at, ticket.number), default=None)
    for ticket in tickets:
        if ticket is newest or ticket.state == State.WAITING_CUSTOMER:
            await hear_customer(session, ticket, levels, at=at)


async def record_reachability(
    session: AsyncSession, *, conversation_id: UUID, reachable: bool, levels: ServiceLevels, now: datetime
) -> None:
    """The customer has shut the channel (or opened it again): the owner of each open ticket must know."""
    query = select(TicketRow).where(TicketRow.conversation_id == conversation_id, TicketRow.state.not_in(ENDED))
    kind = "customer_reachable" if reachable else "customer_unreachable"
    for ticket in await session.scalars(query.order_by(TicketRow.id).with_for_update()):
        await record(session, ticket, kind, "customer", at=now)
        cause = f"{ticket.id}/{kind}/{now.isoformat()}"
        await notify(session, ticket, [ticket.owner_id], kind=kind, cause=cause, levels=levels, now=now)


__all__ = [
    "NewPerson",
    "TicketOpening",
    "TicketView",
    "add_facts_to_ticket",
    "add_person",
    "count_ahead",
    "find_person_by_token",
    "find_tickets_of_conversation",
    "is_unsettled",
    "open_ticket",
    "record_customer_message",
    "record_reachability",
]
