"""Which day a name without a year means, seen from another day: 11 November, Friday, the 15th, Mid-Autumn. Pure.

A customer tells what has happened: the last such day is meant, unless the words say that it is to come.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

import holidays

_DAY = timedelta(days=1)
_MONDAY, _FRIDAY = 0, 4
# A leap day is at most eight years away.
_YEARS = 8
_FIXED = {
    "new_year": (1, 1), "valentine": (2, 14), "women": (3, 8), "labour": (5, 1), "children": (6, 1), "618": (6, 18),
    "teachers": (9, 10), "national": (10, 1), "halloween": (10, 31), "1111": (11, 11), "1212": (12, 12),
    "christmas_eve": (12, 24), "christmas": (12, 25), "new_years_eve": (12, 31),
}  # fmt: skip
# By the names in the tables of public holidays; days later than that one.
_BY_MOON = {
    "spring_festival": ("Chinese New Year (Spring Festival)", 0),
    "spring_festival_eve": ("Chinese New Year (Spring Festival)", -1),
    "lantern": ("Chinese New Year (Spring Festival)", 14),
    "tomb_sweeping": ("Tomb-Sweeping Day", 0),
    "dragon_boat": ("Dragon Boat Festival", 0),
    "mid_autumn": ("Mid-Autumn Festival", 0),
}


def make_day(year: int, month: int, day: int) -> date | None:
    """Return the day, None where the calendar has none such."""
    if not (1900 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def place_day(month: int, day: int, today: date, *, to_come: bool = False) -> date | None:
    """Return the last such day of a year up to today; the next one from today on where it is to come."""
    years = [today.year + (step if to_come else -step) for step in range(_YEARS + 1)]
    days = (make_day(year, month, day) for year in years)
    return next((found for found in days if found and (found >= today if to_come else found <= today)), None)


def place_day_of_month(day: int, today: date, *, months: int | None = None, to_come: bool = False) -> date | None:
    """Return the day of the month so many months from this one; None months: the last such day (or the next)."""
    if months is not None:
        first = add_months(today.replace(day=1), months)
        return make_day(first.year, first.month, day)
    firsts = (add_months(today.replace(day=1), step if to_come else -step) for step in range(3))
    days = (make_day(first.year, first.month, day) for first in firsts)
    return next((found for found in days if found and (found >= today if to_come else found <= today)), None)


def place_weekday(weekday: int, today: date, *, weeks: int | None = None, to_come: bool = False) -> date:
    """Return Monday (0) to Sunday of the week so many weeks from this one; None weeks: the last before today."""
    if weeks is not None:
        return today + timedelta(weeks=weeks, days=weekday - today.weekday())
    if to_come:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)


def add_months(day: date, months: int) -> date:
    """Return the same day so many months away, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def place_festival(name: str, today: date, *, year: int | None = None, to_come: bool = False) -> date | None:
    """Return a festival's day in a year; None year: the last one up to today, or the next."""
    if year is not None:
        return _find_festival(name, year)
    days = [day for day in (_find_festival(name, today.year + step) for step in (-1, 0, 1)) if day]
    if to_come:
        return next((day for day in days if day >= today), None)
    return next((day for day in reversed(days) if day <= today), None)


def _find_festival(name: str, year: int) -> date | None:
    if name in _FIXED:
        return make_day(year, *_FIXED[name])
    if name == "black_friday":
        # The day after the fourth Thursday of November.
        return place_weekday(_FRIDAY, date(year, 11, 30))
    if name == "cyber_monday":
        return place_weekday(_MONDAY, date(year, 12, 3))
    english, later = _BY_MOON[name]
    first = _list_by_moon(year).get(english)
    return first + later * _DAY if first else None


@lru_cache(maxsize=16)
def _list_by_moon(year: int) -> dict[str, date]:
    return dict(_read_table(year))


def _read_table(year: int) -> Iterator[tuple[str, date]]:
    """Yield each public holiday with its first day."""
    table = holidays.country_holidays("CN", years=year, language="en_US")
    for day in sorted(table, reverse=True):
        for name in table[day].split("; "):
            yield name, day
