"""What a customer was promised about a ticket, and what of it has moved since they were told (product §4, §5).

Every answer about a ticket states its stage, who owns it and by when. When that changes, the customer is told before
they have to ask: whatever happens to a ticket marks it (`history.record`; `renewal` for an edited service file), and
whoever speaks with customers compares what holds with what they were told.

The rules. A time is told anew when it moved by half an hour or more. Nothing is told of a ticket that has ended but the
last stage of a complaint or an end for want of an answer, nor of times that stand still while the customer is waited
for. Before the first answer a ticket may pass from hand to hand, and whoever answers says who they are: a new owner is
told only from then on. What nobody did just now (the clock loop, an edited service file) waits for working hours if the
matter is general; what somebody did is told at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.clocks import ClockKind
from escalation.models import ClockRow, TicketRow
from escalation.service_levels import ServiceLevels
from escalation.severity import Tier
from escalation.staffing import ENDED
from escalation.tickets import State

WORTH_TELLING = timedelta(minutes=30)


@dataclass(frozen=True)
class Promise:
    """What holds of a ticket. `due_at`: solved by; `answer_by`: a person answers by, None once one has.

    `ends_at`: when it ends unless the customer, who was reminded, answers; `outcome`: how it ended.
    """

    owner_id: str
    stage: str | None
    due_at: datetime
    answer_by: datetime | None
    ends_at: datetime | None = None
    outcome: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as the ticket keeps it."""
        return {
            "owner_id": self.owner_id,
            "stage": self.stage,
            "due_at": self.due_at.isoformat(),
            "answer_by": self.answer_by.isoformat() if self.answer_by else None,
            "ends_at": self.ends_at.isoformat() if self.ends_at else None,
            "outcome": self.outcome,
        }


@dataclass(frozen=True)
class Standing:
    """How a ticket stands: what may be told of it at all."""

    has_ended: bool = False
    waits_for_customer: bool = False


@dataclass(frozen=True)
class Moves:
    """What the customer must be told anew."""

    owner: bool = False
    stage: bool = False
    due: bool = False
    answer: bool = False
    reminder: bool = False
    unanswered: bool = False

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        return any(vars(self).values())


@dataclass(frozen=True)
class News:
    """A ticket of which something must be told anew."""

    ticket: TicketRow
    moves: Moves
    promise: Promise


def find_moves(told: Promise, now_holds: Promise, standing: Standing) -> Moves:
    """Compare what a customer was told with what holds. Pure."""
    stage = told.stage != now_holds.stage and now_holds.stage is not None
    if standing.has_ended:
        return Moves(stage=stage, unanswered=now_holds.outcome == "unanswered" != told.outcome)
    times_run = not standing.waits_for_customer
    return Moves(
        owner=told.owner_id != now_holds.owner_id and told.answer_by is None,
        stage=stage,
        due=times_run and _has_moved(told.due_at, now_holds.due_at),
        answer=times_run and _has_moved(told.answer_by, now_holds.answer_by),
        reminder=told.ends_at is None and now_holds.ends_at is not None,
    )


def _has_moved(told: datetime | None, now_holds: datetime | None) -> bool:
    return told is not None and now_holds is not None and abs(now_holds - told) >= WORTH_TELLING


def read_promise(told: Mapping[str, Any]) -> Promise:
    """Read what `Promise.to_json` wrote."""
    times = {name: told[name] and datetime.fromisoformat(told[name]) for name in ("due_at", "answer_by", "ends_at")}
    return Promise(owner_id=told["owner_id"], stage=told["stage"], outcome=told["outcome"], **times)


def make_promise(ticket: TicketRow, due: Mapping[str, datetime]) -> Promise:
    """Return what holds of a ticket; `due` has the deadlines of its newest resolution and response clocks."""
    answer_by = due[ClockKind.RESPONSE] if ticket.first_responder_id is None else None
    return Promise(
        owner_id=str(ticket.owner_id),
        stage=ticket.stage,
        due_at=due[ClockKind.RESOLUTION],
        answer_by=answer_by,
        ends_at=ticket.next_action_at if ticket.next_action == "end_unanswered" else None,
        outcome=ticket.outcome,
    )


async def find_news(session: AsyncSession, conversation_id: UUID) -> list[News]:
    """Return what the customer of a conversation (locked) must be told; from now on it counts as told.

    The caller writes it in the same transaction. A first look at a ticket of an earlier release tells nothing.
    """
    query = select(TicketRow).where(TicketRow.conversation_id == conversation_id, TicketRow.untold_since.is_not(None))
    tickets = (await session.scalars(query.order_by(TicketRow.opened_at).with_for_update())).all()
    due = await _find_due(session, [ticket.id for ticket in tickets])
    news = []
    for ticket in tickets:
        promise = make_promise(ticket, due[ticket.id])
        told = read_promise(ticket.told) if ticket.told else promise
        moves = find_moves(told, promise, _standing_of(ticket))
        ticket.told, ticket.untold_since = keep_told(told, promise, moves).to_json(), None
        if moves:
            news.append(News(ticket, moves, promise))
    return news


def keep_told(told: Promise, now_holds: Promise, moves: Moves) -> Promise:
    """Return what the customer knows afterwards: all that holds, or what needs no word; small moves add up."""
    if moves:
        return now_holds
    was_answered = told.answer_by is None
    return replace(
        now_holds,
        owner_id=told.owner_id if was_answered else now_holds.owner_id,
        due_at=told.due_at,
        answer_by=told.answer_by if now_holds.answer_by else None,
    )


def _standing_of(ticket: TicketRow) -> Standing:
    return Standing(
        has_ended=ticket.state in ENDED,
        waits_for_customer=ticket.state == State.WAITING_CUSTOMER,
    )


async def _find_due(session: AsyncSession, tickets: Sequence[UUID]) -> dict[UUID, dict[str, datetime]]:
    """Return the deadlines of each ticket's newest resolution and response clocks."""
    due: dict[UUID, dict[str, datetime]] = {ticket: {} for ticket in tickets}
    if tickets:
        kinds = (ClockKind.RESOLUTION, ClockKind.RESPONSE)
        query = select(ClockRow.ticket_id, ClockRow.kind, ClockRow.due_at)
        theirs = query.where(ClockRow.ticket_id.in_(tickets), ClockRow.kind.in_(kinds)).order_by(ClockRow.cycle)
        for row in await session.execute(theirs):
            due[row.ticket_id][row.kind] = row.due_at
    return due


async def find_untold(session: AsyncSession, levels: ServiceLevels, *, limit: int, now: datetime) -> list[UUID]:
    """Return conversations whose customer may have to be told something; general matters wait for working hours."""
    query = select(TicketRow.conversation_id).where(TicketRow.untold_since.is_not(None))
    if levels.working_hours.next_open(now) > now:
        query = query.where(TicketRow.tier != Tier.GENERAL)
    rows = await session.scalars(query.order_by(TicketRow.untold_since).limit(limit))
    return list(dict.fromkeys(rows))
