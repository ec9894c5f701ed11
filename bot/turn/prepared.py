"""How far the commands are that were prepared on tickets for a person's word: for the turn, and for the console."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, Row, String, any_, bindparam, select
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
    return tuple(_read(row) for row in await session.execute(_PREPARED, {"numbers": numbers}))


async def find_declined_for(session: AsyncSession, orders: Iterable[str]) -> tuple[Prepared, ...]:
    """Return what a person has declined for some orders, whoever asked for it and whatever became of its ticket."""
    return tuple(_read(row) for row in await session.execute(_DECLINED, {"orders": list(orders)}))


def _read(row: Row[Any]) -> Prepared:
    standing, sku = find_standing(row), row.details.get("sku")
    return Prepared(
        row.ticket_number or "", row.kind, row.order_number, sku=sku, standing=standing, details=row.details
    )


# Built once, of plain columns: it is asked in each turn of a customer who has a case.
_COMMANDS = ShopCommandRow.__table__.c
_READ = ("ticket_number", "kind", "order_number", "details", "result", "confirmed_at", "asked_by", "declined_by")
_PREPARED = (
    select(*(_COMMANDS[name] for name in _READ))
    .where(_COMMANDS.ticket_number == any_(bindparam("numbers", type_=ARRAY(String))))
    .order_by(_COMMANDS.created_at, _COMMANDS.key)
)

_DECLINED = select(*(_COMMANDS[name] for name in _READ)).where(
    _COMMANDS.order_number == any_(bindparam("orders", type_=ARRAY(String))), _COMMANDS.declined_by.is_not(None)
)


def find_standing(row: ShopCommandRow | Row[Any]) -> Standing:
    """Return how far a prepared command is."""
    if row.declined_by is not None:
        return Standing.DECLINED
    if row.result is not None:
        return Standing.DONE if row.result["done"] else Standing.REFUSED
    if row.confirmed_at is not None:
        return Standing.CONFIRMED
    return Standing.ASKED if row.asked_by else Standing.PREPARED
