"""What a clock asks for next: pure, over the facts of one clock (product §5).

A clock's facts are its start, its duration, its pauses and the steps already taken. Deadline and steps follow from
them at any time, so nothing that was computed before can go stale.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation.clocks import ClockKind, LadderStep, Step, compute_due
from escalation.severity import Tier

BREACH = "breach"
# An unclaimed ticket goes to the next at the deadline; there is nothing to climb after that.
_CLAIM_STEPS = frozenset({"warn_half", "warn", BREACH})


@dataclass(frozen=True)
class ClockFacts:
    """One running clock. Pauses are those that have ended."""

    kind: ClockKind
    tier: Tier
    started_at: datetime
    within: timedelta
    pauses: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def due_at(self) -> datetime:
        """The deadline."""
        return compute_due(self.started_at, self.within, self.pauses)


@dataclass(frozen=True)
class Verdict:
    """Steps that are due now and not taken (the last one does the telling), and the one to wait for."""

    due: tuple[Step, ...]
    upcoming: Step | None


def compute_ladder(clock: ClockFacts, ladder: Iterable[LadderStep]) -> tuple[Step, ...]:
    """Return every step of a clock in order; pauses move those that come after them."""
    wanted = (step for step in ladder if clock.tier in step.tiers)
    if clock.kind is ClockKind.CLAIM:
        wanted = (step for step in wanted if step.name in _CLAIM_STEPS)
    steps = (Step(step.name, compute_due(clock.started_at, clock.within * step.at, clock.pauses)) for step in wanted)
    return tuple(sorted(steps, key=lambda step: step.at))


def decide_steps(clock: ClockFacts, ladder: Iterable[LadderStep], taken: Collection[str], *, now: datetime) -> Verdict:
    """Decide which steps are due; each is taken once, whatever happened in between."""
    open_steps = [step for step in compute_ladder(clock, ladder) if step.name not in taken]
    due = tuple(step for step in open_steps if step.at <= now)
    return Verdict(due, next((step for step in open_steps if step.at > now), None))


def compute_changed_within(clock: ClockFacts, within: timedelta, *, ceiling: timedelta, now: datetime) -> timedelta:
    """Return the duration after a change of tier: by the facts, but the change itself never breaches.

    The new deadline is at least now + 10 % of the new duration (unless the old one was earlier anyway), and never past
    the ceiling counted from the start, pauses aside. A deadline that has passed stays: what is breached is breached.
    For a clock that stands still, `now` is the instant it stopped.
    """
    if clock.due_at < now:
        return clock.within
    changed = ClockFacts(clock.kind, clock.tier, clock.started_at, within, clock.pauses).due_at
    at_least = min(clock.due_at, now + within * 0.1)
    late = max(at_least - changed, timedelta(0))
    return min(within + late, ceiling)
