"""China's public holidays, against the State Council's announcements for 2025 and 2026."""

from datetime import date, timedelta

import pytest

from escalation.holiday_tables import HolidayTable, knows_country, load_holiday_table


@pytest.fixture(scope="module")
def china() -> HolidayTable:
    """The table."""
    return load_holiday_table("CN")


ANNOUNCED = [
    ("2025-01-01", 1), ("2025-01-28", 8), ("2025-04-04", 3), ("2025-05-01", 5), ("2025-05-31", 3), ("2025-10-01", 8),
    ("2026-01-01", 3), ("2026-02-15", 9), ("2026-04-04", 3), ("2026-05-01", 5), ("2026-06-19", 3), ("2026-09-25", 3),
    ("2026-10-01", 7),
]  # fmt: skip
MAKE_UP = [
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
]  # fmt: skip


def test_holidays_are_off_with_the_weekends_they_take_in(china: HolidayTable) -> None:
    """From the first day to the last, and no other day of these years."""
    announced = {
        date.fromisoformat(first) + timedelta(days=ahead) for first, days in ANNOUNCED for ahead in range(days)
    }
    assert announced == {day for day in china.days_off if day.year in {2025, 2026}}


def test_make_up_days_are_worked(china: HolidayTable) -> None:
    """Weekend days that pay for the long holidays."""
    assert MAKE_UP == [str(day) for day in sorted(china.working_days) if day.year in {2025, 2026}]


def test_no_day_is_both(china: HolidayTable) -> None:
    """In any year."""
    assert not china.days_off & china.working_days


def test_only_announced_years_are_known(china: HolidayTable) -> None:
    """Of others nobody knows yet what is worked instead."""
    assert {2024, 2025, 2026} <= china.years
    assert {day.year for day in china.working_days} <= china.years
    assert 2040 not in china.years


def test_what_the_law_itself_names_is_off_in_any_year(china: HolidayTable) -> None:
    """New Year, Tomb-Sweeping, Labour Day, National Day: no announcement moves them. Nothing is guessed around them."""
    named = {
        date(2040, 1, 1),
        date(2040, 4, 4),
        date(2040, 5, 1),
        date(2040, 5, 2),
        *(date(2040, 10, n) for n in (1, 2, 3)),
    }
    assert named <= china.days_off
    assert date(2040, 10, 6) not in china.days_off  # the Saturday after
    assert date(2040, 1, 7) not in china.days_off


@pytest.mark.parametrize(
    ("country", "known"), [("CN", True), ("TW", True), ("China", False), ("", False), ("cn", False)]
)
def test_a_country_is_named_by_its_code(country: str, known: bool) -> None:
    """In capitals."""
    assert known is knows_country(country)
