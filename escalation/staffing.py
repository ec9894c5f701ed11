"""Who is here to own tickets: people on duty, with how much they have open. Locked while one of them is chosen."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Executable,
    Select,
    Uuid,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.addresses import EMAIL, TELEGRAM
from escalation.models import PersonRow, TicketRow
from escalation.routing import DESK_WORKERS, Candidate
from escalation.tickets import State

PRESENT_WITHIN = timedelta(minutes=2)
_RANKS = ("supervisor", "operations_manager", "admin")
_ABOVE = PersonRow.__table__.alias("above").c
ENDED = (State.RESOLVED.value, State.CLOSED.value)


def spell(words: Iterable[str]) -> list[ColumnElement[str]]:
    """Return words of ours as they are, for a statement that is built once.

    As parameters they would be spelt out at each asking, and the database would not see that an index is for them.
    """
    return [literal_column(f"'{word}'") for word in words]


def make_lock(*beside: ColumnElement[Any], also: ColumnElement[Any]) -> Executable:
    """Return what finds and locks the active people of a desk and those above, all in one order.

    `also` is somebody to be looked at wherever they work. What is asked `beside` comes with each of them, after the
    columns of `read_candidates`. It takes the parameters of `lock_parameters`.
    """
    # Plain columns: what the session's loading of objects would add is as long as the answer takes.
    people = PersonRow.__table__.c
    seen = people.last_seen_at.is_not(None) & (people.last_seen_at >= bindparam("present_since"))
    columns = (
        people.id,
        people.login,
        people.name,
        people.role,
        people.desk,
        (people.available | seen).label("on_duty"),
        people.max_open,
        people.email.is_not(None).label("has_mail"),
        people.telegram_chat_id.is_not(None).label("has_chat"),
    )
    above = exists().where(_ABOVE.active, _ABOVE.role.in_(spell(_RANKS)))
    concerned = or_(people.desk == bindparam("desk"), people.role.in_(spell(_RANKS)), people.id == also, ~above)
    locked = select(*columns, *beside).where(people.active, concerned).order_by(people.id)
    return locked.with_for_update(key_share=True, of=PersonRow.__table__)


def lock_parameters(desk: str, now: datetime) -> dict[str, Any]:
    """Return whom `make_lock` is about."""
    return {"desk": desk, "present_since": now - PRESENT_WITHIN}


def _make_count() -> Select[Any]:
    """Return what counts the open tickets of some people, up to their limit."""
    people, tickets = PersonRow.__table__.c, TicketRow.__table__.c
    # Written as the partial index has it: with parameters the index would not be taken.
    is_open = text("tickets.state NOT IN ('resolved', 'closed')")
    theirs = select(tickets.id).where(tickets.owner_id == people.id, is_open).correlate(PersonRow.__table__)
    first = theirs.with_only_columns(literal_column("1")).limit(func.greatest(people.max_open, 1)).subquery()
    count = select(func.count()).select_from(first).scalar_subquery()
    return select(people.id, count).where(people.id == any_(bindparam("people", type_=ARRAY(Uuid))))


# Built once: putting them together takes longer than the database needs to answer.
_LOCK, _COUNT = make_lock(also=bindparam("also", type_=Uuid)), _make_count()


async def lock_candidates(
    session: AsyncSession, now: datetime, *, desk: str, also: UUID | None = None
) -> Sequence[Candidate]:
    """Lock the active people of a desk and those above, and count what each of its workers on duty has open.

    `also` is somebody to be looked at wherever they work. A shop with nobody above its desks has everybody looked at.
    The lock leaves rows that only refer to a person (an assignment, a notice) free to be written by others.
    """
    locked = await session.execute(_LOCK, {**lock_parameters(desk, now), "also": also})
    return await read_candidates(session, locked.all(), desk=desk)


async def read_candidates(session: AsyncSession, locked: Sequence[Sequence[Any]], *, desk: str) -> Sequence[Candidate]:
    """Return people whom this transaction has locked with `make_lock`, each with how much they have open.

    Counting stops at what a person may have open, and is zero for everybody but the desk's workers on duty: nobody
    chooses by more. It is done after the lock, so that it sees what others opened who had it before.
    """
    workers = [row[0] for row in locked if row[3] in DESK_WORKERS and row[4] == desk and row[5]]
    counted = await session.execute(_COUNT, {"people": workers}) if workers else ()
    open_cases = {row[0]: row[1] for row in counted}
    return [
        Candidate(
            person_id, login, name, role, at, on_duty, open_cases.get(person_id, 0), max_open,
            tuple(_find_ways(has_mail, has_chat)),
        )
        for person_id, login, name, role, at, on_duty, max_open, has_mail, has_chat in (row[:9] for row in locked)
    ]  # fmt: skip


def _find_ways(has_mail: bool, has_chat: bool) -> Iterator[str]:
    if has_mail:
        yield EMAIL
    if has_chat:
        yield TELEGRAM
