"""Fakes and factories for tests, of this package and of those above it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from escalation.models import PersonRow
from escalation.people import digest_token
from escalation.service import TicketOpening

_NO_HASH = "!"
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)  # a Monday, noon in Shanghai


class FakeClock:
    """A clock that stands still until it is advanced."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the instant it stands at."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move on (or back)."""
        self._now += by


def make_opening(**changes: Any) -> TicketOpening:
    """Return an opening of a small quality matter by somebody new; `changes` replace any field."""
    fields: dict[str, Any] = {
        "cause": f"{uuid4()}/0",
        "conversation_id": uuid4(),
        "customer_id": uuid4(),
        "category": "quality",
        "intent": "quality.functional_defect",
        "seriousness": "nuisance",
        "order_number": "SO1001",
        "order_amount": Decimal("199.00"),
        "product_key": None,
        "policy_tier": None,
        "threat": False,
        "summary": "左耳没有声音",
        "method": {"key": "method.quality", "params": {}},
        "decision": None,
        "packet": {"flow": "defect"},
        "language": "zh-Hans",
        "channel": "widget",
        "opened_at": NOON,
    }
    return TicketOpening(**fields | changes)


def make_person(login: str, role: str, desk: str | None, *, now: datetime, token: str | None = None) -> PersonRow:
    """Return somebody who is here, but cannot sign in: hashing a password costs more than most tests.

    With `token` they may use the API.
    """
    return PersonRow(
        id=uuid4(),
        login=login,
        name=login.title(),
        role=role,
        desk=desk,
        password_hash=_NO_HASH,
        token_digest=digest_token(token) if token else None,
        available=True,
        created_at=now,
    )
