"""Dates in Chinese, seen from the day of the message: 上周三, 三天前, 昨晚8点, 上个月15号, 9月1号, 国庆, 双十一. Pure.

Our own instead of JioNLP's `parse_time`, after trying that: it brings a word segmenter with 150 MB of models that are
of no use here, writes to standard output when imported, reads Simplified only (上個月 is refused), and takes 周五 for
the coming Friday, where a customer who complains means the last.

Works on folded text (`bot.nlu.folding`), which is Simplified.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.nlu.dates_calendar import (
    add_months,
    make_day,
    place_day,
    place_day_of_month,
    place_festival,
    place_weekday,
)
from bot.nlu.numerals import CHINESE, read_number

Match = re.Match[str]
Moment = date | datetime

_DAYS = {"大前": -3, "前": -2, "昨": -1, "寻": -1, "琴": -1, "今": 0, "明": 1, "听": 1, "后": 2, "大后": 3}
_WEEKDAYS = {char: day for day, char in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_STEPS = {"上上": -2, "上": -1, "这": 0, "本": 0, "今": 0, "当": 0, "下": 1, "下下": 2}
_YEARS = {"前": -2, "去": -1, "今": 0, "明": 1}
FESTIVALS = {
    "双十一": "1111", "双11": "1111", "光棍节": "1111", "双十二": "1212", "双12": "1212", "618": "618", "六一八": "618",
    "国庆": "national", "五一": "labour", "劳动节": "labour", "元旦": "new_year", "情人节": "valentine",
    "三八": "women", "妇女节": "women", "六一": "children", "儿童节": "children", "教师节": "teachers",
    "圣诞": "christmas", "平安夜": "christmas_eve", "万圣": "halloween", "黑五": "black_friday",
    "黑色星期五": "black_friday", "春节": "spring_festival", "大年初一": "spring_festival",
    "除夕": "spring_festival_eve", "元宵": "lantern", "清明": "tomb_sweeping", "端午": "dragon_boat",
    "中秋": "mid_autumn",
}  # fmt: skip
_NO_DAYS = frozenset(("后早", "后晚", "后夜", "后晨", "前早", "前晨", "后儿", "听儿", "寻儿", "琴儿"))
_AFTERNOON = frozenset(("下午", "傍晚", "晚上", "夜里", "夜晚", "晚", "夜", "下昼"))

_NUMBER = rf"(?:[0-9]{{1,3}}|{CHINESE})"
_HAN_NUMBER = "零〇一二两三四五六七八九十百千万"
_OUTSIDE = rf"(?<![0-9a-z.第{_HAN_NUMBER}])"
_YEAR = r"(?:(?P<year>20[0-9]{2})年|(?P<which>[前去今明])年)?的?"
_TIME = re.compile(
    r"的?(?P<part>凌晨|清晨|早上|早晨|朝早|上午|中午|下午|下昼|傍晚|晚上|夜晚|夜里|半夜|晚|早)?(?:大概|大约|差不多)?"
    r"(?:(?P<hour>[01]?[0-9]|2[0-3]|二十[一二三]?|十[一二三四五六七八九]?|[一二两三四五六七八九])"
    r"(?:点钟?(?P<minutes>半|一刻|三刻|[0-5]?[0-9]分?|[一二三四五]?十[一二三四五六七八九]?分?)?|:(?P<exact>[0-5][0-9])))?"
)
# Words near a date that say that it is to come.
_TO_COME_AFTER = re.compile(r"[^,。!?;、]{0,4}?(?:会|能|将|可以|可唔可以|之?前(?!天)|到吗|到货吗|再来|送来)")
_TO_COME_BEFORE = re.compile(r"(?:预计|预期|预约|承诺|约了|约在|约好|安排在?|改到|改约|改成|等到|希望|最晚|最迟|最快)$")


@dataclass(frozen=True)
class _Rule:
    regex: re.Pattern[str]
    find: Callable[[Match, "_Seen"], Moment | None]


@dataclass(frozen=True)
class _Seen:
    """From when a date is looked at, and whether the words say that it is to come."""

    at: datetime
    to_come: bool

    @property
    def today(self) -> date:
        return self.at.date()


def find_chinese_dates(folded: str, at: datetime) -> Iterator[tuple[Moment, int, int]]:
    """Yield date (or aware date-time, where a time of day is told), start and end, rule by rule."""
    for rule in _RULES:
        for match in rule.regex.finditer(folded):
            moment = rule.find(match, _Seen(at, _is_to_come(folded, match)))
            if isinstance(moment, datetime):
                yield moment, match.start(), match.end()
            elif moment is not None:
                yield _add_time(folded, match, moment, at)


def _is_to_come(folded: str, match: Match) -> bool:
    before = folded[max(0, match.start() - 4) : match.start()]
    return bool(_TO_COME_AFTER.match(folded, match.end()) or _TO_COME_BEFORE.search(before))


def _add_time(folded: str, match: Match, day: date, at: datetime) -> tuple[Moment, int, int]:
    """Take in the time of day behind a date: 昨晚8点, 周五下午三点半."""
    told = _TIME.match(folded, match.end())
    if told is None or told["hour"] is None:
        return day, match.start(), told.end("part") if told and told["part"] else match.end()
    part = told["part"] or match.groupdict().get("daytime") or ""
    hour, minute = int(read_number(told["hour"]) or 0), _read_minutes(told)
    if hour < 12 and (part in _AFTERNOON or (part == "中午" and hour < 5)):
        hour += 12
    elif hour == 12 and part in {"凌晨", "半夜", "夜里"}:
        hour = 0
    return datetime.combine(day, time(hour, minute), at.tzinfo), match.start(), told.end()


def _read_minutes(told: Match) -> int:
    if told["exact"]:
        return int(told["exact"])
    words = {None: 0, "半": 30, "一刻": 15, "三刻": 45}
    minutes = told["minutes"]
    return words[minutes] if minutes in words else int(read_number(minutes.removesuffix("分")) or 0)


def _number(text: str) -> int:
    """Return a number, 0 where it is none: no day and no month."""
    value = read_number(text)
    return int(value) if value is not None else 0


def _year_of(match: Match, seen: _Seen) -> int | None:
    if match["year"]:
        return int(match["year"])
    return seen.today.year + _YEARS[match["which"]] if match["which"] else None


def _find_full(match: Match, _seen: _Seen) -> date | None:
    return make_day(int(match["y"]), int(match["m"]), int(match["d"]))


def _find_day_of_year(match: Match, seen: _Seen) -> date | None:
    month, day, year = _number(match["m"]), _number(match["d"]), _year_of(match, seen)
    if year is not None:
        return make_day(year, month, day)
    return place_day(month, day, seen.today, to_come=seen.to_come)


def _find_fraction(match: Match, seen: _Seen) -> date | None:
    """11/11 is a date beside Chinese words only: it may be a fraction."""
    around = match.string[max(0, match.start() - 1) : match.start()] + match.string[match.end() : match.end() + 1]
    if not any("\u4e00" <= char <= "\u9fff" for char in around):
        return None
    return place_day(int(match["m"]), int(match["d"]), seen.today, to_come=seen.to_come)


def _find_day_of_month(match: Match, seen: _Seen) -> date | None:
    return place_day_of_month(_number(match["d"]), seen.today, months=_STEPS[match["step"]])


def _find_lone_day(match: Match, seen: _Seen) -> date | None:
    if match["d"] in {"一", "两", "半"} and match.string[match.start() - 1 : match.start()] in {"大", "小", "了", "换"}:
        # "大了一号": a size.
        return None
    return place_day_of_month(_number(match["d"]), seen.today, to_come=seen.to_come)


def _find_weekday(match: Match, seen: _Seen) -> date | None:
    if match["range"]:
        return None
    weeks = _STEPS[match["step"]] if match["step"] else None
    return place_weekday(_WEEKDAYS[match["d"]], seen.today, weeks=weeks, to_come=seen.to_come)


def _find_ago(match: Match, seen: _Seen) -> Moment | None:
    count, unit = match["n"], match["u"]
    if count == "半":
        return _go_back_by_half(unit, seen)
    number = _number(count)
    if not 0 < number <= 999 or (unit == "月" and not match["each"]):
        return None
    if unit in {"小时", "钟头", "分钟"}:
        step = timedelta(minutes=number) if unit == "分钟" else timedelta(hours=number)
        return (seen.at - step).replace(second=0, microsecond=0)
    if unit in {"月", "年"}:
        return add_months(seen.today, -number * (12 if unit == "年" else 1))
    return seen.today - timedelta(days=number * (1 if unit in {"天", "日"} else 7))


def _go_back_by_half(unit: str, seen: _Seen) -> Moment | None:
    if unit in {"小时", "钟头"}:
        return (seen.at - timedelta(minutes=30)).replace(second=0, microsecond=0)
    return {"月": seen.today - timedelta(days=15), "年": add_months(seen.today, -6), "天": seen.today}.get(unit)


def _find_near_day(match: Match, seen: _Seen) -> date | None:
    if match[0] in _NO_DAYS:
        return None
    return seen.today + timedelta(days=_DAYS[match["d"]])


def _find_festival(match: Match, seen: _Seen) -> date | None:
    name = FESTIVALS[match["f"]]
    return place_festival(name, seen.today, year=_year_of(match, seen), to_come=seen.to_come)


_WEEK = "(?:周|星期|礼拜)"
_RULES = (
    _Rule(
        re.compile(r"(?<![0-9.-])(?P<y>20[0-9]{2})[-/.年](?P<m>[0-9]{1,2})[-/.月](?P<d>[0-9]{1,2})(?![0-9.-])[日号]?"),
        _find_full,
    ),
    _Rule(
        re.compile(
            rf"(?<![0-9a-z.第{_HAN_NUMBER}])(?:{_YEAR})(?P<m>{_NUMBER})月(?P<d>{_NUMBER})(?:日|号|(?![0-9个天份.]))"
        ),
        _find_day_of_year,
    ),
    _Rule(
        re.compile(
            rf"(?<![0-9a-z.{_HAN_NUMBER}])(?:{_YEAR})(?P<f>{'|'.join(FESTIVALS)})(?:节|当天|那天)?"
            r"(?![0-9a-z]|月饼|礼盒|粽|礼物|价)"
        ),
        _find_festival,
    ),
    _Rule(
        re.compile(r"(?<![0-9/.])(?P<m>1[0-2]|0?[1-9])/(?P<d>3[01]|[12][0-9]|0?[1-9])(?![0-9/.%])"),
        _find_fraction,
    ),
    _Rule(
        re.compile(rf"(?P<step>上上|上|这|本|当|下)个?月的?(?P<d>{_NUMBER})[号日]"),
        _find_day_of_month,
    ),
    _Rule(
        re.compile(
            rf"(?<![0-9每{_HAN_NUMBER}几])(?:(?P<step>上上|上|下下|下|这|本|今)个?)?{_WEEK}"
            rf"(?P<d>[一二三四五六日天末])(?P<range>\s?[到至~-]\s?{_WEEK}?[一二三四五六日天末])?(?!次|回|到{_WEEK})"
        ),
        _find_weekday,
    ),
    _Rule(
        re.compile(
            rf"{_OUTSIDE}(?P<n>半|{_NUMBER})\s?(?P<each>个)?"
            r"(?P<u>天|日|周|星期|礼拜|月|年|小时|钟头|分钟)(?:多)?(?:之|以)?前(?![后天日])"
        ),
        _find_ago,
    ),
    _Rule(
        re.compile(
            r"(?<![以之目午然])(?P<d>大前|大后|前|昨|今|明|后|寻|琴|听)(?:[天日](?!天)|儿个?|(?P<daytime>晚|早|夜|晨)(?!餐|饭|就|已))"
        ),
        _find_near_day,
    ),
    _Rule(
        re.compile(
            rf"{_OUTSIDE}(?<![路街道巷弄村月尾单号/-])(?P<d>[0-9]{{1,2}}|{CHINESE})号(?=的?(?:买|下单|拍|收|到|发|付|寄|签|坏|送|那天|开始|就|晚|早|上午"
            r"|下午|中午|前|左右|说|能|会|之前)|[,。!?]|$)"
        ),
        _find_lone_day,
    ),
)
