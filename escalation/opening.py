"""A ticket is opened: with its severity, its owner and its running clocks, in the transaction of what caused it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Executable, Select, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.clocks import ClockKind
from escalation.errors import NoOwnerError
from escalation.history import make_first
from escalation.models import TICKET_NUMBERS, AssignmentRow, TicketRow
from escalation.notices import make_first_notice
from escalation.promises import make_promise
from escalation.routing import NOBODY, Candidate, choose_owner
from escalation.service_levels import ServiceLevels
from escalation.severity import MANY, Reach, Seriousness, Signals, Tier, compute_tier
from escalation.staffing import ENDED, lock_parameters, make_lock, read_candidates, spell
from escalation.tickets import Stage, State
from escalation.timekeeping import make_clock
from escalation.views import TicketView, make_view, view_tickets
from escalation.watch import tell_watch
from escalation.writing import insert_together

SAME_MATTER_WITHIN = timedelta(days=7)
_COMPLAINT = "complaint"
_FIRST_CLOCKS = (ClockKind.CLAIM, ClockKind.RESPONSE, ClockKind.RESOLUTION, ClockKind.FEEDBACK)


def _make_look_back() -> Executable:
    """Return what locks the people who may own a new ticket, and asks about its past beside: the fields of `_Past`.

    What is not named (NULL) is the same as nothing else.
    """
    # Plain columns: what the session's loading of objects would add is as long as the answer takes.
    tickets = TicketRow.__table__.c
    recently = tickets.opened_at > bindparam("since")
    same_fault = (tickets.product_key == bindparam("product_key"), tickets.intent == bindparam("intent"))
    others = tickets.customer_id != bindparam("customer_id")
    affected = select(func.count(tickets.customer_id.distinct())).where(*same_fault, recently, others)
    theirs = (tickets.customer_id == bindparam("customer_id"), tickets.category == bindparam("category"))
    same_order = tickets.order_number.is_not_distinct_from(bindparam("order_number"))
    same = select(func.count()).where(*theirs, same_order, recently)
    their_open = select(tickets.id).where(*theirs, tickets.state.not_in(spell(ENDED)))
    serving = _find_serving(tickets).scalar_subquery()
    return make_lock(
        select(TICKET_NUMBERS.next_value()).scalar_subquery(),
        exists().where(tickets.cause == bindparam("cause")),
        affected.scalar_subquery(),
        same.scalar_subquery(),
        their_open.where(tickets.order_number != bindparam("order_number")).exists(),
        serving,
        select(tickets.id).where(tickets.number == bindparam("previous")).scalar_subquery(),
        also=serving,
    )


def _find_serving(tickets: Any) -> Select[Any]:
    """Return who already serves the customer: at this desk, or, having answered them, at another.

    A complaint stays at its own desk: it may be about whoever serves them.
    """
    here = tickets.desk == bindparam("desk")
    answered = tickets.first_responder_id.is_not(None) & (bindparam("category") != _COMPLAINT)
    their_open = (tickets.customer_id == bindparam("customer_id"), tickets.state.not_in(spell(ENDED)))
    found = select(tickets.owner_id).where(*their_open, or_(here, answered))
    return found.order_by(here.desc(), tickets.opened_at.desc()).limit(1)


# Built once: putting it together takes longer than the database needs to answer.
_LOOK_BACK = _make_look_back()


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

    `is_open_already`: the same cause has opened it before; `affected`: other customers with the same product and fault
    lately; `same`: this customer's earlier contacts about the matter; `several`: whether they have a case about another
    order open; `serving`: who already serves them.
    """

    number: int
    is_open_already: bool
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
    desk = levels.desk_for(opening.category)
    past, candidates = await _look_back(session, opening, desk=desk, now=now)
    if past.is_open_already:
        return await _view_by_cause(session, opening.cause)
    reach = _find_reach(opening, past)
    tier, reasons = compute_tier(Seriousness(opening.seriousness), reach, _find_signals(opening, past))
    owner, why = choose_owner(candidates, desk=desk, serving=past.serving)
    ticket = _make_ticket(opening, f"SW-{past.number}", desk=desk, tier=tier, reasons=reasons, reach=reach)
    ticket.owner_id, ticket.previous_id = owner.id, past.previous_id
    clocks = [make_clock(ticket, kind, levels, cycle=1, now=now) for kind in _FIRST_CLOCKS]
    due = {clock.kind: clock.due_at for clock in clocks}
    ticket.told = make_promise(ticket, due).to_json()
    is_new = await insert_together(
        session,
        ticket,
        AssignmentRow(ticket_id=ticket.id, person_id=owner.id, reason=why, assigned_at=now),
        *clocks,
        *make_first(ticket, "opened", "bot", at=now, tier=tier, owner=owner.login, why=why),
        *make_first_notice(ticket, owner, levels=levels, now=now),
        unless="cause",
    )
    if not is_new:
        # The same turn in another process was first by a moment.
        return await _view_by_cause(session, opening.cause)
    await tell_watch(session, ticket, candidates, levels, now=now)
    return make_view(ticket, owner_name=owner.name, owner_login=owner.login, due=due)


async def _view_by_cause(session: AsyncSession, cause: str) -> TicketView:
    return (await view_tickets(session, "cause", cause))[0]


async def _look_back(
    session: AsyncSession, opening: TicketOpening, *, desk: str, now: datetime
) -> tuple[_Past, Sequence[Candidate]]:
    """Ask everything at once: each question alone would be a trip to the database within the turn."""
    asked = {
        "cause": opening.cause,
        "product_key": opening.product_key,
        "intent": opening.intent,
        "customer_id": opening.customer_id,
        "category": opening.category,
        "order_number": opening.order_number,
        "previous": opening.previous,
        "since": now - SAME_MATTER_WITHIN,
    }
    locked = (await session.execute(_LOOK_BACK, {**asked, **lock_parameters(desk, now)})).all()
    if not locked:
        raise NoOwnerError(NOBODY)
    past = _Past(*locked[0][-len(fields(_Past)) :])
    return past, () if past.is_open_already else await read_candidates(session, locked, desk=desk)


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
        complaint=opening.category == _COMPLAINT,
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
        stage=Stage.ACCEPTED if opening.category == _COMPLAINT else None,
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
