"""What a turn reports of itself as it goes: for the figures at /metrics, and for whoever must know how far it came."""

import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from actions.breaker import BreakerState


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
        self._series: dict[str, tuple[Counter, Histogram]] = {}

    async def reached(self, step: str, *, since: float | None = None) -> None:
        """Count it."""
        count, seconds = self._series_of(step)
        count.inc()
        if since is not None:
            seconds.observe(time.perf_counter() - since)

    def _series_of(self, step: str) -> tuple[Counter, Histogram]:
        """Return a step's own series; looking them up by their label takes longer than counting."""
        if step not in self._series:
            self._series[step] = (self._count.labels(step), self._seconds.labels(step))
        return self._series[step]


class ShopMetrics:
    """Counts what the shop's own system answers, and shows whether it is trusted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the series `shouwen_shop_answers_total`, `shouwen_shop_answer_seconds` and `shouwen_shop_state`."""
        labels = ["operation", "outcome"]
        self._count = Counter("shouwen_shop_answers_total", "The shop's answers", labels, registry=registry)
        self._seconds = Histogram("shouwen_shop_answer_seconds", "How long they took", labels[:1], registry=registry)
        about = "1 for where the circuit breaker before the shop's system stands"
        self._state = Gauge("shouwen_shop_state", about, ["state"], registry=registry)

    def note_answer(self, operation: str, outcome: str, seconds: float) -> None:
        """Count an answer, or that there was none."""
        self._count.labels(operation, outcome).inc()
        self._seconds.labels(operation).observe(seconds)

    def follow(self, find_state: Callable[[], BreakerState]) -> None:
        """Show the state whenever the figures are read."""
        for state in BreakerState:
            self._state.labels(state.value).set_function(partial(_is_at, state, find_state))


def _is_at(state: BreakerState, find_state: Callable[[], BreakerState]) -> float:
    return float(find_state() is state)
