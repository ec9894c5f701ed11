"""A command that was prepared on a ticket is confirmed by a person, within what their role may grant (product §6).

Above that it is a request for approval: somebody who may grant as much is told, and nobody approves their own.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import lock_ticket
from escalation.errors import RefusedError
from escalation.history import record
from escalation.models import PersonRow, TicketRow
from escalation.notices import find_by_role, notify
from escalation.rights import Role, may_approve, may_grant
from escalation.service_levels import ServiceLevels
from escalation.staffing import ENDED

_RANKS = (Role.TEAM_LEAD, Role.SUPERVISOR, Role.OPERATIONS_MANAGER)


def may_confirm(person: PersonRow, amount: Decimal, *, asked_by: str | None) -> bool:
    """Tell whether a person may confirm a command that grants an amount (0: it grants nothing)."""
    if asked_by is None:
        return not amount or may_grant(Role(person.role), amount)
    return may_approve(Role(person.role), amount, is_own_request=asked_by == person.login)


async def confirm(
    session: AsyncSession,
    ticket: TicketRow,
    *,
    by: PersonRow,
    command: str,
    what: str,
    amount: Decimal,
    now: datetime,
) -> None:
    """Record that a person of a locked ticket confirmed a command. Raises RefusedError on one that has ended."""
    _refuse_ended(ticket)
    await record(session, ticket, "command_confirmed", by.login, at=now, command=command, what=what, amount=str(amount))


async def ask_approval(
    session: AsyncSession,
    ticket: TicketRow,
    *,
    by: PersonRow,
    command: str,
    what: str,
    amount: Decimal,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    """Ask those who may grant as much; each is told once. Raises RefusedError if nobody may, or it has ended."""
    _refuse_ended(ticket)
    approvers = await find_approvers(session, amount, desk=ticket.desk, besides=by.id)
    if not approvers:
        raise RefusedError(f"nobody here may grant {amount} yuan: an operations manager is needed")
    await record(session, ticket, "approval_asked", by.login, at=now, command=command, what=what, amount=str(amount))
    cause = f"{ticket.id}/approval/{command}"
    await notify(session, ticket, approvers, kind="approval_asked", cause=cause, levels=levels, now=now)


async def find_approvers(session: AsyncSession, amount: Decimal, *, desk: str, besides: UUID) -> list[UUID]:
    """Return who may grant an amount: the desk's leads if their limit allows it, else the next rank that has people."""
    for role in _RANKS:
        if may_grant(role, amount):
            people = await find_by_role(session, role, desk=desk if role is Role.TEAM_LEAD else None)
            found = [person for person in people if person != besides]
            if found:
                return found
    return []


async def record_outcome(session: AsyncSession, result: Mapping[str, Any], *, now: datetime) -> None:
    """Record on its ticket what the shop did with a command; `result` has ticket, kind, done and reason."""
    ticket = await lock_ticket(session, result["ticket"])
    kind = "command_done" if result["done"] else "command_refused"
    await record(session, ticket, kind, "shop", at=now, what=result["kind"], reason=result.get("reason"))


def _refuse_ended(ticket: TicketRow) -> None:
    if ticket.state in ENDED:
        raise RefusedError(f"{ticket.number} is {ticket.state}: there is nothing to confirm any more")
