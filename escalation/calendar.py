"""Business time: when a desk works, and how much of that lies between two instants (product §5). Pure.

Several periods a day, overnight shifts, any time zone with its daylight saving; holidays and their make-up working days
(調休) are passed in as tables. Every walk is bounded: a calendar that never opens gives None, no endless loop.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Further ahead no promise is made; longer than any row of holidays.
LONGEST_WALK_DAYS = 400
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Working hours on the local clock. Closing at or before opening means on the next day; 00:00–00:00 is a day."""

    opens: time
    closes: time


@dataclass(frozen=True)
class Calendar:
    """When somebody works. `week` maps a weekday (0 is Monday) to its periods; a weekday that is missing is off.

    What holds for a day, first match: `exceptions` (its own periods, none means closed), `working_days` (worked like
    `make_up_weekday`), `days_off`, `week`. A period belongs to the day it opens on.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[Period, ...]]
    days_off: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()
    exceptions: Mapping[date, tuple[Period, ...]] = field(default_factory=dict)
    make_up_weekday: int = 0

    def periods_of(self, day: date) -> tuple[Period, ...]:
        """Return the periods that open on a local day."""
        if day in self.exceptions:
            return self.exceptions[day]
        if day in self.working_days:
            return self.week.get(self.make_up_weekday, ())
        return () if day in self.days_off else self.week.get(day.weekday(), ())

    def add_business_time(self, start: datetime, duration: timedelta) -> datetime | None:
        """Return the earliest instant by which that much business time has passed; None if there is not enough.

        No duration at all has passed at once, open or not.
        """
        if duration <= timedelta(0):
            return start
        left = duration
        for opens_at, closes_at in self._open_spans(start):
            if closes_at - opens_at >= left:
                return opens_at + left
            left -= closes_at - opens_at
        return None

    def business_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much business time lies between two instants, at most `LONGEST_WALK_DAYS` apart."""
        total = timedelta(0)
        for opens_at, closes_at in self._open_spans(start):
            if opens_at >= end:
                break
            total += min(closes_at, end) - opens_at
        return total

    def _open_spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open spans from an instant on, in UTC, in order, none overlapping another."""
        covered = start.astimezone(UTC)
        # A shift of the day before may still be running.
        first = start.astimezone(self.zone).date() - _DAY
        for ahead in range(LONGEST_WALK_DAYS):
            for opens_at, closes_at in self._spans_of(first + ahead * _DAY):
                if closes_at > covered:
                    yield max(opens_at, covered), closes_at
                    covered = closes_at

    def _spans_of(self, day: date) -> list[tuple[datetime, datetime]]:
        return sorted(
            (self._instant(day, period.opens), self._instant(_closing_day(day, period), period.closes))
            for period in self.periods_of(day)
        )

    def _instant(self, day: date, at: time) -> datetime:
        """An hour that summer time repeats is its first; one that it skips is as far after the jump."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def _closing_day(day: date, period: Period) -> date:
    return day if period.closes > period.opens else day + _DAY
