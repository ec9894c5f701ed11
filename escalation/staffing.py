"""Who is here to own tickets: people on duty, with how much they have open. Locked while one of them is chosen."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, exists, func, literal, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from escalation.models import PersonRow, TicketRow
from escalation.routing import Candidate
from escalation.tickets import State

PRESENT_WITHIN = timedelta(minutes=2)
_RANKS = ("supervisor", "operations_manager", "admin")
_Above = aliased(PersonRow)
ENDED = (State.RESOLVED.value, State.CLOSED.value)


async def lock_candidates(
    session: AsyncSession, now: datetime, *, desk: str, also: UUID | None = None
) -> Sequence[Candidate]:
    """Lock the active people of a desk and those above, and count what each worker of the desk has open.

    `also` is somebody to be looked at wherever they work. A shop with nobody above its desks has everybody looked at.
    All are locked in one order. Counting stops at what a person may have open, and is zero for everybody else: nobody
    chooses by more. The lock leaves rows that only refer to a person (an assignment, a notice) free to be written by
    others.
    """
    seen = PersonRow.last_seen_at.is_not(None) & (PersonRow.last_seen_at >= now - PRESENT_WITHIN)
    columns = (
        PersonRow.id,
        PersonRow.login,
        PersonRow.name,
        PersonRow.role,
        PersonRow.desk,
        (PersonRow.available | seen).label("on_duty"),
        PersonRow.max_open,
        (PersonRow.email.is_not(None) | PersonRow.telegram_chat_id.is_not(None)).label("has_way"),
    )
    above = exists().where(_Above.active, _Above.role.in_(_RANKS))
    concerned = or_(PersonRow.desk == desk, PersonRow.role.in_(_RANKS), PersonRow.id == also, ~above)
    locked = select(*columns).where(PersonRow.active, concerned).order_by(PersonRow.id)
    people = (await session.execute(locked.with_for_update(key_share=True, of=PersonRow))).all()
    open_cases = await _count_open(session, [person.id for person in people if person.desk == desk])
    return [
        Candidate(
            person.id, person.login, person.name, person.role, person.desk, person.on_duty,
            open_cases.get(person.id, 0), person.max_open, person.has_way,
        )
        for person in people
    ]  # fmt: skip


async def _count_open(session: AsyncSession, people: Sequence[UUID]) -> Mapping[UUID, int]:
    """Return how many open tickets each of them owns, up to their limit; who has none may be missing."""
    if not people:
        return {}
    # Written as the partial index has it: with parameters the index would not be taken.
    is_open = text("tickets.state NOT IN ('resolved', 'closed')")
    theirs = select(TicketRow.owner_id).where(TicketRow.owner_id == PersonRow.id, is_open)
    first = theirs.correlate(PersonRow).limit(func.greatest(PersonRow.max_open, 1)).lateral()
    counts = select(first.c.owner_id, func.count()).select_from(PersonRow).join(first, true())
    rows = await session.execute(
        counts.where(PersonRow.id == any_(literal(people, ARRAY(Uuid)))).group_by(first.c.owner_id)
    )
    return {row[0]: row[1] for row in rows}
