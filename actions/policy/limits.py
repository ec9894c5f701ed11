"""How much the bot settles by itself for one customer on one day; above that a person confirms (product §2). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from actions.shop import CommandKind


@dataclass(frozen=True)
class Limit:
    """So many commands of a kind, and what they may be worth together in yuan; None is any amount."""

    count: int
    amount: Decimal | None = None


@dataclass(frozen=True)
class Used:
    """How much of a kind was settled already."""

    count: int = 0
    amount: Decimal = Decimal(0)


def is_within(limits: Mapping[str, Limit], kind: str, *, used: Used, amount: Decimal) -> bool:
    """Tell whether one more command of a kind, worth an amount, stays within; a kind without a limit never does."""
    limit = limits.get(kind)
    if limit is None or used.count + 1 > limit.count:
        return False
    return limit.amount is None or used.amount + amount <= limit.amount


# Came after shops had files of their own: without an entry a person confirms each.
OPTIONAL = (CommandKind.REFUND.value,)
LIMITED = tuple(kind.value for kind in CommandKind if kind not in OPTIONAL)
