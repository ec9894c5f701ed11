"""Cases for the policy's tests: told so long after signing, everything else as in an ordinary order."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from actions.days import SHOP_ZONE
from actions.policy import PolicyCase

SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    """Return an instant written in the shop's zone, such as "2026-11-10 11:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=SHOP_ZONE).astimezone(UTC)


SIGNED_AT = at("2026-11-10 11:00")  # a Tuesday; day 7 is Tuesday the 17th, day 15 Wednesday the 25th

ORDINARY = PolicyCase(
    request="return",
    reason="no_reason",
    at=at("2026-11-12 09:00"),
    kind="electronics",
    intact=True,
    amount=Decimal("200.00"),
    paid_at=at("2026-11-05 10:00"),
    dispatched_at=at("2026-11-06 18:00"),
    delivered_at=SIGNED_AT,
    signed_at=SIGNED_AT,
    last_scan_at=SIGNED_AT,
)


def case(**changes: Any) -> PolicyCase:
    """Return an ordinary case with changes; instants may be written as text."""
    instants = {field.name for field in fields(PolicyCase) if field.name.endswith("_at") or field.name == "at"}
    read = {
        name: at(value) if name in instants and isinstance(value, str) else value for name, value in changes.items()
    }
    return replace(ORDINARY, **read)
