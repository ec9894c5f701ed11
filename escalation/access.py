"""Loading a ticket for somebody: with the check that they may (product §6). Raises, never returns nothing."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.errors import ForbiddenError, UnknownTicketError
from escalation.models import ParticipantRow, PersonRow, TicketRow
from escalation.rights import Access, Relation, Role, find_access
from escalation.routing import DESK_WORKERS


async def lock_ticket(session: AsyncSession, number: str) -> TicketRow:
    """Load a ticket that nobody else changes until the transaction ends. Raises UnknownTicketError."""
    query = select(TicketRow).where(TicketRow.number == number).with_for_update()
    ticket = await session.scalar(query.execution_options(populate_existing=True))
    if ticket is None:
        raise UnknownTicketError(f"there is no ticket {number}")
    return ticket


async def access_ticket(
    session: AsyncSession, number: str, person: PersonRow, *, need: Access = Access.WORK, claiming: bool = False
) -> TicketRow:
    """Lock a ticket that a person may work on (or read). Raises UnknownTicketError, ForbiddenError.

    `claiming`: before the first answer, anybody of the desk may take a ticket up.
    """
    ticket = await lock_ticket(session, number)
    may = find_access(Role(person.role), await find_relation(session, ticket, person))
    if may >= need or (claiming and _may_claim(ticket, person)):
        return ticket
    raise ForbiddenError(f"a {person.role} may not do this to {number}: it is another's ticket")


async def read_ticket(session: AsyncSession, number: str, person: PersonRow) -> tuple[TicketRow, Access]:
    """Load a ticket to be shown, with what the person may do. Raises UnknownTicketError, ForbiddenError."""
    ticket = await session.scalar(select(TicketRow).where(TicketRow.number == number))
    if ticket is None:
        raise UnknownTicketError(f"there is no ticket {number}")
    may = find_access(Role(person.role), await find_relation(session, ticket, person))
    if may is Access.NONE:
        raise ForbiddenError(f"a {person.role} may not see {number}")
    return ticket, may


async def may_see(session: AsyncSession, number: str, person_id: UUID) -> bool:
    """Tell whether somebody may see a ticket, as things stand now."""
    person = await session.get(PersonRow, person_id, populate_existing=True)
    if person is None or not person.active:
        return False
    try:
        await read_ticket(session, number, person)
    except (UnknownTicketError, ForbiddenError):
        return False
    return True


async def find_answerable(session: AsyncSession, number: str, person: PersonRow) -> TicketRow | None:
    """Return a ticket that somebody may answer (work on it, or take it up at their desk); None for any other."""
    ticket = await session.scalar(select(TicketRow).where(TicketRow.number == number))
    if ticket is None:
        return None
    may = find_access(Role(person.role), await find_relation(session, ticket, person))
    return ticket if may >= Access.WORK or _may_claim(ticket, person) else None


def _may_claim(ticket: TicketRow, person: PersonRow) -> bool:
    at_the_desk = person.role in DESK_WORKERS and person.desk == ticket.desk
    return at_the_desk and ticket.first_responder_id is None


async def find_relation(session: AsyncSession, ticket: TicketRow, person: PersonRow) -> Relation:
    """Tell whose ticket it is for a person: helpers and handlers count as its own people."""
    if ticket.owner_id == person.id or await takes_part(session, ticket.id, person.id):
        return Relation.OWN
    return Relation.DESK if person.desk is not None and person.desk == ticket.desk else Relation.OTHER


async def takes_part(session: AsyncSession, ticket_id: UUID, person_id: UUID, kind: str | None = None) -> bool:
    """Tell whether somebody helps with a ticket or handles it (or is of one kind)."""
    query = select(ParticipantRow.kind).where(
        ParticipantRow.ticket_id == ticket_id, ParticipantRow.person_id == person_id
    )
    found = await session.scalar(query)
    return found is not None and kind in {None, found}
