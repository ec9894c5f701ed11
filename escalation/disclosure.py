"""Somebody reads personal data of a ticket whole: who, what and why is recorded before they are told (product §6)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import access_ticket
from escalation.errors import RefusedError
from escalation.history import record
from escalation.models import PersonRow


async def record_reveal(
    session: AsyncSession, number: str, *, by: PersonRow, fields: Sequence[str], reason: str, now: datetime
) -> None:
    """Write into history and audit log which fields somebody has revealed and why; never what is in them.

    Who may work on the ticket may. The reason goes into the audit log, unlike other words of people, for it is what an
    auditor looks for. Raises UnknownTicketError, ForbiddenError, RefusedError without a reason.
    """
    ticket = await access_ticket(session, number, by)
    if not reason.strip():
        raise RefusedError("say why personal data is revealed: the reason is recorded")
    await record(session, ticket, "revealed", by.login, at=now, fields=list(fields), why=reason)
