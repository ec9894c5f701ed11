"""Reads the calendars of the service file: weeks, public holidays, the shop's own exceptional days."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from escalation.calendar import LONGEST_WALK, Calendar, Period
from escalation.faults import Faults
from escalation.holiday_tables import HolidayTable, knows_country, load_holiday_table
from escalation.terms import ROUND_THE_CLOCK, NamedCalendar

CLAUSE = "§1.4"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOSED = "closed"
_PERIOD = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")
_DAY = timedelta(days=1)
_YEARS = range(2000, 2101)
_LONGEST_ROW = 1000


def read_calendars(section: Mapping[Any, Any], faults: Faults) -> dict[str, NamedCalendar]:
    """Return the calendars that could be read; what is wrong with the others is added to the faults."""
    found: dict[str, NamedCalendar] = {}
    for name, entry in section.items():
        field = f"calendars.{name}"
        if not isinstance(name, str) or name == ROUND_THE_CLOCK:
            faults.note(section, name, field, "cannot have this name")
        elif not isinstance(entry, Mapping):
            faults.note(section, name, field, "is no calendar: it needs zone and week", CLAUSE)
        else:
            calendar = _read_calendar(name, entry, faults)
            _check_closures(section, calendar, faults)
            found[name] = calendar
    return found


def _read_calendar(name: str, entry: Mapping[str, Any], faults: Faults) -> NamedCalendar:
    prefix = f"calendars.{name}."
    faults.check_names(entry, prefix, required=("zone", "week"), optional=("holidays", "make_up", "exceptions"))
    zone, week = _read_zone(entry, prefix, faults), _read_week(entry, prefix, faults)
    table = _read_holidays(entry, prefix, faults)
    calendar = Calendar(
        zone,
        week,
        table.days_off if table else frozenset(),
        table.working_days if table else frozenset(),
        _read_exceptions(entry, prefix, faults),
        _read_make_up(entry, prefix, week, faults),
    )
    return NamedCalendar(name, calendar, table.country if table else None, table.years if table else frozenset())


def _check_closures(section: Mapping[str, Any], named: NamedCalendar, faults: Faults) -> None:
    closed = named.calendar.longest_closure()
    if closed >= LONGEST_WALK // _DAY:
        reason = f"is closed for {closed} days in a row or more, so no deadline could be computed by it"
        faults.note(section, named.name, f"calendars.{named.name}", reason, CLAUSE)


def read_zone(parent: Mapping[str, Any], key: str, field: str, faults: Faults) -> ZoneInfo:
    """Return a time zone; one that is unknown is a fault."""
    try:
        return ZoneInfo(str(parent[key]))
    except (KeyError, ZoneInfoNotFoundError, ValueError, OSError):
        if key in parent:
            faults.note(parent, key, field, "is no time zone such as Asia/Shanghai")
        return ZoneInfo("UTC")


def _read_zone(entry: Mapping[str, Any], prefix: str, faults: Faults) -> ZoneInfo:
    return read_zone(entry, "zone", f"{prefix}zone", faults)


def _read_week(entry: Mapping[str, Any], prefix: str, faults: Faults) -> dict[int, tuple[Period, ...]]:
    section = entry.get("week")
    week: dict[int, tuple[Period, ...]] = {}
    if not isinstance(section, Mapping):
        if "week" in entry:
            faults.note(entry, "week", f"{prefix}week", "is no table of weekdays such as mon-fri: [09:00-18:00]")
        return week
    for days in section:
        field = f"{prefix}week.{days}"
        numbers = _read_weekdays(days)
        if not numbers:
            faults.note(section, days, field, f"is for no weekday; they are {', '.join(WEEKDAYS)}, or mon-fri")
        elif any(number in week for number in numbers):
            faults.note(section, days, field, "gives a weekday its hours a second time")
        else:
            week |= dict.fromkeys(numbers, read_periods(section, days, field, faults))
    return week


def _read_weekdays(days: object) -> list[int]:
    first, dash, last = str(days).partition("-")
    last = last if dash else first
    if first not in WEEKDAYS or last not in WEEKDAYS:
        return []
    return list(range(WEEKDAYS.index(first), WEEKDAYS.index(last) + 1))


def read_periods(parent: Mapping[Any, Any], key: Any, field: str, faults: Faults) -> tuple[Period, ...]:
    """Return a day's periods: `closed`, or a list of HH:MM-HH:MM; until 24:00, or overnight into the next day."""
    value = parent[key]
    if value == _CLOSED:
        return ()
    if not isinstance(value, list) or not value:
        faults.note(
            parent, key, field, f"is neither {_CLOSED} nor a list of periods such as [09:00-12:00, 13:00-18:00]"
        )
        return ()
    periods = [period for at in range(len(value)) if (period := _read_period(value, at, field, faults))]
    spans = sorted(map(_minutes_of, periods))
    if any(following[0] < span[1] for span, following in pairwise(spans)):
        faults.note(parent, key, field, "has periods that overlap")
    return tuple(periods)


def _read_period(periods: list[Any], at: int, field: str, faults: Faults) -> Period | None:
    text = str(periods[at])
    if not _PERIOD.fullmatch(text):
        faults.note(periods, at, f"{field}[{at}]", "is no period such as 09:00-18:00, 22:00-06:00 or 00:00-24:00")
        return None
    opens, closes = text.split("-")
    if opens == closes:
        faults.note(periods, at, f"{field}[{at}]", "opens when it closes; a whole day is 00:00-24:00")
        return None
    return Period(time.fromisoformat(opens), time(0) if closes == "24:00" else time.fromisoformat(closes))


def _minutes_of(period: Period) -> tuple[int, int]:
    opens, closes = (at.hour * 60 + at.minute for at in (period.opens, period.closes))
    return opens, closes if closes > opens else closes + 24 * 60


def _read_holidays(entry: Mapping[str, Any], prefix: str, faults: Faults) -> HolidayTable | None:
    country = entry.get("holidays")
    if country is None:
        return None
    if not isinstance(country, str) or not knows_country(country):
        faults.note(entry, "holidays", f"{prefix}holidays", "is no country whose public holidays are known, such as CN")
        return None
    return load_holiday_table(country)


def _read_make_up(entry: Mapping[str, Any], prefix: str, week: Mapping[int, tuple[Period, ...]], faults: Faults) -> int:
    """Make-up days are worked like the first weekday that is worked, unless told."""
    worked = [number for number in sorted(week) if week[number]]
    day = entry.get("make_up")
    if day is None:
        return worked[0] if worked else 0
    if day not in WEEKDAYS or WEEKDAYS.index(day) not in worked:
        faults.note(
            entry, "make_up", f"{prefix}make_up", "is no weekday that is worked; make-up days are worked like it"
        )
        return 0
    return WEEKDAYS.index(day)


def _read_exceptions(entry: Mapping[str, Any], prefix: str, faults: Faults) -> dict[date, tuple[Period, ...]]:
    section = entry.get("exceptions")
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        faults.note(entry, "exceptions", f"{prefix}exceptions", "is no table of days such as 2026-12-31: closed")
        return {}
    found: dict[date, tuple[Period, ...]] = {}
    for key in section:
        field = f"{prefix}exceptions.{key}"
        days = list(_read_days(key))
        if not days:
            faults.note(section, key, field, "is for no day such as 2026-12-31, nor for 2026-12-31..2027-01-03")
        elif any(day in found for day in days):
            faults.note(section, key, field, "is for a day that is there already")
        else:
            found |= dict.fromkeys(days, read_periods(section, key, field, faults))
    return found


def _read_days(key: object) -> Iterator[date]:
    """Yield the days of 2026-12-31, or of 2026-12-24..2026-12-31; none if it says neither."""
    first, dots, last = str(key).partition("..")
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last if dots else first)
    except ValueError:
        return
    days = (end - begin) // _DAY + 1
    if begin.year in _YEARS and end.year in _YEARS and 0 < days <= _LONGEST_ROW:
        yield from (begin + ahead * _DAY for ahead in range(days))
