"""Commands that wait on tickets for a person's word: for the tests of what becomes of them."""

from decimal import Decimal
from typing import Any

from bot.models import ShopCommandRow
from tests.integration.office import Office


async def prepare_on(office: Office, number: str, kind: str, amount: str, **changes: Any) -> str:
    """Prepare a command on a ticket; returns its key."""
    ticket = await office.ticket(number)
    row: dict[str, Any] = {
        "key": f"{ticket.cause}/9",
        "kind": kind,
        "order_number": ticket.order_number,
        "details": {"sku": "kettle"},
        "amount": Decimal(amount),
        "created_at": ticket.opened_at,
        "next_attempt_at": None,
        **changes,
    }
    async with office.sessions.begin() as session:
        session.add(ShopCommandRow(conversation_id=ticket.conversation_id, ticket_number=number, **row))
    return str(row["key"])
