"""Limits that keep abuse out (§8 of the product): so many messages, uploads and sessions, per session and address.

Token buckets in memory; a process that restarts starts with full ones.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """`burst` at once, then `per_second` on average."""

    burst: float
    per_second: float


MESSAGES = Rate(burst=20, per_second=1.0)
UPLOADS = Rate(burst=12, per_second=0.2)
UPLOADS_OF_ADDRESS = Rate(burst=120, per_second=2.0)
SIGN_INS = Rate(burst=8, per_second=0.1)
SIGN_INS_OF_ADDRESS = Rate(burst=60, per_second=0.5)
SURVEYS = Rate(burst=60, per_second=1.0)
SESSIONS = Rate(burst=300, per_second=20.0)
HINTS = Rate(burst=20, per_second=10.0)

_REMEMBERED = 50_000


class Limits:
    """Counts what each key has used. `monotonic` gives seconds that never run backwards."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._buckets: OrderedDict[tuple[Rate, str], tuple[float, float]] = OrderedDict()

    def allow(self, rate: Rate, key: str) -> bool:
        """Take one from the key's bucket; False when it is empty."""
        now = self._monotonic()
        level, filled_at = self._buckets.pop((rate, key), (rate.burst, now))
        level = min(rate.burst, level + (now - filled_at) * rate.per_second)
        allowed = level >= 1
        self._buckets[rate, key] = (level - 1 if allowed else level, now)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return allowed
