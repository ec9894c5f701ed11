"""Until when a desk works, and when it opens again."""

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from escalation.roster import Hours, find_hours
from escalation.service_levels import load_default_service_levels, load_service_levels

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDARS = """
calendars:
  shop: {zone: Asia/Shanghai, week: {mon-fri: ["09:00-12:00", "13:00-24:00"], sat: ["00:00-02:00"]}}
"""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 in Shanghai; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(23, 8, 59), Hours(is_open=False, until=at(23, 9))),
        (at(23, 9), Hours(is_open=True, until=at(23, 12))),
        (at(23, 12), Hours(is_open=False, until=at(23, 13))),  # lunch
        (at(27, 20), Hours(is_open=True, until=at(28, 2))),  # Friday's evening goes on after midnight
        (at(28, 2), Hours(is_open=False, until=at(30, 9))),  # the weekend
    ],
)
def test_the_next_change_is_told(tmp_path: Path, now: datetime, expected: Hours) -> None:
    """By the desk's calendar; what adjoins is one."""
    default = files("escalation").joinpath("service_levels.yml").read_text(encoding="utf-8")
    path = tmp_path / "levels.yml"
    quality = ("{categories: [quality]}", "{categories: [quality], calendar: shop}")
    path.write_text(default.replace(*quality, 1) + CALENDARS, encoding="utf-8")
    levels = load_service_levels(path)
    assert expected == find_hours(levels, "quality", now)
    assert Hours(is_open=True) == find_hours(levels, "order", now)


def test_without_calendars_every_desk_works_round_the_clock() -> None:
    """As the file that comes with the product has it."""
    assert Hours(is_open=True) == find_hours(load_default_service_levels(), "quality", at(23, 3))
