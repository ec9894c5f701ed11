"""Dates in English, seen from the day of the message: yesterday at 5pm, last Friday, 3 days ago, Nov 11, Black Friday.

Where a date stands is found by a pattern of our own: `dateparser.search` cuts "yesterday and" and takes "may" for a
month. What it means, `dateparser` says. That is slow (1 ms a date, 0.6 s for the first): not for the event loop.

Works on folded text (`bot.nlu.folding`: small letters).
"""

import re
import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from bot.nlu.dates_calendar import place_day, place_day_of_month, place_festival
from bot.nlu.numerals import ENGLISH, read_number

MOST_LOOKED_AT = 16
"""So many dates are read in one text: each costs a millisecond."""

Match = re.Match[str]
Moment = date | datetime

FESTIVALS = {
    "christmas eve": "christmas_eve", "christmas day": "christmas", "christmas": "christmas", "xmas": "christmas",
    "black friday": "black_friday", "cyber monday": "cyber_monday", "singles' day": "1111", "singles day": "1111",
    "single's day": "1111", "double 11": "1111", "double eleven": "1111", "double 12": "1212",
    "new year's day": "new_year", "new years day": "new_year", "new year's eve": "new_years_eve",
    "chinese new year": "spring_festival", "lunar new year": "spring_festival", "spring festival": "spring_festival",
    "mid-autumn": "mid_autumn", "dragon boat festival": "dragon_boat", "national day": "national",
    "valentine's day": "valentine", "valentines day": "valentine", "halloween": "halloween",
}  # fmt: skip
_WEEKDAY = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_SHORT_WEEKDAY = "mon|tues?|wed|thu(?:rs?)?|fri|sat|sun"
_MONTH = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
_DAY = r"(?:[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_CLOCK = r"(?P<{0}hour>1[0-2]|0?[1-9])(?::(?P<{0}minute>[0-5][0-9]))?\s?(?P<{0}half>am|pm|a\.m\.|p\.m\.)(?![a-z])"
_BEFORE = rf"(?:(?:at\s)?{_CLOCK.format('b_')}\s(?:on\s)?)?"
_AFTER = (
    rf"(?:,?\s(?:(?:at|around|about)\s)?{_CLOCK.format('a_')}"
    r"|,?\sat\s(?P<exact>(?:[01]?[0-9]|2[0-3]):[0-5][0-9])(?![0-9])|\sat\s(?P<noon>noon|midnight)(?![a-z])"
    r"|\s(?:morning|afternoon|evening|night)(?![a-z]))?"
)
_DATE = re.compile(
    rf"(?<![a-z0-9/.-]){_BEFORE}(?:"
    r"(?P<near>(?:the )?day before yesterday|yesterday|(?:the )?day after tomorrow|tomorrow|today|tonight|last night"
    r"|this (?:morning|afternoon|evening))(?!'s)"
    rf"|(?<!half )(?P<n>[0-9]{{1,3}}|an?|a couple of|{ENGLISH})\s"
    r"(?P<unit>minute|min|hour|hr|day|week|month|year)s?\sago"
    rf"|(?:(?P<step>last|past|this coming|this|next|coming)\s)?(?P<weekday>{_WEEKDAY})(?!s)"
    rf"|(?P<step2>last|this|next|on|since)\s(?P<weekday2>{_SHORT_WEEKDAY})(?=[\s,.!?]|$)"
    rf"|(?P<month>{_MONTH})\.?\s(?:the\s)?(?P<day>{_DAY})(?:,?\s(?P<year>20[0-9]{{2}}))?(?![0-9:%])"
    rf"|(?:the\s)?(?P<day2>{_DAY})\s(?:of\s)?(?P<month2>{_MONTH})(?:,?\s(?P<year2>20[0-9]{{2}}))?(?![a-z0-9:])"
    rf"|(?P<festival>{'|'.join(FESTIVALS)})(?![a-z])"
    r"|(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>20[0-9]{2})(?![0-9/])"
    r"|(?P<lead>(?:on|since|from|by|until|dated)\s)(?:(?P<m2>[0-9]{1,2})/(?P<d2>[0-9]{1,2})(?![0-9/.%])"
    r"|the\s(?P<lone>(?:[12][0-9]|3[01]|[1-9])(?:st|nd|rd|th))"
    r"(?!\s(?:of|floor|time|order|attempt|day|try|one|item|parcel|package|call))(?![a-z]))"
    r"|the\s(?P<of_month>(?:[12][0-9]|3[01]|[1-9])(?:st|nd|rd|th))\sof\s(?P<which>this|last|next)\smonth(?![a-z])"
    rf"){_AFTER}"
)
# Words before (in the same sentence) or behind a date that say that it is to come.
_TO_COME_BEFORE = re.compile(
    r"(?:\b(?:will|won't|going to|gonna|by|until|eta|(?:is|are) (?:due|scheduled|expected|supposed)|scheduled for"
    r"|promised for|can you|could you|please)\b|'ll\b)[^.!?;,]{0,40}$"
)
_TO_COME_AFTER = re.compile(r"\s(?:will|is (?:fine|ok|okay|good)|works for)\b")
# The library keeps settings and caches for the whole process.
_ONE_AT_A_TIME = threading.Lock()


def find_english_dates(folded: str, at: datetime) -> Iterator[tuple[Moment, int, int]]:
    """Yield date (or aware date-time, where a time of day is told), start and end."""
    for match in islice(_DATE.finditer(folded), MOST_LOOKED_AT):
        before = folded[max(0, match.start() - 60) : match.start()]
        lead = match["lead"] or ""
        to_come = bool(_TO_COME_BEFORE.search(before + lead) or _TO_COME_AFTER.match(folded, match.end()))
        moment = _read(match, at, to_come=to_come)
        if moment is not None:
            yield moment, _find_start(match), match.end()


def _find_start(match: Match) -> int:
    """Return where the date itself begins, behind its "on" or "since"."""
    if match["b_hour"]:
        return match.start()
    return match.start("weekday2") if match["step2"] in {"on", "since"} else max(match.start(), match.end("lead"))


def _read(match: Match, at: datetime, *, to_come: bool) -> Moment | None:
    if match["unit"] in {"minute", "min", "hour", "hr"}:
        return _go_back(match, at)
    day = _read_day(match, at.date(), to_come=to_come)
    told = _read_time(match)
    return datetime.combine(day, told, at.tzinfo) if day and told else day


def _go_back(match: Match, at: datetime) -> datetime | None:
    count = _count(match["n"])
    step = timedelta(hours=count) if match["unit"].startswith("h") else timedelta(minutes=count)
    return (at - step).replace(second=0, microsecond=0) if count else None


def _read_day(match: Match, today: date, *, to_come: bool) -> date | None:
    if match["festival"]:
        return place_festival(FESTIVALS[match["festival"]], today, to_come=to_come)
    if match["m"] or match["m2"]:
        return _read_numbers(match, today, to_come=to_come)
    if match["of_month"]:
        months = {"last": -1, "this": 0, "next": 1}[match["which"]]
        return place_day_of_month(int(match["of_month"][:-2]), today, months=months)
    if match["lone"]:
        return place_day_of_month(int(match["lone"][:-2]), today, to_come=to_come)
    return _parse(_spell_out(match), today, to_come=to_come)


def _read_numbers(match: Match, today: date, *, to_come: bool) -> date | None:
    """Month first, unless it can only be the day."""
    month, day = int(match["m"] or match["m2"]), int(match["d"] or match["d2"])
    if month > 12:
        month, day = day, month
    if not match["y"]:
        return place_day(month, day, today, to_come=to_come)
    try:
        return date(int(match["y"]), month, day)
    except ValueError:
        return None


def _spell_out(match: Match) -> str:
    """Return a date in words that the library knows."""
    if match["unit"]:
        return f"{_count(match['n'])} {match['unit']}s ago"
    if match["near"]:
        words = match["near"].removeprefix("the ")
        return {"tonight": "today", "last night": "yesterday"}.get(
            words, "today" if words.startswith("this ") else words
        )
    if match["weekday"] or match["weekday2"]:
        steps = {"past": "last ", "last": "last ", "this": "this ", "on": "", "since": "", None: ""}
        step = match["step"] if match["weekday"] else match["step2"]
        return steps.get(step, "next ") + (match["weekday"] or match["weekday2"][:3])
    day = re.sub("[a-z]", "", match["day"] or match["day2"])
    return f"{day} {match['month'] or match['month2']} {match['year'] or match['year2'] or ''}".strip()


def _parse(words: str, today: date, *, to_come: bool) -> date | None:
    import dateparser  # noqa: PLC0415 - a third of a second, for those who need it

    settings = {
        "RELATIVE_BASE": datetime.combine(today, time()),
        "PREFER_DATES_FROM": "future" if to_come else "past",
        "DATE_ORDER": "DMY",
    }
    with _ONE_AT_A_TIME:
        found = dateparser.parse(words, languages=["en"], settings=settings)
    return found.date() if found else None


def _count(text: str) -> int:
    if text in {"a", "an"}:
        return 1
    number = 2 if text == "a couple of" else read_number(text)
    return int(number) if number is not None and number <= 999 else 0


def _read_time(match: Match) -> time | None:
    if match["noon"]:
        return time(12 if match["noon"] == "noon" else 0)
    if match["exact"]:
        hour, _, minute = match["exact"].partition(":")
        return time(int(hour), int(minute))
    which = "a_" if match["a_hour"] else "b_"
    if match[f"{which}hour"] is None:
        return None
    hour = int(match[f"{which}hour"]) % 12 + (12 if match[f"{which}half"].startswith("p") else 0)
    return time(hour, int(match[f"{which}minute"] or 0))
