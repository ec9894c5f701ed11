"""A ticket as others see it: the conversation, the dialogue, the survey."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.clocks import ClockKind
from escalation.models import ClockRow, PersonRow, TicketRow
from escalation.staffing import ENDED


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


async def view_tickets(session: AsyncSession, tickets: Sequence[TicketRow]) -> list[TicketView]:
    """Return rows as views, in their order."""
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
        make_view(
            row,
            owner_name=owners[row.owner_id].name,
            owner_login=owners[row.owner_id].login,
            due={kind: due[row.id, kind] for kind in (ClockKind.RESOLUTION, ClockKind.RESPONSE)},
        )
        for row in tickets
    ]


def make_view(row: TicketRow, *, owner_name: str, owner_login: str, due: Mapping[str, datetime]) -> TicketView:
    """Return one row as a view; `due` has the deadlines of its newest resolution and response clocks."""
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
        opened_at=row.opened_at,
        order_number=row.order_number,
    )
