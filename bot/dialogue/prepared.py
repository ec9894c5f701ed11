"""What waits, or waited, on a case for a person's word, and what of it nobody may take back past them. Pure."""

from collections.abc import Collection

from actions.shop import REMEDIES
from bot.dialogue.records import Facts, Prepared, Standing

_STANDS = frozenset({Standing.ASKED, Standing.CONFIRMED, Standing.DONE})


def find_prepared(facts: Facts, order_number: str, kinds: Collection[str]) -> tuple[Prepared, ...]:
    """Return what was prepared of these kinds for an order, and not refused by the shop."""
    found = (one for one in facts.prepared if one.order_number == order_number and one.kind in kinds)
    return tuple(one for one in found if one.standing is not Standing.REFUSED)


def find_remedies(facts: Facts, order_number: str, sku: str | None) -> tuple[Prepared, ...]:
    """Return the remedies prepared for an item of an order; None means, and counts for, any of its items."""
    found = find_prepared(facts, order_number, REMEDIES)
    return tuple(one for one in found if sku is None or one.sku in {None, sku})


def stands(one: Prepared) -> bool:
    """Tell whether a person has confirmed it or asked for its approval: it is theirs then, and not taken back."""
    return one.standing in _STANDS
