"""The zone that stands in brackets beside a time reads as people would say it, in each language."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.texts import Catalogue

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "hans", "hant", "english"),
    [
        ("Asia/Tokyo", "19:00（日本时间）", "19:00（日本時間）", "19:00 (Japan Time)"),
        ("Europe/London", "10:00（英国时间）", "10:00（英國時間）", "10:00 (United Kingdom Time)"),
        # Of a country with several, the city: no brackets within brackets.
        ("America/New_York", "05:00（纽约时间）", "05:00（紐約時間）", "05:00 (New York Time)"),
        ("Australia/Sydney", "21:00（悉尼时间）", "21:00（雪梨時間）", "21:00 (Sydney Time)"),
        ("US/Pacific", "02:00（洛杉矶时间）", "02:00（洛杉磯時間）", "02:00 (Los Angeles Time)"),
        # Known by a former name.
        ("Europe/Kyiv", "12:00（基辅时间）", "12:00（基輔時間）", "12:00 (Kyiv Time)"),
        (
            "America/Argentina/Buenos_Aires",
            "07:00（布宜诺斯艾利斯时间）",
            "07:00（布宜諾斯艾利斯時間）",
            "07:00 (Buenos Aires Time)",
        ),
        ("Etc/UTC", "10:00（GMT+00:00）", "10:00（GMT+00:00）", "10:00 (GMT+00:00)"),
        # Where clocks show what the shop's do, no zone is named.
        ("Asia/Taipei", "18:00", "18:00", "18:00"),
    ],
)
def test_a_zone_reads_as_its_people_would_say_it(zone: str, hans: str, hant: str, english: str) -> None:
    """By country, by city where a country has several, and in that language's brackets."""
    texts = Catalogue("console", zone=SHANGHAI).read_in(zone)
    told = [texts.say("list.at", language, at=TEN) for language in ("zh-Hans", "zh-Hant", "en")]
    assert [f"11月23日 {hans}", f"11月23日 {hant}", f"23 November at {english}"] == told
