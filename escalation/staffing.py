"""Who is here to own tickets: people on duty, with how much they have open. Locked while one of them is chosen."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.models import PersonRow, TicketRow
from escalation.routing import Candidate
from escalation.tickets import State

PRESENT_WITHIN = timedelta(minutes=2)
ENDED = (State.RESOLVED.value, State.CLOSED.value)


async def lock_candidates(session: AsyncSession, now: datetime) -> Sequence[Candidate]:
    """Lock the active people, in one order for everybody, and count what each has open.

    The lock leaves rows that only refer to a person (an assignment, a notice) free to be written by others.
    """
    locked = select(PersonRow).where(PersonRow.active).order_by(PersonRow.id).with_for_update(key_share=True)
    people = (await session.scalars(locked)).all()
    counts = select(TicketRow.owner_id, func.count()).where(TicketRow.state.not_in(ENDED)).group_by(TicketRow.owner_id)
    open_cases = {row[0]: row[1] for row in await session.execute(counts)}
    return [_candidate(person, open_cases.get(person.id, 0), now) for person in people]


def _candidate(person: PersonRow, open_cases: int, now: datetime) -> Candidate:
    seen = person.last_seen_at is not None and now - person.last_seen_at <= PRESENT_WITHIN
    on_duty = person.available or seen
    has_way = person.email is not None or person.telegram_chat_id is not None
    return Candidate(person.id, person.login, person.role, person.desk, on_duty, open_cases, person.max_open, has_way)
