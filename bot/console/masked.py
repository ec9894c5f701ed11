"""What people see of a customer's data: masked for everybody, whole only one by one and for a reason (product §6).

A value that is masked has a name by which it is asked for: where it lies, and what it is called there. "facts/address"
is the packet's, "prepared/<command>/phone" a prepared command's, "events/17/address" what was added later, and
"contact/email" where the customer wants to be written to.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from actions.shop import PERSONAL_DETAILS
from bot.models import ShopCommandRow
from bot.security.details import mask_detail, mask_details
from bot.security.sealing import Seal
from bot.turn.private import SEALED, open_private
from escalation.models import TicketEventRow, TicketRow

CONTACT = "contact/email"
# The parts of a ticket that hold what people wrote.
_WRITTEN = frozenset({"summary", "packet", "messages", "events", "surveys", "handover"})


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


def hide_in_words(described: Mapping[str, Any], whole: Mapping[str, str]) -> dict[str, Any]:
    """Return a ticket as `describe_case` tells it, where what was written names no value that is masked."""
    return {name: hide_known(value, whole) if name in _WRITTEN else value for name, value in described.items()}


def hide_known(shown: Any, whole: Mapping[str, str]) -> Any:
    """Return JSON in which what customers wrote names no value that is masked: a name, a title, a tax number.

    `whole` is what `find_masked` returned.
    """
    masks = {value: mask_detail(name.rpartition("/")[2], value) for name, value in whole.items() if len(value) > 1}
    if not masks:
        return shown
    longest_first = sorted(masks, key=len, reverse=True)
    known = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9])")
    return _replace(shown, known, masks)


def _replace(shown: Any, known: re.Pattern[str], masks: Mapping[str, str]) -> Any:
    match shown:
        case str():
            return known.sub(lambda match: masks[match[0]], shown)
        case Mapping():
            return {name: _replace(value, known, masks) for name, value in shown.items()}
        case list():
            return [_replace(value, known, masks) for value in shown]
    return shown


def _find(place: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if name in PERSONAL_DETAILS and isinstance(value, str) and mask_detail(name, value) != value:
            yield f"{place}/{name}", value
