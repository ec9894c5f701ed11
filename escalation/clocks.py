"""The five clocks of a ticket (§1.4, product §5): when they are due, and what their next step is.

All pure: instants in, instants out. Tiers run round the clock; pauses are added where the clock may pause.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

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


def compute_due(start: datetime, within: timedelta, pauses: Iterable[tuple[datetime, datetime]] = ()) -> datetime:
    """Return the deadline: start + duration, moved by every pause that began before it. Overlaps count once."""
    due, paused_until = start + within, start
    for begin, end in sorted(pauses):
        counted_from = max(begin, paused_until)
        if counted_from >= due:
            break
        due += max(end - counted_from, timedelta(0))
        paused_until = max(end, paused_until)
    return due


def compute_steps(start: datetime, due: datetime, tier: Tier, ladder: Iterable[LadderStep]) -> tuple[Step, ...]:
    """Return the ladder's steps for a clock, in order of their instants."""
    taken = (Step(step.name, start + (due - start) * step.at) for step in ladder if tier in step.tiers)
    return tuple(sorted(taken, key=lambda step: step.at))


def is_met(due: datetime, met_at: datetime | None) -> bool:
    """Judge by when things happened: met at the deadline exactly is met."""
    return met_at is not None and met_at <= due
