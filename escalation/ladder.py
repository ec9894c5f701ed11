"""What a clock asks for next: pure, over the facts of one clock (product §5).

A clock's facts are its start, its duration, its calendar, its pauses and the steps already taken. Deadline and steps
follow from them at any time, so nothing that was computed before can go stale.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from escalation.calendar import LONGEST_WALK, Calendar
from escalation.clocks import LONGEST, ClockKind, LadderStep, Step, compute_due, compute_steps, count_time
from escalation.severity import Tier

BREACH = "breach"
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class ClockFacts:
    """One running clock. Pauses are those that have ended; without a calendar it runs round the clock."""

    kind: ClockKind
    tier: Tier
    started_at: datetime
    within: timedelta
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    calendar: Calendar | None = None

    @property
    def due_at(self) -> datetime:
        """The deadline."""
        return self.find_share(1.0)

    def find_share(self, share: float) -> datetime:
        """Return the instant at which a share of the duration is over: 1.0 is the deadline.

        Where what the standard allows at most cuts a calendar short, that is shared instead: no warning comes after
        its breach.
        """
        longest = LONGEST[self.kind] * share if self._is_cut_short else LONGEST_WALK
        return compute_due(self.started_at, self.within * share, self.pauses, self.calendar, longest=longest)

    @cached_property
    def _is_cut_short(self) -> bool:
        whole = compute_due(self.started_at, self.within, self.pauses, self.calendar)
        return whole > compute_due(self.started_at, LONGEST[self.kind], self.pauses)


@dataclass(frozen=True)
class Verdict:
    """Steps that are due now and not taken (the last one does the telling), and the one to wait for."""

    due: tuple[Step, ...]
    upcoming: Step | None


def compute_ladder(clock: ClockFacts, ladder: Iterable[LadderStep]) -> tuple[Step, ...]:
    """Return every step of a clock in order; pauses move those that come after them."""
    return compute_steps(clock.find_share, clock.tier, ladder)


def decide_steps(clock: ClockFacts, ladder: Iterable[LadderStep], taken: Collection[str], *, now: datetime) -> Verdict:
    """Decide which steps are due; each is taken once, whatever happened in between.

    What comes after the breach of a claim is for a ticket that nobody else could be given, so the breach comes first,
    alone: with a new owner there is a new claim.
    """
    open_steps = [step for step in compute_ladder(clock, ladder) if step.name not in taken]
    due = tuple(step for step in open_steps if step.at <= now)
    if clock.kind is ClockKind.CLAIM:
        breach = next((place for place, step in enumerate(due) if step.name == BREACH), len(due))
        due = due[: breach + 1]
    return Verdict(due, next(iter(open_steps[len(due) :]), None))


def compute_changed_within(
    clock: ClockFacts, within: timedelta, *, ceiling: timedelta, now: datetime, calendar: Calendar | None = None
) -> timedelta:
    """Return the duration after a change of tier or calendar: by the facts, but the change itself never breaches.

    The new deadline is at least now + 10 % of the new duration (unless the old one was earlier anyway), and never past
    the ceiling counted from the start, pauses aside. A deadline that has passed stays: what is breached is breached.
    For a clock that stands still, `now` is the instant it stopped. `calendar` is the new one.
    """
    if clock.due_at < now:
        return clock.within
    changed = replace(clock, within=within, calendar=calendar)
    at_least = min(clock.due_at, replace(changed, started_at=now, within=within * 0.1, pauses=()).due_at)
    if changed.due_at >= at_least:
        return min(within, ceiling)
    counted = count_time(clock.started_at, at_least, clock.pauses, calendar)
    if replace(changed, within=counted).due_at < at_least:
        # That instant is in closed hours: all that was counted is over when they begin, so the next opening it is.
        counted += _INSTANT
    return min(counted, ceiling)
