"""What people see of a customer's data: masked for everybody, whole only one by one and for a reason (product §6).

A value that is masked has a name by which it is asked for: where it lies, and what it is called there. "facts/address"
is the packet's, "prepared/<command>/phone" a prepared command's, "events/17/address" what was added later, and
"contact/email" where the customer wants to be written to.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from actions.shop import PERSONAL_DETAILS
from bot.models import ShopCommandRow
from bot.security.details import mask_detail, mask_details
from bot.security.sealing import Seal
from bot.turn.private import SEALED, open_private
from escalation.models import TicketEventRow, TicketRow

CONTACT = "contact/email"


def open_masked(values: Mapping[str, Any], seal: Seal) -> dict[str, Any]:
    """Return a table of values, what is sealed in it too, as it may be shown."""
    return mask_details(open_private(values, seal))


def read_command(row: ShopCommandRow) -> dict[str, Any]:
    """Return a command's details with what is sealed of them."""
    return {**row.details, **({SEALED: row.sealed_details.decode()} if row.sealed_details else {})}


def mask_email(email: str | None) -> str | None:
    """Return a customer's address for mail as it may be shown."""
    return None if email is None else mask_detail("email", email)


def find_masked(
    ticket: TicketRow,
    seal: Seal,
    *,
    events: Iterable[TicketEventRow] = (),
    prepared: Iterable[ShopCommandRow] = (),
    email: str | None = None,
) -> dict[str, str]:
    """Return every personal value of a ticket that is shown masked, whole, by its name: for who said why alone."""
    tables = [
        ("facts", ticket.packet.get("facts") or {}),
        *((f"prepared/{row.key}", read_command(row)) for row in prepared),
        *((f"events/{event.id}", event.details) for event in events),
    ]
    found = {name: value for place, table in tables for name, value in _find(place, open_private(table, seal))}
    return found | ({CONTACT: email} if email else {})


def _find(place: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if name in PERSONAL_DETAILS and isinstance(value, str) and mask_detail(name, value) != value:
            yield f"{place}/{name}", value
