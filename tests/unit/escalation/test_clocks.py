"""Deadlines, pauses and steps of the clocks (product §5)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.clocks import CEILINGS, ClockKind, compute_due, compute_steps, is_met
from escalation.service_levels import ServiceLevels
from escalation.severity import Tier

START = datetime(2026, 11, 23, 4, tzinfo=UTC)


def after(**duration: float) -> datetime:
    """An instant after the start."""
    return START + timedelta(**duration)


@pytest.mark.parametrize(
    ("tier", "minutes"),
    [
        ("general", [120, 24 * 60, 12 * 60, 48 * 60, 72 * 60]),
        ("major", [30, 4 * 60, 4 * 60, 24 * 60, 48 * 60]),
        ("critical", [5, 30, 30, 8 * 60, 24 * 60]),
    ],
)
def test_the_default_times(levels: ServiceLevels, tier: str, minutes: list[int]) -> None:
    """Claim, response, next response, resolution, feedback."""
    assert [timedelta(minutes=count) for count in minutes] == [levels.within[Tier(tier), kind] for kind in ClockKind]


@pytest.mark.parametrize(
    ("pauses", "hours"),
    [
        ([], 48),
        ([(2, 5)], 51),
        ([(2, 5), (10, 11)], 52),  # two in a day
        ([(2, 5), (4, 6)], 52),  # overlapping: four hours in all
        ([(2, 9), (3, 4)], 55),  # one within the other
        ([(10, 11), (2, 5)], 52),  # told in any order
        ([(-5, 1)], 49),  # what was before the start does not count
        ([(48, 60)], 48),  # at the deadline it is too late to pause
        ([(47, 60)], 61),
    ],
)
def test_pauses_move_the_deadline(pauses: list[tuple[int, int]], hours: int) -> None:
    """48 hours, and the time that was spent waiting for the customer."""
    spans = [(after(hours=begin), after(hours=end)) for begin, end in pauses]
    assert after(hours=hours) == compute_due(START, timedelta(hours=48), spans)


_INSTANTS = st.integers(-600, 6000).map(lambda minutes: after(minutes=minutes))
_PAUSES = st.lists(st.tuples(_INSTANTS, _INSTANTS).map(lambda pair: (min(pair), max(pair))), max_size=4)


@given(_PAUSES, st.integers(1, 2880))
def test_the_deadline_agrees_with_a_minute_walk(pauses: list[tuple[datetime, datetime]], minutes: int) -> None:
    """Walk minute by minute; those in a pause do not count."""
    at, left = START, minutes
    while left:
        left -= not any(begin <= at < end for begin, end in pauses)
        at += timedelta(minutes=1)
    assert at == compute_due(START, timedelta(minutes=minutes), pauses)


@given(st.sampled_from(Tier), st.sampled_from(ClockKind), _PAUSES)
def test_no_deadline_lies_past_the_ceiling(
    levels: ServiceLevels, tier: Tier, kind: ClockKind, pauses: list[tuple[datetime, datetime]]
) -> None:
    """At most the standard's 24, 48 or 72 h and the time paused (§1.4)."""
    due = compute_due(START, levels.within[tier, kind], pauses)
    paused = sum((end - begin for begin, end in pauses), timedelta(0))
    assert due <= START + CEILINGS[kind] + paused


def test_general_tickets_are_not_warned_at_half_time(levels: ServiceLevels) -> None:
    """The ladder of a 48 h clock: 80 %, 100 %, +25 %, +100 %."""
    steps = compute_steps(lambda share: after(hours=48 * share), Tier.GENERAL, levels.ladder)
    assert [after(hours=hours) for hours in (38.4, 48, 60, 96)] == [step.at for step in steps]


def test_critical_tickets_are_warned_at_half_time(levels: ServiceLevels) -> None:
    """Five steps of an 8 h clock."""
    steps = compute_steps(lambda share: after(hours=8 * share), Tier.CRITICAL, levels.ladder)
    assert [after(hours=hours) for hours in (4, 6.4, 8, 10, 16)] == [step.at for step in steps]


@pytest.mark.parametrize(("seconds", "expected"), [(-1, True), (0, True), (1, False)])
def test_met_at_the_deadline_is_met(seconds: int, expected: bool) -> None:
    """A second later is not, whoever looks when."""
    assert expected is is_met(START, after(seconds=seconds))


def test_a_running_clock_is_not_met() -> None:
    """Nothing has happened yet."""
    assert not is_met(START, None)
