"""Somebody reads personal data of a ticket whole: who, what and why is recorded before they are told (product §6)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import access_ticket
from escalation.errors import RefusedError
from escalation.history import record
from escalation.models import PersonRow

# What it is usually for; anything else is said in words.
USUAL_REASONS = frozenset({"shop_system", "call_customer", "carrier", "invoice", "check_identity"})
OTHER = "other"


async def record_reveal(
    session: AsyncSession, number: str, *, by: PersonRow, fields: Sequence[str], reason: str, now: datetime
) -> None:
    """Write into history and audit log which fields somebody has revealed and why; never what is in them.

    Who may work on the ticket may. A usual reason goes into both; of words of one's own the audit log, which is never
    cleaned, holds their digest only, by which those in the history can be proved. Raises UnknownTicketError,
    ForbiddenError, RefusedError without a reason.
    """
    ticket = await access_ticket(session, number, by)
    if not reason.strip():
        raise RefusedError("say why personal data is revealed: the reason is recorded")
    words: dict[str, Any] = {}
    logged: dict[str, Any] = {"fields": list(fields), "why": reason}
    if reason not in USUAL_REASONS:
        words, logged["why"] = {"why": reason}, OTHER
        logged["why_digest"] = hashlib.sha256(reason.encode()).hexdigest()
    await record(session, ticket, "revealed", by.login, at=now, private=words, **logged)
