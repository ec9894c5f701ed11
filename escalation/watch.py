"""A critical ticket while its desk is off duty: somebody who can be reached hears of it at once (product §4, §5).

The owner is told as always; but an owner who is not here answers nothing within half an hour, and outside the desk's
hours the claim clock does not run, so that nobody else would get the ticket.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.clocks import ClockKind
from escalation.history import record
from escalation.models import NoticeRow, TicketRow
from escalation.notices import notify
from escalation.routing import Candidate, choose_watch
from escalation.service_levels import ServiceLevels
from escalation.severity import Tier

_INSTANT = timedelta(microseconds=1)


async def tell_watch(
    session: AsyncSession, ticket: TicketRow, candidates: Sequence[Candidate], levels: ServiceLevels, *, now: datetime
) -> None:
    """Tell whoever must hear of a critical ticket that nobody of its desk can take now; each of them once."""
    if ticket.tier != Tier.CRITICAL:
        return
    chosen, why = choose_watch(
        candidates,
        desk=ticket.desk,
        owner_id=ticket.owner_id,
        desk_open=is_desk_open(levels, ticket.desk, now),
        answered=ticket.first_responder_id is not None,
    )
    cause = f"{ticket.id}/off_duty/{ticket.reopenings or 0}"
    before = set(await session.scalars(select(NoticeRow.person_id).where(NoticeRow.cause == cause)))
    told = [person for person in chosen if person.id not in before]
    if told:
        logins = ", ".join(person.login for person in told)
        await record(session, ticket, "off_duty", "clock", at=now, to=logins, why=why)
        people = [person.id for person in told]
        await notify(session, ticket, people, kind="off_duty", cause=cause, levels=levels, now=now)


def is_desk_open(levels: ServiceLevels, desk: str, now: datetime) -> bool:
    """Tell whether a desk's hours run now: those of its calendar, else round the clock."""
    named = levels.calendar_for(Tier.CRITICAL, ClockKind.CLAIM, desk)
    return named is None or any(True for _ in named.calendar.open_spans(now, now + _INSTANT))
