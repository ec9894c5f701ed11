"""What a turn reports of itself as it goes: for the figures at /metrics, and for whoever must know how far it came."""

import time
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram


class TurnObserver(Protocol):
    """Hears of each step that a turn has completed.

    In order: accepted (stored and acknowledged), read (understood), gathered (facts are there), applied (written, not
    committed), committed, command_claimed, command_executed, command_recorded.
    """

    async def reached(self, step: str, *, since: float | None = None) -> None:
        """Note a step; `since` is `time.perf_counter()` when it began."""
        ...


class MetricsObserver:
    """Counts steps and how long they took."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the series `shouwen_turn_step_seconds` and `shouwen_turn_steps_total`."""
        self._count = Counter("shouwen_turn_steps_total", "Completed steps of turns", ["step"], registry=registry)
        self._seconds = Histogram("shouwen_turn_step_seconds", "Duration of a step", ["step"], registry=registry)

    async def reached(self, step: str, *, since: float | None = None) -> None:
        """Count it."""
        self._count.labels(step).inc()
        if since is not None:
            self._seconds.labels(step).observe(time.perf_counter() - since)
