"""A circuit breaker: after a few failures in a row a service is left alone for a while, then tried with one request.

Guards what is asked over a network: the Rasa server, the shop's system.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class BreakerState(StrEnum):
    """Whether the service is asked: yes; once, to try it; no."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


@dataclass
class Breaker:
    """Closed (ask), open (do not ask) or half open (one request may try). The caller passes the time in."""

    failures_allowed: int = 3
    rest_after_failures: timedelta = timedelta(seconds=5)
    _failures: int = 0
    _rests_until: datetime | None = None

    def allows(self, now: datetime) -> bool:
        """Whether a request may be made. While half open this says yes once: others wait for its outcome."""
        if self._rests_until is None:
            return True
        if now < self._rests_until:
            return False
        self._rests_until = now + self.rest_after_failures
        return True

    def record_success(self) -> None:
        """The service answered: closed."""
        self._failures, self._rests_until = 0, None

    def record_failure(self, now: datetime) -> None:
        """The service failed: open after `failures_allowed` in a row, or at once where it was being tried."""
        self._failures += 1
        if self._failures >= self.failures_allowed or self._rests_until is not None:
            self._rests_until = now + self.rest_after_failures

    @property
    def is_closed(self) -> bool:
        """Whether the service is trusted."""
        return self._rests_until is None

    def state(self, now: datetime) -> BreakerState:
        """Return where it stands; looking changes nothing."""
        if self._rests_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self._rests_until else BreakerState.HALF_OPEN
