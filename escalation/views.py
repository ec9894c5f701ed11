"""A ticket as others see it: the conversation, the dialogue, the survey."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.clocks import ClockKind
from escalation.models import ClockRow, PersonRow, TicketRow
from escalation.staffing import ENDED

# The clocks that customers are told of.
_TOLD = (ClockKind.RESOLUTION, ClockKind.RESPONSE, ClockKind.FEEDBACK)


@dataclass(frozen=True)
class TicketView:
    """A ticket as others see it. `due_at`: when it is to be solved; `response_due_at`: when a person answers.

    `feedback_due_at`: when the customer has been told the outcome.
    """

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
    feedback_due_at: datetime
    opened_at: datetime
    order_number: str | None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to solve it."""
        return self.state not in ENDED


async def view_tickets(session: AsyncSession, which: ColumnElement[bool]) -> list[TicketView]:
    """Return the tickets of a condition as views, newest first."""
    query = select(TicketRow, PersonRow.name, PersonRow.login).join(PersonRow, PersonRow.id == TicketRow.owner_id)
    newest_first = (TicketRow.opened_at.desc(), TicketRow.number.desc())
    rows = (await session.execute(query.where(which).order_by(*newest_first))).all()
    due = await _find_due(session, [row.TicketRow.id for row in rows])
    return [
        make_view(
            row.TicketRow,
            owner_name=row.name,
            owner_login=row.login,
            due={kind: due[row.TicketRow.id, kind] for kind in _TOLD},
        )
        for row in rows
    ]


async def _find_due(session: AsyncSession, tickets: Sequence[UUID]) -> dict[tuple[UUID, str], datetime]:
    """Return the deadlines of the tickets' newest clocks of the kinds that are told."""
    if not tickets:
        return {}
    query = select(ClockRow.ticket_id, ClockRow.kind, ClockRow.due_at)
    told = query.where(ClockRow.ticket_id.in_(tickets), ClockRow.kind.in_(_TOLD)).order_by(ClockRow.cycle)
    return {(ticket_id, kind): due_at for ticket_id, kind, due_at in await session.execute(told)}


def make_view(row: TicketRow, *, owner_name: str, owner_login: str, due: Mapping[str, datetime]) -> TicketView:
    """Return one row as a view; `due` has the deadlines of its newest clocks of the kinds told."""
    return TicketView(
        number=row.number,
        category=row.category,
        intent=row.intent,
        state=row.state,
        stage=row.stage,
        tier=row.tier,
        reasons=tuple(row.tier_reasons),
        desk=row.desk,
        owner_name=owner_name,
        owner_login=owner_login,
        answered=row.first_responder_id is not None,
        method=row.method,
        due_at=due[ClockKind.RESOLUTION],
        response_due_at=due[ClockKind.RESPONSE],
        feedback_due_at=due[ClockKind.FEEDBACK],
        opened_at=row.opened_at,
        order_number=row.order_number,
    )
