"""A command that was prepared on a ticket is confirmed or declined by a person, within what their role may grant (§6).

Above that it is a request for approval: somebody who may grant as much is told, and nobody approves their own. What
came of it is told to who asked and to the ticket's owner, who answers to the customer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import lock_ticket
from escalation.deciders import choose_approvers, load_people
from escalation.errors import RefusedError
from escalation.history import record
from escalation.models import PersonRow, TicketRow
from escalation.notices import notify
from escalation.rights import Role, may_approve, may_grant
from escalation.service_levels import ServiceLevels
from escalation.staffing import ENDED


@dataclass(frozen=True)
class Command:
    """A prepared command: its key, what it does, what it grants in yuan, whose request for approval it is."""

    key: str
    what: str
    amount: Decimal
    asked_by: str | None

    def describe(self) -> dict[str, Any]:
        """Return it as the history tells it."""
        return {"command": self.key, "what": self.what, "amount": str(self.amount)}


def may_confirm(person: PersonRow, amount: Decimal, *, asked_by: str | None) -> bool:
    """Tell whether a person may confirm a command that grants an amount (0: it grants nothing)."""
    if asked_by is None:
        return not amount or may_grant(Role(person.role), amount)
    return may_approve(Role(person.role), amount, is_own_request=asked_by == person.login)


async def tell_prepared(
    session: AsyncSession, number: str, command: str, *, levels: ServiceLevels, now: datetime
) -> None:
    """Tell the owner of a ticket that something was prepared on it, and waits for their word."""
    ticket = await lock_ticket(session, number)
    cause = f"{ticket.id}/prepared/{command}"
    await notify(session, ticket, [ticket.owner_id], kind="prepared", cause=cause, levels=levels, now=now)


def may_decline(person: PersonRow, amount: Decimal, *, asked_by: str | None) -> bool:
    """Tell whether a person who works on the ticket may decline a command: a request, who could approve it."""
    return asked_by is None or may_confirm(person, amount, asked_by=asked_by)


async def confirm(
    session: AsyncSession,
    ticket: TicketRow,
    command: Command,
    *,
    by: PersonRow,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    """Record that a person of a locked ticket confirmed a command. Raises RefusedError on one that has ended.

    Whose request it was is told.
    """
    _refuse_ended(ticket)
    await record(session, ticket, "command_confirmed", by.login, at=now, **command.describe())
    if command.asked_by is not None:
        await _tell(session, ticket, "approved", command, {command.asked_by}, by=by, levels=levels, now=now)


async def decline(
    session: AsyncSession,
    ticket: TicketRow,
    command: Command,
    *,
    by: PersonRow,
    reason: str,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    """Record that a person of a locked ticket declined a command, and why. Raises RefusedError on one that has ended.

    Whose request it was is told, and the owner: the customer waits for an answer.
    """
    _refuse_ended(ticket)
    told = command.describe()
    await record(session, ticket, "command_declined", by.login, at=now, private={"reason": reason}, **told)
    owner = await session.get_one(PersonRow, ticket.owner_id)
    logins = {owner.login, *([command.asked_by] if command.asked_by else [])}
    await _tell(session, ticket, "command_declined", command, logins, by=by, levels=levels, now=now)


async def _tell(
    session: AsyncSession,
    ticket: TicketRow,
    kind: str,
    command: Command,
    logins: set[str],
    *,
    by: PersonRow,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    people = [one.id for one in await load_people(session) if one.login in logins - {by.login}]
    cause = f"{ticket.id}/{kind}/{command.key}"
    await notify(session, ticket, people, kind=kind, cause=cause, levels=levels, now=now)


async def ask_approval(
    session: AsyncSession,
    ticket: TicketRow,
    command: Command,
    *,
    by: PersonRow,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    """Ask those who may grant as much; each is told once. Raises RefusedError if nobody may, or it has ended."""
    _refuse_ended(ticket)
    approvers = choose_approvers(await load_people(session), command.amount, desk=ticket.desk, asked_by=by.login)
    if not approvers:
        raise RefusedError(f"nobody here may grant {command.amount} yuan: an operations manager is needed")
    await record(session, ticket, "approval_asked", by.login, at=now, **command.describe())
    cause = f"{ticket.id}/approval/{command.key}"
    told = [one.id for one in approvers]
    await notify(session, ticket, told, kind="approval_asked", cause=cause, levels=levels, now=now)


async def record_outcome(session: AsyncSession, result: Mapping[str, Any], *, now: datetime) -> None:
    """Record on its ticket what the shop did with a command; `result` has ticket, kind, done and reason."""
    ticket = await lock_ticket(session, result["ticket"])
    kind = "command_done" if result["done"] else "command_refused"
    await record(session, ticket, kind, "shop", at=now, what=result["kind"], reason=result.get("reason"))


def _refuse_ended(ticket: TicketRow) -> None:
    if ticket.state in ENDED:
        raise RefusedError(f"{ticket.number} is {ticket.state}: there is nothing to confirm any more")
