"""What escalation needs from outside: the time. Everything else reaches it as an argument."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The one source of "now"."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time, aware, in UTC."""
        return datetime.now(UTC)
