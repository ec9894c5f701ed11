"""The five clocks of a ticket (§1.4, product §5): when they are due, and what their next step is.

All pure: instants in, instants out. A clock runs round the clock, or by the calendar that its tier or desk was given;
pauses are added where the clock may pause.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from escalation.calendar import LONGEST_WALK, Calendar, running_spans
from escalation.severity import Tier


class ClockKind(StrEnum):
    """What a clock measures."""

    CLAIM = "claim"
    RESPONSE = "response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"
    FEEDBACK = "feedback"


PAUSABLE = frozenset({ClockKind.RESOLUTION, ClockKind.FEEDBACK})
# The standard's three responses (§1.4), in elapsed time: no service file may exceed them.
CEILINGS: Mapping[ClockKind, timedelta] = {
    ClockKind.CLAIM: timedelta(hours=24),
    ClockKind.RESPONSE: timedelta(hours=24),
    ClockKind.NEXT_RESPONSE: timedelta(hours=24),
    ClockKind.RESOLUTION: timedelta(hours=48),
    ClockKind.FEEDBACK: timedelta(hours=72),
}
# How far after its start (and the time paused) a deadline by a calendar may lie at most. A claim waits for the desk's
# duty hours, however long that takes: the standard says nothing about it.
LONGEST: Mapping[ClockKind, timedelta] = {**CEILINGS, ClockKind.CLAIM: LONGEST_WALK}


@dataclass(frozen=True)
class Step:
    """One step of a clock's ladder and the instant it falls due."""

    name: str
    at: datetime


@dataclass(frozen=True)
class LadderStep:
    """`at` is the share of the clock's duration (1.0 is the deadline); `tiers` those it is taken for."""

    name: str
    at: float
    tiers: frozenset[Tier]


def compute_due(
    start: datetime,
    within: timedelta,
    pauses: Iterable[tuple[datetime, datetime]] = (),
    calendar: Calendar | None = None,
    *,
    longest: timedelta = LONGEST_WALK,
) -> datetime:
    """Return the deadline: start + duration, moved by every pause that began before it. Overlaps count once.

    With a calendar the duration is business time, and the deadline at the latest start + `longest` + the time paused.
    """
    if calendar is None:
        return _add_elapsed_time(start, within, pauses)
    latest = _add_elapsed_time(start, longest, pauses)
    return calendar.add_business_time(start, within, pauses, until=latest) or latest


def _add_elapsed_time(start: datetime, within: timedelta, pauses: Iterable[tuple[datetime, datetime]]) -> datetime:
    due, paused_until = start + within, start
    for begin, end in sorted(pauses):
        counted_from = max(begin, paused_until)
        if counted_from >= due:
            break
        due += max(end - counted_from, timedelta(0))
        paused_until = max(end, paused_until)
    return due


def count_time(
    start: datetime, end: datetime, pauses: Iterable[tuple[datetime, datetime]] = (), calendar: Calendar | None = None
) -> timedelta:
    """Return how much time a clock has counted between two instants: outside its pauses, by its calendar."""
    counted = timedelta(0)
    for begin, stop in running_spans(start, end, pauses):
        counted += calendar.business_time_between(begin, stop) if calendar else stop - begin
    return counted


def compute_steps(
    find_share: Callable[[float], datetime], tier: Tier, ladder: Iterable[LadderStep]
) -> tuple[Step, ...]:
    """Return the steps of a tier's ladder in order; `find_share` says when a share of the duration is over."""
    taken = (Step(step.name, find_share(step.at)) for step in ladder if tier in step.tiers)
    return tuple(sorted(taken, key=lambda step: step.at))


def is_met(due: datetime, met_at: datetime | None) -> bool:
    """Judge by when things happened: met at the deadline exactly is met."""
    return met_at is not None and met_at <= due
