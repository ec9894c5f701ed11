"""Counting days as the shop counts them: in its own zone, day 1 after the event, a day ending at 24:00 (product §3)."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHOP_ZONE = ZoneInfo("Asia/Shanghai")

DELIVERY_DAYS = 3  # 三日達, §1.2
LOST_DAYS = 7
SILENT_AFTER = timedelta(hours=48)

# A span of days off longer than this is no calendar but a mistake.
_LONGEST_BREAK = 60


def day_of(at: datetime, zone: ZoneInfo = SHOP_ZONE) -> date:
    """Return the shop's calendar day of an instant."""
    return at.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo = SHOP_ZONE) -> datetime:
    """Return 0:00 of a day, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo = SHOP_ZONE) -> datetime:
    """Return 24:00 of a day, in UTC: the first instant that no longer belongs to it."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def end_of_period(event_at: datetime, days: int, zone: ZoneInfo = SHOP_ZONE) -> datetime:
    """Return 24:00 of the last of so many days after an event; exclusive."""
    return end_of_day(day_of(event_at, zone) + timedelta(days=days), zone)


def last_moment(until: datetime) -> datetime:
    """Return an instant on the last day before an exclusive end, so that a text names the right day."""
    return until - timedelta(seconds=1)


def is_day_off(day: date, *, days_off: Collection[date], working_days: Collection[date]) -> bool:
    """Tell whether a day is a weekend or holiday, and no make-up working day (調休)."""
    return day not in working_days and (day.weekday() >= 5 or day in days_off)


def next_working_day(day: date, *, days_off: Collection[date], working_days: Collection[date]) -> date:
    """Return the day itself if it is worked, else the next that is (Civil Code 203)."""
    for ahead in range(_LONGEST_BREAK):
        candidate = day + timedelta(days=ahead)
        if not is_day_off(candidate, days_off=days_off, working_days=working_days):
            return candidate
    raise ValueError(f"no working day within {_LONGEST_BREAK} days of {day}")
