"""Somebody reads personal data of a ticket whole: who, what and why is recorded before they are told (product §6)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import access_ticket
from escalation.errors import RefusedError, TooManyRevealsError
from escalation.history import record
from escalation.models import PersonRow, TicketEventRow

# What it is usually for; anything else is said in words.
USUAL_REASONS = frozenset({"shop_system", "call_customer", "carrier", "invoice", "check_identity"})
OTHER = "other"
REVEALED = "revealed"
# A day's work needs some; who would copy them all is stopped.
MOST_A_DAY = 100
_DAY = timedelta(days=1)


async def record_reveal(
    session: AsyncSession, number: str, *, by: PersonRow, fields: Sequence[str], reason: str, now: datetime
) -> None:
    """Write into history and audit log which fields somebody has revealed and why; never what is in them.

    Who may work on the ticket may. A usual reason goes into both; of words of one's own the audit log, which is never
    cleaned, holds their digest only, by which those in the history can be proved. Raises UnknownTicketError,
    ForbiddenError, RefusedError without a reason, TooManyRevealsError where it were more than `MOST_A_DAY` fields
    within a day.
    """
    ticket = await access_ticket(session, number, by)
    if not reason.strip():
        raise RefusedError("say why personal data is revealed: the reason is recorded")
    await _check_allowed(session, by, len(fields), now)
    words: dict[str, Any] = {}
    logged: dict[str, Any] = {"fields": list(fields), "why": reason}
    if reason not in USUAL_REASONS:
        words, logged["why"] = {"why": reason}, OTHER
        logged["why_digest"] = hashlib.sha256(reason.encode()).hexdigest()
    await record(session, ticket, REVEALED, by.login, at=now, private=words, **logged)


async def _check_allowed(session: AsyncSession, by: PersonRow, count: int, now: datetime) -> None:
    """Count what they were shown, in whatever process; what they ask for at the same moment waits."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"reveals {by.login}", 0))))
    shown = select(func.coalesce(func.sum(func.jsonb_array_length(TicketEventRow.details["fields"])), 0)).where(
        TicketEventRow.kind == REVEALED, TicketEventRow.actor == by.login, TicketEventRow.at > now - _DAY
    )
    if (await session.scalar(shown) or 0) + count > MOST_A_DAY:
        raise TooManyRevealsError(
            "You have had more personal data shown today than a day's work needs: go on later, or ask your lead."
        )
