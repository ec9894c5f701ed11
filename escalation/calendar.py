"""Business time: when a desk works, and how much of that lies between two instants (product §5). Pure.

Several periods a day, overnight shifts, any time zone with its daylight saving; holidays and their make-up working days
(調休) are passed in as tables. Days are walked, never minutes, and every walk ends: at an instant that the caller
names, or after `LONGEST_WALK`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

# Further ahead no promise is made; longer than any row of holidays.
LONGEST_WALK = timedelta(days=400)
_DAY = timedelta(days=1)
_SECOND, _NONE = timedelta(seconds=1), timedelta(0)
# Days whose spans are kept once they are computed; some twenty times what one long clock walks over.
_MOST_KNOWN = 4096

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Period:
    """Working hours on the local clock. Closing at or before opening means on the next day; 00:00–00:00 is a day."""

    opens: time
    closes: time


@dataclass(frozen=True)
class Calendar:
    """When somebody works. `week` maps a weekday (0 is Monday) to its periods; a weekday that is missing is off.

    What holds for a day, first match: `exceptions` (its own periods, none means closed), `working_days` (worked like
    `make_up_weekday`), `days_off`, `week`. A period belongs to the day it opens on. A local time is the first instant
    at which the clock on the wall shows it or more: one that daylight saving skips is the instant of the jump, one that
    it repeats is the first of the two.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[Period, ...]]
    days_off: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()
    exceptions: Mapping[date, tuple[Period, ...]] = field(default_factory=dict)
    make_up_weekday: int = 0
    _known: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def periods_of(self, day: date) -> tuple[Period, ...]:
        """Return the periods that open on a local day."""
        if day in self.exceptions:
            return self.exceptions[day]
        if day in self.working_days:
            return self.week.get(self.make_up_weekday, ())
        return () if day in self.days_off else self.week.get(day.weekday(), ())

    def add_business_time(
        self, start: datetime, duration: timedelta, pauses: Iterable[Span] = (), *, until: datetime | None = None
    ) -> datetime | None:
        """Return the earliest instant by which that much business time has passed outside the pauses.

        None if it has not by `until` (unless told: by `LONGEST_WALK` from the start). No duration at all has passed at
        once, open or not.
        """
        if duration <= timedelta(0):
            return start
        left = duration
        for begin, end in running_spans(start, until or start + LONGEST_WALK, pauses):
            for opens_at, closes_at in self.open_spans(begin, end):
                if closes_at - opens_at >= left:
                    return opens_at + left
                left -= closes_at - opens_at
        return None

    def business_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much business time lies between two instants."""
        spans = self.open_spans(start, end)
        return sum((closes_at - opens_at for opens_at, closes_at in spans), timedelta(0))

    def open_spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """Yield what is open between two instants: in UTC, in order, none overlapping another."""
        covered = start.astimezone(UTC)
        # A shift of the day before may still be running; around a change of the clocks a date may come twice.
        day = covered.astimezone(self.zone).date() - _DAY
        last = end.astimezone(self.zone).date() + _DAY
        while day <= last:
            for opens_at, closes_at in self._spans_of(day):
                if max(opens_at, covered) >= end:
                    return
                if closes_at > covered:
                    yield max(opens_at, covered), min(closes_at, end)
                    covered = closes_at
            day += _DAY

    def longest_closure(self) -> int:
        """Return the longest row of days on which nothing opens, counted around the days that are not like the week.

        It is endless (`LONGEST_WALK` in days) for a week without any period.
        """
        special = sorted({*self.exceptions, *self.working_days, *self.days_off})
        limit = LONGEST_WALK // _DAY
        if not any(self.week.values()) or not special:
            return 6 if any(self.week.values()) else limit
        longest = row = 0
        day = special[0] - 7 * _DAY
        while day <= special[-1] + 7 * _DAY and longest < limit:
            row = 0 if self.periods_of(day) else row + 1
            longest, day = max(longest, row), day + _DAY
        return longest

    def _spans_of(self, day: date) -> tuple[Span, ...]:
        spans = self._known.get(day)
        if spans is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[day] = spans = tuple(sorted(self._compute_spans(day)))
        return spans

    def _compute_spans(self, day: date) -> Iterator[Span]:
        for period in self.periods_of(day):
            closing_day = day if period.closes > period.opens else day + _DAY
            opens_at, closes_at = (
                _first_at(day, period.opens, self.zone),
                _first_at(closing_day, period.closes, self.zone),
            )
            if opens_at < closes_at:
                yield opens_at, closes_at


def _first_at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the first instant at which the clock on the wall shows that time or more."""
    naive, local = datetime.combine(day, at, UTC), datetime.combine(day, at, zone)
    before, after = local.utcoffset() or _NONE, local.replace(fold=1).utcoffset() or _NONE
    if before >= after:
        return naive - before
    # The clock never shows it. It jumps between two instants that lie as far apart as it jumps.
    early, late = naive - after, naive - before
    while late - early > _SECOND:
        middle = early + (late - early) // 2 // _SECOND * _SECOND
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


def running_spans(start: datetime, end: datetime, pauses: Iterable[Span]) -> Iterator[Span]:
    """Yield what lies between two instants outside the pauses, which come in any order and may overlap."""
    at = start
    for begin, stop in sorted(pauses):
        if begin >= end:
            break
        if begin > at:
            yield at, begin
        at = max(at, stop)
    if at < end:
        yield at, end


def dump_calendar(calendar: Calendar, *, since: date | None = None) -> dict[str, Any]:
    """Return a calendar as JSON values, for `read_calendar`; single days before `since` are left out."""
    kept = since or date.min
    return {
        "zone": calendar.zone.key,
        "week": {str(weekday): _dump_periods(periods) for weekday, periods in sorted(calendar.week.items())},
        "days_off": [day.isoformat() for day in sorted(calendar.days_off) if day >= kept],
        "working_days": [day.isoformat() for day in sorted(calendar.working_days) if day >= kept],
        "exceptions": {
            day.isoformat(): _dump_periods(periods)
            for day, periods in sorted(calendar.exceptions.items())
            if day >= kept
        },
        "make_up_weekday": calendar.make_up_weekday,
    }


def read_calendar(dumped: Mapping[str, Any]) -> Calendar:
    """Return the calendar that `dump_calendar` wrote down."""
    return Calendar(
        ZoneInfo(dumped["zone"]),
        {int(weekday): _read_periods(periods) for weekday, periods in dumped["week"].items()},
        frozenset(map(date.fromisoformat, dumped["days_off"])),
        frozenset(map(date.fromisoformat, dumped["working_days"])),
        {date.fromisoformat(day): _read_periods(periods) for day, periods in dumped["exceptions"].items()},
        dumped["make_up_weekday"],
    )


def _dump_periods(periods: Iterable[Period]) -> list[list[str]]:
    return [[period.opens.isoformat(), period.closes.isoformat()] for period in periods]


def _read_periods(dumped: Iterable[Iterable[str]]) -> tuple[Period, ...]:
    return tuple(Period(*map(time.fromisoformat, period)) for period in dumped)
