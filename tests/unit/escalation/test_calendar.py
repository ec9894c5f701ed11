"""Business time, by hand-worked cases and against a walk in quarter hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.calendar import Calendar, Period

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
DAY_SHIFT = (Period(time(9), time(12)), Period(time(13), time(18)))
WORKWEEK = dict.fromkeys(range(5), DAY_SHIFT)
QUARTER = timedelta(minutes=15)


def shanghai(text: str) -> datetime:
    """Read a local instant."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-11-23T09:00", 3, "2026-11-23T12:00"),  # up to the lunch break, exactly
        ("2026-11-23T11:00", 2, "2026-11-23T14:00"),  # 11-12, then 13-14
        ("2026-11-23T12:30", 1, "2026-11-23T14:00"),  # begins in the break
        ("2026-11-27T17:00", 2, "2026-11-30T10:00"),  # Friday 17-18, Monday 9-10
        ("2026-11-28T10:00", 8, "2026-11-30T18:00"),  # begins on a Saturday
        ("2026-11-23T03:00", 0, "2026-11-23T03:00"),  # nothing to wait for
    ],
)
def test_business_time_is_added_across_breaks_and_weekends(start: str, hours: int, expected: str) -> None:
    """Only open hours count."""
    calendar = Calendar(SHANGHAI, WORKWEEK)
    assert shanghai(expected) == calendar.add_business_time(shanghai(start), timedelta(hours=hours))


def test_holidays_are_skipped_and_make_up_days_worked() -> None:
    """A Thursday off makes 18:00 Wednesday continue on the Saturday worked instead, when Friday is off too."""
    calendar = Calendar(
        SHANGHAI,
        WORKWEEK,
        days_off=frozenset({date(2026, 11, 26), date(2026, 11, 27)}),
        working_days=frozenset({date(2026, 11, 28)}),
    )
    assert shanghai("2026-11-28T10:00") == calendar.add_business_time(shanghai("2026-11-25T17:00"), timedelta(hours=2))


def test_an_exceptional_day_overrules_everything() -> None:
    """A make-up day that is closed after all is closed."""
    day = date(2026, 11, 28)
    calendar = Calendar(SHANGHAI, WORKWEEK, working_days=frozenset({day}), exceptions={day: ()})
    assert () == calendar.periods_of(day)


def test_thirty_closed_days_only_delay() -> None:
    """A long closure still gives a date."""
    closed = frozenset(date(2026, 11, 24) + timedelta(days=ahead) for ahead in range(30))
    calendar = Calendar(SHANGHAI, WORKWEEK, days_off=closed)
    assert shanghai("2026-12-24T10:00") == calendar.add_business_time(shanghai("2026-11-23T17:00"), timedelta(hours=2))


def test_a_calendar_that_never_opens_ends() -> None:
    """No endless loop and no made-up date."""
    assert Calendar(SHANGHAI, {}).add_business_time(shanghai("2026-11-23T09:00"), timedelta(hours=1)) is None


def test_a_night_shift_in_spring_is_an_hour_shorter() -> None:
    """22:00 to 06:00 over the change to summer time is seven hours, so eight end in the next shift."""
    calendar = Calendar(NEW_YORK, dict.fromkeys(range(7), (Period(time(22), time(6)),)))
    start = datetime(2026, 3, 7, 22, tzinfo=NEW_YORK)
    expected = datetime(2026, 3, 8, 23, tzinfo=NEW_YORK).astimezone(UTC)
    assert expected == calendar.add_business_time(start, timedelta(hours=8))


def test_a_whole_day_is_open_round_the_clock() -> None:
    """00:00 to 00:00 every day leaves no gap and counts nothing twice."""
    calendar = Calendar(SHANGHAI, dict.fromkeys(range(7), (Period(time(0), time(0)),)))
    start = shanghai("2026-11-23T05:00")
    assert start + timedelta(hours=50) == calendar.add_business_time(start, timedelta(hours=50))


# Opening and closing stay clear of the hours that the change of time skips or repeats: there the walk has no answer.
_HOURS = st.sampled_from([0, *range(4, 24)]).map(time)
_PERIODS = st.lists(st.builds(Period, _HOURS, _HOURS), max_size=3).map(tuple)
_DAYS = st.sets(st.integers(0, 9).map(lambda ahead: date(2026, 10, 27) + timedelta(days=ahead))).map(frozenset)
_CALENDARS = st.builds(
    Calendar,
    st.sampled_from([SHANGHAI, NEW_YORK, ZoneInfo("Europe/Berlin")]),
    st.dictionaries(st.integers(0, 6), _PERIODS),
    _DAYS,
    _DAYS,
)
_STARTS = st.integers(0, 4 * 24 * 4).map(lambda quarters: datetime(2026, 10, 29, tzinfo=UTC) + quarters * QUARTER)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Look at the local clock alone: in a period of today, or still in one of yesterday's overnight."""
    local = at.astimezone(calendar.zone)
    today, yesterday, now = local.date(), local.date() - timedelta(days=1), local.time()
    overnight = [period for period in calendar.periods_of(yesterday) if period.closes <= period.opens]
    return any(now < period.closes for period in overnight) or any(
        period.opens <= now and (now < period.closes or period.closes <= period.opens)
        for period in calendar.periods_of(today)
    )


@settings(max_examples=60)
@given(_CALENDARS, _STARTS, st.integers(0, 5 * 24 * 4))
def test_counting_agrees_with_a_walk(calendar: Calendar, start: datetime, quarters: int) -> None:
    """Business time between two instants is the number of open quarters, over the end of summer time too."""
    walked = sum(is_open(calendar, start + step * QUARTER) for step in range(quarters))
    assert walked * QUARTER == calendar.business_time_between(start, start + quarters * QUARTER)


@settings(max_examples=60)
@given(_CALENDARS, _STARTS, st.integers(1, 100).map(lambda quarters: quarters * QUARTER))
def test_adding_is_the_inverse_of_counting(calendar: Calendar, start: datetime, duration: timedelta) -> None:
    """What was added lies between; a quarter earlier, less does."""
    end = calendar.add_business_time(start, duration)
    if end is None:
        assert not any(calendar.week.values())
        return
    assert duration == calendar.business_time_between(start, end)
    assert duration > calendar.business_time_between(start, end - QUARTER)
