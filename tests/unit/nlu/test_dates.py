"""Dates in messages, seen from Wednesday, 18 November 2026, 10:30 in Shanghai."""

import re
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu import dates_chinese, dates_english
from bot.nlu.dates import MOST_DATES, add_dates, find_dates, may_name_date
from bot.nlu.dates_chinese import find_chinese_dates
from bot.nlu.dates_english import find_english_dates
from bot.nlu.entities import find_entities
from bot.nlu.folding import fold
from bot.nlu.reading import Entity, Reading
from bot.nlu.understanding import read_message

_ZONE = ZoneInfo("Asia/Shanghai")
_AT = datetime(2026, 11, 18, 10, 30, tzinfo=_ZONE)


def _find(text: str, at: datetime = _AT) -> list[tuple[str, str]]:
    return [(text[found.start : found.end], found.value) for found in find_dates(text, at=at, zone=_ZONE)]


@pytest.mark.parametrize(
    ("text", "raw", "value"),
    [
        ("上周三买的", "上周三", "2026-11-11"),
        ("上週三買的", "上週三", "2026-11-11"),
        ("上上個星期天到的", "上上個星期天", "2026-11-08"),
        ("我三天前下的单", "三天前", "2026-11-15"),
        ("半个月前", "半个月前", "2026-11-03"),
        ("兩個月前", "兩個月前", "2026-09-18"),
        ("三小时前付的款", "三小时前", "2026-11-18T07:30+08:00"),
        ("前天还没发货", "前天", "2026-11-16"),
        ("大前天", "大前天", "2026-11-15"),
        ("昨晚坏了", "昨晚", "2026-11-17"),
        ("昨晚8点半付的", "昨晚8点半", "2026-11-17T20:30+08:00"),
        ("今天下午三點", "今天下午三點", "2026-11-18T15:00+08:00"),
        ("尋日收到", "尋日", "2026-11-17"),
        ("上个月15号买的", "上个月15号", "2026-10-15"),
        ("上個月３號", "上個月３號", "2026-10-03"),
        ("15号买的", "15号", "2026-11-15"),
        ("20号收到的", "20号", "2026-10-20"),
        ("9月1号到现在", "9月1号", "2026-09-01"),
        ("十二月五日", "十二月五日", "2025-12-05"),
        ("去年11月3日", "去年11月3日", "2025-11-03"),
        ("2026-11-01下单", "2026-11-01", "2026-11-01"),
        ("2026年9月1日", "2026年9月1日", "2026-09-01"),
        ("11/11下的单", "11/11", "2026-11-11"),
        ("国庆买的", "国庆", "2026-10-01"),
        ("雙十一下單", "雙十一", "2026-11-11"),
        ("去年双11", "去年双11", "2025-11-11"),
        ("中秋节收到", "中秋节", "2026-09-25"),
        ("春節買的", "春節", "2026-02-17"),
        ("黑色星期五", "黑色星期五", "2025-11-28"),
        ("yesterday it broke", "yesterday", "2026-11-17"),
        ("it broke yesterday at 5pm", "yesterday at 5pm", "2026-11-17T17:00+08:00"),
        ("at 3:15 pm yesterday", "at 3:15 pm yesterday", "2026-11-17T15:15+08:00"),
        ("the day before yesterday", "the day before yesterday", "2026-11-16"),
        ("last night", "last night", "2026-11-17"),
        ("3 days ago", "3 days ago", "2026-11-15"),
        ("two weeks ago", "two weeks ago", "2026-11-04"),
        ("a couple of days ago", "a couple of days ago", "2026-11-16"),
        ("an hour ago", "an hour ago", "2026-11-18T09:30+08:00"),
        ("last Friday", "last Friday", "2026-11-13"),
        ("it came on Mon.", "Mon", "2026-11-16"),
        ("bought on Nov 11 with a card", "Nov 11", "2026-11-11"),
        ("the 3rd of November", "the 3rd of November", "2026-11-03"),
        ("December 5th, 2025", "December 5th, 2025", "2025-12-05"),
        ("on the 12th", "the 12th", "2026-11-12"),
        ("the 5th of last month", "the 5th of last month", "2026-10-05"),
        ("dated 11/12/2026", "11/12/2026", "2026-11-12"),
        ("on 13/11", "13/11", "2026-11-13"),
        ("Black Friday", "Black Friday", "2025-11-28"),
        ("on Singles’ Day", "Singles’ Day", "2026-11-11"),
    ],
)
def test_a_date_is_counted_from_the_day_of_the_message(text: str, raw: str, value: str):
    """Exactly one date, and its span cuts the customer's own writing."""
    assert [(raw, value)] == _find(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("周五收到的", "2026-11-13"),
        ("周五会到吗", "2026-11-20"),
        ("週五能送嗎", "2026-11-20"),
        ("周三买的", "2026-11-11"),
        ("下周五", "2026-11-27"),
        ("这周五", "2026-11-20"),
        ("明天送来", "2026-11-19"),
        ("预计11月30号到", "2026-11-30"),
        ("it came on Friday", "2026-11-13"),
        ("it will arrive on Friday", "2026-11-20"),
        ("this coming Friday", "2026-11-20"),
        ("next Friday", "2026-11-20"),
        ("Wednesday", "2026-11-11"),
        ("they said by November 30", "2026-11-30"),
        ("will come tomorrow", "2026-11-19"),
    ],
)
def test_a_day_is_past_unless_the_words_say_that_it_is_to_come(text: str, value: str):
    """Who complains tells what has happened; "will", "next", 会, 下 tell what is to come."""
    assert [value] == [found for _, found in _find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "每周三",
        "一周三次",
        "周一到周五",
        "一个星期",
        "以前天天买",
        "5号电池",
        "12号楼",
        "尾号15号",
        "大了一号，换小的",
        "第三天",
        "三天",
        "上周",
        "上个月",
        "20260101001",
        "元宵礼盒",
        "中秋月饼",
        "2月30日",
        "13月1日",
        "24/7",
        "May I return it?",
        "the 2nd order",
        "Mondays",
        "1/2",
        "feb 30",
        "half an hour ago",
        "the sun is out",
        "手机",
        "",
    ],
)
def test_other_words_and_days_that_no_calendar_has_are_left_alone(text: str):
    """A habit, a number of a house, a fraction, a week as a whole, 30 February."""
    assert [] == _find(text)


def test_the_day_is_the_shops_not_the_servers():
    """At 20:00 UTC it is tomorrow in Shanghai."""
    assert [("今天", "2026-11-19")] == _find("今天", datetime(2026, 11, 18, 20, tzinfo=UTC))


def test_months_end_and_leap_days_are_kept_to():
    """A month before 31 March is 28 February; 29 February is the last there was."""
    at = datetime(2026, 3, 31, 9, tzinfo=_ZONE)
    assert [("一个月前", "2026-02-28"), ("2月29号", "2024-02-29")] == _find("一个月前，2月29号", at)


_PIECES = st.sampled_from(
    [
        "上",
        "个",
        "周三",
        "三天前",
        "昨晚",
        "8点",
        "11月",
        "11号",
        "双十一",
        "２０２６-",
        "11/11",
        " ",
        "，",
        "会",
        "yesterday",
        " at ",
        "5pm",
        "last ",
        "Friday",
        "Nov ",
        "11th",
        "the ",
        "on ",
        "2026",
        "ﬁ",
        "½",
        "明",
        "号",
        "2 ",
        "days",
        " ago",
        "feb 29",
    ]
)


@given(
    st.one_of(
        st.text(alphabet=st.characters(exclude_categories=()), max_size=60), st.lists(_PIECES, max_size=12).map("".join)
    ),
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_any_text_is_accepted(text: str, at: datetime):
    """For any text, at any time: valid dates, every span inside the text, none on top of another."""
    found = find_dates(text, at=at, zone=_ZONE)
    assert len(found) <= MOST_DATES
    assert all(0 <= entity.start < entity.end <= len(text) for entity in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    for entity in found:
        moment = datetime.fromisoformat(entity.value) if "T" in entity.value else date.fromisoformat(entity.value)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d[+]08:00)?", entity.value)
        assert abs(moment.year - at.year) <= 1000


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_the_quick_look_misses_nothing(text: str):
    """A text that may name no date has none, whatever else it holds."""
    folded = fold(text).text
    assert may_name_date(text) or not [*find_chinese_dates(folded, _AT), *find_english_dates(folded, _AT)]


@pytest.mark.parametrize("name", [*dates_chinese.FESTIVALS, *dates_english.FESTIVALS])
def test_the_quick_look_sees_every_festival(name: str):
    """A festival that the quick look passed over would never be found."""
    assert may_name_date(name)
    assert _find(name) != []


@pytest.mark.parametrize("unit", ["yesterday ", "feb 30 ", "昨天", "11/11买", "三天前", "周", "on the 3rd "])
def test_a_text_full_of_dates_ends_after_some(unit: str):
    """Nobody means a thousand dates."""
    assert len(_find((unit * 4000)[:4000])) <= MOST_DATES


def _read(text: str) -> Reading:
    return Reading(text, "order.status", "order", 0.9, False, "zh-Hans", find_entities(text), (), (), "embedded")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("三天前买的耳机，等了两天", ["date", "product", "duration"]),
        ("20260101001 昨天", ["order_number", "date"]),
        ("黑色星期五买的", ["date"]),
        ("寄到广东省深圳市科技园路12号，昨天说的", ["address", "date"]),
    ],
)
def test_a_date_takes_the_place_of_a_duration_and_leaves_numbers_alone(text: str, names: list[str]):
    """三天前 is a day, not a span of time; an order number or an address keeps its digits."""
    reading = add_dates(_read(text), find_dates(text, at=_AT, zone=_ZONE))
    assert names == [entity.name for entity in reading.entities]


class _OneReading:
    """An engine with one answer."""

    async def parse(self, text: str) -> Reading:
        """Return the patterns' reading."""
        return _read(text)


async def test_a_message_is_read_with_its_dates_whatever_the_engine():
    """The engine's reading, and what depends on the time besides."""
    reading = await read_message(_OneReading(), "昨天收到的耳机坏了", at=_AT, zone=_ZONE)
    assert Entity("date", "2026-11-17", 0, 2) == reading.entities[0]
    assert ["date", "product", "defect"] == [entity.name for entity in reading.entities]
