"""The slow truth about calendars and clocks: somebody looks at the clock on the wall, minute after minute."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from escalation.calendar import Calendar, Period

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Pauses = Sequence[tuple[datetime, datetime]]
# Each zone with the days around which its clocks change (in Shanghai they never do).
CHANGES = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Sao_Paulo", date(2018, 11, 4)),  # at midnight: that day begins at one
    ("America/Sao_Paulo", date(2018, 2, 18)),  # at midnight, back into the day before
    ("Asia/Shanghai", date(2026, 10, 1)),
]


def look(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, bool]]:
    """Yield every minute from an instant on, and whether the calendar is open in it.

    A shift begins when the wall shows its hour or more, and is over when it shows its end or more: when the clock is
    set back, nobody comes or goes a second time.
    """
    at, shown = start - 4 * HOUR, datetime.min  # noqa: DTZ901 (what a wall shows has no zone)
    while True:
        shown = max(shown, at.astimezone(calendar.zone).replace(tzinfo=None))
        if at >= start:
            yield at, _is_open(calendar, shown)
        at += MINUTE


def _is_open(calendar: Calendar, shown: datetime) -> bool:
    for day in (shown.date() - DAY, shown.date()):
        for period in calendar.periods_of(day):
            closing_day = day if period.closes > period.opens else day + DAY
            if datetime.combine(day, period.opens) <= shown < datetime.combine(closing_day, period.closes):
                return True
    return False


def walk_to_due(start: datetime, minutes: int, pauses: Pauses, calendar: Calendar, *, longest: int) -> datetime:
    """Return the deadline of a clock of so many open minutes, at most `longest` ones, outside its pauses."""
    left, at_most = minutes, longest
    for at, is_open in look(calendar, start):
        if left == 0 or at_most == 0:
            return at
        if not any(begin <= at < end for begin, end in pauses):
            at_most -= 1
            left -= is_open
    raise AssertionError("a walk does not end")


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar in a zone, and midnight (UTC) two days before its clocks change: within a few days of that."""
    zone, change = draw(st.sampled_from(CHANGES))
    days = st.sets(st.integers(-4, 6).map(lambda ahead: change + ahead * DAY), max_size=3).map(frozenset)
    # The hours that a change skips or repeats come up often, and shifts over midnight.
    hours = st.sampled_from([0, 1, 2, 2, 3, 9, 12, 18, 22, 23])
    times = st.builds(time, hours, st.sampled_from([0, 10, 15, 30, 45]))
    periods = st.lists(st.builds(Period, times, times), max_size=3).map(tuple)
    weeks = st.lists(periods, min_size=1, max_size=7).map(lambda days: {at: days[at % len(days)] for at in range(7)})
    calendar = Calendar(
        ZoneInfo(zone),
        draw(weeks),
        draw(days),
        draw(days),
        draw(st.dictionaries(st.sampled_from([change + ahead * DAY for ahead in range(-3, 4)]), periods, max_size=3)),
        draw(st.integers(0, 6)),
    )
    return calendar, datetime.combine(change, time(0), UTC) - 2 * DAY


INSTANTS = st.integers(0, 3 * 24 * 60).map(lambda minutes: minutes * MINUTE)
PAUSES = st.lists(st.tuples(INSTANTS, INSTANTS).map(lambda pair: (min(pair), max(pair))), max_size=3)
