"""Orders as a shop's own system sends them."""

from dataclasses import asdict, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from actions.shop import Order


def to_wire(order: Order) -> dict[str, Any]:
    """Return an order as the contract has it."""
    wire: dict[str, Any] = _plain(asdict(order))
    return wire


def _plain(value: Any) -> Any:
    assert not is_dataclass(value)
    match value:
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case datetime():
            return value.isoformat()
        case Decimal():
            return f"{value:.2f}"
    return value
