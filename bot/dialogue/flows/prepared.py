"""What waits, or waited, on a case for a person's word, and what of it nobody may take back past them. Pure."""

from collections.abc import Collection, Iterator, Sequence

from actions.shop import REMEDIES, CommandKind
from bot.dialogue.records import Facts, Prepared, Standing
from escalation.service import TicketView

_STANDS = frozenset({Standing.ASKED, Standing.CONFIRMED, Standing.DONE, Standing.DECLINED})
_CAME_TO_NOTHING = frozenset({Standing.REFUSED, Standing.DECLINED})


def find_prepared(facts: Facts, order_number: str, kinds: Collection[str]) -> tuple[Prepared, ...]:
    """Return what was prepared of these kinds for an order, and not refused by the shop or a person."""
    return tuple(one for one in _find(facts, order_number, kinds) if one.standing not in _CAME_TO_NOTHING)


def find_declined(facts: Facts, order_number: str, kind: str, sku: str | None) -> tuple[Prepared, ...]:
    """Return what of a kind a person has declined for an item: its case is theirs, and it is not done past them."""
    found = (one for one in _find(facts, order_number, {kind}) if one.standing is Standing.DECLINED)
    return tuple(one for one in found if _is_for(one, sku))


def was_declined(facts: Facts, order_number: str, kind: str, sku: str | None) -> bool:
    """Tell whether a person has declined this for an item, or another remedy for it, on whatever ticket."""
    kinds = REMEDIES if kind in REMEDIES else {kind}
    found = (one for one in facts.declined if one.order_number == order_number and one.kind in kinds)
    return any(_is_for(one, sku) for one in found)


def _is_for(one: Prepared, sku: str | None) -> bool:
    return sku is None or one.sku in {None, sku}


def _find(facts: Facts, order_number: str, kinds: Collection[str]) -> Iterator[Prepared]:
    return (one for one in facts.prepared if one.order_number == order_number and one.kind in kinds)


def find_remedies(facts: Facts, order_number: str, sku: str | None) -> tuple[Prepared, ...]:
    """Return the remedies prepared for an item of an order; None means, and counts for, any of its items.

    A label that the customer has is none any more: the money for what came back is the step that follows on it. Nor is
    what was paid back for a part: the shop counts it, and what else is wrong is another matter. What a person declined
    is one: they have decided, and what comes instead is theirs to decide too.
    """
    found = (one for one in _find(facts, order_number, REMEDIES) if not _is_past(one))
    return tuple(one for one in found if _is_for(one, sku))


def _is_past(one: Prepared) -> bool:
    if one.standing is Standing.REFUSED:
        return True
    is_part = one.kind == CommandKind.REFUND and one.sku is not None
    return one.standing is Standing.DONE and (is_part or one.kind == CommandKind.RETURN_LABEL)


def find_part_refunds(facts: Facts, order_number: str) -> tuple[Prepared, ...]:
    """Return the refunds of parts of an order that wait for a person's word, or for the shop."""
    return tuple(
        one
        for one in find_remedies(facts, order_number, None)
        if one.kind == CommandKind.REFUND and one.sku is not None and one.standing is not Standing.DECLINED
    )


def find_case_of(facts: Facts, found: Sequence[Prepared]) -> TicketView:
    """Return the case on which the newest of what was found is prepared."""
    return next(ticket for ticket in facts.tickets if ticket.number == found[-1].ticket)


def stands(one: Prepared) -> bool:
    """Tell whether a person has decided it or asked for its approval: it is theirs then, and not taken back."""
    return one.standing in _STANDS
