"""How far the commands are that were prepared on tickets for a person's word: for the turn, and for the console."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.records import Prepared, Standing
from bot.models import ShopCommandRow
from escalation.service import TicketView


async def find_prepared_on(session: AsyncSession, tickets: Iterable[TicketView]) -> tuple[Prepared, ...]:
    """Return what was prepared on the open ones of these tickets, oldest first; with none open nothing is asked.

    Whoever confirms locks the conversation: under its lock nothing changes until the commit.
    """
    numbers = [ticket.number for ticket in tickets if ticket.is_open]
    if not numbers:
        return ()
    of_tickets = select(ShopCommandRow).where(ShopCommandRow.ticket_number.in_(numbers))
    rows = await session.scalars(of_tickets.order_by(ShopCommandRow.created_at, ShopCommandRow.key))
    return tuple(_read(row) for row in rows)


def _read(row: ShopCommandRow) -> Prepared:
    standing, sku = find_standing(row), row.details.get("sku")
    return Prepared(
        row.ticket_number or "", row.kind, row.order_number, sku=sku, standing=standing, details=row.details
    )


def find_standing(row: ShopCommandRow) -> Standing:
    """Return how far a prepared command is."""
    if row.result is not None:
        return Standing.DONE if row.result["done"] else Standing.REFUSED
    if row.confirmed_at is not None:
        return Standing.CONFIRMED
    return Standing.ASKED if row.asked_by else Standing.PREPARED
