"""Calendars and deadlines against a walk over every minute, where the clocks change and where they do not."""

from datetime import datetime, timedelta
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.calendar import Calendar, dump_calendar, read_calendar
from escalation.clocks import CEILINGS, ClockKind, compute_due, count_time
from escalation.ladder import ClockFacts, compute_changed_within, compute_ladder
from escalation.service_levels import ServiceLevels
from escalation.severity import Tier
from tests.unit.escalation.walks import HOUR, INSTANTS, MINUTE, PAUSES, calendars, look, walk_to_due

Offsets = list[tuple[timedelta, timedelta]]
_CALENDARS = calendars()
_MINUTES = st.integers(1, 40 * 60)
_WALKS = settings(max_examples=50)


def at(midnight: datetime, offsets: Offsets) -> list[tuple[datetime, datetime]]:
    """The pauses that begin and end so long after an instant."""
    return [(midnight + begin, midnight + end) for begin, end in offsets]


@_WALKS
@given(_CALENDARS, INSTANTS, st.integers(0, 3 * 24 * 60))
def test_counting_agrees_with_a_walk(around: tuple[Calendar, datetime], offset: timedelta, minutes: int) -> None:
    """Business time between two instants is the number of open minutes."""
    calendar, midnight = around
    start = midnight + offset
    walked = sum(is_open for _, is_open in islice(look(calendar, start), minutes))
    assert walked * MINUTE == calendar.business_time_between(start, start + minutes * MINUTE)


@_WALKS
@given(_CALENDARS, INSTANTS, _MINUTES, PAUSES, st.integers(1, 48 * 60))
def test_a_deadline_is_where_a_walk_finds_it(
    around: tuple[Calendar, datetime], offset: timedelta, minutes: int, pauses: Offsets, longest: int
) -> None:
    """By periods, shifts over midnight, holidays, make-up and exceptional days, pauses, and never past the ceiling."""
    calendar, midnight = around
    spans, start = at(midnight, pauses), midnight + offset
    expected = walk_to_due(start, minutes, spans, calendar, longest=longest)
    assert expected == compute_due(start, minutes * MINUTE, spans, calendar, longest=longest * MINUTE)


@_WALKS
@given(_CALENDARS, INSTANTS, INSTANTS, _MINUTES, PAUSES)
def test_a_later_start_is_never_due_earlier(
    around: tuple[Calendar, datetime], one: timedelta, other: timedelta, minutes: int, pauses: Offsets
) -> None:
    """Whoever comes first is due first, at the latest at the same time."""
    calendar, midnight = around
    first, second = (
        compute_due(midnight + start, minutes * MINUTE, at(midnight, pauses), calendar, longest=48 * HOUR)
        for start in sorted([one, other])
    )
    assert first <= second


@_WALKS
@given(_CALENDARS, INSTANTS, _MINUTES, PAUSES, PAUSES)
def test_more_pause_is_never_due_earlier(
    around: tuple[Calendar, datetime], offset: timedelta, minutes: int, pauses: Offsets, more: Offsets
) -> None:
    """Waiting for the customer costs nobody their time."""
    calendar, midnight = around
    start, within = midnight + offset, minutes * MINUTE
    without = compute_due(start, within, at(midnight, pauses), calendar, longest=48 * HOUR)
    assert without <= compute_due(start, within, at(midnight, pauses + more), calendar, longest=48 * HOUR)


@_WALKS
@given(_CALENDARS, INSTANTS, _MINUTES, PAUSES)
def test_what_remains_is_business_time(
    around: tuple[Calendar, datetime], offset: timedelta, minutes: int, pauses: Offsets
) -> None:
    """However a clock was stopped, at its deadline it has counted its whole time, unless the ceiling came."""
    calendar, midnight = around
    spans, start = at(midnight, pauses), midnight + offset
    due = compute_due(start, minutes * MINUTE, spans, calendar, longest=48 * HOUR)
    counted = count_time(start, due, spans, calendar)
    assert counted == minutes * MINUTE or due == compute_due(start, 48 * HOUR, spans)


@_WALKS
@given(levels_tier=st.sampled_from(Tier), around=_CALENDARS, offset=INSTANTS, minutes=_MINUTES, pauses=PAUSES)
def test_no_warning_comes_after_its_breach(
    levels: ServiceLevels,
    levels_tier: Tier,
    around: tuple[Calendar, datetime],
    offset: timedelta,
    minutes: int,
    pauses: Offsets,
) -> None:
    """The steps of the ladder keep their order, though the ceiling cuts the calendar short."""
    calendar, midnight = around
    spans = tuple(at(midnight, pauses))
    clock = ClockFacts(ClockKind.RESOLUTION, levels_tier, midnight + offset, minutes * MINUTE, spans, calendar)
    shares = {step.name: step.at for step in levels.ladder}
    steps = compute_ladder(clock, levels.ladder)
    assert sorted(steps, key=lambda step: shares[step.name]) == list(steps)
    assert clock.due_at in [step.at for step in steps if step.name == "breach"]


@_WALKS
@given(_CALENDARS, st.none() | _CALENDARS.map(lambda around: around[0]), INSTANTS, _MINUTES, _MINUTES, INSTANTS)
def test_no_change_of_calendar_breaches_or_passes_the_ceiling(
    around: tuple[Calendar, datetime],
    other: Calendar | None,
    offset: timedelta,
    minutes: int,
    after: int,
    looked: timedelta,
) -> None:
    """The deadline is not behind us afterwards unless it was before, nor past the standard's."""
    calendar, midnight = around
    start = midnight + offset
    now, ceiling = start + looked, CEILINGS[ClockKind.RESOLUTION]
    clock = ClockFacts(ClockKind.RESOLUTION, Tier.MAJOR, start, minutes * MINUTE, (), calendar)
    within = compute_changed_within(clock, after * MINUTE, ceiling=ceiling, now=now, calendar=other)
    if clock.due_at < now:
        assert within == clock.within
        return
    changed = ClockFacts(clock.kind, clock.tier, start, within, (), other).due_at
    tenth = compute_due(now, after * MINUTE * 0.1, (), other, longest=ceiling)
    assert min(clock.due_at, tenth) <= changed <= start + ceiling


@given(_CALENDARS)
def test_a_calendar_that_was_written_down_reads_the_same(around: tuple[Calendar, datetime]) -> None:
    """With everything that it knows; without the days before, the days after are the same."""
    calendar, midnight = around
    assert calendar == read_calendar(dump_calendar(calendar))
    day = midnight.date() + timedelta(days=2)
    assert calendar.periods_of(day) == read_calendar(dump_calendar(calendar, since=day)).periods_of(day)
