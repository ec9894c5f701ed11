"""Public holidays and their make-up working days (調休), from the tables of the `holidays` package.

China announces each year's days off, and the weekend days worked instead, only in the autumn before. Until the tables
have that announcement the year is not known: the days that the law itself names are off, no weekend is worked for them,
and it is said so (`terms.find_unknown_years`).
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, timedelta

import holidays

# Cases reach back some years; a country whose holidays follow from rules is computed so far ahead.
_YEARS = range(2015, 2046)
_SATURDAY, _DAY = 5, timedelta(days=1)


@dataclass(frozen=True)
class HolidayTable:
    """One country's days off, and weekend days that are worked. `years` are those the table knows in full."""

    country: str
    days_off: frozenset[date]
    working_days: frozenset[date]
    years: frozenset[int]


def knows_country(country: str) -> bool:
    """Whether there is a table for a country, named by its ISO 3166 code (CN)."""
    return country in holidays.list_supported_countries(include_aliases=False)


def load_holiday_table(country: str) -> HolidayTable:
    """Return a country's table. Raises NotImplementedError for one that `knows_country` denies."""
    found = holidays.country_holidays(country, years=_YEARS)
    # Where the government decides from year to year, the table has an entry of its own for each decision.
    decided = getattr(found, "special_public_holidays", {}) if country == "CN" else _YEARS
    years = frozenset(decided) & frozenset(_YEARS)
    days_off = frozenset(found)
    working_days = frozenset(day for day in getattr(found, "weekend_workdays", ()) if day.year in years)
    if country == "CN":
        announced = frozenset(day for day in days_off if day.year in years)
        days_off |= frozenset(_find_weekends(announced, working_days))
    return HolidayTable(country, days_off, working_days, years)


def _find_weekends(days_off: Set[date], working_days: Set[date]) -> Iterator[date]:
    """Yield the weekend days that a holiday takes in: an announced holiday runs on until the next working day.

    The table names only the days that a five-day week would work; a shop that opens on Sundays closes on these too.
    """
    for day in days_off:
        for step in (-_DAY, _DAY):
            neighbour = day + step
            while neighbour.weekday() >= _SATURDAY and neighbour not in working_days | days_off:
                yield neighbour
                neighbour += step
